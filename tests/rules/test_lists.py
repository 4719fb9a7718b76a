"""Lists of entities: found by hash, gone when expired, never changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.features import Memory
from haechi.rules import BadList
from haechi.rules import lists as lists_module
from haechi.rules.lists import EntityList, Entry, Lists, key_of
from haechi.rules.machine import on_list, on_list_rows
from haechi.rules.ruleset import RuleSet

from .making import START_US, bank, history, names, rule

texts = st.text(min_size=1, max_size=8)


@given(st.dictionaries(texts, st.one_of(st.none(), st.integers(0, 100)), max_size=60), st.lists(texts, max_size=20))
def test_a_list_holds_what_was_put_on_it_until_it_expires(entries: dict[str, int | None], others: list[str]) -> None:
    lists = Lists.of({"w": [Entry(e, until_us=until) for e, until in entries.items()]}, seed=7)
    table, mask = lists.table("w")
    for entity in {*entries, *others}:
        for now in (0, 50, 99, 100):
            until = entries.get(entity, 0)
            expected = entity in entries and (until is None or now < until)
            assert lists.holds("w", entity, now) == expected
            assert on_list(table, mask, key_of(entity, 7), float(now)) == float(expected)
    assert np.isnan(on_list(table, mask, 0, 5.0))
    assert lists.by_name["w"].count == len(entries)


def test_an_entry_knows_why_and_by_whom_and_the_last_word_counts() -> None:
    lists = Lists.of({"w": [Entry("a", "old", "kim"), Entry("b", "x", "lee"), Entry("a", "new", "lee", 5)]})
    assert lists.by_name["w"].find("a") == ("new", "lee", 5)
    assert lists.by_name["w"].find("b") == ("x", "lee", lists_module.FOREVER_US)
    assert lists.by_name["w"].find("c") is None
    assert lists.by_name["w"].count == 2


def test_a_change_makes_new_lists() -> None:
    first = Lists.of({"w": ["a"], "v": ["b"]})
    second = first.replace("w", [Entry("c")])
    assert (first.holds("w", "a", 0), second.holds("w", "a", 0), second.holds("w", "c", 0)) == (True, False, True)
    assert second.holds("v", "b", 0)
    assert not second.without("v").holds("v", "b", 0)


def test_ten_thousand_entries_are_found_in_rows() -> None:
    lists = Lists.of({"w": [f"e{i}" for i in range(10_000)]})
    keys = np.array([key_of(f"e{i}") for i in range(0, 20_000, 3)])
    out = np.empty(len(keys))
    on_list_rows(*lists.table("w"), keys, np.zeros(len(keys)), out)
    assert out.tolist() == [float(i < 10_000) for i in range(0, 20_000, 3)]


def test_what_cannot_stand_on_a_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("", "x" * 501):
        with pytest.raises(BadList, match="an entity must have 1 to 500 characters"):
            EntityList.of([Entry(wrong)])
    monkeypatch.setattr(lists_module, "ENTRIES_MAX", 2)
    with pytest.raises(BadList, match="a list holds at most 2 entries"):
        EntityList.of([Entry("a"), Entry("b"), Entry("c")])
    monkeypatch.setattr(lists_module, "LISTS_MAX", 1)
    with pytest.raises(BadList, match="2 lists, the limit is 1"):
        Lists.of({"a": [], "b": []})


def test_a_rule_set_goes_on_with_other_lists() -> None:
    _schema, spec = bank()
    first = RuleSet.compile(
        [rule('in_list("watch", customer)')], names(), Lists.of({"watch": [Entry("c0", until_us=START_US)]})
    )
    second = first.with_lists(Lists.of({"watch": ["c0"]}))
    event = next(e for e in history(20, 1) if e.entities.get("customer") == "c0")
    known = Memory(spec).look_and_learn(event)
    assert first.decide(event, known).lines == []
    assert second.decide(event, known).lines[0]["result"] == "hit"
    assert first.version == second.version
