"""A customer's profile as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["portrait"]

BARS = " ▁▂▃▄▅▆▇█"
MOST = 0.8  # of a day's events lie in the hours that are named
DAYS = {
    "working_day": "working days", "school_break": "school break", "saturday": "Saturdays", "sunday": "Sundays",
    "public_holiday": "public holidays",
}  # fmt: skip
PARTS = ("merchants", "categories", "payees", "devices")
CHANGES = {"events_per_day": "events a day", "median_amount": "median amount", "middle_hour": "middle hour"}


def portrait(profile: dict[str, Any]) -> Iterator[str]:
    """The lines: when, how much, with whom, what comes regularly, what changed."""
    yield f"{profile['customer']}: {profile['events']:,} events" + (
        f", {profile['own_events']:,} of them own doing, {profile['first']} to {profile['last']}"
        if profile.get("first") else ""
    )  # fmt: skip
    hours = profile.get("hours", {})
    yield from _part("when: each column is an hour from 0 to 23", [_day(name, n) for name, n in hours.items()])
    yield from _part("how much", [_amount(kind, q) for kind, q in profile.get("amounts", {}).items()])
    for part in PARTS:
        yield from _part(f"{part}, the most frequent", [_party(one) for one in profile.get(part, [])])
    yield from _part("regular", [_rhythm(one) for one in profile.get("regular", [])])
    yield from _part("what changed from one month to the next", [_change(one) for one in profile.get("changes", [])])


def _part(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from ("", title, *(f"  {line}" for line in lines))


def _day(name: str, counts: list[int]) -> str:
    most, total = max(*counts, 1), sum(counts)
    bars = "".join(BARS[-(-count * (len(BARS) - 1) // most)] for count in counts)
    start, length = busiest(counts)
    return f"{DAYS[name]:16} {total:6,}  {bars}  mostly {start:02}:00 to {(start + length) % 24:02}:00"


def busiest(counts: list[int]) -> tuple[int, int]:
    """The shortest run of hours, over midnight too, that holds most events: its start and length."""
    need = MOST * sum(counts)
    return min(
        ((start, length) for start in range(24) for length in range(1, 25)
         if sum(counts[(start + i) % 24] for i in range(length)) >= need),
        key=lambda run: (run[1], run[0]),
    )  # fmt: skip


def _amount(kind: str, q: dict[str, Any]) -> str:
    return (
        f"{kind:16} {q['events']:6,}  median {q['median']:,.0f}, mostly {q['p10']:,.0f} to {q['p90']:,.0f}, "
        f"largest {q['largest']:,.0f}"
    )


def _party(one: dict[str, Any]) -> str:
    median = "" if one["median"] is None else f"median {one['median']:,.0f}, "
    return f"{one['name']:16} {one['events']:6,}  {median}{one['first']} to {one['last']}"


def _rhythm(one: dict[str, Any]) -> str:
    whom = f"{one['kind']} {one['party']}".strip()
    return f"{whom}: {one['rhythm']}, {one['median']:,.0f}, {one['times']} times, next about {one['next']}"


def _change(one: dict[str, Any]) -> str:
    return f"{one['month']} {CHANGES[one['what']]}: {one['before']:,.1f} -> {one['now']:,.1f}"
