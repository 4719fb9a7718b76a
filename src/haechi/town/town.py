"""A town: its people, its shops and any of its days.

A day is a pure function of parameters, seed and day number: each draw has its own generator, spawned from the seed
by purpose and day. Days can therefore be built in any order, in any process, or from the middle on, and are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt

from haechi.town.almanac import is_free_day, is_school_day
from haechi.town.day import MOBILE, ONLINE, POS, Day
from haechi.town.errors import ImpossibleTown
from haechi.town.fraud import STRANGE_HAND, Outbreak, commit_fraud, draw_outbreak, draw_strangers, move_hours
from haechi.town.habits import CATEGORIES, CATEGORY_DICE, HOUR_DICE, PERSONAS, Ints
from haechi.town.labels import known_at
from haechi.town.parameters import Parameters
from haechi.town.people import draw_people
from haechi.town.shops import draw_shops

SEOUL = timezone(timedelta(hours=9))  # no summer time since 1988
PEOPLE, SHOPS, OUTBREAKS, PAYMENTS, STRANGERS = 0, 1, 2, 3, 4  # purposes of a draw
MOBILE_SHARE = 0.25  # of payments at a counter
WON_STEP = 100


def midnight_us(day: date) -> int:
    """Midnight in Seoul as microseconds since 1970 in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=SEOUL).timestamp()) * 1_000_000


class Town:
    """Customers and shops, and what happens on each day."""

    def __init__(self, parameters: Parameters, seed: int) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ImpossibleTown(f"seed must be a whole number from 0 on, not {seed!r}")
        self.parameters = parameters
        self.seed = seed
        self.people = draw_people(parameters, self._rng(PEOPLE))
        self.shops = draw_shops(parameters, self._rng(SHOPS))

    def day(self, number: int) -> Day:
        """All payments of one day; day 0 is the first."""
        rng, on = self._rng(PAYMENTS, number), self.parameters.date_of(number)
        customer = np.repeat(np.arange(len(self.people)), rng.poisson(self.people.payments_per_day))
        hour = HOUR_DICE.throw(self.people.persona[customer] * 2 + self._is_free(on)[customer], rng)
        hour, strange = self._strange_hands(number, customer, hour)
        second = hour * 3600 + rng.integers(0, 3600, len(hour))
        order = np.argsort(second, kind="stable")
        customer, hour, strange = customer[order], hour[order], strange[order]
        time_us = midnight_us(on) + second[order] * 1_000_000
        category = CATEGORY_DICE.throw(self.people.persona[customer] * 24 + hour, rng)
        shop = self.shops.choose(category, self.people.district[customer], self.people.salt[customer], rng)
        usual = self._amounts(customer, shop, rng) * np.where(strange, self.parameters.strange_amount_factor, 1)
        amount, kind = commit_fraud(self.parameters, self._outbreaks(number), customer, shop, usual, rng)
        kind = np.where(strange & (kind == 0), STRANGE_HAND, kind).astype(np.int8)
        return Day(
            number=number, date=on, people=self.people, shops=self.shops, time_us=time_us, customer=customer, shop=shop,
            amount=amount, channel=self._channels(category, rng), fraud_kind=kind,
            known_at_us=known_at(self.parameters, time_us, kind > 0, rng),
        )  # fmt: skip

    def outbreak(self, number: int) -> Outbreak:
        """Which shops and customers fraud reaches on this day."""
        return draw_outbreak(self.parameters, self._rng(OUTBREAKS, number))

    def _rng(self, *purpose: int) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=purpose)))

    def _outbreaks(self, number: int) -> list[Outbreak]:
        longest = max(self.parameters.shop_compromised_days, self.parameters.card_stolen_days)
        return [self.outbreak(n) for n in range(number, max(-1, number - longest), -1)]

    def _strange_hands(self, number: int, customer: Ints, hour: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        days = range(number, max(-1, number - self.parameters.strange_hand_days), -1)
        victims = [draw_strangers(self.parameters, self._rng(STRANGERS, day)) for day in days]
        return move_hours(self.parameters, victims, customer, hour, self._rng(STRANGERS, number, 1))

    def _is_free(self, on: date) -> Ints:
        free = np.array([not is_school_day(on) if p.goes_to_school else is_free_day(on) for p in PERSONAS])
        return free.astype(np.int64)[self.people.persona]

    def _amounts(self, customer: Ints, shop: Ints, rng: np.random.Generator) -> Ints:
        median = np.array([c.median_won for c in CATEGORIES])[self.shops.category[shop]]
        spread = np.array([c.spread for c in CATEGORIES])[self.shops.category[shop]]
        won = (
            median
            * self.people.level[customer]
            * self.shops.price[shop]
            * np.exp(spread * rng.standard_normal(len(shop)))
        )
        return np.maximum(np.round(won / WON_STEP), 1).astype(np.int64) * WON_STEP

    def _channels(self, category: Ints, rng: np.random.Generator) -> Ints:
        online = rng.random(len(category)) < np.array([c.online_share for c in CATEGORIES])[category]
        mobile = rng.random(len(category)) < MOBILE_SHARE
        return np.select([online, mobile], [ONLINE, MOBILE], POS)


def simulate(parameters: Parameters, seed: int, *, first_day: int = 0) -> Iterator[Day]:
    """The days of a town one after the other, one in memory at a time; live traffic starts at a later first day."""
    if not 0 <= first_day < parameters.days:
        raise ImpossibleTown(f"first_day must be between 0 and {parameters.days - 1}, not {first_day}")
    town = Town(parameters, seed)
    return (town.day(number) for number in range(first_day, parameters.days))
