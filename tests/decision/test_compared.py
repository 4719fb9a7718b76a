"""Every decision other than allow names a value and what is usual."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from haechi.decision.compared import compared
from haechi.decision.conclude import conclude
from haechi.decision.reasons import REASONS_MAX
from haechi.events import Reason, Signal

from .house_for_tests import Detector, Said, Told, event, house, reason

RULE = Reason("rules.school", "School hours", "", 1.0, {"en": "a minor at school", "ko": "수업 시간 중의 미성년자"})


def knowing(usual: float) -> SimpleNamespace:
    spec = SimpleNamespace(subject=SimpleNamespace(name="customer"), positions={"customer.median50": 0})
    return SimpleNamespace(spec=spec, value=lambda name: usual, row=Told().row, unexplained=0.0)


@pytest.mark.parametrize("rules", [None, Said(), Said(floor={"minimum": "challenge"}, told=(RULE,))])
@pytest.mark.parametrize("score", [None, 0.001, 0.03, 0.9])
@pytest.mark.parametrize("amount", [None, 7_000])
@pytest.mark.parametrize("usual", [float("nan"), 2_000.0])
def test_whoever_asked_for_it(rules, score, amount, usual) -> None:
    signals = [] if score is None else [Signal("supervised", score, "1")]
    decision = conclude(event(amount=amount), knowing(usual), signals, [], house([Detector(0.5)]), rules)
    assert decision.action == "allow" or any(r.value and r.usual for r in decision.reasons)
    assert all(r.text["ko"] and r.text["en"] for r in decision.reasons)


def said(reasons, known, signals, risk=0.001, **changes):
    found = compared(reasons, event(**changes), known, signals, risk, house([Detector(0.5)]))
    return found[-1].code, found[-1].text["en"], found[-1].text["ko"]


def test_a_risk_above_the_usual_one_says_most() -> None:
    signals = [Signal("supervised", 0.09, "1")]
    assert said([RULE], knowing(2_000), signals, 0.09) == (
        "decision.risk",
        "risk 9%, usually 0.2%",
        "위험도 9%, 보통 0.2%",
    )


def test_then_the_amount_beside_the_usual_one() -> None:
    told = ("decision.amount", "amount 7,000 won, 3.5 times the customer's usual 2,000 won",
            "금액 7,000원, 평소 2,000원의 3.5배")  # fmt: skip
    assert said([RULE], knowing(2_000), []) == told
    assert said([RULE], knowing(2_000), [Signal("supervised", 0.001, "1")]) == told


def test_then_who_could_judge() -> None:
    nobody = ("decision.blind", "none of 1 detectors could judge", "탐지기 1개 중 판단한 것 없음")
    assert said([RULE], knowing(float("nan")), []) == nobody
    assert said([], Told(), []) == nobody, "a memory without customers"
    assert said([], knowing(2_000), [], amount=None) == nobody


def test_who_says_so_already_is_left_alone_and_nothing_is_spoken_for_it() -> None:
    full = [reason("amount", 1.0)]
    assert compared(full, event(), knowing(2_000), [], 0.1, house()) == full
    many = compared([RULE] * 9, event(), knowing(2_000), [], 0.1, house())
    assert len(many) == REASONS_MAX
    assert many[-1].weight == 0.0
    held = conclude(event(), knowing(2_000), [], [], house(), Said(floor={"fixed": "hold"}, told=(RULE,)))
    assert held.sentence["en"] == "Held a payment of 7,000 won: a minor at school."
