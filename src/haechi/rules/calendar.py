"""Local time as rules see it: hour, weekday, public holidays, and when pupils sit in class."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np

__all__ = ["TIMES", "Calendar"]

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
QUARTER_US = 900_000_000
OFFSETS_MAX = 100_000
TIMES = ("hour", "minute", "weekday", "day", "month", "is_weekend", "is_holiday", "is_school_time")
# (month, day), both included: the usual terms of a Korean high school.
TERMS = (((3, 2), (7, 19)), ((8, 19), (12, 31)))
SCHOOL_HOURS = (7, 16)  # from the way to school to the end of lessons
_COUNTRIES = {
    "Asia/Seoul": "KR", "Asia/Tokyo": "JP", "Asia/Singapore": "SG", "Europe/Berlin": "DE", "Europe/Paris": "FR",
    "Europe/London": "GB", "Europe/Brussels": "BE", "America/New_York": "US", "America/Toronto": "CA",
    "Australia/Sydney": "AU", "Asia/Kolkata": "IN",
}  # fmt: skip
_EPOCH = date(1970, 1, 1)
Kept = TypeVar("Kept")


class Calendar:
    """A zone with its public holidays and school times; a country without known holidays has weekends only."""

    def __init__(
        self,
        timezone: str = "UTC",
        country: str | None = None,
        *,
        school_hours: tuple[int, int] = SCHOOL_HOURS,
        terms: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = TERMS,
    ) -> None:
        """country: two letters (ISO 3166), "" for none, None for that of the zone."""
        self.timezone = timezone
        self.country = _COUNTRIES.get(timezone, "") if country is None else country
        self.school_hours, self.terms = school_hours, terms
        self._zone = ZoneInfo(timezone)
        self._offsets: dict[int, int] = {}
        self._years: dict[int, frozenset[int]] = {}
        self._days: dict[int, tuple[float, ...]] = {}

    def times(self, time_us: int) -> tuple[float, ...]:
        """What TIMES names, for one moment; truths are 0.0 and 1.0."""
        day, within = divmod(time_us + self._offset_at(time_us // QUARTER_US), DAY_US)
        hour = within // HOUR_US
        weekday, number, month, weekend, holiday, school = self._told(day)
        at_school = 1.0 if school and self.school_hours[0] <= hour < self.school_hours[1] else 0.0
        return float(hour), float(within % HOUR_US // MINUTE_US), weekday, number, month, weekend, holiday, at_school

    def columns(self, times_us: np.ndarray) -> np.ndarray:
        """The same for many moments: float64 [TIMES, n]."""
        days, within = np.divmod(self._local(times_us), DAY_US)
        different, where = np.unique(days, return_inverse=True)
        told = np.array([self._told(int(day)) for day in different], np.float64).reshape(-1, len(TIMES) - 2)
        hours = within // HOUR_US
        out = np.empty((len(TIMES), len(times_us)))
        out[0], out[1] = hours, within % HOUR_US // MINUTE_US
        out[2:] = told[where].T
        out[-1] *= (hours >= self.school_hours[0]) & (hours < self.school_hours[1])
        return out

    def days(self, times_us: np.ndarray) -> np.ndarray:
        """The local day of many moments, counted from 1970-01-01."""
        return np.asarray(self._local(times_us) // DAY_US)

    def _local(self, times_us: np.ndarray) -> np.ndarray:
        quarters, where = np.unique(times_us // QUARTER_US, return_inverse=True)
        offsets = np.array([self._offset_at(int(q)) for q in quarters], np.int64)
        return np.asarray(times_us + offsets[where])

    def _offset_at(self, quarter: int) -> int:
        found = self._offsets.get(quarter)
        return self._offset(quarter) if found is None else found

    def _offset(self, quarter: int) -> int:
        local = datetime.fromtimestamp(quarter * 900, UTC).astimezone(self._zone).utcoffset() or timedelta()
        return _remember(self._offsets, quarter, int(local.total_seconds()) * 1_000_000)

    def _told(self, day: int) -> tuple[float, ...]:
        found = self._days.get(day)
        return self._day(day) if found is None else found

    def _day(self, day: int) -> tuple[float, ...]:
        at = _EPOCH + timedelta(days=day)
        weekend, holiday = at.weekday() >= 5, day in self._holidays(at.year)
        term = any(first <= (at.month, at.day) <= last for first, last in self.terms)
        told = (at.weekday(), at.day, at.month, weekend, holiday, term and not weekend and not holiday)
        return _remember(self._days, day, tuple(map(float, told)))

    def _holidays(self, year: int) -> frozenset[int]:
        if year not in self._years:
            found: frozenset[int] = frozenset()
            if self.country:
                import holidays

                days = holidays.country_holidays(self.country, years=year)
                found = frozenset((day - _EPOCH).days for day in days)
            self._years[year] = found
        return self._years[year]


def _remember(kept: dict[int, Kept], key: int, value: Kept) -> Kept:
    if len(kept) >= OFFSETS_MAX:
        kept.clear()
    kept[key] = value
    return value
