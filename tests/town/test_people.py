"""Who lives in the town."""

from __future__ import annotations

import numpy as np

from haechi.town import Parameters, Town
from haechi.town.habits import PERSONAS
from haechi.town.people import PHONE_DAYS
from haechi.town.story import age_on

PARAMETERS = Parameters(customers=3_000, shops=100, days=1)
PEOPLE = Town(PARAMETERS, 1).people


def test_ages_fit_personas() -> None:
    for number, persona in enumerate(PERSONAS):
        ages = [age_on(PEOPLE.birth_date(int(i)), PARAMETERS.start) for i in np.flatnonzero(PEOPLE.persona == number)]
        assert persona.ages[0] <= min(ages)
        assert max(ages) <= persona.ages[1]


def test_a_new_phone_comes_every_two_years() -> None:
    everybody = np.arange(len(PEOPLE))
    today, later = PEOPLE.phone(everybody, 0), PEOPLE.phone(everybody, PHONE_DAYS)
    assert set(today) == {0}
    assert set(later) == {1}
    assert 0.02 < (PEOPLE.phone(everybody, 30) > today).mean() < 0.07
