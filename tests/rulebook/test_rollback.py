"""Taking back: a stack of what was live, and changes that are refused when something else acts by then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from haechi.rulebook.book import NotAgreed, Unknown
from haechi.rulebook.standing import Place, Standing
from haechi.stores import Change, HistoryRow

from .making import LIVE, NOW_US, RETIRED, Office, pack


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    for least in ("5_000", "6_000", "7_000"):
        made.book.add(pack(condition=f"amount >= {least} won"), "ana")
    yield made
    made.store.close()


def back(office: Office) -> Change:
    asked = office.book.rollback("rule", "large", "ana", "it holds the wrong ones")
    assert isinstance(asked, Change)
    return office.book.answer(asked.id, "approve", "bo")


def lanes(office: Office) -> list[str]:
    return [office.place(version) for version in (1, 2, 3)]


def agreed(office: Office, version: int, place: Place) -> None:
    asked = office.book.move("rule", "large", version, place, "ana")
    office.book.answer(asked.id, "approve", "bo")  # type: ignore[union-attr]


def test_a_version_that_was_rolled_back_never_comes_back_by_a_rollback(office: Office) -> None:
    office.live(version=1)
    assert msgspec.json.decode(back(office).content)["undoes"] == 1
    office.live(version=2)
    back(office)
    assert lanes(office) == ["retired", "retired", "draft"], "immediately before version 2 none acted"
    with pytest.raises(NotAgreed, match="nothing to roll back"):
        back(office)


def test_two_rollbacks_go_back_two_steps(office: Office) -> None:
    for version in (1, 2, 3):
        office.live(version=version)
    told = back(office)
    assert (told.version, lanes(office)) == (2, ["retired", "live", "retired"])
    back(office)
    assert lanes(office) == ["live", "retired", "retired"]
    back(office)
    assert lanes(office) == ["retired", "retired", "retired"]
    again = Standing()
    for row in office.store.rules.history():
        again = again.then(row)
    assert again.hash(office.book.versions()) == office.book.standing.hash(office.book.versions())


def test_after_a_retirement_a_rollback_goes_back_to_none(office: Office) -> None:
    office.live(version=1)
    agreed(office, 1, RETIRED)
    office.live(version=2)
    back(office)
    assert lanes(office) == ["retired", "retired", "draft"]


def test_a_version_published_anew_after_its_rollback_is_live_like_any_other(office: Office) -> None:
    office.live(version=1)
    back(office)
    office.live(version=1)
    office.live(version=2)
    back(office)
    assert lanes(office) == ["live", "retired", "draft"]


def test_the_rollback_of_a_canary_retires_it_and_leaves_the_live_version(office: Office) -> None:
    office.live(version=1)
    agreed(office, 2, Place("canary", 0.1))
    back(office)
    assert lanes(office) == ["live", "retired", "draft"]
    back(office)
    assert lanes(office) == ["retired", "retired", "draft"]


def test_a_live_version_that_becomes_a_canary_left_nothing_live(office: Office) -> None:
    office.live(version=1)
    agreed(office, 1, Place("canary", 0.1))
    office.live(version=2)
    back(office)
    assert lanes(office) == ["retired", "retired", "draft"]


def test_rows_of_older_homes_add_up_as_they_did() -> None:
    """A rollback of that time does not say that it is one: it counts as the publication that it looks like."""
    standing = Standing()
    for number, (version, lane) in enumerate(((1, "live"), (2, "live"), (1, "live"), (1, "live")), 1):
        content = f'{{"lane":"{lane}"}}'
        standing = standing.then(HistoryRow(number, "lane", "rule", "r", version, content, "ana", NOW_US, number))
    assert (standing.live("rule", "r"), standing.live_before("rule", "r")) == (1, 2)


def test_a_change_is_refused_when_something_else_acts_by_then(office: Office) -> None:
    office.live(version=1)
    third = office.book.move("rule", "large", 3, LIVE, "ana")
    undo = office.book.rollback("rule", "large", "cy")
    assert isinstance(third, Change)
    assert isinstance(undo, Change)
    office.book.answer(third.id, "approve", "bo")
    says = "what acts now is version 3; when this was asked it was version 1: withdraw it and ask anew"
    with pytest.raises(NotAgreed, match=says):
        office.book.answer(undo.id, "approve", "bo")
    assert office.store.rules.change(undo.id).state == "waiting"
    assert office.book.answer(undo.id, "withdraw", "cy").state == "withdrawn"
    first = office.book.move("rule", "large", 2, Place("canary", 0.2), "ana")
    agreed(office, 3, RETIRED)
    with pytest.raises(NotAgreed, match="acts now is no version; when this was asked it was version 3"):
        office.book.answer(first.id, "approve", "bo")  # type: ignore[union-attr]
    assert office.book.answer(first.id, "reject", "bo").state == "rejected"  # type: ignore[union-attr]
    agreed(office, 2, Place("canary", 0.2))
    late = office.book.move("rule", "large", 1, LIVE, "ana")
    back(office)
    with pytest.raises(NotAgreed, match=r"it was version 2 \(canary\)"):
        office.book.answer(late.id, "approve", "bo")  # type: ignore[union-attr]


def test_a_change_that_does_not_say_what_acted_is_taken_as_before(office: Office) -> None:
    old = Change(0, "rule", "large", 1, '{"lane":"live"}', "ana", NOW_US, 1, "", "waiting")
    asked = office.store.rules.ask(old)
    office.live(version=2)
    assert office.book.answer(asked.id, "approve", "bo").state == "done"
    assert lanes(office)[0] == "live"


def test_a_rule_that_is_not_there_is_unknown_with_a_suggestion(office: Office) -> None:
    for call in (
        lambda: office.book.rollback("rule", "lrage", "ana"),
        lambda: office.book.move("rule", "lrage", None, LIVE, "ana"),
        lambda: office.book.snooze("lrage", "customer", "c", NOW_US, "ana", "x"),
    ):
        with pytest.raises(Unknown, match=r"there is no rule 'lrage'; did you mean large\?"):
            call()
    with pytest.raises(Unknown, match="there is no rule 'zzz'; there is large"):
        office.book.rollback("rule", "zzz", "ana")
    with pytest.raises(Unknown, match=r"there is no typology 'zzz'$"):
        office.book.rollback("typology", "zzz", "ana")


def test_no_reason_is_dropped_in_silence(office: Office) -> None:
    asked = office.book.move("rule", "large", 1, LIVE, "ana", "why")
    assert isinstance(asked, Change)
    assert office.book.move("rule", "large", 1, LIVE, "ana") == asked
    assert office.book.move("rule", "large", 1, LIVE, "ana", "why") == asked
    with pytest.raises(NotAgreed, match=f"change {asked.id} asks for this already and gives another reason"):
        office.book.move("rule", "large", 1, LIVE, "ana", "again")
    no = office.book.answer(asked.id, "reject", "bo", "too wide")
    assert office.book.answer(asked.id, "reject", "bo", "too wide") == no
    for answer, comment in (("reject", "not agreed"), ("approve", "")):
        with pytest.raises(NotAgreed, match=f"change {asked.id} is rejected already"):
            office.book.answer(asked.id, answer, "bo", comment)
