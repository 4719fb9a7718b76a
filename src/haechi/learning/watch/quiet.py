"""What is quiet: thresholds learned from days on which nothing happened.

Many series are looked at together (hundreds of features), each with its own usual level and spread, so that their
largest deviation decides. Each quiet day is measured by the others, as a new day will be; the largest deviations of
quiet days are extremes of many series, so their tail is a Gumbel distribution's, and it tells which height is passed as
seldom as wanted (Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, chapter 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np
import numpy.typing as npt

__all__ = ["DAYS_MIN", "Quiet", "calm"]

Values = npt.NDArray[np.float64]
DAYS_MIN = 7
PRIOR_DAYS = 7.0
FAR = 2.0  # times its limit: chance does not carry a quiet day so far
EULER = 0.5772156649015329
MAD_TO_SD = 1.4826
MONTH_DAYS = 30.0


@dataclass(frozen=True)
class Quiet:
    """Level and spread of each series on quiet days, and how far the largest may deviate."""

    level: Values
    spread: Values
    threshold: float
    days: int

    @classmethod
    def learn(cls, history: Values, *, alarms_per_month: float, spread_min: float = 0.05) -> Quiet:
        """From quiet days [days, series]; NaN where a series said nothing; `spread_min` is the least spread."""
        days = len(history)
        if days < DAYS_MIN:
            raise ValueError(f"{days} quiet days are too few, {DAYS_MIN} are needed")
        largest = np.array([
            _largest(history[d], *_usual(np.delete(history, d, axis=0), spread_min)) for d in range(days)
        ])  # fmt: skip
        level, spread = _usual(history, spread_min)
        return cls(level, spread, _height(largest, alarms_per_month / MONTH_DAYS), days)

    def deviation(self, day: Values) -> tuple[float, int]:
        """The largest deviation of a day, in spreads, and which series it is."""
        z = (day - self.level) / self.spread
        known = np.where(np.isnan(z), -np.inf, z)
        at = int(np.argmax(known)) if len(known) else 0
        return (float(known[at]) if len(known) and np.isfinite(known[at]) else 0.0), at

    def deviations(self, day: Values) -> Values:
        """How far each series lies above its level, in spreads."""
        return (day - self.level) / self.spread


def calm(height: Values, others: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which days teach what is quiet: one that stands out alone and a little belongs to it, anything else is a change.

    height: by how many times its limit each day of this series was moved, 0 where it raised nothing. others: on which
    days another series raised an alarm; what made it loud would widen the limits of all.
    """
    alarmed = height > 0
    before = np.concatenate([[False], alarmed[:-1]])
    after = np.concatenate([alarmed[1:], [False]])
    return np.asarray(~(others | (alarmed & (before | after | (height > FAR)))))


def _usual(history: Values, spread_min: float) -> tuple[Values, Values]:
    """Median and scaled median absolute deviation of each series."""
    known = ~np.isnan(history).all(axis=0)
    level, spread = np.full(history.shape[1], np.nan), np.full(history.shape[1], spread_min)
    if known.any():
        level[known] = np.nanmedian(history[:, known], axis=0)
        off = np.nanmedian(np.abs(history[:, known] - level[known]), axis=0) * MAD_TO_SD
        # A few days may look calmer than they are: the plain spread counts where it is larger.
        plain = np.nanstd(history[:, known], axis=0)
        found = np.maximum(off, plain)
        # Among many series some look calm by luck: each is taken as if it had been seen with the usual spread as well.
        n, usual = len(history), float(np.median(found))
        spread[known] = np.maximum(np.sqrt((PRIOR_DAYS * usual**2 + n * found**2) / (PRIOR_DAYS + n)), spread_min)
    return level, spread


def _largest(day: Values, level: Values, spread: Values) -> float:
    z = (day - level) / spread
    return float(np.nanmax(z)) if not np.isnan(z).all() else 0.0


def _height(largest: Values, share: float) -> float:
    """The height that a share of days passes by chance, wider where few days have told."""
    n = len(largest)
    beta = max(float(largest.std(ddof=1)) * sqrt(6) / pi, 0.05)
    far = -log(-log(1.0 - share))  # standard Gumbel quantile
    from scipy.stats import norm, t

    unsure = float(t.ppf(1.0 - share, n - 1) / norm.ppf(1.0 - share)) * sqrt(1.0 + 1.0 / n)
    return float(largest.mean()) + (far - EULER) * beta * unsure
