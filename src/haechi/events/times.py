"""Times as UTC microseconds since 1970: ISO 8601, numbers with a unit and an origin, or a mere order.

Accepted are 1970-01-02 up to, but not including, 2200-01-01: what lies outside is an unset clock or a wrong unit.
A time without a zone is read in the schema's `timezone`, or in UTC when there is none. Where a clock is set back the
first of the two hours is meant. A running number (unit "order") is read as so many seconds since 1970.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from haechi.events.errors import BadRow, BadSchema, shown
from haechi.events.values import FIELD_CHARS_MAX, number, too_long

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
EARLIEST_US = DAY_US
LATEST_US = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * SECOND_US
ORDER_MAX = 10**12
TIME_CHARS_MAX = 64

# A unit is a fraction of microseconds: (times, divided by).
UNITS: dict[str, tuple[int, int]] = {
    "ns": (1, 1000),
    "us": (1, 1),
    "ms": (1000, 1),
    "s": (SECOND_US, 1),
    "min": (60 * SECOND_US, 1),
    "h": (3600 * SECOND_US, 1),
    "d": (DAY_US, 1),
    "order": (SECOND_US, 1),
}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(us|ms|s|min|m|h|d|w)")
_SPAN_UNITS = {"us": 1, "ms": 1000, "s": SECOND_US, "m": 60 * SECOND_US, "h": 3600 * SECOND_US, "d": DAY_US}
_SPAN_UNITS |= {"min": 60 * SECOND_US, "w": 7 * DAY_US}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TimeRole:
    """Where a time stands and how it is written."""

    column: str
    unit: str = ""
    origin_us: int = 0
    timezone: str = ""
    format: str = ""

    @property
    def ordinal(self) -> bool:
        """Whether this is a running number without a clock."""
        return self.unit == "order"

    @property
    def bounds_us(self) -> tuple[int, int]:
        """The first accepted microsecond and the first refused one after it."""
        return (0, ORDER_MAX * SECOND_US) if self.ordinal else (EARLIEST_US, LATEST_US)


def span_us(value: Any, *, ordinal: bool = False) -> int:
    """A span such as "7d" or "36h" in microseconds; for an order without a clock, a count of steps."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0 and (ordinal or value == 0):
        return value * SECOND_US
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise BadSchema(f"{value!r} is no span of time; write for example '7d', '36h' or '30min'")
    return round(float(match[1]) * _SPAN_UNITS[match[2]])


def zone(name: str) -> tzinfo:
    """A time zone by its name."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadSchema(
            f"there is no time zone {name!r}; write for example 'Asia/Seoul' (or install tzdata)"
        ) from error


def clock_us(moment: datetime) -> int:
    """A moment with a zone as microseconds since 1970, exact."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND_US + since.microseconds


def moment(time_us: int, timezone: str = "") -> str:
    """Microseconds since 1970 as a person reads them: in UTC, or in her zone with its distance from UTC."""
    at = _EPOCH + timedelta(microseconds=time_us)
    return (at.astimezone(zone(timezone)) if timezone else at).isoformat().replace("+00:00", "Z")


def origin_us(value: Any, timezone: str) -> int:
    """The moment from which numbers count, given as an ISO date or time."""
    if isinstance(value, date | str):
        try:
            return _iso_reader("origin", zone(timezone))(value)
        except BadRow as error:
            raise BadSchema(f"time.origin: {error}") from error
    raise BadSchema(f"time.origin must be a date such as '2017-12-01', not {value!r}")


def time_reader(role: TimeRole) -> Callable[[Any], int | None]:
    """The function that reads one cell of this column; None is a missing time, BadRow a wrong one."""
    column = role.column
    read: Callable[[Any], int | None]
    if role.unit:
        read = _number_reader(role)
    elif role.format:
        read = _format_reader(column, role.format, zone(role.timezone))
    else:
        read = _iso_reader(column, zone(role.timezone))
    first_us, end_us = role.bounds_us

    def read_time(value: Any) -> int | None:
        if value is None or value == "":
            return None
        time_us = read(value)
        if time_us is None or first_us <= time_us < end_us:
            return time_us
        raise BadRow("time_range", _range_message(role, value))

    return read_time


