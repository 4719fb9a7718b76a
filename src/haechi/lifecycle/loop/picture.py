"""The loop's weeks as a drawing that needs no network: what decided, what never learned again, what could be told."""

from __future__ import annotations

from typing import Any

from haechi.learning.pictures import line

__all__ = ["picture"]

SOON = 1  # which of the estimates is drawn: the one seven days after a week


def picture(told: dict[str, Any]) -> str:
    """Average precision by week as an SVG file: the loop in blue, the frozen model in grey, the estimate in green."""
    weeks = told["estimates"]["weeks"]
    series = [
        [(float(n), value) for n, value in enumerate(values, 1) if value == value]  # what is not a number is not drawn
        for values in (
            [one["true"] for one in weeks], [one["frozen"] for one in weeks],
            [one["estimated"][SOON] for one in weeks],
        )
    ]  # fmt: skip
    top = max((value for points in series for _, value in points), default=1.0)
    names = ("weeks since the first model", "average precision")
    drawn = line(series, x=(1.0, float(max(len(weeks), 2))), y=(0.0, min(1.0, top * 1.1)), names=names)
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
