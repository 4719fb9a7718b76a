"""One day as a block of people live it: who is there, where they are, what kind of day it is for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from haechi.town.almanac import DayClass, class_of, midnight_us
from haechi.town.dice import Bools, Ints, Purpose, generator, hashed, uniform
from haechi.town.personas import HOUR_DICE, PERSONAS, STUDENT_ABROAD, hour_row
from haechi.town.places import ABROAD
from haechi.town.trips import Away, away

if TYPE_CHECKING:
    from haechi.town.town import Town

BLOCK = 1 << 16  # people that are drawn together; part of what a seed means, so it never changes
MONTH_DAYS = 30.436875
ODD_SHARE = 0.008  # of what people do at an hour that is not theirs
TAPS_SHARE = 0.22  # of people, honest or not: they tap a card, the others insert it
_SCHOOL = np.array([p.goes_to_school for p in PERSONAS])


@dataclass(frozen=True)
class Scene:
    """A day and the people of a block."""

    town: Town
    day: int
    block: int
    purpose: Purpose

    @cached_property
    def rng(self) -> np.random.Generator:
        """The dice of this scene."""
        return generator(self.town.seed, self.purpose, self.day, self.block)

    @cached_property
    def date(self) -> date:
        """Its date."""
        return self.town.parameters.date_of(self.day)

    @cached_property
    def start_us(self) -> int:
        """Its midnight in Seoul."""
        return midnight_us(self.date)

    @cached_property
    def who(self) -> Ints:
        """The customers of the block who have an account by now."""
        first = self.block * BLOCK
        numbers = np.arange(first, min(first + BLOCK, len(self.town.people)))
        return numbers[self.town.people.joined[numbers] <= self.day]

    @cached_property
    def months(self) -> float:
        """Months since the town's first day, for what drifts."""
        return self.day / MONTH_DAYS

    @cached_property
    def prices(self) -> float:
        """How much dearer everything is than on the first day."""
        return float(np.exp(self.town.parameters.prices_per_month * self.months))

    def persona(self, customer: Ints) -> Ints:
        """The persona of each."""
        return self.town.people.persona[customer].astype(np.int64)

    def seconds(self, customer: Ints) -> Ints:
        """A second of the day for each, by the habits of its persona on such a day."""
        kind, persona = class_of(self.date), self.persona(customer)
        kinds = np.full(len(customer), int(kind))
        if kind == DayClass.BREAK:
            kinds[~_SCHOOL[persona]] = DayClass.WORKDAY
        rows = hour_row(persona, self.town.people.variant[customer].astype(np.int64), kinds)
        half = HOUR_DICE.throw(rows, self.rng)
        odd = self.rng.random(len(customer)) < ODD_SHARE
        half = np.where(odd, self.rng.integers(0, 48, len(customer)), half)
        return half * 1_800 + self.rng.integers(0, 1_800, len(customer))

    def people_times(self, rate: npt.NDArray[np.floating[Any]] | float) -> Ints:
        """Each of the scene's people as often as it does something today."""
        return np.repeat(self.who, self.rng.poisson(np.broadcast_to(np.asarray(rate, np.float64), self.who.shape)))

    def away(self, customer: Ints) -> Away:
        """Who of them is on a journey."""
        town = self.town
        found = away(town.parameters, town.seed, len(town.people.places), customer, self.day)
        studies = self.persona(customer) == STUDENT_ABROAD
        where = 1 + (hashed(customer, 41) % np.uint64(len(ABROAD))).astype(np.int64)
        return Away(found.away & ~studies, found.district, np.where(studies, where, found.country * found.away),
                    found.first_day)  # fmt: skip

    def phone(self, customer: Ints) -> Ints:
        """The device that each carries."""
        return customer * 16 + self.town.people.phone(customer, self.day)

    def ip(self, customer: Ints) -> Ints:
        """An address on the net: that of the home, or one of the telephone company's."""
        home = (10 << 24) + (hashed(customer, 43) % np.uint64(1 << 22)).astype(np.int64)
        mobile = (10 << 24) + (1 << 23) + self.rng.integers(0, 1 << 17, len(customer))
        return np.where(self.rng.random(len(customer)) < 0.55, home, mobile)


def taps(customer: npt.ArrayLike) -> Bools:
    """Who taps a card; a hand has one habit."""
    habit: Bools = uniform(customer, 61) < TAPS_SHARE
    return habit


def has_second_card(customer: Ints) -> Ints:
    """Who has two cards."""
    return (uniform(customer, 47) < 0.35).astype(np.int64)
