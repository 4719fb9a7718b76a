"""The founding story and its twins: one is strange, the others are ordinary in this town."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from haechi.town import STORIES, ImpossibleTown, NobodyToTellAbout, Town, best_probe, history, parameters, probes, story
from haechi.town.acts import Kind
from haechi.town.almanac import DAY_US, DayClass, class_of
from haechi.town.personas import TEEN
from haechi.town.story import AGE, age_on

from .small import town

DATES = {
    "founding": date(2024, 10, 25),
    "holiday": date(2024, 12, 25),
    "summer-break": date(2025, 8, 1),
    "breakfast-habit": date(2024, 10, 25),
    "afternoon": date(2024, 10, 25),
    "usual-amount": date(2024, 10, 25),
}


@pytest.fixture(scope="module")
def here() -> Town:
    return town(3_000)


@pytest.mark.parametrize("name", STORIES)
def test_each_story_is_told_about_pupils_of_seventeen(here, name) -> None:
    told = probes(here, name)
    assert told
    for probe in told:
        assert probe.date == DATES[name]
        assert age_on(here.people.birth_date(probe.customer), probe.date) == AGE
        assert probe.event["time"] == f"{probe.date}T{STORIES[name].time}+09:00"
        assert bool(here.people.breakfast[probe.customer]) == (name == "breakfast-habit")
    assert story(here, name) in [probe.event for probe in told]


def test_the_founding_pupil_usually_pays_less_and_later(here) -> None:
    probe = best_probe(here)
    assert (probe.event["amount"], probe.event["merchant_category"]) == (7_000, "ice_cream")
    past = [row for row in history(here, probe) if row["kind"] == "payment"]
    assert len(past) > 40
    assert 2_000 <= np.median([row["amount"] for row in past]) <= 4_000
    early = [row for row in past if "06:30" <= row["time"][11:16] < "07:40"]
    assert len(early) <= 0.05 * len(past)
    assert max(row["time"] for row in past) < probe.event["time"]


def test_a_pupil_with_the_habit_buys_breakfast_at_that_hour_every_other_school_day(here) -> None:
    probe = best_probe(here, "breakfast-habit")
    past = [row for row in history(here, probe, 30) if row["kind"] == "payment"]
    early = [row for row in past if "06:30" <= row["time"][11:16] < "07:40"]
    assert len(early) >= 5
    assert max(row["amount"] for row in early) >= 5_000


def test_pupils_are_out_at_seven_when_there_is_no_school(here) -> None:
    """Or the twins on holidays would be strange by nature: the share of payments around seven, by class of day."""
    teen = np.flatnonzero((here.people.persona == TEEN) & ~here.people.breakfast)
    share = {}
    for kind, first in ((DayClass.WORKDAY, date(2024, 10, 14)), (DayClass.BREAK, date(2025, 8, 1))):
        numbers = [here.parameters.day_of(first) + n for n in range(6)]
        early = total = 0
        for number in numbers:
            if class_of(here.parameters.date_of(number)) != kind:
                continue
            acts = here.day(number)
            paid = acts.take((acts["kind"] == Kind.PAYMENT) & np.isin(acts["customer"], teen) & (acts["campaign"] < 0))
            hour = (paid["time_us"] - here.start_us) % DAY_US / 3.6e9
            early, total = early + int(((hour >= 6) & (hour < 8.5)).sum()), total + len(paid)
        share[kind] = early / total
    assert share[DayClass.BREAK] > 0.06
    assert share[DayClass.BREAK] > 1.5 * share[DayClass.WORKDAY]


def test_a_probe_can_be_put_on_another_date(here) -> None:
    assert best_probe(here, on=date(2024, 9, 7)).date == date(2024, 9, 13)
    assert best_probe(here, "holiday", on=date(2024, 9, 1)).date == date(2024, 9, 16)


def test_it_needs_somebody_of_that_age_and_a_name_that_exists() -> None:
    with pytest.raises(NobodyToTellAbout, match="build a town with more customers"):
        story(Town(parameters("small", customers=1), 1))
    with pytest.raises(ImpossibleTown, match="no story is called 'winter'; there are founding"):
        story(town(), "winter")


def test_age_counts_birthdays() -> None:
    born = date(2007, 3, 2)
    assert (age_on(born, date(2024, 3, 1)), age_on(born, date(2024, 3, 2))) == (16, 17)
