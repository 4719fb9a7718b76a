"""What rarity alone may do: it raises the risk as far as it can carry, and asks for what policy allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.decision import ACTIONS, Policy, weigh
from haechi.decision.rarity import alarm, all_are_rarities, risk_of_rarity
from haechi.events import Signal

from .house_for_tests import event

RARE = st.floats(1.0, 1e6)


def rare(name: str, one_in: float) -> Signal:
    return Signal(name, 1.0 - 1.0 / one_in, "1", one_in=one_in)


@given(RARE, RARE, st.floats(1, 1e3), st.integers(0, 10**8))
def test_a_rarer_event_is_never_treated_more_mildly(one: float, other: float, factor: float, amount: int) -> None:
    policy, paid = Policy(), event(amount=amount)
    before = weigh(paid, [rare("behaviour", one), rare("isolation", other)], policy)
    after = weigh(paid, [rare("behaviour", one * factor), rare("isolation", other)], policy)
    assert after.risk >= before.risk
    assert ACTIONS.index(after.action) >= ACTIONS.index(before.action)


@given(st.lists(RARE, min_size=1, max_size=3), st.integers(0, 10**10))
def test_what_is_only_unusual_is_never_blocked(rarities: list[float], amount: int) -> None:
    signals = [rare(f"d{i}", x) for i, x in enumerate(rarities)]
    assert all_are_rarities(signals)
    assert weigh(event(amount=amount), signals, Policy()).action != "block"


def test_a_probability_may_still_block() -> None:
    signals = [rare("behaviour", 10.0), Signal("supervised", 0.99, "1")]
    assert not all_are_rarities(signals)
    assert weigh(event(amount=10**8), signals, Policy()).action == "block"


def test_a_view_asks_for_its_action_only_beyond_its_budget() -> None:
    policy = Policy()
    assert alarm([rare("behaviour.habit", 1_999.0)], policy) == "allow"
    assert alarm([rare("behaviour.habit", 2_001.0)], policy) == "challenge"
    assert alarm([rare("behaviour.habit", 41.0), rare("behaviour.school", 41.0)], policy) == "challenge"
    assert weigh(event(amount=100), [rare("behaviour.habit", 2_001.0)], policy).action == "challenge"
    held = Policy.parse({"views": {"behaviour.habit": {"one_in": 50, "action": "hold"}}})
    assert weigh(event(amount=100), [rare("behaviour.habit", 51.0)], held).action == "hold"
    assert weigh(event(amount=100), [rare("behaviour.habit", 51.0)], held, may_hold=False).action == "challenge"
    nobody = Policy.parse({"views": {"behaviour.habit": {"one_in": 1e9}}})
    assert weigh(event(amount=100), [rare("behaviour.habit", 2_001.0)], nobody).action == "allow"


def test_a_usual_event_is_no_riskier_than_the_prior_and_never_certain() -> None:
    policy = Policy()
    assert risk_of_rarity([rare("behaviour", 1.0)], policy, "payment") == pytest.approx(policy.risk_without_signals)
    assert risk_of_rarity([rare("behaviour", 1e6)], policy, "payment") < 0.99
    transfer = risk_of_rarity([rare("behaviour", 1e3)], policy, "transfer")
    assert transfer > risk_of_rarity([rare("behaviour", 1e3)], policy, "payment")


def test_an_event_that_is_no_behaviour_is_weighed_as_if_nobody_had_spoken() -> None:
    policy = Policy()
    silent = [Signal(name, 0.0, "1", one_in=1.0) for name in ("behaviour", "behaviour.habit", "isolation")]
    assert weigh(event(), silent, policy).risk == pytest.approx(policy.risk_without_signals)
    assert weigh(event(), [*silent, rare("behaviour", 900.0)], policy).risk > policy.risk_without_signals


def test_views_are_parts_and_do_not_count_twice() -> None:
    policy = Policy()
    whole = risk_of_rarity([rare("behaviour", 500.0)], policy, "payment")
    assert risk_of_rarity([rare("behaviour", 500.0), rare("behaviour.habit", 2.0)], policy, "payment") == whole
    assert risk_of_rarity([rare("behaviour.habit", 500.0)], policy, "payment") == whole


def test_a_view_cannot_block() -> None:
    from haechi.decision import BadPolicy

    with pytest.raises(BadPolicy):
        Policy.parse({"views": {"behaviour": {"one_in": 100, "action": "block"}}})
    with pytest.raises(BadPolicy):
        Policy.parse({"views": {"behaviour": {"one_in": 5}}})
