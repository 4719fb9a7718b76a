"""Which kind of day it is: working day, weekday in a school break, Saturday, Sunday, public holiday.

Public holidays come from the package `holidays`, which computes them; nothing is asked of a network. Whether a school
break matters is a question of age, and the kernel answers it. Terms are the usual ones of Korean high schools.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np

from haechi.features.blocks.surprise_layout import HOLIDAY, SATURDAY, SCHOOL_BREAK, SUNDAY, WORKDAY

__all__ = ["COUNTRIES", "day_class", "day_classes"]

# The calendar of a time zone's country; elsewhere only weekends are known.
COUNTRIES = {
    "Asia/Seoul": "KR", "Asia/Tokyo": "JP", "Asia/Singapore": "SG", "Europe/Berlin": "DE", "Europe/Paris": "FR",
    "Europe/London": "GB", "America/New_York": "US", "America/Chicago": "US", "America/Los_Angeles": "US",
}  # fmt: skip
TERMS = {"KR": (((3, 2), (7, 19)), ((8, 19), (12, 31)))}  # (month, day), both included
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
YEAR_FIRST, YEAR_LAST = 1950, 2100


@lru_cache(maxsize=256)
def _public_holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    return frozenset(holidays.country_holidays(country, years=year))


@lru_cache(maxsize=100_000)
def day_class(day: int, country: str) -> int:
    """The class of a local day, counted from 1970-01-01; `country` is an ISO code, or empty."""
    ordinal = day + _EPOCH_ORDINAL
    if not 1 <= ordinal <= date.max.toordinal():
        return WORKDAY
    on = date.fromordinal(ordinal)
    if country and YEAR_FIRST <= on.year <= YEAR_LAST and on in _public_holidays(country, on.year):
        return HOLIDAY
    if on.weekday() >= 5:
        return SATURDAY if on.weekday() == 5 else SUNDAY
    terms = TERMS.get(country)
    if terms and not any(first <= (on.month, on.day) <= last for first, last in terms):
        return SCHOOL_BREAK
    return WORKDAY


def day_classes(days: np.ndarray, country: str) -> np.ndarray:
    """The classes of many local days (int64)."""
    different, where = np.unique(days, return_inverse=True)
    return np.array([day_class(int(d), country) for d in different], np.int64)[where]
