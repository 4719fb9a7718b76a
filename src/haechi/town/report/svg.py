"""Drawing by hand: the few shapes that every picture of the report is made of, coloured by class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, floor, log10

from haechi.town.report.markup import Html, Word, el
from haechi.town.report.words import month

WIDTH = 720
ROW = 22
MONTH_WIDE = 30
ORDINARY, FRAUD = "ordinary", "fraud"


def picture(name: str, caption: Word, height: float, *parts: Html, note: Word | None = None) -> Html:
    """A figure with its caption, which is also the drawing's accessible name."""
    drawing = el("svg", *parts, viewBox=f"0 0 {WIDTH} {height:.0f}", role="img", aria_labelledby=f"{name}-caption")
    below = el("p", note, class_="note") if note else None
    return el("figure", el("figcaption", caption, id=f"{name}-caption"), el("div", drawing, class_="sheet"), below)


def label(x: float, y: float, text: Word | str, *, anchor: str = "start", kind: str = "") -> Html:
    """A line of text; `kind` is a class: muted, strong, small."""
    return el("text", text, x=float(x), y=float(y), text_anchor=anchor if anchor != "start" else None,
              class_=kind or None)  # fmt: skip


def box(
    x: float, y: float, width: float, height: float, kind: str, told: Word | str | None = None, **more: object
) -> Html:
    """A filled rectangle; `told` is what it says when it is pointed at."""
    return el("rect", _title(told), x=float(x), y=float(y), width=float(max(width, 0)), height=float(max(height, 0)),
              class_=kind, **more)  # fmt: skip


def dot(x: float, y: float, radius: float, kind: str, told: Word | str | None = None) -> Html:
    """A filled circle."""
    return el("circle", _title(told), cx=float(x), cy=float(y), r=float(radius), class_=kind)


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> Html:
    """A straight line."""
    return el("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=kind)


def path(d: str, kind: str, told: Word | str | None = None) -> Html:
    """A shape of its own."""
    return el("path", _title(told), d=d, class_=kind)


def steps(values: Sequence[tuple[float, float]]) -> str:
    """A path through points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in values)


def legend(x: float, y: float, entries: Sequence[tuple[str, Word]], gap: float = 150) -> list[Html]:
    """What the fillings mean, in words."""
    found = []
    for n, (kind, text) in enumerate(entries):
        found += [box(x + n * gap, y - 10, 12, 12, kind, rx=2), label(x + n * gap + 18, y, text, kind="muted")]
    return found


def months(first: date, last: date, left: float, right: float, y: float) -> list[Html]:
    """The names of the months along an axis of days; one with too little room is left out."""
    span, when, places = max((last - first).days, 1), first, []
    while when <= last:
        places.append((left + (right - left) * (when - first).days / span, when))
        when = (when.replace(day=1) + timedelta(days=32)).replace(day=1)
    following = [x for x, _ in places[1:]] + [right + MONTH_WIDE]
    return [label(x, y, month(at), kind="muted") for (x, at), after in zip(places, following, strict=True)
            if after - x >= MONTH_WIDE]  # fmt: skip


def ticks(highest: float, wanted: int = 4) -> list[float]:
    """Round numbers from zero up to about the highest."""
    if highest <= 0:
        return [0.0]
    rough = highest / wanted
    size = 10.0 ** floor(log10(rough))
    step = next(m * size for m in (1, 2, 5, 10) if m * size >= rough)
    return [n * step for n in range(ceil(highest / step) + 1)]


def count(value: float) -> str:
    """A count on an axis."""
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value / 1e3:g}k" if value >= 1e4 else f"{value:,.0f}"


def _title(told: Word | str | None) -> Html | None:
    if told is None:
        return None
    return el("title", told if isinstance(told, str) else f"{told.ko} / {told.en}" if told.ko != told.en else told.en)
