"""Which kind of day it is."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from haechi.features.blocks.surprise_layout import HOLIDAY, SATURDAY, SCHOOL_BREAK, SUNDAY, WORKDAY
from haechi.features.calendar import day_class, day_classes

EPOCH = date(1970, 1, 1).toordinal()


@pytest.mark.parametrize(
    ("on", "country", "expected"),
    [
        (date(2024, 10, 25), "KR", WORKDAY),
        (date(2024, 10, 26), "KR", SATURDAY),
        (date(2024, 10, 27), "KR", SUNDAY),
        (date(2024, 10, 9), "KR", HOLIDAY),
        (date(2024, 9, 17), "KR", HOLIDAY),  # Chuseok
        (date(2024, 8, 2), "KR", SCHOOL_BREAK),
        (date(2024, 10, 9), "", WORKDAY),
        (date(2024, 8, 2), "US", WORKDAY),
        (date(2024, 7, 4), "US", HOLIDAY),
    ],
)
def test_days_have_their_class(on: date, country: str, expected: int) -> None:
    assert day_class(on.toordinal() - EPOCH, country) == expected
    assert day_classes(np.array([on.toordinal() - EPOCH] * 2), country).tolist() == [expected] * 2


def test_days_beyond_any_calendar_are_working_days() -> None:
    assert day_class(10**9, "KR") == WORKDAY
    assert day_class(-(10**9), "KR") == WORKDAY
