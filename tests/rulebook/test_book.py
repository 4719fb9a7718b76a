"""What people may do to rules, and what nobody may do alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from haechi.rulebook.book import DAY_US, NotAgreed, Unknown
from haechi.rulebook.standing import Place
from haechi.rules import BadRule, Pack
from haechi.rules.check import check
from haechi.stores import Change, Disagreed, HistoryRow, ListRow

from .making import LIVE, NOW_US, RETIRED, SHADOW, Office, pack, typology


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.store.close()


def test_a_draft_goes_into_shadow_at_once_and_live_when_another_agrees(office: Office) -> None:
    book = office.book
    assert [v.version for v in book.add(pack(), "ana")] == [1]
    assert isinstance(book.move("rule", "large", None, SHADOW, "ana"), HistoryRow)
    asked = book.move("rule", "large", 1, LIVE, "ana")
    assert isinstance(asked, Change)
    assert book.move("rule", "large", 1, LIVE, "ana") == asked
    for person in ("ana",):
        with pytest.raises(Disagreed, match="her own"):
            book.answer(asked.id, "approve", person)
    assert office.place() == "shadow"
    assert book.answer(asked.id, "approve", "bo").state == "done"
    assert book.answer(asked.id, "approve", "bo").state == "done", "saying the same again changes nothing"
    assert office.place() == "live"
    assert [found.asks for found in office.published] == [True, True]
    with pytest.raises(NotAgreed, match="already"):
        book.move("rule", "large", 1, LIVE, "ana")


def test_a_rule_may_name_who_reviews_it(office: Office) -> None:
    (rule,) = pack().rules
    office.book.add(Pack(rules=(msgspec.structs.replace(rule, reviewers=("cy", "di")),)), "ana")
    asked = office.book.move("rule", "large", 1, LIVE, "ana")
    assert isinstance(asked, Change)
    with pytest.raises(NotAgreed, match="names who reviews it: cy, di"):
        office.book.answer(asked.id, "approve", "bo")
    assert office.book.answer(asked.id, "approve", "cy").state == "done"
    stopped = office.book.move("rule", "large", 1, RETIRED, "ana")
    assert isinstance(stopped, Change)
    assert office.book.answer(stopped.id, "approve", "bo").state == "done", "anybody else may stop it"


def test_what_was_published_needs_agreement_even_to_go_back_into_shadow(office: Office) -> None:
    office.book.add(pack(), "ana")
    office.live()
    assert isinstance(office.book.move("rule", "large", 1, SHADOW, "ana"), Change)
    assert office.place() == "live"


def test_a_new_live_version_sends_the_one_before_away_and_rollback_brings_it_back(office: Office) -> None:
    book = office.book
    for least in ("5_000", "9_000"):
        book.add(pack(condition=f"amount >= {least} won"), "ana")
    office.live(version=1)
    canary = book.move("rule", "large", 2, Place("canary", 0.2), "ana")
    book.answer(canary.id, "approve", "bo")  # type: ignore[union-attr]
    assert (office.place(1), book.standing.lane("rule", "large", 2)) == ("live", Place("canary", 0.2))
    office.live(version=2)
    assert (office.place(1), office.place(2)) == ("retired", "live")
    back = book.rollback("rule", "large", "ana")
    assert isinstance(back, Change)
    assert back.version == 1
    book.answer(back.id, "approve", "bo")
    assert (office.place(1), office.place(2)) == ("live", "retired")


def test_a_rollback_without_anything_before_retires_and_needs_something_that_acts(office: Office) -> None:
    office.book.add(pack(), "ana")
    with pytest.raises(NotAgreed, match="nothing to roll back"):
        office.book.rollback("rule", "large", "ana")
    office.live()
    back = office.book.rollback("rule", "large", "ana")
    office.book.answer(back.id, "approve", "bo")  # type: ignore[union-attr]
    assert office.place() == "retired"
    assert not office.published[-1].asks


def test_the_count_of_approvers_is_that_of_the_settings_even_for_older_changes(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.book.add(pack(), "ana")
    asked = office.book.move("rule", "large", 1, LIVE, "ana")
    office.store.close()
    stricter = Office(tmp_path, approvers=2)
    assert stricter.book.answer(asked.id, "approve", "bo").state == "waiting"  # type: ignore[union-attr]
    assert stricter.book.answer(asked.id, "approve", "cy").state == "done"  # type: ignore[union-attr]
    stricter.store.close()


def test_a_rule_that_does_not_compile_is_neither_kept_nor_published(office: Office) -> None:
    with pytest.raises(BadRule, match="amuont"):
        office.book.add(pack(condition="amuont >= 5"), "ana")
    assert office.store.rules.versions("rule") == []
    for name, number, says in (("large", None, "there is no rule"), ("large", 7, "has no version 7")):
        with pytest.raises(Unknown, match=says):
            office.book.move("rule", name, number, LIVE, "ana")
        office.book.add(pack(), "ana")


def test_a_list_is_one_change_however_it_comes(office: Office) -> None:
    book = office.book
    first = book.ask_list("bad", "block", [ListRow("p-1", reason="mule"), ListRow("p-2", reason="mule")], "ana")
    assert book.ask_list("bad", "block", [ListRow("p-1", reason="mule"), ListRow("p-2", reason="mule")], "ana") == first
    more = book.ask_list(
        "bad", "block", [ListRow("p-2", reason="mule"), ListRow("p-3", reason="mule")], "ana", into=first.id
    )
    assert (more.id, more.rows) == (first.id, 3)
    with pytest.raises(NotAgreed, match="not yours"):
        book.ask_list("bad", "block", [ListRow("p-4", reason="mule")], "bo", into=first.id)
    book.answer(first.id, "approve", "bo")
    assert [row.entity for row in office.store.rules.entries("bad")] == ["p-1", "p-2", "p-3"]
    with pytest.raises(Disagreed, match="nobody has answered"):
        book.ask_list("bad", "block", [ListRow("p-4", reason="mule")], "ana", into=first.id)
    gone = book.ask_list("bad", "", [ListRow("p-1", "remove")], "ana")
    book.answer(gone.id, "approve", "bo")
    assert [row.entity for row in office.store.rules.entries("bad")] == ["p-2", "p-3"]


def test_a_list_whose_first_change_waits_is_named_so(office: Office) -> None:
    waits = office.book.ask_list("bad", "block", [ListRow("p-1", reason="mule")], "ana")
    says = f"list 'bad' is not in force yet; change {waits.id}, which makes it, waits for others to agree"
    with pytest.raises(BadRule, match=says):
        check("in_list('bad', payee)", office.book.names())
    assert office.book.no_list("bad") == says.replace("; ", ": ")
    office.book.answer(waits.id, "approve", "bo")
    assert check("in_list('bad', payee)", office.book.names()).inputs
    office.book.ask_list("bad", "block", [ListRow("p-2", reason="mule")], "ana")
    assert office.book.no_list("bda") == "there is no list 'bda' in force; did you mean bad?"
    assert office.book.names().coming == {}


@pytest.mark.parametrize(
    ("name", "purpose", "rows", "says"),
    [
        ("Bad!", "block", [ListRow("p", reason="mule")], "a list's name"),
        ("bad", "eat", [ListRow("p", reason="mule")], "needs a purpose"),
        ("bad", "block", [ListRow("p", reason="mule"), ListRow("p", reason="again")], "rows 1 and 2 both name 'p'"),
        ("bad", "block", [ListRow("p", reason="mule"), ListRow("")], "row 2: an entity on a list has 1 to 512"),
        ("bad", "block", [ListRow("p", reason="mule"), ListRow("q")], "row 2: say why 'q' is on the list"),
        ("bad", "block", [ListRow("p", "remove")], "row 1: 'p' is not on the list"),
        ("bad", "block", [ListRow("p", reason="x" * 501)], "at most 500"),
        ("bad", "block", [ListRow("p", reason="x", owner="\0")], "none of them NUL"),
    ],
)
def test_a_list_that_cannot_be_is_refused(office: Office, name: str, purpose: str, rows: list, says: str) -> None:
    with pytest.raises(NotAgreed, match=says):
        office.book.ask_list(name, purpose, rows, "ana")
    agreed = office.book.ask_list("watched", "watch", [ListRow("p", reason="mule")], "ana")
    office.book.answer(agreed.id, "approve", "bo")
    with pytest.raises(NotAgreed, match="is a list to watch"):
        office.book.ask_list("watched", "block", [ListRow("q", reason="mule")], "ana")


def test_a_snooze_has_an_end_and_a_reason(office: Office) -> None:
    book = office.book
    book.add(pack(), "ana")
    office.live()
    until_us = NOW_US + DAY_US
    first = book.snooze("large", "customer", "c-1", until_us, "bo", "trip")
    assert book.snooze("large", "customer", "c-1", until_us, "cy", "trip") == first
    assert book.standing.snoozes["large", "customer", "c-1"].until_us == until_us
    ended = book.snooze("large", "customer", "c-1", NOW_US, "bo", "back")
    assert ended.number == first.number + 1
    with pytest.raises(NotAgreed, match="180 days"):
        book.snooze("large", "customer", "c-1", NOW_US + 181 * DAY_US, "bo", "trip")
    with pytest.raises(NotAgreed, match="needs a reason"):
        book.snooze("large", "customer", "c-1", until_us, "bo", " ")
    with pytest.raises(BadRule, match="names a 'custmer'; did you mean customer"):
        book.snooze("large", "custmer", "c-1", until_us, "bo", "trip")
    with pytest.raises(BadRule, match="there is customer, account"):
        book.snooze("large", "x", "c-1", until_us, "bo", "trip")
    with pytest.raises(Unknown):
        book.snooze("small", "customer", "c-1", until_us, "bo", "trip")


def test_the_same_home_opened_again_has_the_same_set_and_every_past_one(office: Office) -> None:
    book = office.book
    book.add(pack(), "ana")
    book.add(typology("large"), "ana")
    office.live()
    group = book.move("typology", "group", 1, LIVE, "ana")
    book.answer(group.id, "approve", "bo")  # type: ignore[union-attr]
    listed = book.ask_list("bad", "block", [ListRow("p", reason="mule")], "ana")
    book.answer(listed.id, "approve", "bo")
    book.snooze("large", "customer", "c-1", NOW_US + DAY_US, "bo", "trip")
    retired = book.move("rule", "large", 1, RETIRED, "ana")
    book.answer(retired.id, "approve", "bo")  # type: ignore[union-attr]
    hashes = [found.version for found in office.published]
    assert len(set(hashes)) == len(hashes)
    again = office.again()
    assert again.in_force().version == hashes[-1]
    from haechi.rulebook.standing import stood

    for found in office.published:
        row = office.store.rules.set_of(found.version)
        assert row is not None
        standing = stood(office.store.rules.history(through=row.through))
        assert again.compiled(standing, again.versions()).version == found.version
