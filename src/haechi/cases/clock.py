"""Legal clocks: when a step must be done, in calendar days or in working days, as the law of the place counts.

A calendar day is 24 hours from the moment. Working days leave out the day itself, weekends and public holidays, and the
clock ends with the last of them, at midnight of the place. Holidays are computed by the package `holidays`; nothing is
asked of a network.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["countries", "due_us", "is_working_day", "working_days_left"]

DAY_US = 86_400_000_000
SATURDAY = 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def due_us(from_us: int, days: int, *, working: bool, country: str, timezone: str) -> int:
    """Until when something must be done that is to be done within so many days."""
    if not working:
        return from_us + days * DAY_US
    on = _local(from_us, timezone)
    left = days
    while left:
        on += timedelta(days=1)
        left -= is_working_day(on, country)
    midnight = datetime.combine(on + timedelta(days=1), time(), ZoneInfo(timezone))
    return (midnight - EPOCH) // timedelta(microseconds=1)


def is_working_day(on: date, country: str) -> bool:
    """Whether offices of the country are open; of one without known holidays only weekends are left out."""
    return on.weekday() < SATURDAY and on not in _holidays(country, on.year)


def working_days_left(now_us: int, until_us: int, *, country: str, timezone: str) -> int:
    """How many working days are left after today until then; 0 on the last one and when the time is over."""
    on, last, left = _local(now_us, timezone), _local(until_us - 1, timezone), 0
    while on < last:
        on += timedelta(days=1)
        left += is_working_day(on, country)
    return left


def _local(time_us: int, timezone: str) -> date:
    return datetime.fromtimestamp(time_us / 1e6, ZoneInfo(timezone)).date()


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Countries whose public holidays are known, ISO 3166."""
    import holidays

    return frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    import holidays

    return frozenset(holidays.country_holidays(country, years=year))