def _range_message(role: TimeRole, value: Any) -> str:
    if role.ordinal:
        return f"{role.column} is outside 0 .. {ORDER_MAX}: {shown(value)}"
    return f"{role.column} is outside 1970-01-02 .. 2199-12-31: {shown(value)}; check its unit and origin"


def _not_a_time(column: str, value: Any, why: str = "write ISO 8601, e.g. 2024-10-25T07:02:00+09:00") -> BadRow:
    return BadRow("not_a_time", f"{column} is not a time: {shown(value)}; {why}")


def _iso_reader(column: str, local: tzinfo) -> Callable[[Any], int]:
    parse, epoch = datetime.fromisoformat, _EPOCH

    def read_iso(value: Any) -> int:
        if type(value) is not str:
            return _typed_us(value, column, local)
        if len(value) > FIELD_CHARS_MAX:
            raise too_long(value, column)
        if len(value) < 10 or not value[4] == value[7] == "-" or (len(value) > 10 and value[10] not in "T t"):
            raise _not_a_time(column, value)
        try:
            found = parse(value)
            since = (found if found.tzinfo is not None else found.replace(tzinfo=local)) - epoch
            return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        except (ValueError, OverflowError) as error:
            raise _not_a_time(column, value) from error

    return read_iso


def _typed_us(value: Any, column: str, local: tzinfo) -> int:
    if isinstance(value, str):
        return _iso_reader(column, local)(str(value))
    if isinstance(value, datetime):
        return clock_us(value if value.tzinfo is not None else value.replace(tzinfo=local))
    if isinstance(value, date):
        return clock_us(datetime(value.year, value.month, value.day, tzinfo=local))
    raise _not_a_time(column, value, "for numbers the schema must say time.unit, e.g. 's'")


def _format_reader(column: str, pattern: str, local: tzinfo) -> Callable[[Any], int]:
    def read_format(value: Any) -> int:
        if not isinstance(value, str):
            return _typed_us(value, column, local)
        if len(value) > TIME_CHARS_MAX:
            raise _not_a_time(column, value, f"expected {pattern}")
        try:
            found = datetime.strptime(value, pattern)  # noqa: DTZ007 - the zone follows
            return clock_us(found if found.tzinfo is not None else found.replace(tzinfo=local))
        except (ValueError, OverflowError) as error:
            raise _not_a_time(column, value, f"expected {pattern}") from error

    return read_format


def _number_reader(role: TimeRole) -> Callable[[Any], int | None]:
    times, divided = UNITS[role.unit]
    origin, column = role.origin_us, role.column
    reach = (LATEST_US + DAY_US) * divided / times + abs(origin) * divided / times

    def read_number(value: Any) -> int | None:
        if type(value) is not int:
            found = _integer_or_float(value, column)
            if found is None:
                return None
            value = found
        if isinstance(value, int):
            return int(value) * times // divided + origin
        if abs(value) > reach:
            raise BadRow("time_range", _range_message(role, value))
        return round(float(value) * times / divided) + origin

    return read_number


def _integer_or_float(value: Any, column: str) -> int | float | None:
    if isinstance(value, bool | date):
        raise _not_a_time(column, value, "the schema says it is a number")
    if isinstance(value, str) and len(value) <= TIME_CHARS_MAX and value.removeprefix("-").isdigit():
        try:
            return int(value)
        except ValueError as error:
            raise _not_a_time(column, value, "the schema says it is a number") from error
    try:
        return number(value, column)
    except BadRow as error:
        if error.code != "not_a_number":
            raise
        raise _not_a_time(column, value, "the schema says it is a number") from error
