"""The way of one event, step by step, and what happens when a step goes wrong."""

from __future__ import annotations

import msgspec
import pytest

from haechi.decision import Conflict, answer
from haechi.decision.decision import decode
from haechi.stores import DECIDED, Alert, Broken, Entry

from .house_for_tests import Detector, Journal, event, house, reason, steps_of

AMOUNT = reason("customer.ratio_30d", 2.0, "amount 7,000 won, 3.5 times the customer's usual 2,000 won",
                "금액 7,000원, 평소 2,000원의 3.5배")  # fmt: skip
HOUR = reason(
    "hour", 1.5, "time of day Fri 07:02, usually 16:00-21:00", "거래 시각 금요일 오전 7시 2분, 평소 16시~21시"
)


def test_six_steps_in_their_order() -> None:
    home = house([Detector(0.93, (AMOUNT, HOUR))])
    answer(event(), home)
    assert steps_of(home) == [
        "remember and learn p-1", "look with supervised", "keep back p-1", "write down p-1", "call a person for p-1",
    ]  # fmt: skip


def test_ice_cream_at_seven_is_held_and_explained() -> None:
    decision = answer(event(), house([Detector(0.93, (AMOUNT, HOUR))])).decision
    assert decision.action == "hold"
    assert decision.expected_loss == 6_510
    assert decision.sentence["en"] == (
        "Held a payment of 7,000 won: amount 7,000 won, 3.5 times the customer's usual 2,000 won; "
        "and time of day Fri 07:02, usually 16:00-21:00."
    )
    assert decision.sentence["ko"] == (
        "결제 7,000원을 보류했습니다. 사유: 금액 7,000원, 평소 2,000원의 3.5배. "
        "거래 시각 금요일 오전 7시 2분, 평소 16시~21시."
    )
    assert decision.reasons == [AMOUNT, HOUR]
    assert decision.needs_a_person


def test_an_ordinary_payment_is_allowed_without_explanation_or_person() -> None:
    detector = Detector(0.0004, (AMOUNT,))
    home = house([detector])
    decision = answer(event(), home).decision
    assert (decision.action, decision.reasons, detector.explained) == ("allow", [], 0)
    assert steps_of(home)[-1] == "write down p-1"
    assert decision.timings_us == {"look": 1, "judge": 3, "weigh": 1}


def test_the_journal_holds_what_came_what_was_decided_and_the_alert() -> None:
    body = b'{"id": "p-1"}'
    given = answer(event(), house([Detector(0.93)]), body)
    entry = given.written.entry
    assert (entry.type, entry.event_id, entry.body) == (DECIDED, "p-1", body)
    assert entry.unexplained == 0.75, "of what is held, the journal keeps how it stands since"
    assert entry.decision == given.body
    assert decode(given.body) == given.decision
    loss = given.decision.expected_loss
    assert entry.alert == Alert(
        "a-p-1", "hold", event().time_us, "customer:c-17", 7_000, "KRW", loss, loss, event().time_us, 3_600_000_000
    )
    assert entry.digest != 0
    assert answer(event(), house([Detector(0.0)])).written.entry.alert is None


def test_the_decision_reads_as_the_interface_says() -> None:
    shown = msgspec.json.decode(answer(event(), house([Detector(0.93, (HOUR,))])).body)
    assert shown["signals"] == [
        {"detector": "supervised", "score": 0.93, "version": "m1", "reasons": [], "one_in": 0.0}
    ]
    assert set(shown["versions"]) == {"features", "model", "rules", "policy"}
    assert shown["reasons"][0]["usual"] == "2,000 won"
    assert set(shown["timings_us"]) == {"look", "judge", "weigh", "explain"}


def test_the_same_event_gets_the_same_answer_and_is_not_learned_twice() -> None:
    home = house([Detector(0.93, (AMOUNT,))])
    first, again = answer(event(), home, b"{}"), answer(event(), home, b"{}")
    assert again.body == first.body
    assert again.decision == first.decision
    assert again.written.entry is first.written.entry
    assert steps_of(home).count("remember and learn p-1") == 1


def test_the_same_id_with_another_body_is_a_conflict() -> None:
    home = house([Detector(0.1)])
    answer(event(), home)
    with pytest.raises(Conflict, match="'p-1' is already known with another body"):
        answer(event(amount=1), home)


def test_an_event_that_was_only_learned_cannot_be_decided_later() -> None:
    home = house()
    journal = home.journal
    assert isinstance(journal, Journal)
    journal.write(Entry(type=2, event_id="p-1", time_us=0, body=b"{}"))
    with pytest.raises(Conflict, match="was learned without a decision"):
        answer(event(), home, b"{}")


def test_a_failing_detector_is_left_out_and_the_decision_still_comes(caplog) -> None:
    home = house([Detector(ValueError("model file gone"), name="graph"), Detector(0.93, (AMOUNT,))])
    decision = answer(event(), home).decision
    assert decision.action == "hold"
    assert decision.degraded == ["graph"]
    assert [s.detector for s in decision.signals] == ["supervised"]
    assert home.left_out == {("graph", "failed"): 1}
    assert "model file gone" in caplog.text


def test_without_any_signal_policy_decides() -> None:
    home = house([Detector(ValueError("gone"))])
    small, large = answer(event(), home).decision, answer(event(id="p-2", amount=900_000_000), home).decision
    assert small.action == "allow"
    assert small.score == home.policy.risk_without_signals
    assert small.sentence["en"] == "Allowed: no detector could judge, so policy decides."
    assert small.sentence["ko"] == "허용했습니다. 사유: 판단할 수 있는 탐지기가 없어 정책에 따름."
    assert large.degraded == ["supervised"]


def test_a_house_without_detectors_decides_too() -> None:
    assert answer(event(), house()).decision.action == "allow"


def test_while_the_journal_is_broken_nothing_new_is_learned_but_old_answers_stand() -> None:
    home = house([Detector(0.1)])
    first = answer(event(), home)
    home.journal.broken = "the disk is full; make room and start again"  # type: ignore[misc]
    with pytest.raises(Broken, match="the disk is full"):
        answer(event(id="p-2"), home)
    assert "remember and learn p-2" not in steps_of(home)
    assert answer(event(), home).body == first.body
