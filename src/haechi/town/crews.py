"""Fraudsters who learn from what is stopped: the next time for less, and at hours at which everybody is about.

The campaigns of a typology are the work of a few crews. A crew goes on with what went through and changes what was
stopped (win-stay, lose-shift: Nowak and Sigmund, Nature 364, 1993): each time its next campaign takes a smaller share
of the amounts and moves towards an ordinary hour of its own, by as much as a stopped fraudster of the closed loop waits
(loop.py). When the smallest share is stopped, too, the crew begins anew with all of it: money is what it is there for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.town.almanac import DAY_US
from haechi.town.dice import Purpose, generator
from haechi.town.loop import LATER_S, SMALLER, TRIES_MAX

__all__ = ["NOBODY", "Crews"]

CREWS = 4  # for each typology
NOBODY = -1
USUAL_H = (10, 20)  # when nobody is noticed; each campaign has its own hour among these
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Crews:
    """What stands behind the campaigns of a town; a campaign is known by its place in the list given at first."""

    def __init__(self, typologies: Sequence[str], seed: int) -> None:
        """`typologies`: what each campaign of fraud is, in the order in which campaigns are numbered."""
        rng = generator(seed, Purpose.CREWS, 0)
        words = sorted(set(typologies))
        kind = np.array([words.index(word) for word in typologies], np.int64)
        self._crew: Index = kind * CREWS + rng.integers(0, CREWS, len(kind))
        self._later_us: Index = rng.integers(*LATER_S, (len(kind), TRIES_MAX)).cumsum(axis=1) * 1_000_000
        self._usual_us: Index = (rng.uniform(*USUAL_H, len(kind)) * 3.6e9).astype(np.int64)
        self._next = np.zeros(len(words) * CREWS, np.int64)  # how careful the next campaign of each crew is
        self._care: Index = np.full(len(kind), NOBODY)  # of each campaign that has begun
        self._stopped: Index = np.zeros(len(kind), np.int64)

    def care(self, campaign: Index) -> Index:
        """How often each of these campaigns has made itself smaller; what has not begun begins as its crew has learned.

        campaign: numbers, NOBODY where an event belongs to none.
        """
        new = np.unique(campaign[campaign != NOBODY])
        new = new[self._care[new] == NOBODY]
        self._care[new] = self._next[self._crew[new]]
        found: Index = np.where(campaign == NOBODY, 0, self._care[campaign])
        return found

    def gave_up(self, campaign: Index) -> Mask:
        """Which campaigns were stopped too often and will not be tried again."""
        found: Mask = (campaign != NOBODY) & (self._stopped[campaign] > TRIES_MAX)
        return found

    def hear(self, tried: Index, stopped: Index) -> None:
        """Learn from a day: which campaigns tried to take money, and which of them were stopped."""
        caught = set(stopped.tolist())
        for one in np.unique(tried).tolist():
            care = int(self._care[one])
            if one in caught:
                care = care + 1 if care < TRIES_MAX else 0
                self._stopped[one] += 1
                self._care[one] = care
            self._next[self._crew[one]] = care

    def smaller(self, amount: Index, care: Index) -> Index:
        """Amounts as careful fraudsters ask for them, as round as they were."""
        unit = np.ones(len(amount), np.int64)
        for _ in range(9):
            unit = np.where((amount > 0) & (amount % (unit * 10) == 0), unit * 10, unit)
        less = amount * SMALLER**care
        unit = np.where(less < 3 * unit, np.maximum(unit // 10, 1), unit)
        found: Index = np.where(
            (care > 0) & (amount > 0), np.maximum(np.rint(less / unit).astype(np.int64), 1) * unit, amount
        )
        return found

    def moved(self, time_us: Index, campaign: Index, first_us: Index, day_us: int) -> Index:
        """Times of one day's events moved into the day: all of a campaign's by as much, and none into another day.

        first_us: when the campaign of each event first takes money that day, and nothing of it is moved where that is
        behind the day; day_us: the midnight before.
        """
        care = self.care(campaign)
        drawn = self._later_us[campaign, np.maximum(care - 1, 0)]
        away = day_us + self._usual_us[campaign] - first_us
        by = np.where((care > 0) & (first_us < day_us + DAY_US), np.sign(away) * np.minimum(np.abs(away), drawn), 0)
        found: Index = np.where(by == 0, time_us, np.clip(time_us + by, day_us, day_us + DAY_US - 1))
        return found

    def told(self) -> dict[str, Any]:
        """How many campaigns end how carefully, and how many gave up."""
        began = self._care[self._care != NOBODY]
        return {
            "campaigns": len(began),
            "careful": np.bincount(began, minlength=TRIES_MAX + 1).tolist(),
            "gave_up": int((self._stopped > TRIES_MAX).sum()),
        }
