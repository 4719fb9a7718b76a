"""The story Haechi was founded on: a pupil of 17 pays 7,000 won for ice cream on a Friday at two minutes past seven."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from haechi.town.almanac import is_school_day
from haechi.town.errors import NobodyToTellAbout
from haechi.town.habits import CATEGORY_NAMES, PERSONAS, usual_won
from haechi.town.town import Town

AGE = 17
AMOUNT_WON = 7_000
USUAL_WON = 2_000
FRIDAY = 4
SEARCH_DAYS = 366


def age_on(born: date, day: date) -> int:
    """Full years of age."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def story(town: Town, *, on: date | None = None) -> dict[str, Any]:
    """The founding event, for the 17-year-old of the town who pays often and usually about 2,000 won.

    It happens on the first Friday with school from `on`, left out: from the day after the town's last.
    """
    friday = _school_friday(on or town.parameters.date_of(town.parameters.days))
    customer = _teenager(town, friday)
    kind = CATEGORY_NAMES.index("ice_cream")
    shops, district = town.shops, town.people.district[customer]
    shop = int(shops.first[kind, district] if shops.count[kind, district] else shops.first_in_town[kind])
    return {
        "id": f"story-{friday:%Y%m%d}-{customer}", "kind": "payment", "time": f"{friday.isoformat()}T07:02:00+09:00",
        "customer": f"c-{customer}", "card": f"k-{customer}", "merchant": shops.names[shop], "amount": AMOUNT_WON,
        "currency": "KRW", "merchant_category": "ice_cream", "channel": "pos",
    }  # fmt: skip


def _school_friday(first: date) -> date:
    for day in (first + timedelta(days=n) for n in range(SEARCH_DAYS)):
        if day.weekday() == FRIDAY and is_school_day(day):
            return day
    raise NobodyToTellAbout(f"no Friday with school within a year of {first}: choose another day")


def _teenager(town: Town, day: date) -> int:
    people = town.people
    pupils = np.flatnonzero([p.goes_to_school for p in PERSONAS])
    candidates = [
        int(i) for i in np.flatnonzero(np.isin(people.persona, pupils)) if age_on(people.birth_date(int(i)), day) == AGE
    ]
    if not candidates:
        raise NobodyToTellAbout(f"nobody here is {AGE} on {day}: build a town with more customers")
    usual = people.level * np.array([usual_won(p) for p in PERSONAS])[people.persona]
    fit = people.payments_per_day / (1 + 10 * np.abs(np.log(usual / USUAL_WON)))
    return max(candidates, key=lambda i: (float(fit[i]), -i))
