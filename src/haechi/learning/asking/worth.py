"""What a day of label delay is worth: the same frauds, found out sooner or later, and what is saved by it.

A payee, a merchant or a device that was in a fraud once is often in the next one. Whoever knows it sooner can stop the
rest of the campaign: the money of every further fraud at an entity whose first fraud would have been known by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

__all__ = ["Worth", "worth_of_delay"]

DAY_US = 86_400_000_000
Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Worth:
    """With labels so many days old: frauds and money whose entity was known by then, and what a day less would save."""

    days: float
    frauds_known: int
    money_known: int
    money_a_day_sooner: float


def worth_of_delay(
    time_us: Index, amount: Index, entities: Mapping[str, Index], delays_days: Sequence[float]
) -> list[Worth]:
    """For each delay, the frauds at an entity that an earlier fraud had given away by then.

    time_us, amount (minor units) and entity codes (-1 where missing) are those of the frauds alone, in time order.
    """
    first = [_first_seen(codes, time_us) for codes in entities.values()]
    earliest = np.minimum.reduce(first) if first else np.full(len(time_us), np.iinfo(np.int64).max)
    age = time_us - earliest  # how long ago the first fraud at any of its entities was; 0 for a first one itself
    known = [(age > 0) & (age >= delay * DAY_US) for delay in delays_days]
    money = [int(amount[mask].sum()) for mask in known]
    found = []
    for at, delay in enumerate(delays_days):
        sooner = at - 1 if at else at
        gap = delay - delays_days[sooner]
        saved = (money[sooner] - money[at]) / gap if gap else 0.0
        found.append(Worth(delay, int(known[at].sum()), money[at], saved))
    return found


def _first_seen(codes: Index, time_us: Index) -> Index:
    """When each event's entity was first in a fraud; never where it is missing."""
    out = np.full(len(codes), np.iinfo(np.int64).max)
    there = np.flatnonzero(codes >= 0)
    if len(there):
        _, start, at = np.unique(codes[there], return_index=True, return_inverse=True)
        out[there] = time_us[there][start][at]
    return cast(Index, out)
