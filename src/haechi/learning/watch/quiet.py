"""What is quiet: thresholds learned from days on which nothing happened.

Many series are looked at together (hundreds of features), each with its own usual level and spread, so that their
largest deviation decides. Each quiet day is measured by the others, as a new day will be; the largest deviations of
quiet days are extremes of many series, so their tail is a Gumbel distribution's, and it tells which height is passed as
seldom as wanted (Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, chapter 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

import haechi.features  # noqa: F401  its door says where compiled code is kept

__all__ = ["DAYS_MIN", "Quiet", "calm", "rehearse"]

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
        level, found = np.full((2, days + 1, history.shape[1]), np.nan)
        _each_left_out(np.ascontiguousarray(history, np.float64), level, found)
        spread = _spread(found, np.append(np.full(days, days - 1), days), spread_min)
        largest = _largest((history - level[:-1]) / spread[:-1])
        return cls(level[-1], spread[-1], _height(largest, alarms_per_month / MONTH_DAYS), days)

    def deviation(self, day: Values) -> tuple[float, int]:
        """The largest deviation of a day, in spreads, and which series it is."""
        z = (day - self.level) / self.spread
        known = np.where(np.isnan(z), -np.inf, z)
        at = int(np.argmax(known)) if len(known) else 0
        return (float(known[at]) if len(known) and np.isfinite(known[at]) else 0.0), at

    def deviations(self, day: Values) -> Values:
        """How far each series lies above its level, in spreads."""
        return (day - self.level) / self.spread


def rehearse() -> None:
    """Compile or load what limits are learned with: the first day's end would hold decisions up for seconds."""
    Quiet.learn(np.zeros((DAYS_MIN, 2)), alarms_per_month=1.0)


def calm(height: Values, others: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which days teach what is quiet: one that stands out alone and a little belongs to it, anything else is a change.

    height: by how many times its limit each day of this series was moved, 0 where it raised nothing. others: on which
    days another series raised an alarm; what made it loud would widen the limits of all.
    """
    alarmed = height > 0
    before = np.concatenate([[False], alarmed[:-1]])
    after = np.concatenate([alarmed[1:], [False]])
    return np.asarray(~(others | (alarmed & (before | after | (height > FAR)))))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _spread(found: Any, days: Any, least: float) -> Any:
    """Spreads [choices of days, series], each choice of so many days; `found` is NaN where a series said nothing."""
    spread, known = np.full(found.shape, least), np.empty(found.shape[1])
    for c in range(len(found)):
        row, n = found[c], 0
        for s in range(len(row)):
            if not np.isnan(row[s]):
                known[n] = row[s]
                n += 1
        known[:n].sort()
        # Among many series some look calm by luck: each is taken as if it had been seen with the usual spread as well.
        usual = (known[(n - 1) // 2] + known[n // 2]) / 2 if n else 0.0
        prior = PRIOR_DAYS * usual**2
        for s in range(len(row)):
            if not np.isnan(row[s]):
                shared = np.sqrt((prior + days[c] * row[s] ** 2) / (PRIOR_DAYS + days[c]))
                spread[c, s] = max(shared, least)
    return spread


def _largest(z: Values) -> Values:
    """The largest of each row; 0 where nothing is known."""
    known = ~np.isnan(z)
    return np.asarray(np.where(known.any(axis=1), np.where(known, z, -np.inf).max(axis=1, initial=-np.inf), 0.0))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _each_left_out(history: Any, level: Any, found: Any) -> None:
    """Level and spread of each series [days, series], without each day in turn, and in the last row with all days.

    Each series is sorted once. A hundred days of as many series in numpy held the interpreter's lock for seconds.
    """
    days, count = history.shape
    known, rest = np.empty(days), np.empty(days)
    for s in range(count):
        n = 0
        for d in range(days):
            if not np.isnan(history[d, s]):
                known[n] = history[d, s]
                n += 1
        known[:n].sort()
        level[days, s], found[days, s] = _usual(known[:n])
        for d in range(days):
            if np.isnan(history[d, s]):
                level[d, s], found[d, s] = level[days, s], found[days, s]
                continue
            at = np.searchsorted(known[:n], history[d, s])
            rest[:at], rest[at : n - 1] = known[:at], known[at + 1 : n]
            level[d, s], found[d, s] = _usual(rest[: n - 1])


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _usual(known: Any) -> Any:
    """Median of sorted values, and their scaled median absolute deviation, or the plain one where that is larger."""
    n = len(known)
    if n == 0:
        return np.nan, np.nan
    level = (known[(n - 1) // 2] + known[n // 2]) / 2
    left, right = np.searchsorted(known, level) - 1, np.searchsorted(known, level)
    far = before = 0.0
    for _ in range(n // 2 + 1):  # outwards from the middle, the nearer one first
        before = far
        if right == n or (left >= 0 and level - known[left] <= known[right] - level):
            far, left = level - known[left], left - 1
        else:
            far, right = known[right] - level, right + 1
    off = far if n % 2 else (before + far) / 2
    # A few days may look calmer than they are: the plain spread counts where it is larger.
    return level, max(off * MAD_TO_SD, known.std())


def _height(largest: Values, share: float) -> float:
    """The height that a share of days passes by chance, wider where few days have told."""
    n = len(largest)
    beta = max(float(largest.std(ddof=1)) * sqrt(6) / pi, 0.05)
    far = -log(-log(1.0 - share))  # standard Gumbel quantile
    # What `t.ppf` and `norm.ppf` of scipy.stats call; to import those takes half a second, in the midst of decisions.
    from scipy.special import ndtri, stdtrit

    unsure = float(stdtrit(n - 1, 1.0 - share) / ndtri(1.0 - share)) * sqrt(1.0 + 1.0 / n)
    return float(largest.mean()) + (far - EULER) * beta * unsure
