"""The customers of a town, one array a property.

Ages follow the residents of Korea from 13 on: Ministry of the Interior and Safety, resident registration statistics of
31 December 2023 (teens 9.06 %, twenties 12.07, thirties 12.82, forties 15.44, fifties 16.94, sixties 14.87, seventy
and more 12.31 % of all residents), spread evenly within each band.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.town.dice import Bools, Floats, Ints, Purpose, generator, hashed, uniform
from haechi.town.parameters import Parameters
from haechi.town.personas import (
    BY_AGE,
    NAMES,
    PARENT,
    PERSONAS,
    RETIRED,
    SELF_EMPLOYED,
    STUDENT_ABROAD,
    TEEN,
    VARIANTS,
    numbers,
)
from haechi.town.places import Places, draw_places, near

AGE_BANDS = ((13, 20, 9.06 * 0.7), (20, 30, 12.07), (30, 40, 12.82), (40, 50, 15.44), (50, 60, 16.94),
             (60, 70, 14.87), (70, 86, 12.31))  # fmt: skip
PHONE_DAYS = 730  # a phone is kept for two years
SALARY_DAYS, SALARY_SHARES = (25, 10, 15, 21, 5, 1, 28), (0.42, 0.2, 0.09, 0.13, 0.06, 0.05, 0.05)
RENT_DAYS = (1, 5, 10, 15, 20, 25, 28)
SEGMENTS = ("student", "employee", "self_employed", "none")
BREAKFAST_SHARE = 0.08  # of pupils: they buy something to eat on the way to school
YEAR_DAYS = 365.2425


@dataclass(frozen=True)
class People:
    """Everybody's traits; a customer is a number from 0 on."""

    places: Places
    persona: npt.NDArray[np.int8]
    variant: npt.NDArray[np.int8]
    segment: npt.NDArray[np.int8]
    sex: npt.NDArray[np.int8]
    born: npt.NDArray[np.int32]  # proleptic ordinal of the birthday
    joined: npt.NDArray[np.int16]  # the day of the town on which the account was opened
    payments_per_day: npt.NDArray[np.float32]
    transfers_per_day: npt.NDArray[np.float32]
    looks_per_day: npt.NDArray[np.float32]
    cash_per_day: npt.NDArray[np.float32]
    level: npt.NDArray[np.float32]
    first_home: npt.NDArray[np.int32]
    next_home: npt.NDArray[np.int32]
    moves_on: npt.NDArray[np.int16]
    work: npt.NDArray[np.int32]
    salary_won: npt.NDArray[np.int32]
    salary_day: npt.NDArray[np.int8]
    rent_won: npt.NDArray[np.int32]
    rent_day: npt.NDArray[np.int8]
    phone_age_days: npt.NDArray[np.int16]
    breakfast: Bools
    start: date

    def __len__(self) -> int:
        return len(self.persona)

    def birth_date(self, customer: int) -> date:
        """The day on which the customer was born."""
        return date.fromordinal(int(self.born[customer]))

    def ages(self, day: date) -> Floats:
        """Everybody's age in years, birthdays by fractions."""
        years: Floats = (day.toordinal() - self.born) / YEAR_DAYS
        return years

    def home(self, customer: Ints, day: int) -> Ints:
        """The district in which each customer lives on this day."""
        return np.where(self.moves_on[customer] <= day, self.next_home[customer], self.first_home[customer])

    def home_point(self, customer: Ints, day: int) -> tuple[Floats, Floats]:
        """Where each customer's home is."""
        district = self.home(customer, day)
        return near(self.places.lat[district], self.places.lon[district], customer * 2 + (district & 1), 205)

    def phone(self, customer: Ints, day: int) -> Ints:
        """The running number of the phone that each customer carries on this day."""
        number: Ints = (self.phone_age_days[customer].astype(np.int64) + day) // PHONE_DAYS
        return number

    def new_phones(self, day: int) -> Ints:
        """Who carries a new phone from this day on."""
        return np.flatnonzero((self.phone_age_days.astype(np.int64) + day) % PHONE_DAYS == 0)

    def movers(self, day: int) -> Ints:
        """Who moves house on this day."""
        return np.flatnonzero(self.moves_on == day)


