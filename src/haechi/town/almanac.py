"""What kind of day it is in Korea: weekends, public holidays, school terms, pay-days, the days of gifts."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from enum import IntEnum
from functools import cache

import holidays

SEOUL = timezone(timedelta(hours=9))  # no summer time since 1988
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
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
