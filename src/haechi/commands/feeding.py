"""A recorded town becomes live traffic: what happens, in order, and what becomes known of it, when it does.

A recorded town does not react: whom a decision stopped goes on as if nothing had been. `haechi demo` has people who do.
Ids make everything repeatable: what the server has already is answered from its journal and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby

from haechi.commands.caller import Caller
from haechi.commands.recorded import Event, Recorded, day_of
from haechi.events.times import clock_us

__all__ = ["BREAKS", "Day", "feed"]

LINES_MAX = 1_000
STEP_S, STEP_S_MAX = 1, 3_600  # of life: what happens within a step is sent together
AMOUNT_FACTOR = 100
FIELDS_LOST = ("device", "channel", "merchant_category", "method")


def _hundredfold(event: Event) -> Event:
    return event | ({"amount": event["amount"] * AMOUNT_FACTOR} if "amount" in event else {})


def _poorer(event: Event) -> Event:
    return {name: value for name, value in event.items() if name not in FIELDS_LOST}


BREAKS: dict[str, Callable[[Event], Event]] = {"amounts": _hundredfold, "fields": _poorer}


@dataclass
class Day:
    """What became of one day."""

    day: date
    actions: Counter[str] = field(default_factory=Counter)
    frauds_told: int = 0
    labels_told: int = 0
    others: int = 0  # labels of events that the home did not decide: imports bring their own
    refused: Counter[str] = field(default_factory=Counter)
    there: bool = False  # it was sent before


def feed(
    town: Recorded, caller: Caller, since: date, until: date, *, tell: Callable[[Day], None], broken: str = "",
    speed: float = 0.0, wait: Callable[[float], None] = lambda seconds: None,
    clock_s: Callable[[], float] = lambda: 0.0,
) -> None:  # fmt: skip
    """Send some days; those that the server has are passed over, one that was broken off is sent again.

    broken: one of BREAKS, what is wrong with the data. speed: how many times faster than life; 0: as fast as it goes.
    """
    change = BREAKS[broken] if broken else lambda event: event
    labels = town.labels(since, until)
    at, begun = 0, (0.0, 0.0)
    step_s = max(STEP_S, min(speed, STEP_S_MAX)) if speed else STEP_S_MAX
    for day, rows in town.days(since, until):
        told = Day(day)
        if rows and caller.knows(rows[-1]["id"]):
            told.there = True
            tell(told)
            # Its last labels may not have been told when an earlier call was broken off: they are told again.
            at = _until(labels, at, day - timedelta(days=1))
            continue
        for number, some in groupby(rows, key=partial(_step, step_s=step_s)):
            if speed:
                begun = begun if begun[1] else (clock_s(), number * step_s)
                wait(max(0.0, (number * step_s - begun[1]) / speed - (clock_s() - begun[0])))
            due = at
            while due < len(labels) and _us(labels[due]["known_at"]) <= number * step_s * 1e6:
                due += 1
            _label(caller, labels[at:due], told)
            at = due
            _decide(caller, [change(event) for event in some], told)
        due = _until(labels, at, day)
        _label(caller, labels[at:due], told)
        at = due
        tell(told)
    _label(caller, labels[at:], Day(until))  # of the last day, where it was there already


def _until(labels: list[Event], at: int, day: date) -> int:
    """Where the labels end that are known when a day is over."""
    while at < len(labels) and day_of(labels[at], "known_at") <= day:
        at += 1
    return at


def _us(text: str) -> int:
    return clock_us(datetime.fromisoformat(text))


def _step(event: Event, step_s: float) -> int:
    return int(_us(event["time"]) // (step_s * 1_000_000))


def _label(caller: Caller, labels: list[Event], told: Day) -> None:
    for first in range(0, len(labels), LINES_MAX):
        some = labels[first : first + LINES_MAX]
        rejected = caller.label(some)
        told.others += sum(one.get("status") == 404 for one in rejected)
        told.refused.update(str(one.get("detail", "")) for one in rejected if one.get("status") != 404)
        told.labels_told += len(some) - len(rejected)
        lost = {int(one["line"]) - 1 for one in rejected if "line" in one}
        told.frauds_told += sum(one["fraud"] and n not in lost for n, one in enumerate(some))


def _decide(caller: Caller, events: list[Event], told: Day) -> None:
    for first in range(0, len(events), LINES_MAX):
        for answer in caller.decide(events[first : first + LINES_MAX]):
            if "action" in answer:
                told.actions[answer["action"]] += 1
            else:
                told.refused[str(answer.get("detail", "")).split("'")[0].strip()] += 1
