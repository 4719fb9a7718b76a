"""Markup for drawings: elements with escaped texts and attributes, round ticks, legends; no style attribute, ever.

Colours, strokes and fonts come by class from static/drawing.css, so the same drawing serves both themes under a policy
that allows no inline style. Every drawing is one sentence to who cannot see it (`role="img"`), or real links with a
table beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10

from markupsafe import Markup, escape

__all__ = [
    "box",
    "drawing",
    "el",
    "hatch",
    "legend",
    "line",
    "path",
    "place",
    "short",
    "sign",
    "text",
    "text_width",
    "ticks",
]

SERIES_MAX = 5


def el(tag: str, /, *children: Markup | str | None, **attributes: object) -> Markup:
    """An element; `class_` becomes class, `text_anchor` text-anchor; None and False leave an attribute out."""
    if "style" in attributes:
        raise ValueError("drawings are styled by class: the pages allow no inline style")
    told = "".join(_attribute(name, value) for name, value in attributes.items() if value not in (None, False))
    inside = "".join(str(escape(child)) for child in children if child is not None)
    return Markup(f"<{tag}{told}>{inside}</{tag}>" if inside or tag == "svg" else f"<{tag}{told}/>")  # noqa: S704


def drawing(label: str, width: float, height: float, *parts: Markup | None, kind: str = "") -> Markup:
    """A whole drawing, told in one sentence to who cannot see it; its size is known before it is shown."""
    return el(
        "svg", *parts, class_=f"drawing {kind}".strip(), role="img", aria_label=label, width=float(width),
        height=float(height), viewBox=f"0 0 {_number(width)} {_number(height)}",
    )  # fmt: skip


def text(x: float, y: float, said: str, *, anchor: str = "start", kind: str = "") -> Markup:
    """A line of text; `kind` is a class: muted, strong, small."""
    return el("text", said, x=float(x), y=float(y), text_anchor=None if anchor == "start" else anchor,
              class_=kind or None)  # fmt: skip


def box(x: float, y: float, width: float, height: float, kind: str, told: str | None = None, **more: object) -> Markup:
    """A filled rectangle; `told` is what it says when it is pointed at."""
    return el("rect", _title(told), x=float(x), y=float(y), width=float(max(width, 0)), height=float(max(height, 0)),
              class_=kind, **more)  # fmt: skip


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> Markup:
    """A straight line."""
    return el("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=kind)


def path(d: str, kind: str, told: str | None = None) -> Markup:
    """A shape of its own."""
    return el("path", _title(told), d=d, class_=kind)


def place(points: Iterable[tuple[float, float]]) -> str:
    """A path through points."""
    return "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in points)


def legend(x: float, y: float, entries: Sequence[tuple[str, str]]) -> list[Markup]:
    """What marks mean, in words, from left to right: pairs of a class and its meaning."""
    found = []
    for kind, said in entries:
        found += [_sample(kind, x + 9, y - 4), text(x + 24, y, said, kind="muted small")]
        x += 44 + text_width(said)
    return found


def sign(kind: str, x: float, y: float, told: str | None = None) -> Markup:
    """The mark of a special event: a cross for a fraud, a diamond for what was stopped."""
    if kind == "fraud":
        return path(f"M{_number(x - 4)} {_number(y - 4)}l8 8m0 -8l-8 8", "sign fraud", told)
    return path(f"M{_number(x)} {_number(y - 5)}l5 5l-5 5l-5 -5Z", f"sign {kind}", told)


def _sample(kind: str, x: float, y: float) -> Markup:
    """One mark as a legend shows it."""
    name = kind.rpartition(" ")[2]
    if kind.startswith("curve"):
        return line(x - 9, y, x + 9, y, kind)
    if kind.startswith("sign"):
        return sign(name, x, y)
    if kind.startswith("dot"):
        dot = el("circle", cx=float(x), cy=float(y), r=3.0, class_=kind)
        return el("g", dot, el("circle", cx=float(x), cy=float(y), r=7.0, class_="ring")) if name == "this" else dot
    return el("g", box(x - 5, y - 6, 11, 11, kind), hatch(name, x - 5, y - 6, 11, 11))


def hatch(kind: str, x: float, y: float, width: float, height: float) -> Markup | None:
    """Lines over a filled box, by its class, so that neighbours differ without colour; the first kind has none."""
    gap = {"c2": 6.0, "warn": 6.0, "c3": 3.0, "bad": 3.0, "c4": 9.0, "c5": 4.5}.get(kind)
    if gap is None or height < gap:
        return None
    lines = [f"M{_number(x)} {_number(y + gap * n)}h{_number(width)}" for n in range(1, int(height / gap) + 1)]
    return el("path", d="".join(lines), class_="hatch")


def text_width(said: str, size: float = 12) -> float:
    """About how wide a text is, in pixels; Hangul letters are as wide as they are high."""
    return sum(size if ord(sign) > 0x1100 else 0.56 * size for sign in said)


def short(value: float, digits: int = 3) -> str:
    """A number on an axis, in few signs: 12,000 is 12k, and language has no say in it."""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):.{digits}g}{unit}"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.{digits}g}"


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers that cover low to high; the last is not below high."""
    if not high > low:
        return [float(low)]
    rough = (high - low) / wanted
    size = 10.0 ** floor(log10(rough))
    step = next(m * size for m in (1, 2, 2.5, 5, 10) if m * size >= rough * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]


def _attribute(key: str, value: object) -> str:
    name = key if key == "viewBox" else key.removesuffix("_").replace("_", "-")
    said = _number(value) if isinstance(value, float) else str(value)
    return f' {name}="{escape(said)}"'


def _number(value: float) -> str:
    """A coordinate: at most one decimal."""
    said = f"{value:.1f}".removesuffix(".0")
    return "0" if said == "-0" else said


def _title(told: str | None) -> Markup | None:
    return None if told is None else el("title", told)
