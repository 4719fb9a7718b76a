"""Free days and school days of Korea."""

from __future__ import annotations

from datetime import date

import pytest

from haechi.town.almanac import is_free_day, is_school_day


@pytest.mark.parametrize(
    ("day", "free", "school"),
    [
        (date(2024, 10, 25), False, True),  # the Friday of the story
        (date(2024, 10, 26), True, False),  # a Saturday
        (date(2024, 9, 17), True, False),  # Chuseok, by the moon
        (date(2024, 8, 5), False, False),  # school holidays, offices open
        (date(2024, 1, 10), False, False),
        (date(2024, 3, 4), False, True),
    ],
)
def test_each_kind_of_day_is_known(day, free, school) -> None:
    assert (is_free_day(day), is_school_day(day)) == (free, school)
