"""The story Haechi was founded on, and its twins: a pupil of 17 pays 7,000 won at two minutes past seven.

On a Friday with school, by somebody who usually pays 2,000 to 4,000 won after school, it is strange. Its twins differ
in one thing each and are ordinary in this town: pupils are out at seven in the holidays too, and some buy breakfast.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from haechi.town.acts import CHIP, CONTACTLESS, METHODS
from haechi.town.almanac import DayClass, class_of, is_school_day
from haechi.town.catalogue import CODE, MEDIAN_WON
from haechi.town.dice import Ints, normal
from haechi.town.errors import ImpossibleTown, NobodyToTellAbout
from haechi.town.merchants import Merchants
from haechi.town.personas import TEEN
from haechi.town.places import COUNTRIES
from haechi.town.render import Pen
from haechi.town.scene import taps
from haechi.town.town import Town

AGE = 17
FRIDAY = 4
AUGUST = 8
SEARCH_DAYS = 500
USUAL_WON = (2_000, 4_000)
HISTORY_DAYS = 90
USUAL_SHOPS = ("convenience", "snack", "ice_cream")


@dataclass(frozen=True)
class Story:
    """A scene with a name: who, when, how much, where, and whether it is ordinary."""

    name: str
    about: str
    fits: Callable[[date], bool]
    time: str = "07:02:00"
    amount_won: int = 7_000
    category: str = "ice_cream"
    breakfast: bool = False
    strange: bool = False


@dataclass(frozen=True)
class Probe:
    """A story told about one pupil of a town on one day: the event, and what this pupil usually pays."""

    story: str
    customer: int
    date: date
    usual_won: int
    event: dict[str, Any]


def _school_friday(day: date) -> bool:
    return day.weekday() == FRIDAY and is_school_day(day)


def _holiday(day: date) -> bool:
    return class_of(day) == DayClass.HOLIDAY and day.weekday() <= FRIDAY


def _summer(day: date) -> bool:
    return class_of(day) == DayClass.BREAK and day.month == AUGUST and day.weekday() == FRIDAY


STORIES = {
    story.name: story
    for story in (
        Story("founding", "17 years old, 07:02 on a Friday with school, 7,000 won", _school_friday, strange=True),
        Story("holiday", "the same on a public holiday", _holiday),
        Story("summer-break", "the same in the summer break", _summer),
        Story("breakfast-habit", "the same by a pupil who buys breakfast at that hour", _school_friday,
              category="convenience", breakfast=True),
        Story("afternoon", "the same at 16:40, after school", _school_friday, time="16:40:00"),
        Story("usual-amount", "the same hour, the usual 3,000 won", _school_friday, amount_won=3_000),
    )
}  # fmt: skip


def story(town: Town, name: str = "founding", *, on: date | None = None) -> dict[str, Any]:
    """The event of a story, told about the pupil of the town whom it fits best, on the first day from `on` that fits.

    Left out, `on` is the day after the town's last.
    """
    return best_probe(town, name, on=on).event


def best_probe(town: Town, name: str = "founding", *, on: date | None = None) -> Probe:
    """The story about the pupil whom it fits best: who pays often, and usually about 3,000 won."""
    told = _told(name)
    return max(
        probes(town, name, on=on),
        key=lambda p: (_fit(town, p) if not told.breakfast else float(town.people.level[p.customer]), -p.customer),
    )


def probes(
    town: Town, name: str = "founding", *, on: date | None = None, ages: tuple[int, int] = (AGE, AGE)
) -> list[Probe]:
    """The story about every pupil of these ages in the town whom it fits, on the first day from `on` that fits."""
    told = _told(name)
    day = _day(told, on or town.parameters.end)
    found = [_probe(town, told, day, customer) for customer in _pupils(town, told, day, ages)]
    if not found:
        raise NobodyToTellAbout(f"nobody here is {AGE} and fits {name!r} on {day}: build a town with more customers")
    return found


def history(town: Town, probe: Probe, days: int = HISTORY_DAYS) -> Iterator[dict[str, Any]]:
    """What this pupil did in the days before the story, in order of time."""
    pen, until = Pen(town), town.parameters.day_of(probe.date)
    for number in range(max(0, until - days), until + 1):
        acts = town.day(number)
        for row in pen.rows(acts.take(acts["customer"] == probe.customer)):
            if row["time"] < probe.event["time"]:
                yield row


def usual_won(town: Town, customer: Ints) -> Ints:
    """What somebody usually pays for a snack."""
    code = np.array([CODE[name] for name in USUAL_SHOPS])
    own = 0.25 * normal(customer[:, None] * 64 + code, 59)
    usual = np.exp((np.log(MEDIAN_WON[code]) + own).mean(axis=1)) * town.people.level[customer]
    won: Ints = np.round(usual / 100).astype(np.int64) * 100
    return won


def age_on(born: date, day: date) -> int:
    """Full years of age."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _told(name: str) -> Story:
    if name not in STORIES:
        raise ImpossibleTown(f"no story is called {name!r}; there are {', '.join(STORIES)}")
    return STORIES[name]


def _day(told: Story, first: date) -> date:
    for day in (first + timedelta(days=n) for n in range(SEARCH_DAYS)):
        if told.fits(day):
            return day
    raise NobodyToTellAbout(f"no day for {told.name!r} within {SEARCH_DAYS} days of {first}: choose another day")


def _pupils(town: Town, told: Story, day: date, ages: tuple[int, int]) -> list[int]:
    people = town.people
    teens = np.flatnonzero((people.persona == TEEN) & (people.joined == 0) & (people.breakfast == told.breakfast))
    usual = usual_won(town, teens)
    fit = teens if told.breakfast else teens[(usual >= USUAL_WON[0]) & (usual <= USUAL_WON[1])]
    return [c for c in fit.tolist() if ages[0] <= age_on(people.birth_date(c), day) <= ages[1]]


def _fit(town: Town, probe: Probe) -> float:
    return float(town.people.payments_per_day[probe.customer]) / (1 + 4 * abs(math.log(probe.usual_won / 2_600)))


def _probe(town: Town, told: Story, day: date, customer: int) -> Probe:
    number, merchants = town.parameters.day_of(day), town.merchants
    district = int(town.people.home(np.array([customer]), number)[0])
    shop = merchants.favourite(CODE[told.category], district, customer, number)
    event = {
        "id": f"story-{told.name}-{day:%Y%m%d}-{customer}", "kind": "payment",
        "time": f"{day.isoformat()}T{told.time}+09:00",
        "customer": f"c-{customer}", "card": f"k-{customer * 2}", "merchant": _name(merchants, shop),
        "amount": told.amount_won, "currency": "KRW", "merchant_category": told.category, "channel": "pos",
        "country": COUNTRIES[0], "method": METHODS[CONTACTLESS if taps(customer) else CHIP],
        "lat": round(float(merchants.lat[shop]), 4), "lon": round(float(merchants.lon[shop]), 4),
    }  # fmt: skip
    return Probe(told.name, customer, day, int(usual_won(town, np.array([customer]))[0]), event)


def _name(merchants: Merchants, shop: int) -> str:
    return merchants.names()[shop]
