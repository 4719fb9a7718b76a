"""Holds a town against what the Korean supervisor counted: each figure, its sampling error, and whether it fits.

The figures, their sources and the tolerance stand in supervisor.toml. A town is a sample: where its own error is wider
than the tolerance, a figure that lies within three errors is `unsure`, neither right nor wrong.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

FORMS = ("loan", "agency", "family")  # of voice phishing
RESAMPLES = 400
ERRORS_BEARABLE = 3.0  # a dozen figures are looked at together: at two errors, every other town would have one off
VICTIMS_MIN = 200  # losses have heavy tails: samples of fewer victims do not show their own error
TEN_MILLION, HUNDRED_MILLION = 10_000_000, 100_000_000
Floats = npt.NDArray[np.float64]
Verdict = Literal["fits", "unsure", "off", "missing"]


@dataclass(frozen=True)
class Figure:
    """One figure of the supervisor beside the town's."""

    name: str
    unit: str
    ko: str
    en: str
    origin: str
    wanted: float
    found: float | None
    error: float | None  # standard error of `found`, from bootstrap samples of campaigns
    tolerance: float
    victims: int  # that it rests on

    @property
    def deviation(self) -> float | None:
        """How far the town is off, as a share of the wanted figure."""
        return None if self.found is None else self.found / self.wanted - 1.0

    @property
    def verdict(self) -> Verdict:
        """Whether the town fits, is off, or is too small to tell."""
        if self.deviation is None or self.error is None:
            return "missing"
        if abs(self.deviation) <= self.tolerance:
            return "fits"
        near = abs(self.deviation) * self.wanted <= ERRORS_BEARABLE * self.error
        return "unsure" if near or self.victims < VICTIMS_MIN else "off"


@dataclass(frozen=True)
class Calibration:
    """All figures of a town, and how many victims they rest on."""

    covers: dict[str, str]
    sources: tuple[dict[str, str], ...]
    tolerance: float
    victims: int
    figures: tuple[Figure, ...]

    @property
    def off(self) -> list[Figure]:
        """The figures that are wrong beyond chance."""
        return [figure for figure in self.figures if figure.verdict == "off"]


@cache
def supervisor() -> dict[str, Any]:
    """What the supervisor counted: the content of supervisor.toml."""
    return tomllib.loads((resources.files("haechi.town") / "supervisor.toml").read_text("utf-8"))


def calibrate(campaigns: pl.DataFrame, *, seed: int = 0) -> Calibration:
    """Measure a town's voice phishing campaigns (truth/campaigns) against the supervisor's figures."""
    told = supervisor()
    reported = pl.col("loss_won") > 0
    frauds = campaigns.filter(pl.col("is_fraud") & pl.col("form").is_in(FORMS) & reported)
    drawn = _resamples(frauds.height, seed)
    tolerance = float(told["tolerance"])
    figures = tuple(_figure(entry, frauds, drawn, tolerance) for entry in told["figure"])
    victims = int(frauds["victims"].fill_null(1).sum())
    return Calibration(told["covers"], tuple(told["source"]), tolerance, victims, figures)


def _resamples(rows: int, seed: int) -> Floats:
    """How often each campaign stands in each bootstrap sample; the first sample is the town itself."""
    rng = np.random.default_rng(seed)
    counts = np.ones((RESAMPLES + 1, rows))
    if rows:
        counts[1:] = rng.multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES)
    return counts


def _figure(entry: dict[str, Any], frauds: pl.DataFrame, drawn: Floats, tolerance: float) -> Figure:
    name = str(entry["name"])
    part, whole = _ratio(name, frauds)
    below = drawn @ whole
    known = bool(frauds.height) and below[0] > 0
    ratios = (drawn @ part)[below > 0] / below[below > 0]
    return Figure(
        name, entry["unit"], entry["ko"], entry["en"], entry["from"], float(entry["value"]),
        float(ratios[0]) if known else None, float(ratios[1:].std()) if known else None, tolerance,
        int(frauds["victims"].fill_null(1).sum()),
    )  # fmt: skip


def _ratio(name: str, frauds: pl.DataFrame) -> tuple[Floats, Floats]:
    """What a figure is: a sum over campaigns, divided by another."""
    loss = frauds["loss_won"].to_numpy().astype(np.float64)
    victims = frauds["victims"].fill_null(1).to_numpy().astype(np.float64)
    measured, _, which = name.partition(".")
    simple: dict[str, Callable[[], tuple[Floats, Floats]]] = {
        "loss_per_victim_won": lambda: (loss, victims),
        "victims_from_10m_share": lambda: (victims * (loss / victims >= TEN_MILLION), victims),
        "victims_from_100m_share": lambda: (victims * (loss / victims >= HUNDRED_MILLION), victims),
        "refunded_share": lambda: (frauds["recovered_won"].fill_null(0).to_numpy().astype(np.float64), loss),
        "form_share": lambda: (loss * (frauds["form"] == which).fill_null(False).to_numpy(), loss),
        "age_share": lambda: (loss * _in_band(frauds["age"], which), loss),
    }
    return simple[measured]()


def _in_band(ages: pl.Series, band: str) -> npt.NDArray[np.bool_]:
    first, last = band.split("-")
    years = ages.fill_null(-1).to_numpy()
    return np.asarray((years >= int(first)) & (years <= int(last or 999)))
