"""An alert budget is a rank among the last 24 hours, never a fixed score."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.decision import answer
from haechi.decision.budget import HOUR_US, Budget
from haechi.decision.policy import Policy

from .house_for_tests import Detector, event, house, steps_of


def test_without_a_budget_everybody_is_called() -> None:
    budget = Budget(None)
    assert all(budget.admits(0, 1.0) for _ in range(1_000))


def test_only_the_most_urgent_get_a_place() -> None:
    budget = Budget(2)
    assert [budget.admits(i, urgency) for i, urgency in enumerate([5, 3, 1, 4, 9, 4])] == [
        True, True, False, True, True, False,
    ]  # fmt: skip


def test_yesterday_is_forgotten() -> None:
    budget = Budget(1)
    assert budget.admits(0, 9)
    assert not budget.admits(23 * HOUR_US, 1)
    assert budget.admits(24 * HOUR_US, 5)


def test_a_late_event_is_ranked_among_the_newest() -> None:
    budget = Budget(1)
    budget.admits(100 * HOUR_US, 5)
    assert not budget.admits(3 * HOUR_US, 4)
    assert budget.admits(3 * HOUR_US, 6)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=60), st.integers(1, 5))
def test_the_rank_is_that_among_all_of_the_last_24_hours(steps, limit) -> None:
    budget, seen, hour = Budget(limit), [], 0
    for hours, urgency in steps:
        hour += hours * 3
        more_urgent = sum(u > urgency for h, u in seen if h > hour - 24)
        assert budget.admits(hour * HOUR_US, urgency) == (more_urgent < limit)
        seen.append((hour, urgency))


def test_calls_a_day_keep_to_the_budget_when_scores_drift() -> None:
    """After the first day about as many people are called as budgeted, although scores grow tenfold on the fifth."""
    rng, budget, calls = np.random.default_rng(1), Budget(20), []
    for day in range(8):
        drift = 10.0 if day >= 4 else 1.0
        calls.append(
            sum(
                budget.admits((day * 24 * 3600 + i * 43) * 1_000_000, drift * u)
                for i, u in enumerate(rng.random(2_000))
            )
        )
    steady = [n for day, n in enumerate(calls) if day not in (0, 4)]
    assert max(steady) <= 40
    assert 10 <= np.mean(steady) <= 30


def test_a_hold_without_a_place_gives_way_and_nobody_is_called() -> None:
    home = house([Detector(0.3)], Policy(alert_budget_per_day=1))
    decisions = [answer(event(id=f"p-{n}", amount=1_000_000 - n), home).decision for n in range(3)]
    assert [d.action for d in decisions] == ["hold", "challenge", "challenge"]
    assert [s for s in steps_of(home) if s.startswith("call")] == ["call a person for p-0"]


def test_a_block_stands_without_a_person() -> None:
    home = house([Detector(0.99)], Policy(alert_budget_per_day=1))
    decisions = [answer(event(id=f"p-{n}", amount=1_000_000 - n), home).decision for n in range(2)]
    assert [(d.action, d.needs_a_person) for d in decisions] == [("block", True), ("block", False)]


def test_a_budget_goes_on_where_a_snapshot_left_it() -> None:
    whole, first, second = Budget(1), Budget(1), Budget(1)
    for budget in (whole, first):
        budget.admits(0, 5.0)
    second.restore(first.kept())
    assert [whole.admits(1, 4.0), whole.admits(2, 6.0)] == [second.admits(1, 4.0), second.admits(2, 6.0)]
