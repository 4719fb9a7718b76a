"""Conclude: what was weighed becomes a decision with its reasons, its sentence and its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from haechi.decision.compared import compared
from haechi.decision.decision import Action, Decision
from haechi.decision.house import Agreed, House
from haechi.decision.reasons import REASONS_MAX, explain
from haechi.decision.release import released
from haechi.decision.sentence import sentence
from haechi.decision.weigh import Weighed, weigh
from haechi.events import Event, Reason, Signal


def conclude(
    event: Event, known: Any, signals: list[Signal], degraded: list[str], house: House, agreed: Agreed | None = None
) -> Decision:
    """Weigh the signals and put the outcome into words; reasons are worked out only when something is done."""
    started = house.clock()
    if event.currency and event.currency not in house.policy.prices:
        degraded.append(f"policy.prices.{event.currency}")
    floor = {} if agreed is None else agreed.floor
    weighed, needs_a_person = _within_budget(event, signals, house, floor)
    not_done = released(event, weighed, floor, house.policy)
    if not_done:
        weighed, needs_a_person = weighed._replace(action="allow"), False
    weighed_at = house.clock()
    reasons: list[Reason] = []
    timings = {"weigh": (weighed_at - started) // 1_000}
    if weighed.action != "allow":
        told = () if agreed is None else agreed.reasons()
        reasons = explain(event, known, signals, house, degraded, told)
        timings["explain"] = (house.clock() - weighed_at) // 1_000
    elif "fixed" in floor and agreed is not None:
        reasons = agreed.reasons()[:REASONS_MAX]
    said = sentence(weighed.action, weighed.risk, reasons, event, blind=not signals and not reasons)
    if weighed.action != "allow":
        reasons = compared(reasons, event, known, signals, weighed.risk, house)
    return Decision(
        event_id=event.id,
        action=weighed.action,
        score=weighed.risk,
        expected_loss=weighed.expected_loss,
        sentence=said,
        reasons=reasons,
        signals=signals,
        rules=[] if agreed is None else agreed.lines,
        degraded=degraded,
        versions={**house.versions, "rules": "" if agreed is None else agreed.version},
        timings_us=timings,
        needs_a_person=needs_a_person,
        released=not_done,
        floor=floor,
    )


def _within_budget(
    event: Event, signals: Sequence[Signal], house: House, floor: dict[str, Action]
) -> tuple[Weighed, bool]:
    # Nobody may be left waiting for a review that no one has time for: without a place in the day's ranking, a hold
    # gives way to the next best action. A block stands without a person, and what a rule holds is always reviewed.
    weighed = weigh(event, signals, house.policy, floor=floor)
    if weighed.action not in ("hold", "block"):
        return weighed, False
    if house.budget.admits(event.time_us, weighed.urgency):
        return weighed, True
    weighed = weigh(event, signals, house.policy, may_hold=False, floor=floor)
    return weighed, weighed.action == "hold"
