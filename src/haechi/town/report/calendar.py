"""Events and frauds day by day, with public holidays and pay-days marked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import holidays

from haechi.town.report import svg
from haechi.town.report.facts import Facts
from haechi.town.report.markup import Html, Word
from haechi.town.report.words import day as day_word
from haechi.town.report.words import say

LEFT, RIGHT = 60, svg.WIDTH - 24
TOP, MIDDLE, GAP, BOTTOM = 46, 190, 28, 290
NAME_GAP = 58  # names of holidays closer than this would run into each other


def calendar(facts: Facts, pay_days: frozenset[int]) -> Html:
    """Events a day as an area, frauds a day as bars below it on the same axis of time."""
    dates = facts.days["date"].to_list()
    events, frauds = facts.days["events"].to_list(), facts.days["frauds"].to_list()
    span = max((facts.last - facts.first).days, 1)
    places = [LEFT + (RIGHT - LEFT) * (when - facts.first).days / span for when in dates]
    wide = max((RIGHT - LEFT) / (span + 1) - 0.6, 0.6)
    parts = [*_axis(max(events), TOP, MIDDLE), *_axis(max(frauds), MIDDLE + GAP, BOTTOM)]
    parts.append(_area(places, events))
    parts += [_fraud(x, n, max(frauds) or 1, when, wide) for x, n, when in zip(places, frauds, dates, strict=True) if n]
    parts += [*_holidays(facts.first, facts.last), *svg.months(facts.first, facts.last, LEFT, RIGHT, BOTTOM + 18)]
    parts += [
        svg.path(f"M{x:.1f} {MIDDLE + 3}l3 5h-6z", "mark", Word("급여일", "pay-day"))
        for x, when in zip(places, dates, strict=True) if when.day in pay_days
    ]  # fmt: skip
    parts += svg.legend(LEFT, 14, [(svg.ORDINARY, say("events_a_day")), (svg.FRAUD, say("frauds_a_day"))], 170)
    parts += [svg.path(f"M{LEFT + 346} 5l4 7h-8z", "mark"), svg.label(LEFT + 358, 14, say("pay_day"), kind="muted")]
    return svg.picture("calendar", say("calendar"), BOTTOM + 26, *parts, note=say("calendar_note"))


def _axis(highest: int, top: float, bottom: float) -> Iterator[Html]:
    marks = svg.ticks(highest, 3)
    for mark in marks:
        y = bottom - (bottom - top) * mark / (marks[-1] or 1)
        yield svg.line(LEFT, y, RIGHT, y)
        yield svg.label(LEFT - 8, y + 4, svg.count(mark), anchor="end", kind="muted")


def _area(places: list[float], events: list[int]) -> Html:
    top = svg.ticks(max(events), 3)[-1] or 1
    points = [(x, MIDDLE - (MIDDLE - TOP) * n / top) for x, n in zip(places, events, strict=True)]
    return svg.path(f"{svg.steps(points)}L{places[-1]:.1f} {MIDDLE}L{places[0]:.1f} {MIDDLE}Z", "ordinary area")


def _fraud(x: float, frauds: int, most: int, when: date, wide: float) -> Html:
    tall = (BOTTOM - MIDDLE - GAP) * frauds / (svg.ticks(most, 3)[-1] or 1)
    told = day_word(when) + Word(f": 부정거래 {frauds:,}건", f": {frauds:,} frauds")
    return svg.box(x - wide / 2, BOTTOM - tall, wide, tall, svg.FRAUD, told)


def _holidays(first: date, last: date) -> Iterator[Html]:
    """A line for every public holiday; its name where there is room."""
    years = range(first.year, last.year + 1)
    korean = holidays.country_holidays("KR", years=years, language="ko")
    english = holidays.country_holidays("KR", years=years, language="en_US")
    span, free_from = max((last - first).days, 1), 0.0
    for when in sorted(day for day in korean if first <= day <= last):
        x = LEFT + (RIGHT - LEFT) * (when - first).days / span
        name = Word(_short(korean[when]), _short(english[when]))
        yield svg.line(x, TOP - 6, x, BOTTOM, "holiday")
        if x >= free_from:
            yield svg.label(min(x, RIGHT - 40), TOP - 10, name, kind="small muted")
            free_from = x + NAME_GAP + 2.5 * max(len(name.en) - 8, 0)


def _short(name: str) -> str:
    """The first of several names, without remarks."""
    return name.split(";")[0].split("(")[0].strip()[:24]
