"""Where stolen money goes, and how large amounts are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from haechi.town.report import svg
from haechi.town.report.facts import AMOUNT_STEPS_PER_DECADE, MONEY, Facts
from haechi.town.report.markup import Html
from haechi.town.report.words import about_won, name_of, say, short_won

COLUMNS = ("typology", "way", "target")
PLACES = (222.0, 396.0, 522.0)
THICK, TALL, SPACE, TOP, NAME_TALL = 10.0, 340.0, 8.0, 34.0, 17.0
PANEL, PANEL_GAP, PANEL_TOP, PANEL_BOTTOM = 220.0, 30.0, 40.0, 150.0


def flows(facts: Facts) -> Html:
    """Scheme, way, destination: the width of a band is the money in it."""
    found = facts.flows.filter(pl.col("won") > 0)
    total = int(found["won"].sum())
    if not total:
        return svg.picture("flows", say("flows"), 40, svg.label(0, 24, say("nothing"), kind="muted"))
    nodes = [_stack(found, column, total) for column in COLUMNS]
    parts = [svg.label(x + THICK / 2, 16, say(f"column_{c}"), anchor="middle", kind="strong")
             for x, c in zip(PLACES, COLUMNS, strict=True)]  # fmt: skip
    for side in (0, 1):
        parts += _bands(found, side, nodes, total)
    for side, column in enumerate(COLUMNS):
        for name, (y, tall) in nodes[side].items():
            won = int(found.filter(pl.col(column) == name)["won"].sum())
            parts += [svg.box(PLACES[side], y, THICK, tall, "node"), _node_label(side, column, name, y + tall / 2, won)]
    height = max(y + tall for stack in nodes for y, tall in stack.values()) + 14
    return svg.picture("flows", say("flows"), height, *parts, note=say("flows_note"))


def _stack(found: pl.DataFrame, column: str, total: int) -> dict[str, tuple[float, float]]:
    """Where each node of a column stands: its top and its height, the largest first."""
    sums = found.group_by(column).agg(pl.col("won").sum()).sort("won", column, descending=[True, False])
    y, places = TOP, {}
    for name, won in sums.iter_rows():
        places[str(name)] = (y, max(TALL * won / total, 1.0))
        # Names of thin nodes must not run into each other.
        y += max(places[str(name)][1] + SPACE, NAME_TALL)
    return places


def _bands(
    found: pl.DataFrame, side: int, nodes: Sequence[Mapping[str, tuple[float, float]]], total: int
) -> Iterator[Html]:  # fmt: skip
    left, right = COLUMNS[side], COLUMNS[side + 1]
    used: dict[tuple[int, str], float] = {}
    order = {name: n for n, name in enumerate([*nodes[side], *nodes[side + 1]])}
    sums = found.group_by(left, right).agg(pl.col("won").sum()).rows()
    for a, b, won in sorted(sums, key=lambda row: (order[row[0]], order[row[1]])):
        tall = TALL * won / total
        y1 = nodes[side][a][0] + used.get((0, a), 0.0)
        y2 = nodes[side + 1][b][0] + used.get((1, b), 0.0)
        used[(0, a)], used[(1, b)] = used.get((0, a), 0.0) + tall, used.get((1, b), 0.0) + tall
        x1, x2 = PLACES[side] + THICK, PLACES[side + 1]
        middle = (x1 + x2) / 2
        d = (f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}v{tall:.1f}"
             f"C{middle:.1f} {y2 + tall:.1f} {middle:.1f} {y1 + tall:.1f} {x1:.1f} {y1 + tall:.1f}Z")  # fmt: skip
        told = name_of(left, a) + " → " + name_of(right, b) + ": " + about_won(won)
        yield svg.path(d, "band", told)


def _node_label(side: int, column: str, name: str, y: float, won: int) -> Html:
    text = name_of(column, name) + " " + about_won(won)
    if side == 0:
        return svg.label(PLACES[0] - 8, y + 4, text, anchor="end", kind="small")
    return svg.label(PLACES[side] + THICK + 8, y + 4, text, kind="small halo")


def amounts(facts: Facts) -> Html:
    """Three small pictures: how large payments, transfers and withdrawals are, frauds against ordinary ones."""
    parts = svg.legend(0, 14, [(svg.ORDINARY, say("ordinary")), (svg.FRAUD, say("fraud"))])
    for n, kind in enumerate(MONEY):
        parts += _panel(n * (PANEL + PANEL_GAP), kind, facts.amounts.filter(pl.col("kind") == kind))
    return svg.picture("amounts", say("amounts"), PANEL_BOTTOM + 44, *parts, note=say("amounts_note"))


def _panel(left: float, kind: str, found: pl.DataFrame) -> Iterator[Html]:
    low, high = 2 * AMOUNT_STEPS_PER_DECADE, 9 * AMOUNT_STEPS_PER_DECADE
    wide = PANEL / (high - low)
    shares = {fraud: _shares(found, fraud) for fraud in (False, True)}
    most = max((part for one in shares.values() for part in one.values()), default=1.0)
    yield svg.label(left, PANEL_TOP + 4, name_of("kind", kind), kind="strong")
    for fraud, kind_of in ((False, svg.ORDINARY), (True, svg.FRAUD)):
        for step, part in shares[fraud].items():
            x, tall = left + (min(max(step, low), high - 1) - low) * wide, 92 * part / most
            # Both stand on the same line; frauds are narrow and in front, so that neither hides the other.
            inset = wide * 0.28 if fraud else 0.5
            yield svg.box(x + inset, PANEL_BOTTOM - tall, wide - 2 * inset, tall, kind_of, f"{part:.1%}")
    yield svg.line(left, PANEL_BOTTOM, left + PANEL, PANEL_BOTTOM, "axis")
    for decade in (3, 5, 7):
        x = left + (decade * AMOUNT_STEPS_PER_DECADE - low) * wide
        yield svg.line(x, PANEL_BOTTOM, x, PANEL_BOTTOM + 4, "axis")
        yield svg.label(x, PANEL_BOTTOM + 18, short_won(10.0**decade), anchor="middle", kind="small muted")


def _shares(found: pl.DataFrame, fraud: bool) -> dict[int, float]:
    own = found.filter(pl.col("fraud") == fraud)
    total = own["events"].sum() or 1
    return {step: events / total for step, events in zip(own["step"], own["events"], strict=True)}
