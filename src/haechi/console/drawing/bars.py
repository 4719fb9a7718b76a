"""Bars: upright for counts in a row, lying for named figures with thresholds, and a funnel of what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from haechi.console.drawing.lines import Mark
from haechi.console.drawing.plot import Axis, Plot
from haechi.console.drawing.svg import box, drawing, el, hatch, legend, line, short, text, text_width

__all__ = ["Bar", "Stack", "bars", "funnel", "lying_bars"]

ROW = 22.0
NAME_CHARS_MAX = 34
COUNT_MIN = 4  # an axis of counts is at least so high: there is no half of an event


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its value, and the value in words where a number alone would not do; `href` makes a link."""

    name: str
    value: float
    said: str = ""
    kind: str = "c1"
    href: str = ""


@dataclass(frozen=True)
class Stack:
    """One kind of part in upright bars: what it is called and its value in each bar."""

    name: str
    values: Sequence[float]
    kind: str = ""


def bars(
    names: Sequence[str], stacks: Sequence[Stack], *, label: str, y: str, x: str = "", width: float = 640,
    height: float = 220,
) -> Markup:  # fmt: skip
    """Upright bars, one for each name, of parts that lie upon each other; parts differ by hatching too."""
    sums = [sum(stack.values[n] for stack in stacks) for n in range(len(names))]
    step = max(1, -(-len(names) // max(1, int((width - 70) // (10 + max(map(text_width, names), default=20))))))
    marks = [(n + 0.5, name) for n, name in enumerate(names) if n % step == 0]
    plot = Plot(
        Axis(x, 0, max(len(names), 1), marks or [(0.5, "")]), Axis(y, 0, max([*sums, COUNT_MIN])), width, height
    )
    gap = 0.14
    below = [0.0] * len(names)
    for number, stack in enumerate(stacks, 1):
        for n, value in enumerate(stack.values):
            if value > 0:
                top, bottom = plot.up(below[n] + value), plot.up(below[n])
                left, right = plot.across(n + gap), plot.across(n + 1 - gap)
                kind = stack.kind or f"c{number}"
                told = f"{names[n]} · {stack.name}: {short(value)}"
                plot.add(box(left, top, right - left, bottom - top, f"column {kind}", told))
                plot.add(*filter(None, [hatch(kind, left, top, right - left, bottom - top)]))
            below[n] += value
    several = [(f"column {s.kind or f'c{number}'}", s.name) for number, s in enumerate(stacks, 1) if s.name]
    return plot.drawn(label, several if len(stacks) > 1 else ())


def lying_bars(
    rows: Sequence[Bar], *, label: str, title: str = "", thresholds: Sequence[Mark] = (), width: float = 640,
    high: float = 0.0,
) -> Markup:  # fmt: skip
    """Lying bars with their names, and lines at thresholds; a bar beyond one carries as many marks as it crossed."""
    names = min(max((text_width(row.name) for row in rows), default=0) + 16, width * 0.45)
    told = max((text_width(row.said or short(row.value)) for row in rows), default=0) + 30
    top = 26.0 if thresholds else 4.0
    floor = 22 if title or thresholds else 4
    height = top + ROW * len(rows) + floor
    most = max([row.value for row in rows] + [mark.value for mark in thresholds] + [high, 0.0]) or 1.0
    scale = (width - names - told) / most
    parts = [_row(row, names, top + ROW * n, scale, thresholds) for n, row in enumerate(rows)]
    for mark in thresholds:
        x = names + mark.value * scale
        parts += [line(x, top - 6, x, height - floor + 2, "threshold"),
                  text(x, top - 10, mark.name, anchor="middle", kind="small strong")]  # fmt: skip
    parts.append(line(names, top - 2, names, height - floor, "axis"))
    parts.append(text(names, height - 6, title, kind="muted small"))
    return drawing(label, width, height, *parts)


def _row(row: Bar, left: float, y: float, scale: float, thresholds: Sequence[Mark]) -> Markup:
    crossed = sum(row.value >= mark.value for mark in thresholds)
    said = (row.said or short(row.value)) + (" " + "▲" * crossed if crossed else "")
    name = row.name if len(row.name) <= NAME_CHARS_MAX else row.name[: NAME_CHARS_MAX - 1] + "…"
    kind = ("c1", "warn", "bad")[min(crossed, 2)] if thresholds else row.kind
    parts = [
        text(left - 8, y + 14, name, anchor="end", kind="small"),
        box(left, y + 3, max(row.value * scale, 0), ROW - 6, f"column {kind}", f"{row.name}: {said}"),
        text(left + max(row.value * scale, 0) + 6, y + 14, said, kind="small strong"),
    ]
    return el("a", *parts, href=row.href) if row.href else el("g", *parts)


def funnel(stages: Sequence[Bar], *, label: str, of_all: str, width: float = 640) -> Markup:
    """What is left after each stage, centred, with the share of the first stage; `of_all` is like "of all"."""
    first = stages[0].value if stages and stages[0].value > 0 else 1.0
    names = max((text_width(s.name) for s in stages), default=0) + 20
    room, middle = width - names - 150, names + (width - names - 150) / 2
    parts = []
    for n, stage in enumerate(stages):
        y, wide = 8 + n * 34.0, max(room * min(stage.value / first, 1.0), 2.0)
        told = stage.said or short(stage.value)
        parts += [
            text(names - 10, y + 19, stage.name, anchor="end"),
            box(middle - wide / 2, y, wide, 28, f"column {stage.kind}", f"{stage.name}: {told}"),
            text(width - 140, y + 19, f"{told} · {stage.value / first:.0%} {of_all}", kind="small strong"),
        ]
    return drawing(label, width, 12 + 34.0 * len(stages), *parts)


def scale_of(kinds: Sequence[tuple[str, str]], width: float = 640) -> Markup:
    """A legend alone, for several drawings that share it."""
    return drawing(", ".join(said for _, said in kinds), width, 22, *legend(4, 15, kinds))
