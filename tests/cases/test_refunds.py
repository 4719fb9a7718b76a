"""Refunds: one way, a step at a time; no won moves that was not agreed on, and a booking counts once."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haechi.cases import BadAsk, NotAllowed, Practice, Stale, Unknown
from haechi.cases.practice import RefundDays
from haechi.stores import Disagreed

from .making import DAY_US, HOUR_US, Work


def evidenced(work: Work, event_id: str = "t-1", **changes: Any) -> int:
    """A refund whose evidence is complete."""
    claimed = changes.pop("claimed", None)
    refund = work.desk.refunds.report(work.transfer(event_id, **changes), "ana", claimed=claimed)
    work.desk.refunds.step(refund.id, "frozen", "ana", comment="bank B froze it")
    return work.desk.refunds.step(refund.id, "evidence", "ana").id


def test_the_founding_story_is_refunded_three_days_later(work: Work) -> None:
    refunds = work.desk.refunds
    reported = refunds.report(work.transfer("t-1"), "ana", comment="he never bought ice cream at seven")
    assert (reported.state, reported.claimed, reported.subject) == ("reported", 5_000_000, "customer:c-1")
    assert reported.frozen_due_us - reported.reported_us == DAY_US
    assert reported.paid_due_us - reported.reported_us == 3 * DAY_US
    assert refunds.report("t-1", "bo").id == reported.id, "the same report is the same refund"
    work.clock.now += HOUR_US
    refunds.step(reported.id, "frozen", "ana", version=1)
    with pytest.raises(Stale):
        refunds.step(reported.id, "evidence", "ana", version=1)
    work.clock.now += DAY_US
    refunds.step(reported.id, "evidence", "ana")
    decided = refunds.decide(reported.id, 5_000_000, "ana", comment="device and hour are not his")
    assert (decided.state, decided.agreed) == ("decided", 5_000_000)
    refunds.book(decided.id, "recovered", 1_200_000, "B-77", "ana")
    assert refunds.book(decided.id, "recovered", 1_200_000, "B-77", "ana").recovered == 1_200_000, "counts once"
    with pytest.raises(NotAllowed, match="booked already"):
        refunds.book(decided.id, "recovered", 5, "B-77", "ana")
    refunds.book(decided.id, "paid", 4_000_000, "P-1", "ana")
    work.clock.now = reported.reported_us + 3 * DAY_US
    assert refunds.measure().late == 0
    paid = refunds.book(decided.id, "paid", 1_000_000, "P-2", "ana")
    assert (paid.state, paid.paid, paid.loss, paid.paid_us) == ("paid", 5_000_000, 3_800_000, work.clock.now)
    assert paid.history[-1].content == {"paid": 5_000_000, "days": 3.0}
    measure = refunds.measure()
    assert (measure.paid, measure.seconds, measure.open) == (1, 3 * 86_400.0, 0)
    refunds.book(decided.id, "recovered", 3_800_000, "B-78", "ana")
    assert refunds.refund(decided.id).loss == 0, "what comes back later still counts"


def test_a_large_refund_needs_a_second_person_whatever_is_decided(work: Work) -> None:
    for n, amount in enumerate((12_000_000, 0)):
        id_ = evidenced(work, f"t-{n}", amount=12_000_000)
        asked = work.desk.refunds.decide(id_, amount, "ana", comment="x")
        assert (asked.state, asked.waiting.needs) == ("evidence", 1)
        with pytest.raises(NotAllowed, match="waits for others"):
            work.desk.refunds.decide(id_, 5, "ana", comment="x")
        with pytest.raises(Disagreed, match="her own"):
            work.desk.refunds.answer(id_, "approve", "ana")
        assert work.desk.refunds.refund(id_).state == "evidence"
        done = work.desk.refunds.answer(id_, "approve", "bo", "I called the branch")
        assert (done.state, done.agreed) == ("decided" if amount else "refused", amount)
    with pytest.raises(NotAllowed, match="nothing about refund"):
        work.desk.refunds.answer(id_, "approve", "cy")


def test_a_rejected_decision_may_be_made_again(work: Work) -> None:
    id_ = evidenced(work, amount=12_000_000)
    work.desk.refunds.decide(id_, 12_000_000, "ana", comment="x")
    assert work.desk.refunds.answer(id_, "reject", "bo", "half was his").state == "evidence"
    work.desk.refunds.decide(id_, 6_000_000, "ana", comment="half")
    assert work.desk.refunds.answer(id_, "approve", "bo").agreed == 6_000_000


def test_two_others_may_be_asked_for(work: Work) -> None:
    work.desk.refunds._office.__dict__["practice"] = Practice(approvers=2)
    id_ = evidenced(work, amount=12_000_000)
    work.desk.refunds.decide(id_, 12_000_000, "ana", comment="x")
    assert work.desk.refunds.answer(id_, "approve", "bo").state == "evidence"
    with pytest.raises(Disagreed, match="one person answers once"):
        work.desk.refunds.answer(id_, "approve", "bo")
    assert work.desk.refunds.answer(id_, "approve", "cy").state == "decided"


def test_a_currency_without_a_limit_always_needs_others() -> None:
    practice = Practice()
    assert practice.others_needed(9_999_999, "KRW") == 0
    assert practice.others_needed(10_000_000, "KRW") == 1
    assert practice.others_needed(1, "JPY") == 1


def test_steps_go_forward_one_at_a_time(work: Work) -> None:
    refunds = work.desk.refunds
    id_ = refunds.report(work.transfer("t-1"), "ana").id
    for call, says in (
        (lambda: refunds.step(id_, "evidence", "ana"), "follows frozen"),
        (lambda: refunds.decide(id_, 5, "ana", comment="x"), "when the evidence"),
    ):
        with pytest.raises(NotAllowed, match=says):
            call()
    with pytest.raises(BadAsk, match="frozen or evidence"):
        refunds.step(id_, "paid", "ana")
    with pytest.raises(Disagreed, match="no more is paid"):
        refunds.book(id_, "paid", 5, "P-1", "ana")
    work.clock.now += 2 * DAY_US
    assert (refunds.measure().open, refunds.measure().late) == (1, 1), "the account should be frozen by now"


def test_money_has_bounds(work: Work) -> None:
    refunds = work.desk.refunds
    id_ = evidenced(work, claimed=1_000)
    for amount in (-1, 1_001):
        with pytest.raises(BadAsk, match="0 to 1000"):
            refunds.decide(id_, amount, "ana", comment="x")
    with pytest.raises(BadAsk, match="comment is needed"):
        refunds.decide(id_, 1_000, "ana", comment="")
    refunds.decide(id_, 700, "ana", comment="the rest was hers")
    for kind, amount, says in (("paid", 701, "agreed on"), ("recovered", 1_001, "claimed")):
        with pytest.raises(Disagreed, match=says):
            refunds.book(id_, kind, amount, "R", "ana")
    for kind, amount, reference in (("stolen", 1, "R"), ("paid", 0, "R"), ("paid", 1, " ")):
        with pytest.raises(BadAsk):
            refunds.book(id_, kind, amount, reference, "ana")
    assert refunds.refund(id_).money == []


def test_what_cannot_be_reported(work: Work) -> None:
    report = work.desk.refunds.report
    with pytest.raises(Unknown, match="not known here"):
        report("t-9", "ana")
    for n, changes in enumerate(({"amount": None}, {"currency": ""}, {"entities": {}})):
        with pytest.raises(BadAsk, match="moved no money"):
            report(work.transfer(f"t-{n}", **changes), "ana")
    for claimed in (0, 5_000_001):
        with pytest.raises(BadAsk, match="claimed is 1 to"):
            report(work.transfer("t-5"), "ana", claimed=claimed)
    with pytest.raises(Unknown, match="no case 7"):
        report("t-5", "ana", case_id=7)
    report("t-5", "ana", claimed=10)
    with pytest.raises(NotAllowed, match="another amount"):
        report("t-5", "ana", claimed=11)
    with pytest.raises(Unknown, match="no refund 99"):
        work.desk.refunds.refund(99)
    assert work.desk.refunds.refund(1).case_id is None


def test_pages_by_state_and_clocks_of_a_house(work: Work) -> None:
    refunds = work.desk.refunds
    for n in range(3):
        refunds.report(work.transfer(f"t-{n}"), "ana")
    page = refunds.page("open", limit=2)
    assert [r.id for r in page.refunds] == [1, 2]
    assert [r.id for r in refunds.page("open", int(page.next or 0)).refunds] == [3]
    assert len(refunds.page("reported").refunds) == 3
    assert refunds.page("paid").refunds == []
    with pytest.raises(BadAsk):
        refunds.page("lost")
    case = work.desk.cases.open("a story", "ana")
    assert refunds.report(work.transfer("t-4"), "ana", case_id=case.id).case_id == case.id
    assert work.desk.cases.case(case.id).refunds == [4]
    assert RefundDays(paid=10).paid == 10


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 1_000),
    st.lists(st.tuples(st.sampled_from(["paid", "recovered"]), st.integers(1, 600)), max_size=8),
)
def test_the_book_agrees_with_a_naive_one(work: Work, agreed: int, moves: list[tuple[str, int]]) -> None:
    event_id = f"h-{len(work.judged)}"
    id_ = evidenced(work, event_id, amount=1_000)
    work.desk.refunds.decide(id_, agreed, "ana", comment="x")
    sums = {"paid": 0, "recovered": 0}
    for n, (kind, amount) in enumerate(moves):
        limit = agreed if kind == "paid" else 1_000
        if sums[kind] + amount <= limit:
            sums[kind] += amount
            work.desk.refunds.book(id_, kind, amount, f"R-{n}", "ana")
        else:
            with pytest.raises(Disagreed):
                work.desk.refunds.book(id_, kind, amount, f"R-{n}", "ana")
    found = work.desk.refunds.refund(id_)
    assert (found.paid, found.recovered, found.loss) == (*sums.values(), sums["paid"] - sums["recovered"])
    assert (found.state == "paid") == (sums["paid"] == agreed)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE refunds SET state = 'paid'",
        "UPDATE refunds SET claimed = 1",
        "UPDATE refunds SET state = 'decided', agreed = 5",
        "UPDATE refunds SET state = 'decided', agreed = 5, agreement = 1",
        "DELETE FROM refunds",
        "INSERT INTO refund_money VALUES (1, 1, 'paid', 5, 'x', 'eve', 1)",
        "INSERT INTO refund_money VALUES (1, 1, 'recovered', 12000001, 'x', 'eve', 1)",
        "INSERT OR REPLACE INTO agreements VALUES (1, 'refund', '1', '{\"agreed\":5}', 0, 'eve', 1)",
        "UPDATE agreements SET needs = 0",
        "INSERT INTO agreement_answers VALUES (1, 'ana', 'approve', '', 1)",
        "DELETE FROM desk_history",
        "UPDATE desk_history SET person = 'eve'",
    ],
)
def test_raw_sql_meets_the_same_wall(work: Work, sql: str) -> None:
    id_ = evidenced(work, amount=12_000_000)
    work.desk.refunds.decide(id_, 5, "ana", comment="x")
    with pytest.raises((Disagreed, apsw.ConstraintError)):
        work.store.tables.do(lambda open_: open_.run(sql))
    assert work.desk.refunds.refund(id_).state == "evidence"
