"""The demonstration's people: they live on while a server decides, answer its challenges, and react to what it stops.

What was stopped never arrives at the other end, so no page shows money that was not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from haechi.town import Town
from haechi.town.loop import Answered, live

__all__ = ["living"]

Event = dict[str, Any]
DAYS_MAX = 36_500


def living(town: Town, first_day: int, decide: Callable[[Event], str]) -> Iterator[Answered]:
    """Every event of the town from a day on, for as long as anybody watches, each decided before the next one happens.

    `decide` gives the action; a check that a challenge asked for comes to it as its answer.
    """
    asked: dict[str, bool] = {}

    def told(event: Event) -> str:
        of = event.get("event_id", "")
        return decide(answer(event, is_fraud=asked.pop(of)) if event["kind"] == "check" and of in asked else event)

    for one in live(town, told, first_day=first_day, days=DAYS_MAX):
        if one.action == "challenge":
            asked[one.event["id"]] = one.fraud
        yield one


def answer(check: Event, *, is_fraud: bool) -> Event:
    """A check as the answer to its challenge: who was not there says so, and honest people fail now and then."""
    passed = check.get("result") == "ok"
    result = "passed" if passed else "refused" if is_fraud else "failed"
    return {**check, "challenge": f"c-{check['event_id']}", "result": result}
