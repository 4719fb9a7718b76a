"""Goal: every usual way to write a time gives the same microsecond, and what is no time is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from haechi.events import BadRow, BadSchema, span_us
from haechi.events.roles import read_time
from haechi.events.times import DAY_US, LATEST_US, moment, time_reader

SEVEN = 1_729_807_320_000_000  # 2024-10-25 07:02 in Seoul


def read(value, **role):
    return time_reader(read_time({"column": "t"} | role))(value)


@pytest.mark.parametrize(
    ("value", "role"),
    [
        ("2024-10-25T07:02:00+09:00", {}),
        ("2024-10-24T22:02:00Z", {}),
        ("2024-10-24 22:02:00", {}),
        ("2024-10-24 22:02", {}),
        ("2024-10-25 07:02:00", {"timezone": "Asia/Seoul"}),
        ("2024-10-24T22:02:00Z", {"timezone": "Asia/Seoul"}),
        (1_729_807_320, {"unit": "s"}),
        ("1729807320", {"unit": "s"}),
        (1_729_807_320.0, {"unit": "s"}),
        (1_729_807_320_000, {"unit": "ms"}),
        (SEVEN, {"unit": "us"}),
        (SEVEN * 1000, {"unit": "ns"}),
        (SEVEN // 60_000_000, {"unit": "min"}),
        (79_320, {"unit": "s", "origin": "2024-10-24"}),
        (111_720, {"unit": "s", "origin": "2024-10-24", "timezone": "Asia/Seoul"}),
        ("25/10/2024 07:02", {"format": "%d/%m/%Y %H:%M", "timezone": "Asia/Seoul"}),
        (datetime(2024, 10, 24, 22, 2), {}),
        (datetime(2024, 10, 25, 7, 2, tzinfo=timezone(timedelta(hours=9))), {}),
    ],
    ids=str,
)
def test_one_moment_written_in_many_ways(value, role) -> None:
    assert read(value, **role) == SEVEN


def test_days_hours_and_orders() -> None:
    assert read(2, unit="d") == 2 * DAY_US
    assert read(48, unit="h") == 2 * DAY_US
    assert read(17, unit="order") == 17_000_000
    assert read(date(2024, 10, 25), timezone="Asia/Seoul") == SEVEN - 7 * 3_600_000_000 - 120_000_000
    assert read(None) is None
    assert read("") is None
    assert read(float("nan"), unit="s") is None


@pytest.mark.parametrize(
    ("value", "role", "code"),
    [
        ("yesterday", {}, "not_a_time"),
        ("2024-02-30", {}, "not_a_time"),
        ("2024-W01-1", {}, "not_a_time"),
        (1_729_807_320, {}, "not_a_time"),
        ("20241025", {}, "not_a_time"),
        (True, {"unit": "s"}, "not_a_time"),
        ("soon", {"unit": "s"}, "not_a_time"),
        (float("inf"), {"unit": "s"}, "infinite"),
        (1e300, {"unit": "d"}, "time_range"),
        (0, {"unit": "s"}, "time_range"),
        ("1970-01-01", {}, "time_range"),
        ("2200-01-01", {}, "time_range"),
        (-1, {"unit": "order"}, "time_range"),
        (10**12, {"unit": "order"}, "time_range"),
        (10**400, {"unit": "s"}, "time_range"),
        ("x" * 70_000, {}, "too_long"),
        ("x" * 70_000, {"unit": "s"}, "too_long"),
        ([], {}, "not_a_time"),
        ("25-10-2024", {"format": "%d/%m/%Y"}, "not_a_time"),
        ("x" * 99, {"format": "%d/%m/%Y"}, "not_a_time"),
        (5, {"format": "%d/%m/%Y"}, "not_a_time"),
        ("0001-01-01T00:00:00+23:59", {}, "time_range"),
    ],
    ids=str,
)
def test_what_is_no_time_says_why(value, role, code) -> None:
    with pytest.raises(BadRow) as caught:
        read(value, **role)
    assert caught.value.code == code
    assert len(str(caught.value)) < 250


def test_the_accepted_range_is_exact() -> None:
    assert read("1970-01-02") == DAY_US
    assert read("2106-02-07T06:28:16Z") == 2**32 * 1_000_000
    assert read("2199-12-31T23:59:59.999999Z") == LATEST_US - 1
    assert moment(LATEST_US - 1) == "2199-12-31T23:59:59.999999Z"


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ({"unit": "weeks"}, "must be one of"),
        ({"origin": "2024-01-01"}, "needs a unit"),
        ({"timezone": "Seoul"}, "no time zone"),
        ({"unit": "s", "origin": "then"}, "time.origin"),
        ({"unit": "s", "origin": 5}, "time.origin"),
        ({"unit": "s", "format": "%Y"}, "both a unit and a format"),
        ({"units": "s"}, "did you mean 'unit'"),
        ({"unit": "order", "origin": "2024-01-01"}, "needs a unit of time"),
        ({"timezone": "../etc"}, "no time zone"),
    ],
    ids=str,
)
def test_a_wrong_role_says_what_is_right(role, message) -> None:
    with pytest.raises(BadSchema, match=message):
        read(0, **role)


def test_spans() -> None:
    assert span_us("7d") == 7 * DAY_US
    assert span_us("36h") == DAY_US * 3 // 2
    assert span_us("1.5min") == 90_000_000
    assert span_us(0) == 0
    assert span_us(1000, ordinal=True) == 1_000_000_000
    for wrong in ("7", "d7", 7, True, None, "-1d"):
        with pytest.raises(BadSchema, match="no span of time"):
            span_us(wrong)


def test_summer_time_takes_the_first_of_two_hours() -> None:
    first = read("2024-11-03 01:30:00", timezone="America/New_York")
    assert moment(first) == "2024-11-03T05:30:00Z"
    assert datetime.fromtimestamp(first / 1e6, UTC).hour == 5
