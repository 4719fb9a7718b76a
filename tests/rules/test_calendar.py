"""Local time, holidays and school times, one moment and many."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from haechi.rules import calendar
from haechi.rules.calendar import TIMES, Calendar


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def told(text: str, made: Calendar | None = None) -> dict[str, float]:
    return dict(zip(TIMES, (made or Calendar("Asia/Seoul")).times(us(text)), strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2026-04-10T07:02:59+09:00",
            {"hour": 7, "minute": 2, "weekday": 4, "day": 10, "month": 4, "is_school_time": 1},
        ),
        ("2026-04-10T06:59:00+09:00", {"is_school_time": 0}),
        ("2026-04-10T16:00:00+09:00", {"is_school_time": 0}),
        ("2026-04-11T10:00:00+09:00", {"is_weekend": 1, "is_school_time": 0, "is_holiday": 0}),
        ("2026-05-05T10:00:00+09:00", {"is_holiday": 1, "is_school_time": 0}),  # Children's Day
        ("2026-08-01T10:00:00+09:00", {"is_school_time": 0}),
        ("2026-01-20T10:00:00+09:00", {"is_school_time": 0, "is_weekend": 0, "is_holiday": 0}),
        ("2026-04-09T22:30:00+00:00", {"hour": 7, "day": 10, "weekday": 4}),
    ],
)
def test_a_moment_is_told_as_people_there_say_it(text: str, expected: dict[str, float]) -> None:
    found = told(text)
    assert {name: found[name] for name in expected} == expected


def test_clocks_that_are_set_back_are_followed() -> None:
    berlin = Calendar("Europe/Berlin")
    assert told("2026-10-25T00:30:00+00:00", berlin)["hour"] == 2
    assert told("2026-10-25T01:30:00+00:00", berlin)["hour"] == 2
    assert told("2026-12-25T10:00:00+00:00", berlin)["is_holiday"] == 1
    assert told("2026-12-25T10:00:00+00:00", Calendar("UTC"))["is_holiday"] == 0
    assert told("2026-12-25T10:00:00+00:00", Calendar("UTC", "US"))["is_holiday"] == 1


def test_many_moments_are_told_like_single_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    times = us("2026-04-10T07:02:59+09:00") + np.arange(300) * 4_567_890_123
    one = Calendar("Asia/Seoul")
    monkeypatch.setattr(calendar, "OFFSETS_MAX", 8)
    single = np.array([one.times(int(t)) for t in times]).T
    assert np.array_equal(Calendar("Asia/Seoul").columns(times), single)
    days = [(int(t) + 9 * 3_600_000_000) // 86_400_000_000 for t in times]
    assert one.days(times).tolist() == days
    assert one.columns(times[:0]).shape == (len(TIMES), 0)
