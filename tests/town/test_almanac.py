"""Free days, school days, pay-days and feasts of Korea."""

from __future__ import annotations

from datetime import date

import pytest

from haechi.town.almanac import DayClass, class_of, due_days, is_free_day, is_gift_season, is_school_day


@pytest.mark.parametrize(
    ("day", "free", "school", "kind"),
    [
        (date(2024, 10, 25), False, True, DayClass.WORKDAY),  # the Friday of the story
        (date(2024, 10, 26), True, False, DayClass.SATURDAY),
        (date(2024, 10, 27), True, False, DayClass.SUNDAY),
        (date(2024, 9, 17), True, False, DayClass.HOLIDAY),  # Chuseok, by the moon
        (date(2024, 8, 2), False, False, DayClass.BREAK),  # school holidays, offices open
        (date(2024, 3, 4), False, True, DayClass.WORKDAY),
    ],
)
def test_each_kind_of_day_is_known(day, free, school, kind) -> None:
    assert (is_free_day(day), is_school_day(day), class_of(day)) == (free, school, kind)


def test_what_falls_on_a_free_day_is_paid_before() -> None:
    assert due_days(date(2024, 8, 23)) == (23, 24, 25)  # a Friday: the 25th is a Sunday
    assert due_days(date(2024, 8, 25)) == ()
    assert due_days(date(2024, 10, 25)) == (25, 26, 27)


def test_gifts_go_out_in_the_week_before_the_feasts() -> None:
    assert is_gift_season(date(2024, 9, 12))
    assert is_gift_season(date(2024, 2, 5))
    assert not is_gift_season(date(2024, 10, 12))
