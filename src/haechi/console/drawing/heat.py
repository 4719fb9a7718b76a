"""When somebody is active: hour by weekday, shaded in steps that can be told apart, one hour ringed."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from haechi.console.drawing.svg import box, drawing, el, text, text_width

__all__ = ["heat_strip"]

CELL, SHADES, TOP = 15.0, 6, 8.0


def heat_strip(
    counts: Sequence[Sequence[float]], weekdays: Sequence[str], *, label: str, few: str, many: str,
    ringed: tuple[int, int] | None = None, said: str = "{weekday} {hour}: {count}",
) -> Markup:  # fmt: skip
    """Counts [7 weekdays, 24 hours], Monday first; `ringed` is (weekday, hour); `few` and `many` end the scale.

    `said` is what a cell says when it is pointed at.
    """
    left = max(map(text_width, weekdays)) + 10
    most = max((value for row in counts for value in row), default=0) or 1
    parts = []
    for day, row in enumerate(counts):
        parts.append(text(left - 6, TOP + day * CELL + 11, weekdays[day], anchor="end", kind="small"))
        for hour, value in enumerate(row):
            shown = f"{value:,.1f}" if value % 1 else f"{value:,.0f}"
            told = said.format(weekday=weekdays[day], hour=f"{hour:02}:00", count=shown)
            kind = f"heat s{_shade(value, most)}"
            parts.append(box(left + hour * CELL, TOP + day * CELL, CELL - 1, CELL - 1, kind, told))
    floor = TOP + 7 * CELL
    parts += [text(left + h * CELL, floor + 12, f"{h:02}", kind="muted small") for h in (0, 6, 12, 18)]
    if ringed is not None:
        day, hour = ringed
        parts.append(el("rect", x=left + hour * CELL - 2.5, y=TOP + day * CELL - 2.5, width=CELL + 4, height=CELL + 4,
                        rx=4, class_="ring"))  # fmt: skip
    x = left + 24 * CELL - text_width(few) - text_width(many) - (SHADES + 1) * 11 - 16
    parts.append(text(x, floor + 30, few, kind="muted small"))
    x += text_width(few) + 4
    parts += [box(x + n * 11, floor + 21, 10, 10, f"heat s{n}") for n in range(SHADES + 1)]
    parts.append(text(x + (SHADES + 1) * 11 + 4, floor + 30, many, kind="muted small"))
    return drawing(label, left + 24 * CELL + 6, floor + 37, *parts)


def _shade(value: float, most: float) -> int:
    """0 is nothing; the square root keeps rare hours visible."""
    return 0 if value <= 0 else max(1, min(SHADES, round(SHADES * (value / most) ** 0.5)))
