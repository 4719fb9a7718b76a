"""Conclude: what was weighed becomes a decision with its reasons, its sentence and its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from haechi.decision.decision import Decision
from haechi.decision.house import House
from haechi.decision.reasons import explain
from haechi.decision.sentence import sentence
from haechi.decision.weigh import Weighed, weigh
from haechi.events import Event, Reason, Signal


def conclude(event: Event, known: Any, signals: list[Signal], degraded: list[str], house: House) -> Decision:
    """Weigh the signals and put the outcome into words; reasons are worked out only when something is done."""
    started = house.clock()
    if event.currency and event.currency not in house.policy.prices:
        degraded.append(f"policy.prices.{event.currency}")
    weighed, needs_a_person = _within_budget(event, signals, house)
    weighed_at = house.clock()
    reasons: list[Reason] = []
    timings = {"weigh": (weighed_at - started) // 1_000}
    if weighed.action != "allow":
        reasons = explain(event, known, signals, house, degraded)
        timings["explain"] = (house.clock() - weighed_at) // 1_000
    return Decision(
        event_id=event.id,
        action=weighed.action,
        score=weighed.risk,
        expected_loss=weighed.expected_loss,
        sentence=sentence(weighed.action, weighed.risk, reasons, blind=not signals),
        reasons=reasons,
        signals=signals,
        rules=[],
        degraded=degraded,
        versions=dict(house.versions),
        timings_us=timings,
        needs_a_person=needs_a_person,
    )


def _within_budget(event: Event, signals: Sequence[Signal], house: House) -> tuple[Weighed, bool]:
    # Nobody may be left waiting for a review that no one has time for: without a place in the day's ranking, a hold
    # gives way to the next best action. A block stands without a person.
    weighed = weigh(event, signals, house.policy)
    if weighed.action not in ("hold", "block"):
        return weighed, False
    if house.budget.admits(event.time_us, weighed.urgency):
        return weighed, True
    return weigh(event, signals, house.policy, may_hold=False), False
