"""Which days are free: weekends, Korean public holidays, school holidays."""

from __future__ import annotations

from datetime import date
from functools import cache

import holidays

SATURDAY = 5
TERMS = (((3, 2), (7, 19)), ((8, 19), (12, 31)))  # the usual terms of a Korean high school, (month, day), both included


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KR", years=year))


def is_free_day(day: date) -> bool:
    """Whether offices are closed."""
    return day.weekday() >= SATURDAY or day in _public_holidays(day.year)


def is_school_day(day: date) -> bool:
    """Whether pupils sit in class."""
    return not is_free_day(day) and any(first <= (day.month, day.day) <= last for first, last in TERMS)
