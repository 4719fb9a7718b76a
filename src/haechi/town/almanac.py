"""What kind of day it is in Korea: weekends, public holidays, school terms, pay-days, the days of gifts."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from enum import IntEnum
from functools import cache

import holidays

SEOUL = timezone(timedelta(hours=9))  # no summer time since 1988
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
OFFICE_OPENS, OFFICE_CLOSES = 9, 18
BRANCH_CLOSES = 16
NIGHT_ENDS = 7
SATURDAY, SUNDAY = 5, 6
# The usual terms of a Korean high school, (month, day), both included; schools differ by a few days.
TERMS = (((3, 2), (7, 19)), ((8, 19), (12, 31)))
GIFT_DAYS_BEFORE = 6  # money goes out in the week before Seollal and Chuseok
GIFT_FEASTS = ("Korean New Year", "Chuseok")


class DayClass(IntEnum):
    """The classes of days by which habits differ."""

    WORKDAY = 0
    BREAK = 1  # a working day in the school holidays
    SATURDAY = 2
    SUNDAY = 3
    HOLIDAY = 4


@cache
def _public_holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("KR", years=year, language="en_US"))


def midnight_us(day: date) -> int:
    """Midnight in Seoul as microseconds since 1970 in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=SEOUL).timestamp()) * 1_000_000


def is_free_day(day: date) -> bool:
    """Whether offices are closed."""
    return day.weekday() >= SATURDAY or day in _public_holidays(day.year)


def is_school_day(day: date) -> bool:
    """Whether pupils sit in class."""
    return not is_free_day(day) and any(first <= (day.month, day.day) <= last for first, last in TERMS)


@cache
def class_of(day: date) -> DayClass:
    """The class of a day; that the school is closed on a working day matters only to those who go there."""
    if day in _public_holidays(day.year):
        return DayClass.HOLIDAY
    if day.weekday() >= SATURDAY:
        return DayClass.SATURDAY if day.weekday() == SATURDAY else DayClass.SUNDAY
    return DayClass.WORKDAY if is_school_day(day) else DayClass.BREAK


def day_of(moment_us: int) -> date:
    """The date in Seoul."""
    return datetime.fromtimestamp(moment_us // 1_000_000, SEOUL).date()


def hour_of(moment_us: int) -> float:
    """The hour of the day in Seoul."""
    return (moment_us - midnight_us(day_of(moment_us))) / HOUR_US


def is_branch_open(moment_us: int) -> bool:
    """Whether the bank's counters serve."""
    return OFFICE_OPENS <= hour_of(moment_us) < BRANCH_CLOSES and not is_free_day(day_of(moment_us))


def office_us(moment_us: int, share: float) -> int:
    """The same moment when offices work, else on the next working morning; `share` says when within three hours."""
    day, hour = day_of(moment_us), hour_of(moment_us)
    if OFFICE_OPENS <= hour < OFFICE_CLOSES and not is_free_day(day):
        return moment_us
    if hour >= OFFICE_OPENS or is_free_day(day):
        day += timedelta(days=1)
        while is_free_day(day):
            day += timedelta(days=1)
    return midnight_us(day) + int((OFFICE_OPENS + 3 * share) * 3_600) * 1_000_000


def waking_us(moment_us: int, share: float) -> int:
    """The same moment unless it is in the night, else the morning after; `share` says when within three hours."""
    if hour_of(moment_us) >= NIGHT_ENDS:
        return moment_us
    return midnight_us(day_of(moment_us)) + int((NIGHT_ENDS + 3 * share) * 3_600) * 1_000_000


@cache
def due_days(day: date) -> tuple[int, ...]:
    """The days of the month (1 to 28) whose salaries and rents are paid on this day.

    What falls on a free day is paid on the last working day before it.
    """
    if is_free_day(day):
        return ()
    due = [day.day]
    later = day + timedelta(days=1)
    while is_free_day(later):
        due.append(later.day)
        later += timedelta(days=1)
    return tuple(d for d in due if d <= 28)


@cache
def is_gift_season(day: date) -> bool:
    """Whether families send money for Seollal or Chuseok."""
    for ahead in range(GIFT_DAYS_BEFORE + 1):
        then = day + timedelta(days=ahead)
        if any(feast in _public_holidays(then.year).get(then, "") for feast in GIFT_FEASTS):
            return True
    return False
