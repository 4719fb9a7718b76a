"""The town against the supervisor: a table, and a picture of how far each figure is off."""

from __future__ import annotations

from collections.abc import Iterator

from haechi.town.calibration import ERRORS_BEARABLE, Calibration, Figure
from haechi.town.report import svg
from haechi.town.report.markup import Html, Word, el, many
from haechi.town.report.words import about_won, say, share

LEFT, RIGHT, TOP, STEP = 300.0, svg.WIDTH - 110.0, 40.0, 30.0
WIDEST = 0.6


def deviations(calibration: Calibration) -> Html:
    """A dot for each figure, whiskers of three standard errors, the tolerance as a band."""
    figures, band = calibration.figures, calibration.tolerance
    height = TOP + len(figures) * STEP
    parts = [svg.box(_x(-band), TOP - 10, _x(band) - _x(-band), height - TOP + 4, "tolerance")]
    for mark in (-0.5, -band, 0.0, band, 0.5):
        named = f"{mark:+.0%}" if mark else "0"
        parts += [
            svg.line(_x(mark), TOP - 10, _x(mark), height - 6, "grid" if mark else "axis"),
            svg.label(_x(mark), TOP - 18, named, anchor="middle", kind="small muted"),
        ]
    for n, figure in enumerate(figures):
        parts += _row(figure, TOP + n * STEP + 8)
    return svg.picture("deviations", say("deviations"), height, *parts, note=say("deviations_note"))


def _row(figure: Figure, y: float) -> Iterator[Html]:
    yield svg.label(LEFT - 14, y + 4, Word(figure.ko, figure.en), anchor="end", kind="small")
    if figure.deviation is not None and figure.error is not None:
        wide = ERRORS_BEARABLE * figure.error / figure.wanted
        yield svg.line(_x(figure.deviation - wide), y, _x(figure.deviation + wide), y, "whisker")
        yield svg.dot(_x(figure.deviation), y, 4.5, figure.verdict, f"{figure.deviation:+.1%}")
    yield svg.label(RIGHT + 12, y + 4, _told(figure), kind="small")


def _told(figure: Figure) -> Word:
    verdict = say(f"verdict_{figure.verdict}")
    return verdict if figure.deviation is None else verdict + f" {figure.deviation:+.0%}"


def _x(deviation: float) -> float:
    held = min(max(deviation, -WIDEST), WIDEST)
    return LEFT + (RIGHT - LEFT) * (held + WIDEST) / (2 * WIDEST)


def table(calibration: Calibration) -> Html:
    """The same figures to read."""
    names = ("figure", "wanted", "found", "error", "deviation", "verdict")
    head = el("tr", *(el("th", say(f"head_{name}"), scope="col") for name in names))
    rows = many(_line(figure) for figure in calibration.figures)
    return el("div", el("table", el("thead", head), el("tbody", rows)), class_="wide")


def _line(figure: Figure) -> Html:
    deviation = "" if figure.deviation is None else f"{figure.deviation:+.1%}"
    return el(
        "tr",
        el("th", Word(figure.ko, figure.en), scope="row"),
        el("td", _value(figure, figure.wanted)),
        el("td", _value(figure, figure.found)),
        el("td", Word("", "") if figure.error is None else Word("± ", "± ") + _value(figure, figure.error)),
        el("td", deviation),
        el("td", say(f"verdict_{figure.verdict}"), class_=f"verdict {figure.verdict}"),
    )  # fmt: skip


def _value(figure: Figure, value: float | None) -> Word:
    if value is None:
        return Word("", "")
    return about_won(value) if figure.unit == "won" else Word(share(value), share(value))
