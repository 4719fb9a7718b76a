"""Step-up: asked in the decision's commit, answered in the check's, ended by the policy when nobody answers."""

from __future__ import annotations

import pytest

from haechi.cases import BadAsk, Unknown

from .making import HOUR_US, SECOND_US, Work


def test_a_passed_check_ends_in_the_final_decision(work: Work) -> None:
    id_ = work.challenge("p-1")
    assert work.desk.challenges.challenge("p-1").state == "waiting"
    work.answer("k-1", id_, "passed")
    found = work.desk.challenges.challenge(id_)
    assert (found.state, found.action, found.method, found.closed_us) == ("passed", "allow", "otp", work.clock.now)
    assert work.desk.alerts.feed(0, 10) == []


def test_failing_may_be_repeated_until_it_counts_and_then_calls_a_person(work: Work) -> None:
    id_ = work.challenge("p-1", attempts=2)
    work.answer("k-1", id_, "failed")
    assert work.desk.challenges.challenge(id_).state == "waiting"
    work.answer("k-2", id_, "failed")
    found = work.desk.challenges.challenge(id_)
    assert (found.state, found.action, found.attempts) == ("failed", "block", 2)
    (alert,) = work.desk.alerts.queue().alerts
    assert (alert.id, alert.action, alert.subject) == ("a-p-1", "block", "customer:c-1")
    assert alert.due_us == work.clock.now + HOUR_US


def test_refusing_counts_at_once_and_the_alert_folds(work: Work) -> None:
    work.call("p-0", "c-1")
    work.answer("k-1", work.challenge("p-1"), "refused")
    (alert,) = work.desk.alerts.queue().alerts
    assert (alert.id, alert.events) == ("a-p-0", 2)


def test_silence_means_what_the_policy_said_when_it_was_decided(work: Work) -> None:
    id_ = work.challenge("p-1", seconds=60)
    work.later(60 * SECOND_US)
    assert work.desk.challenges.challenge(id_).state == "waiting", "the deadline itself is still in time"
    work.later(1)
    found = work.desk.challenges.challenge(id_)
    assert (found.state, found.action) == ("timeout", "hold")
    assert work.desk.alerts.queue().alerts[0].action == "hold"
    work.answer("k-1", id_, "passed")
    assert work.desk.challenges.challenge(id_) == found, "what has ended stays"


def test_an_answer_that_is_late_or_of_somebody_else_changes_nothing(work: Work) -> None:
    id_ = work.challenge("p-1", seconds=60)
    work.answer("k-1", id_, "passed", customer="c-2")
    assert work.desk.challenges.challenge(id_).state == "waiting"
    work.clock.now += 61 * SECOND_US
    work.answer("k-2", id_, "passed")
    assert work.desk.challenges.challenge(id_).state == "waiting"
    work.desk.sweep()
    assert work.desk.challenges.challenge(id_).state == "timeout"
    work.answer("k-3", "c-nobody", "passed")


def test_pages_by_state(work: Work) -> None:
    for n in range(3):
        work.challenge(f"p-{n}")
    page = work.desk.challenges.page("waiting", limit=2)
    assert [c.event_id for c in page.challenges] == ["p-0", "p-1"]
    assert [c.event_id for c in work.desk.challenges.page("waiting", int(page.next or 0)).challenges] == ["p-2"]
    with pytest.raises(BadAsk):
        work.desk.challenges.page("lost")
    with pytest.raises(Unknown):
        work.desk.challenges.challenge("p-9")
