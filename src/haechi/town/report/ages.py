"""Who lives here and who is robbed: the pyramid of ages, and victims by age and scheme."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import polars as pl

from haechi.town.report import svg
from haechi.town.report.facts import AGE_LAST, AGE_STEP, Facts
from haechi.town.report.markup import Html, Word
from haechi.town.report.words import name_of, say, share

MALE = ("m", "male", "남")
BANDS = (0, 20, 30, 40, 50, 60, 70, 80)
TYPOLOGIES_MAX = 16


def pyramid(facts: Facts) -> Html:
    """Men to the left, women to the right, five years a step."""
    found = facts.pyramid.with_columns(man=pl.col("sex").is_in(MALE)).group_by("age", "man").agg(pl.col("people").sum())
    sizes = {(age, man): n for age, man, n in found.iter_rows()}
    widest, total = max(sizes.values(), default=1), facts.customers
    middle, half, step = svg.WIDTH / 2, 280.0, 16
    ages = list(range(0, AGE_LAST + 1, AGE_STEP))
    parts = [
        svg.label(middle - 30, 16, say("men"), anchor="end", kind="strong"),
        svg.label(middle + 30, 16, say("women"), kind="strong"),
    ]
    for n, age in enumerate(reversed(ages)):
        y = 28 + n * step
        parts.append(svg.label(middle, y + 12, f"{age}-{age + AGE_STEP - 1}" if age < AGE_LAST else f"{age}+",
                               anchor="middle", kind="small muted"))  # fmt: skip
        for man in (True, False):
            people = sizes.get((age, man), 0)
            wide = half * people / widest
            x = middle - 26 - wide if man else middle + 26
            parts.append(svg.box(x, y, wide, step - 3, "ordinary" if man else "second", f"{age}+: {people:,}"))
            parts.append(svg.label(x - 6 if man else x + wide + 6, y + 11, share(people / total), kind="small muted",
                                   anchor="end" if man else "start"))  # fmt: skip
    return svg.picture("pyramid", say("pyramid"), 28 + len(ages) * step + 8, *parts)


def victims(facts: Facts) -> Html:
    """A dot for every scheme and age, its area the number of campaigns; the number stands beside it."""
    hit = facts.campaigns.filter(pl.col("is_fraud") & pl.col("age").is_not_null())
    if hit.is_empty():
        return svg.picture("victims", say("victims"), 40, svg.label(0, 24, say("nothing"), kind="muted"))
    order = hit.group_by("typology").len().sort("len", "typology", descending=[True, False])
    rows = order["typology"].to_list()[:TYPOLOGIES_MAX]
    counts = {(t, b): _in_band(hit, t, b) for t in rows for b in range(len(BANDS))}
    most, left = max(counts.values()) or 1, 216
    wide = (svg.WIDTH - left - 20) / len(BANDS)
    parts = [*_bands(left, wide)]
    for n, typology in enumerate(rows):
        y = 40 + n * 34
        parts += [
            svg.line(left, y, svg.WIDTH, y),
            svg.label(left - 12, y + 4, name_of("typology", typology), anchor="end"),
        ]
        for band in range(len(BANDS)):
            number = counts[(typology, band)]
            if number:
                radius = max(14 * (number / most) ** 0.5, 1.5)
                x = left + wide * (band + 0.4)
                parts += [
                    svg.dot(x, y, radius, svg.FRAUD),
                    svg.label(x + radius + 4, y + 4, f"{number:,}", kind="small"),
                ]
    return svg.picture("victims", say("victims"), 40 + len(rows) * 34, *parts, note=say("victims_note"))


def _bands(left: float, wide: float) -> Iterator[Html]:
    for band, (first, after) in enumerate(pairwise([*BANDS, 0])):
        text = f"{first}-{after - 1}" if after else f"{first}+"
        told = Word(f"{after - 1}세까지", f"to {after - 1}") if band == 0 else Word(text, text)
        yield svg.label(left + wide * (band + 0.4), 16, told, anchor="middle", kind="muted")


def _in_band(hit: pl.DataFrame, typology: str, band: int) -> int:
    after = BANDS[band + 1] if band + 1 < len(BANDS) else 999
    inside = pl.col("age").is_between(BANDS[band], after, closed="left")
    return hit.filter((pl.col("typology") == typology) & inside).height
