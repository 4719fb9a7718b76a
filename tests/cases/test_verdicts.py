"""Verdicts: kept at once, taken back for ten seconds, then labels; none lost, none twice."""

from __future__ import annotations

import pytest

from haechi.cases import BadAsk, NotAllowed, Unknown

from .making import SECOND_US, Work


def test_a_verdict_becomes_labels_when_nobody_can_take_it_back(work: Work) -> None:
    id_ = work.call("p-1", "c-1")
    work.call("p-2", "c-1")
    said = work.desk.verdicts.say(id_, "ana", "fraud", typology="account_takeover", comment="called her")
    assert (said.state, said.event_ids) == ("waiting", ["p-1", "p-2"])
    work.later(9 * SECOND_US)
    assert work.desk.verdicts.lessons() == []
    work.later(SECOND_US)
    lessons = work.desk.verdicts.lessons()
    assert [(one.event_id, one.fraud, one.source) for one in lessons] == [
        ("p-1", True, "verdict:ana"), ("p-2", True, "verdict:ana"),
    ]  # fmt: skip
    assert work.desk.alerts.plain(id_).state == "closed"
    work.desk.verdicts.told([said.number])
    assert work.desk.verdicts.lessons() == []
    assert work.desk.alerts.alert(id_).verdicts[0].state == "told"


def test_undo_gives_the_alert_back_and_nothing_is_a_label(work: Work) -> None:
    id_ = work.call("p-1")
    work.desk.verdicts.say(id_, "ana", "fraud")
    with pytest.raises(NotAllowed, match="ana said"):
        work.desk.verdicts.undo(id_, "bo")
    back = work.desk.verdicts.undo(id_, "ana")
    assert (back.state, back.holder) == ("taken", "ana")
    work.later(60 * SECOND_US)
    assert work.desk.verdicts.lessons() == []
    work.desk.verdicts.say(id_, "ana", "legitimate")
    work.clock.now += 10 * SECOND_US
    with pytest.raises(NotAllowed, match="over"):
        work.desk.verdicts.undo(id_, "ana")
    work.desk.sweep()
    assert [one.fraud for one in work.desk.verdicts.lessons()] == [False]
    full = work.desk.alerts.alert(id_)
    assert [h.what for h in full.history] == ["opened", "verdict", "undone", "verdict", "closed"]


def test_the_same_verdict_twice_is_one_and_another_is_refused(work: Work) -> None:
    id_ = work.call("p-1")
    first = work.desk.verdicts.say(id_, "ana", "fraud")
    assert work.desk.verdicts.say(id_, "ana", "fraud") == first
    with pytest.raises(NotAllowed, match="decided"):
        work.desk.verdicts.say(id_, "ana", "legitimate")
    work.later(10 * SECOND_US)
    with pytest.raises(NotAllowed, match="closed"):
        work.desk.verdicts.say(id_, "bo", "fraud")


def test_unsure_closes_without_teaching(work: Work) -> None:
    id_ = work.call("p-1")
    work.desk.verdicts.say(id_, "ana", "unsure")
    work.later(10 * SECOND_US)
    assert work.desk.verdicts.lessons() == []
    assert work.desk.verdicts.untold() == 1
    work.desk.verdicts.told([])
    assert work.desk.verdicts.untold() == 0


def test_some_events_may_be_meant(work: Work) -> None:
    id_ = work.call("p-1", "c-1")
    work.call("p-2", "c-1")
    assert work.desk.verdicts.say(id_, "ana", "fraud", event_ids=["p-2"]).event_ids == ["p-2"]
    other = work.call("p-3")
    for strange in ([], ["p-1"]):
        with pytest.raises(BadAsk, match="about events of"):
            work.desk.verdicts.say(other, "ana", "fraud", event_ids=strange)


def test_what_makes_no_sense_is_refused(work: Work) -> None:
    id_ = work.call("p-1")
    with pytest.raises(BadAsk, match="a verdict is"):
        work.desk.verdicts.say(id_, "ana", "guilty")
    with pytest.raises(BadAsk, match="typology"):
        work.desk.verdicts.say(id_, "ana", "legitimate", typology="phishing")
    with pytest.raises(Unknown):
        work.desk.verdicts.say("a-x", "ana", "fraud")
    with pytest.raises(NotAllowed, match="over"):
        work.desk.verdicts.undo(id_, "ana")


def test_notes_and_templates(work: Work) -> None:
    id_ = work.call("p-1", "c-1", amount=5_000_000)
    draft = work.desk.notes.draft(id_, "called")
    assert draft == "Called customer:c-1 about 5,000,000 won: "
    note = work.desk.notes.add("alert", id_, draft + "it was not her", "ana")
    assert work.desk.notes.of("alert", id_) == [note]
    with pytest.raises(BadAsk, match="called, no_answer"):
        work.desk.notes.draft(id_, "x")
    with pytest.raises(BadAsk, match="needed"):
        work.desk.notes.add("alert", id_, "  ", "ana")
    for call in (lambda: work.desk.notes.draft("a-x", "called"), lambda: work.desk.notes.add("alert", "a-x", "t", "p")):
        with pytest.raises(Unknown):
            call()