def draw_people(parameters: Parameters, seed: int) -> People:
    """Let customers move in."""
    n, rng = parameters.customers, generator(seed, Purpose.PEOPLE)
    places, number = draw_places(parameters.customers), np.arange(parameters.customers)
    age, persona = _ages_and_personas(n, rng)
    segment = np.array([SEGMENTS.index(p.segment) for p in PERSONAS])[persona]
    segment = np.where((rng.random(n) < 0.05) & (persona != TEEN), rng.integers(0, 4, n), segment)
    pace = np.exp(0.45 * rng.standard_normal(n) - 0.1)
    home = rng.integers(0, len(places), n)
    return People(
        places=places, persona=persona.astype(np.int8), variant=rng.integers(0, VARIANTS, n).astype(np.int8),
        segment=segment.astype(np.int8), sex=rng.integers(0, 2, n).astype(np.int8),
        born=(parameters.start.toordinal() - (age * YEAR_DAYS).astype(np.int64)).astype(np.int32),
        joined=_joined(parameters, n, rng),
        payments_per_day=_pace("payments_per_day", persona, pace * parameters.pace),
        transfers_per_day=_pace("transfers_per_day", persona, np.exp(0.5 * rng.standard_normal(n)) * parameters.pace),
        looks_per_day=_pace("looks_per_day", persona, np.exp(0.6 * rng.standard_normal(n)) * parameters.pace),
        cash_per_day=_pace("cash_per_day", persona, np.exp(0.7 * rng.standard_normal(n)) * parameters.pace),
        level=(numbers("level")[persona] * np.exp(0.3 * rng.standard_normal(n))).astype(np.float32),
        first_home=home.astype(np.int32), next_home=rng.integers(0, len(places), n).astype(np.int32),
        moves_on=_moves(parameters, n, rng), work=_work(places, home, rng).astype(np.int32),
        **_money(persona, rng),
        phone_age_days=rng.integers(0, PHONE_DAYS, n).astype(np.int16),
        breakfast=(persona == TEEN) & (uniform(number, seed + 11) < BREAKFAST_SHARE), start=parameters.start,
    )  # fmt: skip


def _ages_and_personas(n: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    low, high, share = np.array(AGE_BANDS).T
    band = rng.choice(len(AGE_BANDS), size=n, p=share / share.sum())
    age = low[band] + (high - low)[band] * rng.random(n)
    row = np.searchsorted([limit + 1 for limit, _ in BY_AGE], age, side="right")
    weights = np.array([[shares.get(p, 0.0) for p in range(len(NAMES))] for _, shares in BY_AGE])
    cumulative = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)[row]
    persona = np.minimum((cumulative < rng.random(n)[:, None]).sum(axis=1), len(NAMES) - 1)
    return age, persona


def _pace(of: str, persona: Ints, factor: Floats) -> npt.NDArray[np.float32]:
    return (numbers(of)[persona] * factor).astype(np.float32)


def _joined(parameters: Parameters, n: int, rng: np.random.Generator) -> npt.NDArray[np.int16]:
    new = rng.random(n) < parameters.joins_per_year
    return np.where(new, rng.integers(1, 366, n), 0).astype(np.int16)


def _moves(parameters: Parameters, n: int, rng: np.random.Generator) -> npt.NDArray[np.int16]:
    moves = rng.random(n) < parameters.moves_per_year
    return np.where(moves, rng.integers(5, 370, n), np.iinfo(np.int16).max).astype(np.int16)


def _work(places: Places, home: Ints, rng: np.random.Generator) -> Ints:
    """Most work or learn in their own district or a neighbouring one of the same province."""
    other = rng.integers(0, len(places), len(home))
    stays = (rng.random(len(home)) < 0.45) | (places.province[other] != places.province[home])
    return np.where(stays, home, other)


def _money(persona: Ints, rng: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
    n = len(persona)
    salary = numbers("salary_won")[persona] * np.exp(0.35 * rng.standard_normal(n))
    salary[(persona == RETIRED) & (rng.random(n) < 0.2)] = 0
    rents = rng.random(n) < numbers("rents_share")[persona]
    rent = np.where(rents, 480_000 * np.exp(0.35 * rng.standard_normal(n)), 0)
    rent *= np.where(persona == SELF_EMPLOYED, 2.2, 1.0)
    return {
        "salary_won": (np.round(salary / 1_000) * 1_000).astype(np.int32),
        "salary_day": rng.choice(SALARY_DAYS, size=n, p=SALARY_SHARES).astype(np.int8),
        "rent_won": (np.round(rent / 10_000) * 10_000).astype(np.int32),
        "rent_day": rng.choice(RENT_DAYS, size=n).astype(np.int8),
    }


def family(people: People, customer: Ints) -> Ints:
    """Somebody of the family with an account here: for a pupil a parent, for others any fixed relative."""
    grown = np.flatnonzero(np.isin(people.persona, (PARENT, SELF_EMPLOYED, 3)))
    pool = grown if len(grown) else np.arange(len(people))
    return pool[(hashed(customer, 77) % np.uint64(len(pool))).astype(np.int64)]


def lives_abroad(people: People, customer: Ints) -> Bools:
    """Who studies abroad."""
    abroad: Bools = people.persona[customer] == STUDENT_ABROAD
    return abroad
