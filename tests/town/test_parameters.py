"""Impossible towns are refused in one line."""

from __future__ import annotations

from datetime import date

import pytest

from haechi.town import ImpossibleTown, Parameters


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"customers": 0}, "customers must be between 1 and 10000000, not 0"),
        ({"customers": 10**9}, "customers must be between"),
        ({"customers": 2.5}, "customers must be of type int, not 2.5"),
        ({"customers": True}, "customers must be of type int, not True"),
        ({"shops": 3}, "shops must be between 20 and"),
        ({"days": -1}, "days must be between 1 and"),
        ({"start": "2024-01-01"}, "start must be of type date"),
        ({"start": date(1900, 1, 1)}, "start must be between 1990-01-01"),
        ({"never_labelled_share": 1.1}, "never_labelled_share must be between 0 and 1, not 1.1"),
        ({"never_labelled_share": float("nan")}, "never_labelled_share must be between"),
        ({"stolen_amount_factor": 0}, "stolen_amount_factor must be between"),
    ],
)
def test_an_impossible_town_is_refused_in_one_line(wrong, says) -> None:
    with pytest.raises(ImpossibleTown) as error:
        Parameters(**wrong)
    assert str(error.value).startswith(says)
    assert "\n" not in str(error.value)


def test_a_share_may_be_written_as_a_whole_number() -> None:
    assert Parameters(never_labelled_share=0).never_labelled_share == 0


def test_days_are_counted_from_the_start() -> None:
    assert Parameters(start=date(2024, 2, 28)).date_of(2) == date(2024, 3, 1)
