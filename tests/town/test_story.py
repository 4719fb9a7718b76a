"""The founding story can be told as one event."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from haechi.town import NobodyToTellAbout, Parameters, Town, simulate, story
from haechi.town.story import AGE, age_on

PARAMETERS = Parameters(customers=600, shops=120)


def test_a_pupil_of_seventeen_pays_7000_won_on_friday_at_two_past_seven() -> None:
    town = Town(PARAMETERS, 7)
    event = story(town)
    assert event["time"] == "2024-10-25T07:02:00+09:00"
    assert (event["amount"], event["currency"], event["merchant_category"]) == (7_000, "KRW", "ice_cream")
    assert event["merchant"].startswith("ice_cream-")
    assert age_on(town.people.birth_date(int(event["customer"][2:])), date(2024, 10, 25)) == AGE


def test_the_pupil_usually_pays_less_and_later() -> None:
    event = story(Town(PARAMETERS, 7))
    rows = [r for day in simulate(PARAMETERS, 7) for r in day.rows() if r.get("customer") == event["customer"]]
    payments = [r for r in rows if r["kind"] == "payment"]
    assert len(payments) > 50
    assert 1_600 <= np.median([r["amount"] for r in payments]) <= 2_600
    assert not [r for r in payments if r["time"][11:13] == "07"]


def test_it_needs_somebody_of_that_age() -> None:
    with pytest.raises(NobodyToTellAbout, match="build a town with more customers"):
        story(Town(replace(PARAMETERS, customers=1), 1))


def test_it_waits_for_a_friday_with_school() -> None:
    assert story(Town(PARAMETERS, 7), on=date(2024, 7, 20))["time"] == "2024-08-23T07:02:00+09:00"


def test_it_gives_up_when_no_school_day_comes(monkeypatch) -> None:
    monkeypatch.setattr(sys.modules["haechi.town.story"], "is_school_day", lambda day: False)
    with pytest.raises(NobodyToTellAbout, match="no Friday with school"):
        story(Town(PARAMETERS, 7))


def test_age_counts_birthdays() -> None:
    born = date(2007, 3, 2)
    assert age_on(born, date(2024, 3, 2)) == AGE
    assert age_on(born, date(2024, 3, 2) - timedelta(days=1)) == AGE - 1
