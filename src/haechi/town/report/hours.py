"""When people pay and when they are robbed: persona by hour, ordinary payments beside frauds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from haechi.town.report import svg
from haechi.town.report.facts import Facts
from haechi.town.report.markup import Html, Word
from haechi.town.report.words import name_of, say

NAMES, CELL, GAP, TOP = 122, 12, 20, 56
ROWS_MAX = 16
SHADES = 6


def hours(facts: Facts) -> Html:
    """Two heat maps with the same rows; each row is shaded by the share of its own payments."""
    personas = _personas(facts.hours)
    height = TOP + len(personas) * svg.ROW + 34
    parts: list[Html] = []
    for n, persona in enumerate(personas):
        y = TOP + n * svg.ROW
        parts.append(svg.label(NAMES - 8, y + 15, name_of("persona", persona), anchor="end"))
    for fraud, left in ((False, NAMES), (True, NAMES + 24 * CELL + GAP)):
        parts += [svg.label(left, 20, say("hours_frauds" if fraud else "hours_ordinary"), kind="strong")]
        parts += [svg.label(left + h * CELL, TOP - 8, f"{h:02}", kind="small muted") for h in (0, 6, 12, 18)]
        for n, persona in enumerate(personas):
            parts += _row(left, TOP + n * svg.ROW, _counts(facts.hours, persona, fraud), fraud)
    parts += _scale(NAMES, height - 14)
    return svg.picture("hours", say("hours"), height, *parts, note=say("hours_note"))


def _personas(found: pl.DataFrame) -> list[str]:
    sizes = found.group_by("persona").agg(pl.col("events").sum()).sort("events", "persona", descending=[True, False])
    return [persona for persona in sizes["persona"].to_list() if persona][:ROWS_MAX]


def _counts(found: pl.DataFrame, persona: str, fraud: bool) -> dict[int, int]:
    rows = found.filter((pl.col("persona") == persona) & (pl.col("fraud") == fraud))
    return dict(zip(rows["hour"].to_list(), rows["events"].to_list(), strict=True))


def _row(left: float, y: float, counts: Mapping[int, int], fraud: bool) -> Iterator[Html]:
    total = sum(counts.values())
    for hour in range(24):
        part = counts.get(hour, 0) / total if total else 0.0
        # Twice the even share of an hour is the darkest but one; colour grows in steps that can be told apart.
        shade = min(round(part * 24 * 2), SHADES) if part else 0
        told = Word(
            f"{hour}시: {part:.1%} ({counts.get(hour, 0):,}건)", f"{hour}:00: {part:.1%} ({counts.get(hour, 0):,})"
        )
        yield svg.box(left + hour * CELL, y, CELL - 1, svg.ROW - 2, f"{'hot' if fraud else 'cool'} s{shade}", told)


def _scale(left: float, y: float) -> Iterator[Html]:
    yield svg.label(left, y + 10, say("share_of_day"), kind="small muted")
    for shade in range(SHADES + 1):
        x = left + 190 + shade * 48
        yield svg.box(x, y, 12, 12, f"cool s{shade}")
        yield svg.label(x + 15, y + 10, f"{shade / 48:.0%}{'+' if shade == SHADES else ''}", kind="small muted")
