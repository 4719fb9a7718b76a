"""Legal clocks: calendar days from the moment, working days to the midnight that ends the last of them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from haechi.cases.clock import due_us, is_working_day, working_days_left
from haechi.cases.practice import RefundDays

SEOUL = ZoneInfo("Asia/Seoul")


def us(text: str, zone: str = "Asia/Seoul") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


def due(text: str, days: int, country: str = "KR", zone: str = "Asia/Seoul") -> str:
    found = due_us(us(text, zone), days, working=True, country=country, timezone=zone)
    return datetime.fromtimestamp(found / 1e6, ZoneInfo(zone)).isoformat()[:16]


@pytest.mark.parametrize(
    ("reported", "days", "ends"),
    [
        ("2024-10-25T09:00", 1, "2024-10-29T00:00"),  # Friday: Monday is the first working day, it ends at midnight
        ("2024-10-26T23:59", 1, "2024-10-29T00:00"),  # Saturday
        ("2024-10-21T00:00", 3, "2024-10-25T00:00"),  # Monday: the day itself does not count
        ("2024-10-02T12:00", 1, "2024-10-05T00:00"),  # before 3 October, a public holiday
        ("2025-10-02T12:00", 3, "2025-10-15T00:00"),  # Chuseok 2025: 3 to 9 October closed, 10 Oct is a Friday
        ("2024-12-31T18:00", 1, "2025-01-03T00:00"),  # over New Year
        ("2024-10-21T10:00", 0, "2024-10-22T00:00"),  # today
    ],
)
def test_working_days_leave_out_weekends_and_public_holidays(reported: str, days: int, ends: str) -> None:
    assert due(reported, days) == ends


def test_a_day_begins_where_the_bank_is() -> None:
    late = us("2024-10-24T16:00", "UTC")  # 01:00 of Friday in Seoul
    assert due_us(late, 1, working=True, country="KR", timezone="Asia/Seoul") == us("2024-10-29T00:00")
    assert due_us(late, 1, working=True, country="", timezone="UTC") == us("2024-10-26T00:00", "UTC")


def test_a_day_of_23_hours_still_ends_at_midnight() -> None:
    assert due("2025-03-28T10:00", 1, "DE", "Europe/Berlin") == "2025-04-01T00:00"


def test_calendar_days_are_24_hours_each() -> None:
    at = us("2024-10-25T09:00")
    assert due_us(at, 3, working=False, country="KR", timezone="Asia/Seoul") == at + 3 * 86_400_000_000


def test_a_country_without_known_holidays_has_weekends() -> None:
    assert is_working_day(date(2024, 10, 3), "")
    assert not is_working_day(date(2024, 10, 3), "KR")
    assert not is_working_day(date(2024, 10, 5), "")


def test_how_many_working_days_are_left() -> None:
    end = due_us(us("2024-10-25T09:00"), 3, working=True, country="KR", timezone="Asia/Seoul")
    left = [
        working_days_left(us(at), end, country="KR", timezone="Asia/Seoul")
        for at in ("2024-10-25T10:00", "2024-10-28T10:00", "2024-10-30T23:00", "2024-11-02T00:00")
    ]
    assert left == [3, 2, 0, 0]


def test_policy_says_which_steps_count_working_days() -> None:
    days = msgspec.convert({"decided": 3, "working": ["decided"]}, RefundDays)
    at = us("2024-10-25T09:00")
    assert days.due_us("frozen", at) == at + 86_400_000_000
    assert days.due_us("decided", at) == us("2024-10-31T00:00")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"timezone": "Seoul"}, "Asia/Seoul"), ({"country": "XQ"}, "leave country empty"),
     ({"country": "kr"}, "regex"), ({"working": ["opened"]}, "Invalid enum")],
)  # fmt: skip
def test_a_wrong_calendar_is_refused(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=why):
        msgspec.convert(wrong, RefundDays)
