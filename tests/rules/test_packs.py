"""Every rule of every pack says what its tests expect, and has one that hits and one that does not."""

from __future__ import annotations

import pytest

from haechi.rules import BadRuleFile, RulesError, read_pack, write_pack
from haechi.rules.packs import PACKS, pack
from haechi.rules.trial import try_pack, untested

from .making import bank


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_of_a_pack_does_what_its_tests_say(name: str) -> None:
    schema, spec = bank()
    tried = list(try_pack(pack(name), schema, spec))
    assert not [t for t in tried if not t.holds]
    assert not untested(pack(name))
    assert pack(name).sources


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_reads_back_as_it_was_written(name: str) -> None:
    assert read_pack(write_pack(pack(name))) == pack(name)


def test_nothing_of_a_pack_acts_before_somebody_publishes_it() -> None:
    assert {rule.lane for name in PACKS for rule in pack(name).rules} == {"draft"}
    ids = [rule.id for name in PACKS for rule in pack(name).rules]
    assert len(ids) == len(set(ids)) >= 28
    known = {rule.id for name in PACKS for rule in pack(name).rules}
    assert all(set(t.rules) <= known for name in PACKS for t in pack(name).typologies)


def test_an_unknown_pack_is_named() -> None:
    with pytest.raises(BadRuleFile, match="there is no pack 'x'; there are korea"):
        pack("x")


RULE = """
[[rules]]
id = "a"
name = { en = "a", ko = "가" }
reason = { en = "a", ko = "가" }
condition = '%s'
effect = { weight = 0.5 }
[[tests]]
rule = "a"
expect = "hit"
events = %s
"""
ONE = '[{ kind = "login", time = "2026-04-10T10:00:00+09:00", customer = "c" }]'


@pytest.mark.parametrize(
    ("condition", "events", "told"),
    [
        ("hour > 3", "[]", "write 1 to 2,000 events"),
        ("hour > 3", '[{ kind = "login" }]', "event 1"),
        ("hour > 3", '[{ kind = "login", times = 0 }]', "times must be a number"),
        ("hour > 3", '[{ kind = "login", times = "x" }]', "times must be a number"),
        ("hour > 3", '[{ kind = "login", times = 3 }]', "a repeated event needs a time"),
        ("hour > 3", ONE.replace("}", ', times = 3, every = "soon" }'), "no span of time"),
        ("huor > 3", ONE, "did you mean hour"),
    ],
)
def test_a_test_that_cannot_be_run_says_why(condition: str, events: str, told: str) -> None:
    schema, spec = bank()
    with pytest.raises(RulesError, match=told):
        list(try_pack(read_pack(RULE % (condition, events)), schema, spec))


def test_a_test_that_does_not_hold_is_told() -> None:
    schema, spec = bank()
    missed, unknown = (
        next(try_pack(read_pack(RULE % (condition, ONE)), schema, spec)) for condition in ("hour < 3", "risk > 3")
    )
    assert (missed.expected, missed.said, missed.holds) == ("hit", "miss", False)
    assert unknown.said == "undecided"
    assert untested(read_pack(RULE % ("hour > 3", ONE))) == ["a"]
