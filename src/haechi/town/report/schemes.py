"""Campaigns in time, and how many look-alikes there are for every fraud."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from haechi.town.report import svg
from haechi.town.report.facts import Facts
from haechi.town.report.folder import local_us
from haechi.town.report.markup import Html, Word
from haechi.town.report.words import about_won, day, name_of, say

LEFT, RIGHT = 216, svg.WIDTH - 150
BINS_MAX = 90
ROWS_MAX = 20


def timeline(facts: Facts) -> Html:
    """A row for every scheme; a dot for each span of days, its area the number of campaigns that began then."""
    days = (facts.last - facts.first).days + 1
    span = max(-(-days // BINS_MAX), 1)
    began = facts.campaigns.filter("is_fraud").with_columns(
        place=((local_us("start_us").dt.date() - facts.first).dt.total_days() // span)
    )
    rows = _order(began)
    counts = {(t, p): n for t, p, n in began.group_by("typology", "place").len().sort("typology", "place").iter_rows()}
    most = max(counts.values(), default=1)
    parts = [svg.label(RIGHT + 14, 14, say("campaigns_and_loss"), kind="small muted")]
    for n, typology in enumerate(rows):
        y = 34 + n * 30
        parts += [svg.label(LEFT - 14, y + 4, name_of("typology", typology), anchor="end"), svg.line(LEFT, y, RIGHT, y)]
        for (name, place), number in counts.items():
            if name == typology:
                x = LEFT + (RIGHT - LEFT) * (place + 0.5) * span / days
                told = day(facts.first + timedelta(days=int(place) * span)) + f": {number:,}"
                parts.append(svg.dot(x, y, max(11 * (number / most) ** 0.5, 1.6), svg.FRAUD, told))
        own = began.filter(pl.col("typology") == typology)
        lost = Word(f"{own.height:,} · ", f"{own.height:,} · ") + about_won(int(own["loss_won"].sum()))
        parts.append(svg.label(RIGHT + 14, y + 4, lost, kind="small"))
    bottom = 34 + len(rows) * 30
    parts += svg.months(facts.first, facts.last, LEFT, RIGHT, bottom + 4)
    return svg.picture("timeline", say("timeline"), bottom + 14, *parts, note=say("timeline_note"))


def _order(began: pl.DataFrame) -> list[str]:
    """Schemes in the order in which they first appear."""
    first = began.group_by("typology").agg(pl.col("start_us").min()).sort("start_us", "typology")
    return first["typology"].to_list()[:ROWS_MAX]


def look_alikes(facts: Facts) -> Html:
    """How many campaigns of each kind: frauds hatched, innocent look-alikes plain."""
    found = facts.campaigns.group_by("is_fraud", "typology").len().sort("is_fraud", "len", "typology", descending=True)
    rows = list(found.iter_rows())[: 2 * ROWS_MAX]
    most = max((n for _, _, n in rows), default=1)
    parts, y = [*svg.legend(LEFT, 14, [(svg.FRAUD, say("fraud")), (svg.ORDINARY, say("look_alike"))])], 30.0
    for fraud, typology, number in rows:
        wide = (svg.WIDTH - LEFT - 60) * number / most
        parts += [
            svg.label(LEFT - 12, y + 13, name_of("typology", typology), anchor="end"),
            svg.box(LEFT, y + 2, max(wide, 1), 14, svg.FRAUD if fraud else svg.ORDINARY),
            svg.label(LEFT + wide + 8, y + 13, f"{number:,}", kind="small"),
        ]
        y += svg.ROW
    return svg.picture("look-alikes", say("look_alikes"), y + 4, *parts)
