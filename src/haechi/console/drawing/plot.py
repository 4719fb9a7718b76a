"""A plot: a frame with two axes, round ticks, titles and units, into which the drawings put their marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from markupsafe import Markup

from haechi.console.drawing.svg import drawing, legend, line, short, text, ticks

__all__ = ["Axis", "Plot", "moments"]

LEFT, RIGHT, TOP, BOTTOM = 56.0, 14.0, 26.0, 40.0
HOUR = timedelta(hours=1)
STEPS = (HOUR / 12, HOUR / 4, HOUR, HOUR * 3, HOUR * 6, HOUR * 12, HOUR * 24, HOUR * 48, HOUR * 168, HOUR * 720)


@dataclass(frozen=True)
class Axis:
    """An axis: its title with the unit, its ends, and its ticks; left out, round ones between the ends."""

    title: str
    low: float
    high: float
    marks: Sequence[tuple[float, str]] = ()
    said: Callable[[float], str] = short

    def ticked(self, wanted: int = 4) -> Axis:
        """The same with its ticks; the ends become round."""
        if self.marks:
            return self
        found = ticks(self.low, self.high if self.high > self.low else self.low + 1, wanted)
        return Axis(self.title, found[0], found[-1], [(value, self.said(value)) for value in found], self.said)

    def at(self, value: float) -> float:
        """Where a value stands between the ends: 0 to 1, values outside at the ends."""
        return min(max((value - self.low) / ((self.high - self.low) or 1.0), 0.0), 1.0)


@dataclass
class Plot:
    """Frame, axes and marks of one drawing."""

    x: Axis
    y: Axis
    width: float = 640
    height: float = 220
    parts: list[Markup] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.x, self.y = self.x.ticked(6), self.y.ticked()
        self._frame()

    def across(self, value: float) -> float:
        """The place of a value on the x axis, in pixels."""
        return LEFT + self.x.at(value) * (self.width - LEFT - RIGHT)

    def up(self, value: float) -> float:
        """The place of a value on the y axis, in pixels."""
        return self.height - BOTTOM - self.y.at(value) * (self.height - TOP - BOTTOM)

    def add(self, *parts: Markup) -> None:
        """Put marks into the plot."""
        self.parts += parts

    def drawn(self, label: str, meanings: Sequence[tuple[str, str]] = (), kind: str = "") -> Markup:
        """The finished drawing; `meanings` are pairs of class and words for the legend."""
        return drawing(label, self.width, self.height, *self.parts, *legend(LEFT, 14, meanings), kind=kind)

    def _frame(self) -> None:
        right, floor = self.width - RIGHT, self.height - BOTTOM
        for value, said in self.y.marks:
            self.add(line(LEFT, self.up(value), right, self.up(value)))
            self.add(text(LEFT - 6, self.up(value) + 4, said, anchor="end", kind="muted small"))
        for value, said in self.x.marks:
            self.add(line(self.across(value), floor, self.across(value), floor + 4, "axis"))
            self.add(text(self.across(value), floor + 16, said, anchor="middle", kind="muted small"))
        self.add(line(LEFT, floor, right, floor, "axis"))
        self.add(text(right, self.height - 6, self.x.title, anchor="end", kind="muted small"))
        if self.y.title:
            self.add(text(2, TOP - 14 if self.x.title == "" else self.height - 6, self.y.title, kind="muted small"))


def moments(title: str, first: datetime, last: datetime, wanted: int = 6) -> Axis:
    """An axis of time, in seconds since 1970; ticks stand at whole hours or days of the zone of `first`."""
    step = next((s for s in STEPS if (last - first) / s <= wanted), STEPS[-1])
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    when = midnight + step * (-((midnight - first) // step))
    marks = []
    while when <= last:
        marks.append((when.timestamp(), f"{when:%m-%d}" if step >= HOUR * 24 else f"{when:%H:%M}"))
        when += step
    return Axis(title, first.timestamp(), last.timestamp(), marks or [(first.timestamp(), f"{first:%m-%d %H:%M}")])
