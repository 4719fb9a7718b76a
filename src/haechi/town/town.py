"""A town: its people, its merchants and any of its days.

A day is a pure function of parameters, seed and day number: each draw has its own generator, keyed by purpose, day and
block of people. Days can therefore be built in any order, in any process, or from the middle on, and are the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from haechi.town.acts import JUDGED, OTHER_BANKS, Acts, Kind, acts_of, joined, keys
from haechi.town.almanac import DAY_US, midnight_us
from haechi.town.catalogue import CATEGORY_NAMES, ONLINE_SHARE
from haechi.town.contact import contact
from haechi.town.dice import Floats, Ints, Purpose, mix, uniform
from haechi.town.ending import CUSTOMER, SETTLED
from haechi.town.errors import ImpossibleTown
from haechi.town.merchants import draw_merchants
from haechi.town.money import money
from haechi.town.parameters import Parameters
from haechi.town.people import draw_people
from haechi.town.personas import PERSONAS
from haechi.town.scene import BLOCK, Scene
from haechi.town.script import MULE_DAYS
from haechi.town.shopping import shopping
from haechi.town.speech import Speech, speech
from haechi.town.typologies import CAMPAIGN_DAYS_MAX, ROLES, TYPOLOGIES
from haechi.town.wave import Wave, count_on, draw_wave

MULES_PER_1000 = 0.45  # accounts in the hands of fraudsters at one time, for each thousand customers
MULES_MIN = 3  # accounts at one time, however small the town
MULES_HERE_SHARE = 0.4
VICTIM_DAYS = 28  # so close to the days on which fraudsters hold an account, its owner is nobody's victim
TOLD_DAYS_MAX = 240  # from the beginning of a campaign to the last label of it
PROFILES_STREAM = 200


class Town:
    """Customers and merchants, and what happens on each day."""

    def __init__(self, parameters: Parameters, seed: int) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ImpossibleTown(f"seed must be a whole number from 0 on, not {seed!r}")
        self.parameters, self.seed = parameters, seed
        self.start_us = midnight_us(parameters.start)
        self.people = draw_people(parameters, seed)
        self.merchants = draw_merchants(parameters, self.people.places, seed)
        self._waves: OrderedDict[int, Wave] = OrderedDict()
        self._ages = self.people.ages(parameters.start)
        self._pools: dict[tuple[int, int], Ints] = {}
        self._mules: dict[int, frozenset[int]] = {}
        self._begun: dict[int, list[int]] = {}
        self._likes: dict[tuple[int, bool], Floats] = {}

    @cached_property
    def speech(self) -> Speech:
        """What is said and written here."""
        return speech()

    def day(self, number: int) -> Acts:
        """Everything that happens on one day, in order of time; day 0 is the first."""
        return joined([self._profiles(number), *(self._block(number, b) for b in self.blocks), self.campaigns(number)]
                      ).in_order()  # fmt: skip

    @property
    def blocks(self) -> range:
        """The blocks of people that are drawn together."""
        return range(-(-len(self.people) // BLOCK))

    def campaigns(self, number: int) -> Acts:
        """The acts of all campaigns on one day, those that began earlier among them."""
        waves = [self.wave(begun) for begun in range(max(0, number - CAMPAIGN_DAYS_MAX), number + 1)]
        return self._settled(joined([wave.on(number) for wave in waves]))

    def wave(self, number: int) -> Wave:
        """The campaigns that begin on a day; the last few are kept."""
        if number not in self._waves:
            self._waves[number] = draw_wave(self, number, TYPOLOGIES)
            while len(self._waves) > TOLD_DAYS_MAX + 30:
                self._waves.popitem(last=False)
        self._waves.move_to_end(number)
        return self._waves[number]

    def told(self, number: int) -> Acts:
        """Labels of a day's making: its honest payments settle together, and campaigns come out by then.

        Day n tells what became known on day n + settled_after_days; the first day also what was known before, the last
        all that comes later.
        """
        settle, last = self.parameters.settled_after_days, self.parameters.days - 1
        since = self.start_us + (number + settle) * DAY_US if number else 0
        until = since + DAY_US if number else self.start_us + (1 + settle) * DAY_US
        if number == last:
            until = np.iinfo(np.int64).max
        begun = range(max(0, number - TOLD_DAYS_MAX), min(last, number + settle) + 1)
        found = []
        for wave in map(self.wave, begun):
            known = wave.acts["told_us"]
            now = wave.acts["fraud"] & (wave.acts["told"] >= 0) & (known >= since) & (known < until)
            found.append(wave.acts.take(now & (wave.days <= last)))
        return joined(found)

    def of_age(self, low: int, high: int) -> Ints:
        """The customers from one age to another, both included, on the first day."""
        if (low, high) not in self._pools:
            self._pools[low, high] = np.flatnonzero((self._ages >= low) & (self._ages < high + 1))
        return self._pools[low, high]

    def mule(self, day: int, number: int) -> int:
        """One of the accounts that fraudsters hold at a time: at other banks, or of recruited customers."""
        epoch = day // MULE_DAYS
        count = max(MULES_MIN, round(len(self.people) * MULES_PER_1000 / 1_000))
        which = mix(self.seed * 31 + epoch * 1_000_003 + number % count)
        young = self.of_age(19, 42)
        if which % 1_000 < 1_000 * MULES_HERE_SHARE and len(young):
            found = int(young[(which >> 20) % len(young)])
            if self.people.joined[found] <= epoch * MULE_DAYS:
                return found
        return OTHER_BANKS + (which >> 28)

    def mules_about(self, day: int) -> frozenset[int]:
        """The customers whose accounts fraudsters hold in the weeks around a day."""
        if day not in self._mules:
            count = max(MULES_MIN, round(len(self.people) * MULES_PER_1000 / 1_000))
            days = range(max(0, day - VICTIM_DAYS), day + VICTIM_DAYS, MULE_DAYS)
            found = (self.mule(one, number) for one in days for number in range(count))
            self._mules[day] = frozenset(account for account in found if account < OTHER_BANKS)
        return self._mules[day]

    def ordinary(self, persona: int, online: bool) -> Floats:
        """The categories that a persona buys at counters or on the net: cumulative shares."""
        if (persona, online) not in self._likes:
            likes = np.array([PERSONAS[persona].likes.get(name, 0.0) for name in CATEGORY_NAMES])
            cumulative = np.cumsum(likes * (ONLINE_SHARE if online else 1 - ONLINE_SHARE))
            self._likes[persona, online] = cumulative / cumulative[-1]
        return self._likes[persona, online]

    def begun_before(self, code: int, day: int) -> int:
        """How many campaigns of a typology have begun before a day."""
        counts = self._begun.setdefault(code, [0])
        while len(counts) <= day:
            counts.append(counts[-1] + count_on(self, len(counts) - 1, code, TYPOLOGIES[code]))
        return counts[day]

    def role_code(self, role: str) -> int:
        """The number of a role."""
        return ROLES.index(role)

    def _block(self, number: int, block: int) -> Acts:
        parts = [
            build(Scene(self, number, block, purpose))
            for build, purpose in ((shopping, Purpose.SHOPPING), (money, Purpose.MONEY), (contact, Purpose.PHONE))
        ]
        acts = joined(parts)
        acts.columns["key"] = keys(number, block, 0, len(acts))
        return self._settled(acts)

    def _settled(self, acts: Acts) -> Acts:
        """What nobody complains about counts as legitimate after some days; a few honest payments are accused."""
        given = self.parameters
        open_ = np.isin(acts["kind"], JUDGED) & ~acts["fraud"] & (acts["told"] < 0)
        chance = uniform(acts["key"], self.seed + 23)
        accused = open_ & (chance < given.wrongly_accused)
        told = open_ & ((chance >= given.never_share) | accused)
        acts.columns["told"] = np.where(told, accused, acts["told"]).astype(np.int8)
        acts.columns["source"] = np.where(told, np.where(accused, CUSTOMER, SETTLED), acts["source"]).astype(np.int8)
        settled_us = acts["time_us"] + given.settled_after_days * DAY_US
        acts.columns["told_us"] = np.where(told, settled_us, acts["told_us"])
        return acts

    def _profiles(self, number: int) -> Acts:
        """Who opens an account today; on the first day everybody who had one before."""
        who = np.flatnonzero(self.people.joined == number)
        return acts_of(
            len(who), time_us=self.start_us + number * DAY_US, kind=Kind.PROFILE, customer=who,
            key=keys(number, PROFILES_STREAM, 0, len(who)),
        )  # fmt: skip


def simulate(parameters: Parameters, seed: int, *, first_day: int = 0) -> Iterator[Acts]:
    """The days of a town one after the other, one in memory at a time."""
    if not 0 <= first_day < parameters.days:
        raise ImpossibleTown(f"first_day must be between 0 and {parameters.days - 1}, not {first_day}")
    town = Town(parameters, seed)
    return (town.day(number) for number in range(first_day, parameters.days))
