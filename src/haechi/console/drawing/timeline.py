"""What somebody did: amounts over days or over the hours of the week, one event ringed; and one figure's small past."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log10

import numpy as np
from markupsafe import Markup

from haechi.console.drawing.plot import Axis, Plot, moments
from haechi.console.drawing.svg import box, drawing, el, line, path, short, sign, text

__all__ = ["Moment", "by_day", "by_hour_of_week", "history_strip"]

HOURS = 168
LINKED_MAX = 60


@dataclass(frozen=True)
class Moment:
    """One event: when (in the zone that is shown), how much in main units, and how it ended.

    kind: plain, stopped or fraud: dot, diamond, cross. A `href` on a stopped or fraudulent one makes it a link.
    """

    when: datetime
    amount: float
    kind: str = "plain"
    said: str = ""
    href: str = ""


def by_hour_of_week(
    moments_: Sequence[Moment], weekdays: Sequence[str], *, label: str, amount: str, hour: str, kinds: Sequence[str],
    ringed: Moment | None = None, width: float = 640, height: float = 240, said: Callable[[float], str] = short,
) -> Markup:  # fmt: skip
    """Amount (logarithmic) against the hour of the week; `kinds` names plain, stopped, fraud and this one."""
    marks = [(24 * n + 12.0, day) for n, day in enumerate(weekdays)]
    plot = Plot(Axis(hour, 0, HOURS, marks), _amounts(amount, moments_, ringed, said), width, height)
    plot.add(*[line(plot.across(24 * n), plot.up(plot.y.low), plot.across(24 * n), plot.up(plot.y.high))
               for n in range(1, 7)])  # fmt: skip
    where = [(hour_of_week(m.when), m) for m in moments_]
    return _dots(plot, where, None if ringed is None else (hour_of_week(ringed.when), ringed), label, kinds)


def by_day(
    moments_: Sequence[Moment], *, label: str, amount: str, day: str, kinds: Sequence[str],
    ringed: Moment | None = None, width: float = 640, height: float = 240, said: Callable[[float], str] = short,
) -> Markup:  # fmt: skip
    """Amount (logarithmic) against the date; `kinds` names plain, stopped, fraud and this one."""
    every = [*moments_, *([ringed] if ringed else [])]
    if not every:
        raise ValueError("a timeline needs at least one event")
    first, last = min(m.when for m in every), max(m.when for m in every)
    plot = Plot(moments(day, first, last), _amounts(amount, moments_, ringed, said), width, height)
    where = [(m.when.timestamp(), m) for m in moments_]
    return _dots(plot, where, None if ringed is None else (ringed.when.timestamp(), ringed), label, kinds)


def hour_of_week(when: datetime) -> float:
    """Hours since Monday 00:00."""
    return when.weekday() * 24 + when.hour + when.minute / 60


def _amounts(title: str, moments_: Sequence[Moment], ringed: Moment | None, said: Callable[[float], str]) -> Axis:
    """A logarithmic axis over whole decades; what has no amount stands at its foot."""
    found = [m.amount for m in [*moments_, *([ringed] if ringed else [])] if m.amount > 0] or [1.0, 10.0]
    low, high = int(log10(min(found)) // 1), int(-(-log10(max(found) * 1.0001) // 1))
    step = -(-max(high - low, 1) // 5)
    marks = [(float(n), said(10.0**n)) for n in range(low, max(high, low + 1) + 1, step)]
    return Axis(title, low, max(high, low + 1), marks)


def _dots(
    plot: Plot, where: Sequence[tuple[float, Moment]], ringed: tuple[float, Moment] | None, label: str,
    kinds: Sequence[str],
) -> Markup:  # fmt: skip
    """Plain events are one path, however many: those on one pixel are one dot. The others are marks of their own."""
    plot.add(path("".join(f"M{x} {y}h0" for x, y in _pixels(plot, where)), "dots plain"))
    told = [(x, m) for x, m in where if m.kind != "plain"]
    for x, one in told[-LINKED_MAX:]:
        plot.add(_told(*_place(plot, x, one), one))
    many = sorted({(*_place(plot, x, m), m.kind) for x, m in told[:-LINKED_MAX]})
    plot.add(*[sign(kind, x, y) for x, y, kind in many])
    if ringed is not None:
        x, y = _place(plot, *ringed)
        plot.add(el("circle", el("title", ringed[1].said), cx=float(x), cy=float(y), r=4.0, class_="dot this"))
        plot.add(el("circle", cx=float(x), cy=float(y), r=9.0, class_="ring"))
    shown = zip(("dot plain", "sign stopped", "sign fraud", "dot this"), kinds, strict=True)
    return plot.drawn(label, list(shown), kind="timeline")


def _pixels(plot: Plot, where: Sequence[tuple[float, Moment]]) -> list[list[int]]:
    """The pixels of plain events, each once, from left to right."""
    found = np.array([(x, m.amount) for x, m in where if m.kind == "plain"]).reshape(-1, 2)
    height = np.where(found[:, 1] > 0, np.log10(np.maximum(found[:, 1], 1e-9)), plot.y.low)
    ends = [(axis.low, (axis.high - axis.low) or 1.0) for axis in (plot.x, plot.y)]
    share = [np.clip((v - low) / reach, 0, 1) for v, (low, reach) in zip((found[:, 0], height), ends, strict=True)]
    left, floor = plot.across(plot.x.low), plot.up(plot.y.low)
    x = left + share[0] * (plot.across(plot.x.high) - left)
    y = floor + share[1] * (plot.up(plot.y.high) - floor)
    pixels: list[list[int]] = np.unique(np.rint(np.stack([x, y], axis=1)).astype(np.int64), axis=0).tolist()
    return pixels


def _place(plot: Plot, x: float, one: Moment) -> tuple[int, int]:
    return round(plot.across(x)), round(plot.up(log10(one.amount) if one.amount > 0 else plot.y.low))


def _told(x: int, y: int, one: Moment) -> Markup:
    mark = sign(one.kind, x, y, one.said)
    return el("a", mark, href=one.href, tabindex="-1", aria_label=one.said) if one.href else mark


def history_strip(
    values: Sequence[float], now: float | None, *, label: str, usual: tuple[float, float] | None = None,
    width: float = 140, height: float = 24,
) -> Markup:  # fmt: skip
    """One figure's past as thin lines, oldest left, its usual range as a band, and what it is now at the right end."""
    every = [*values, *(usual or ()), *([now] if now is not None else [])]
    low, high = min(every, default=0.0), max(every, default=1.0)
    reach = (high - low) or 1.0

    def up(value: float) -> float:
        return height - 4 - (value - low) / reach * (height - 8)

    parts = []
    if usual is not None:
        parts.append(box(0, up(usual[1]), width - 14, max(up(usual[0]) - up(usual[1]), 1.5), "band"))
    step = (width - 18) / max(len(values), 1)
    if values:
        points = [(2 + n * step, up(value)) for n, value in enumerate(values)]
        parts.append(path("".join(f"M{x:.1f} {y:.1f}V{height - 2:.0f}" for x, y in points), "past"))
    if now is not None:
        parts.append(el("circle", cx=width - 6, cy=up(now), r=4.0, class_="dot this"))
    return drawing(label, width, height, *parts, kind="small-drawing")


def empty(said: str, width: float = 640, height: float = 120) -> Markup:
    """Where a drawing would stand, in words: nothing is known yet, and the page does not jump when it is."""
    return drawing(said, width, height, text(width / 2, height / 2, said, anchor="middle", kind="muted"))
