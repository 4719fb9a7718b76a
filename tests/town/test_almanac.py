"""Free days, school days, pay-days and feasts of Korea."""

from __future__ import annotations

from datetime import date

import pytest

from haechi.town.almanac import (
    HOUR_US,
    DayClass,
    class_of,
    day_of,
    due_days,
    hour_of,
    is_branch_open,
    is_free_day,
    is_gift_season,
    is_school_day,
    midnight_us,
    office_us,
    waking_us,
)


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


@pytest.mark.parametrize(
    ("day", "hour", "done_on", "done_at"),
    [
        (date(2024, 10, 25), 14.5, date(2024, 10, 25), 14.5),  # a Friday at work
        (date(2024, 10, 25), 3.0, date(2024, 10, 25), 10.5),  # early on the same day
        (date(2024, 10, 25), 18.0, date(2024, 10, 28), 10.5),  # after hours: Monday
        (date(2024, 9, 14), 12.0, date(2024, 9, 19), 10.5),  # the Saturday before Chuseok
    ],
)
def test_offices_do_it_in_their_hours(day, hour, done_on, done_at) -> None:
    done = office_us(midnight_us(day) + int(hour * HOUR_US), 0.5)
    assert (day_of(done), hour_of(done)) == (done_on, done_at)


def test_people_sleep_until_seven() -> None:
    night, noon = midnight_us(date(2024, 10, 25)) + 3 * HOUR_US, midnight_us(date(2024, 10, 25)) + 12 * HOUR_US
    assert hour_of(waking_us(night, 0.5)) == 8.5
    assert waking_us(noon, 0.5) == noon


def test_the_counter_closes_at_four_and_on_free_days() -> None:
    friday, saturday = midnight_us(date(2024, 10, 25)), midnight_us(date(2024, 10, 26))
    assert is_branch_open(friday + 15 * HOUR_US)
    assert not is_branch_open(friday + 16 * HOUR_US)
    assert not is_branch_open(saturday + 12 * HOUR_US)
