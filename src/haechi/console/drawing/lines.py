"""Lines and areas: figures over time, precision against recall, predicted against observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from haechi.console.drawing.plot import Axis, Plot
from haechi.console.drawing.svg import SERIES_MAX, el, line, path, place, text

APART = 0.05  # of the axis, so that names of ticks do not touch
RARE = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)

__all__ = ["Mark", "Series", "calibration", "lines", "precision_recall"]


@dataclass(frozen=True)
class Series:
    """One line: its name and its points, x rising; a gap is a point whose y is None."""

    name: str
    points: Sequence[tuple[float, float | None]]


@dataclass(frozen=True)
class Mark:
    """A line across the plot at one value, with its meaning."""

    value: float
    name: str


def lines(
    series: Sequence[Series], *, label: str, x: Axis, y: Axis, area: bool = False, marks: Sequence[Mark] = (),
    at: Mark | None = None, width: float = 640, height: float = 220,
) -> Markup:  # fmt: skip
    """Up to five lines; they differ by dash as well as by colour. `marks` cross at y values, `at` at an x value."""
    if len(series) > SERIES_MAX:
        raise ValueError(f"a drawing tells {SERIES_MAX} lines apart, not {len(series)}")
    plot = Plot(x, y, width, height)
    for number, one in enumerate(series, 1):
        for run in _runs(one.points):
            points = [(plot.across(a), plot.up(b)) for a, b in run]
            if area and len(points) > 1:
                floor = plot.up(plot.y.low)
                ends = [(points[-1][0], floor), (points[0][0], floor)]
                plot.add(path(place([*points, *ends]) + "Z", f"area c{number}"))
            plot.add(path(place(points) if len(points) > 1 else _dot(*points[0]), f"curve c{number}"))
    _marks(plot, marks, at)
    return plot.drawn(label, [(f"curve c{number}", one.name) for number, one in enumerate(series, 1)])


def precision_recall(
    curve: Sequence[tuple[float, float]], *, label: str, recall: str, precision: str,
    chosen: tuple[float, float, str] | None = None, others: Sequence[Series] = (), name: str = "",
    width: float = 360, height: float = 300,
) -> Markup:  # fmt: skip
    """Precision against recall, from 0 to 1; `chosen` is the point in use (recall, precision, words)."""
    plot = Plot(_unit(recall), _unit(precision), width, height)
    shown = [Series(name, list(curve)), *others]
    for number, one in enumerate(shown[:SERIES_MAX], 1):
        for run in _runs(one.points):
            plot.add(path(place([(plot.across(a), plot.up(b)) for a, b in run]), f"curve c{number}"))
    if chosen is not None:
        plot.add(el("circle", cx=plot.across(chosen[0]), cy=plot.up(chosen[1]), r=6.0, class_="ring"))
        left = plot.across(chosen[0]) > width / 2
        x = plot.across(chosen[0]) + (-10 if left else 10)
        plot.add(text(x, plot.up(chosen[1]) - 8, chosen[2], anchor="end" if left else "start", kind="small strong"))
    meanings = [(f"curve c{number}", one.name) for number, one in enumerate(shown, 1) if one.name]
    return plot.drawn(label, meanings)


def calibration(
    bins: Sequence[tuple[float, float, int]], *, label: str, predicted: str, observed: str, perfect: str,
    width: float = 360, height: float = 300,
) -> Markup:  # fmt: skip
    """Observed share against predicted probability; a bin is (predicted, observed, events), larger with more events.

    Both axes grow with the square root, for frauds are rare: on even axes nearly all bins would share one corner.
    """
    top = max((max(one[0], one[1]) for one in bins), default=1.0) or 1.0
    marks = [(value**0.5, _percent(value)) for value in RARE if value <= top * 1.7]
    end = max(marks[-1][0], top**0.5)
    marks = [mark for n, mark in enumerate(marks) if n == 0 or mark[0] - marks[n - 1][0] > APART * end]
    plot = Plot(Axis(predicted, 0, end, marks), Axis(observed, 0, end, marks), width, height)
    plot.add(line(plot.across(0), plot.up(0), plot.across(end), plot.up(end), "curve c2"))
    most = max((one[2] for one in bins), default=1)
    for expected, seen, count in bins:
        radius = 3 + 6 * (count / most) ** 0.5
        told = f"{_percent(expected)} / {_percent(seen)} ({count:,})"
        at = {"cx": plot.across(expected**0.5), "cy": plot.up(seen**0.5)}
        plot.add(el("circle", el("title", told), **at, r=radius, class_="dot c1"))
    return plot.drawn(label, [("curve c2", perfect)])


def _marks(plot: Plot, marks: Sequence[Mark], at: Mark | None) -> None:
    for mark in marks:
        plot.add(line(plot.across(plot.x.low), plot.up(mark.value), plot.across(plot.x.high), plot.up(mark.value),
                      "threshold"))  # fmt: skip
        plot.add(text(plot.across(plot.x.high), plot.up(mark.value) - 4, mark.name, anchor="end", kind="small strong"))
    if at is not None:
        plot.add(line(plot.across(at.value), plot.up(plot.y.low), plot.across(at.value), plot.up(plot.y.high),
                      "threshold"))  # fmt: skip
        end = plot.x.at(at.value) > 0.7
        plot.add(text(plot.across(at.value) + (-5 if end else 5), plot.up(plot.y.high) + 10, at.name,
                      anchor="end" if end else "start", kind="small strong"))  # fmt: skip


def _runs(points: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """The stretches between gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if y is None:
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run for run in runs if run]


def _dot(x: float, y: float) -> str:
    return f"M{x:.1f} {y:.1f}h0.1"


def _unit(title: str) -> Axis:
    return Axis(title, 0, 1, [(n / 4, f"{n / 4:.0%}") for n in range(5)])


def _percent(value: float) -> str:
    return f"{100 * value:.2g}%" if value < 0.1 else f"{value:.0%}"
