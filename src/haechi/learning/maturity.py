"""How long until a fraud is known: the share known after n days, from frauds that were reported so far.

What was never reported is not in the sample, and a fraud of yesterday is in it only if it was reported within a day. So
delays are truncated on the right by the age of their event, and their plain distribution is too short. The estimate
below reverses time: among frauds old enough to have shown a delay of d and reported within d, how many took exactly d?
The product of what remains is the nonparametric maximum likelihood of the delays (Lagakos, Barraj and De Gruttola,
Nonparametric analysis of truncated survival data, with application to AIDS, Biometrika 75, 1988; Kalbfleisch and
Lawless, JASA 84, 1989). It is a Kaplan-Meier estimate in reverse time. What takes longer than the oldest event's age
can never be seen: the curve is conditional on being known by then, and says how long that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.learning.dataset import DAY_US, Events, Index

Floats = npt.NDArray[np.float64]
STEP_US = 3_600_000_000  # delays are told apart by the hour
FRAUDS_MIN = 20
SHOWN_DAYS = (0.25, 1, 3, 7, 14, 30, 60, 90)


@dataclass(frozen=True)
class Maturity:
    """A step function: the share of frauds known after so many microseconds."""

    after_us: Index
    share: Floats
    frauds: int

    def known(self, age_us: Index) -> Floats:
        """The share of frauds of each age that are known; 0 before the first report, at most 1."""
        at = np.searchsorted(self.after_us, age_us, side="right")
        return np.concatenate([[0.0], self.share])[at]

    def gap_us(self, share: float) -> int:
        """The age at which this share of the frauds is known; 0 where no fraud was ever reported."""
        if not len(self.share):
            return 0
        return int(self.after_us[min(int(np.searchsorted(self.share, share - 1e-12)), len(self.share) - 1)])

    def document(self) -> dict[str, Any]:
        """The curve for a report: how many frauds support it, its quantiles, its value after some days."""
        days = {f"{d:g}": round(float(self.known(np.array([d * DAY_US]))[0]), 4) for d in SHOWN_DAYS}
        return {
            "frauds": self.frauds,
            "enough": self.frauds >= FRAUDS_MIN,
            "known_after_days": days,
            "days_until_half": self.gap_us(0.5) / DAY_US,
            "days_until_90_percent": self.gap_us(0.9) / DAY_US,
        }


def estimate(delay_us: Index, age_us: Index) -> Maturity:
    """The maturity curve of reported frauds; `age_us` is how long each could have been reported, at least its delay."""
    assert (age_us >= delay_us).all(), "a fraud was reported after the moment at which we look"
    delay, age = -(-delay_us // STEP_US), -(-age_us // STEP_US)
    steps, counts = np.unique(delay, return_counts=True)
    if not len(steps):
        return Maturity(np.zeros(0, np.int64), np.zeros(0), 0)
    # At risk of a delay of exactly d, in reverse time: reported within d, and old enough to have shown d.
    reported = np.searchsorted(np.sort(delay), steps, side="right")
    too_young = np.searchsorted(np.sort(age), steps, side="left")
    at_risk = reported - too_young
    stays = 1.0 - counts / np.maximum(at_risk, counts)
    # F(d) is the product over longer delays u of the chance not to take exactly u.
    later = np.cumprod(np.append(stays[1:], 1.0)[::-1])[::-1]
    return Maturity(steps * STEP_US, later, len(delay_us))


def maturity_of(events: Events, until_us: int) -> Maturity:
    """The curve of the frauds that were known at a moment."""
    seen = np.flatnonzero((events.y == 1) & (events.known_at_us <= until_us) & (events.time_us <= until_us))
    return estimate(events.known_at_us[seen] - events.time_us[seen], until_us - events.time_us[seen])


def seen(age_us: Index, curve: Maturity) -> float:
    """How many events of these ages count, when each counts as much as its age lets us see; all, without a curve."""
    return float(curve.known(age_us).sum()) if len(curve.share) else float(len(age_us))


def base_rate(frauds: int, age_us: Index, curve: Maturity) -> float:
    """The share of frauds among events of these ages, those that are not known yet counted in."""
    whole = seen(age_us, curve)
    return frauds / whole if whole > 0 else float("nan")
