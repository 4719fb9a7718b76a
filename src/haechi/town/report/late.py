"""How late the bank learns of its frauds, from whom, and what it never learns."""

from __future__ import annotations

import polars as pl

from haechi.town.report import svg
from haechi.town.report.facts import DELAY_HOURS, Facts
from haechi.town.report.markup import Html, Word
from haechi.town.report.words import name_of, say, share

LEFT, TOP, STEP = 120, 44, 30
SOURCES_MAX = 6


def late(facts: Facts) -> Html:
    """Rows are delays, the last row is never; a source is a filling with its own pattern."""
    found, total = facts.labels.delays, max(facts.labels.frauds, 1)
    sums = found.group_by("source").agg(pl.col("labels").sum()).sort("labels", "source", descending=[True, False])
    sources = sums["source"].to_list()[:SOURCES_MAX]
    fillings = {source: f"p{n}" for n, source in enumerate(sources)}
    counts = {(s, d): n for s, d, n in found.select("source", "delay", "labels").iter_rows()}
    rows = [sum(counts.get((s, d), 0) for s in sources) for d in range(len(DELAY_HOURS) + 1)]
    most = max([*rows, facts.labels.never, 1])
    scale = (svg.WIDTH - LEFT - 110) / most
    parts = svg.legend(LEFT, 16, [(fillings[s], name_of("source", s)) for s in sources], 118)
    for delay, number in enumerate(rows):
        x, y = float(LEFT), TOP + delay * STEP
        for source in sources:
            wide = counts.get((source, delay), 0) * scale
            parts.append(svg.box(x, y, wide, STEP - 8, fillings[source], name_of("source", source)))
            x += wide
        parts += [svg.label(LEFT - 10, y + 15, _class(delay), anchor="end"),
                  svg.label(x + 8, y + 15, f"{number:,} ({share(number / total)})", kind="small")]  # fmt: skip
    y = TOP + len(rows) * STEP + 6
    wide = facts.labels.never * scale
    parts += [
        svg.label(LEFT - 10, y + 15, say("never"), anchor="end", kind="strong"),
        svg.box(LEFT, y, wide, STEP - 8, "never"),
        svg.label(
            LEFT + wide + 8, y + 15, f"{facts.labels.never:,} ({share(facts.labels.never / total)})", kind="small"
        ),
    ]
    note = say("late_note", wrong=facts.labels.wrong)
    return svg.picture("late", say("late"), y + STEP, *parts, note=note)


def _class(delay: int) -> Word:
    """The words for one class of delays."""
    if delay == len(DELAY_HOURS):
        hours = DELAY_HOURS[-1]
        return Word(f"{hours // 24}일 넘음", f"over {hours // 24} days")
    hours = DELAY_HOURS[delay]
    return (
        Word(f"{hours}시간 안", f"within {hours} h")
        if hours <= 24
        else Word(f"{hours // 24}일 안", f"within {hours // 24} d")
    )
