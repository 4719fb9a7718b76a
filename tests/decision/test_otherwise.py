"""What would have let an event pass: each answer holds when it is weighed again, and just beyond it does not."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from haechi.decision import Decision, Policy, weigh
from haechi.decision.otherwise import otherwise
from haechi.events import Event, Signal

from .house_for_tests import event

POLICY = Policy()


def decided(given: Event, signals: list[Signal], floor: dict | None = None, rules: list | None = None) -> Decision:
    weighed = weigh(given, signals, POLICY, floor=floor or {})
    return Decision(
        event_id=given.id, action=weighed.action, score=weighed.risk, expected_loss=weighed.expected_loss,
        sentence={}, reasons=[], signals=signals, rules=rules or [], degraded=[], versions={}, timings_us={},
        floor=floor or {},
    )  # fmt: skip


def test_what_was_allowed_needs_no_other_way() -> None:
    given_ = event(amount=100)
    assert otherwise(given_, decided(given_, [Signal("a", 0.0, "1")]), POLICY) == []


def test_a_rule_alone_is_named() -> None:
    given_ = event(amount=7_000)
    rules = [{"rule": "minor", "result": "hit", "lane": "live"}, {"rule": "other", "result": "miss", "lane": "live"}]
    found = otherwise(given_, decided(given_, [Signal("a", 0.001, "1")], {"minimum": "challenge"}, rules), POLICY)
    assert [(one.what, one.name) for one in found] == [("rules", "minor")]


def test_a_fixed_allow_is_no_floor() -> None:
    given_, loud = event(amount=10**7), [Signal("a", 0.9, "1")]
    assert otherwise(given_, decided(given_, loud, {"fixed": "allow"}), POLICY) == []
    held = [one.what for one in otherwise(given_, decided(given_, loud, {"minimum": "hold"}), POLICY)]
    assert "rules" not in held, "without the rule it would have been stopped too"
    assert [one.what for one in otherwise(given_, decided(given_, [], {"fixed": "hold"}), POLICY)] == ["rules"]


@given(st.integers(1_000, 10**9), st.floats(0.01, 1), st.floats(0, 0.004))
def test_each_way_out_holds_and_the_next_step_does_not(amount: int, high: float, low: float) -> None:
    given_ = event(amount=amount)
    signals = [Signal("loud", high, "1"), Signal("calm", low, "1")]
    decision = decided(given_, signals)
    for one in otherwise(given_, decision, POLICY):
        if one.what == "amount":
            least = msgspec.structs.replace(given_, amount=one.amount)
            more = msgspec.structs.replace(given_, amount=one.amount + 1)
            assert weigh(least, signals, POLICY).action == "allow"
            assert weigh(more, signals, POLICY).action != "allow"
        if one.what == "risk":
            assert one.risk < decision.score
            calmer = [msgspec.structs.replace(s, score=s.score * one.risk / decision.score) for s in signals]
            assert weigh(given_, calmer, POLICY).action == "allow"
        if one.what == "detector":
            assert one.name == "loud"


def test_rarities_are_left_as_they_are() -> None:
    given_ = event(amount=10**6)
    signals = [Signal("p", 0.6, "1"), Signal("behaviour.habit", 0.999, "1", one_in=5_000.0)]
    found = otherwise(given_, decided(given_, signals), POLICY)
    assert not [one for one in found if one.what == "risk"]
