"""Whether one in a hundred is one in a hundred: the rarity that behaviour promises, counted by view and age.

Policy spends budgets by rarity ("ask from one in a hundred on"), so a view that calls three in a hundred that rare has
asked three times as many people as was agreed. Unlike other series this one has a nominal value, so the limits are
absolute: over a week, observed / nominal between 0.7 and 1.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log2

import numpy as np
import numpy.typing as npt

__all__ = ["DAYS", "LIMITS", "Rarities"]

VIEWS = ("habit", "run")
NOMINAL = 0.01
LIMITS = (0.7, 1.4)
DAYS = 7
EXPECTED_MIN = 50.0  # events beyond in a week: fewer stray that far by chance
AGES = (0, 13, 16, 20, 30, 40, 50, 60, 70, 200)
BANDS = tuple(f"{low}-{high - 1}" for low, high in pairwise(AGES))
UNKNOWN = "age unknown"
JUDGED, BEYOND = "judged:", "beyond:"


class Rarities:
    """Counts into a day's figures; what a spec without behaviour emits is no series."""

    def __init__(self, names: Sequence[str]) -> None:
        self._views = [(v, names.index(f"behaviour.surprise_{v}")) for v in VIEWS if f"behaviour.surprise_{v}" in names]
        self._age = next((i for i, name in enumerate(names) if name.endswith(".age_years")), -1)

    def count(self, rows: npt.NDArray[np.float32], figures: dict[str, float]) -> None:
        """Add how many events of rows [n, features] were judged, and how many called rarer than one in a hundred."""
        band = np.full(len(rows), -1) if self._age < 0 else _band(rows[:, self._age])
        for view, column in self._views:
            bits = rows[:, column]
            judged = np.bincount(band[~np.isnan(bits)] + 1, minlength=len(BANDS) + 1)
            beyond = np.bincount(band[bits >= -log2(NOMINAL)] + 1, minlength=len(BANDS) + 1)
            for b in np.flatnonzero(judged).tolist():
                name = f"{view}, {BANDS[b - 1] if b else UNKNOWN}"
                for key, found in ((JUDGED, judged), (BEYOND, beyond)):
                    figures[key + name] = figures.get(key + name, 0.0) + float(found[b])

    @staticmethod
    def ratios(days: Sequence[Mapping[str, float]]) -> dict[str, float]:
        """Observed / nominal over some days, of each series with enough events to tell."""
        judged: dict[str, float] = {}
        for day in days:
            for key, count in day.items():
                if key.startswith(JUDGED):
                    name = key.removeprefix(JUDGED)
                    judged[name] = judged.get(name, 0.0) + count
        return {
            name: sum(day.get(BEYOND + name, 0.0) for day in days) / (NOMINAL * count)
            for name, count in judged.items()
            if NOMINAL * count >= EXPECTED_MIN
        }

    @staticmethod
    def astray(ratios: Mapping[str, float]) -> list[str]:
        """The series that have left the limits, the farthest first."""
        low, high = LIMITS
        found = [name for name, ratio in ratios.items() if not low <= ratio <= high]
        return sorted(found, key=lambda name: -abs(log2(max(ratios[name], 1e-3))))


def _band(age: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Which band of BANDS; -1 where the age is unknown."""
    found = np.searchsorted(AGES, age, "right") - 1
    unknown = np.isnan(age) | (age < AGES[0]) | (age >= AGES[-1])
    return np.where(unknown, -1, found).astype(np.int64)
