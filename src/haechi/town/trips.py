"""Journeys: who is away from home on a day, and where. A fixed trait of person and time, so no day depends on another.

Time is cut into spans; in each, a person may go on one journey of two to five days that lies within the span.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haechi.town.dice import Bools, Ints, hashed, uniform
from haechi.town.parameters import Parameters
from haechi.town.places import ABROAD

SPAN_DAYS = 30
DAYS_MIN, DAYS_MAX = 2, 5
YEAR_DAYS = 365.2425
TRAVEL = "travel"  # the typology of journeys, which no script tells
TRAVELLING = 32_000  # the role of what is bought on one
_TRAVEL_BIT = 1 << 40


@dataclass(frozen=True)
class Away:
    """For each person asked about: whether away, in which district, abroad in which country (0: in Korea)."""

    away: Bools
    district: Ints
    country: Ints
    first_day: Ints


def away(parameters: Parameters, seed: int, districts: int, customer: Ints, day: int) -> Away:
    """Who is on a journey on this day."""
    span = day // SPAN_DAYS
    salt = seed * 1_009 + span * 16 + 5
    goes = uniform(customer, salt) < parameters.trips_per_year * SPAN_DAYS / YEAR_DAYS
    long = DAYS_MIN + (hashed(customer, salt + 1) % np.uint64(DAYS_MAX - DAYS_MIN + 1)).astype(np.int64)
    begins = (uniform(customer, salt + 2) * (SPAN_DAYS - long + 1)).astype(np.int64) + span * SPAN_DAYS
    abroad = uniform(customer, salt + 3) < parameters.abroad_share
    country = 1 + (hashed(customer, salt + 4) % np.uint64(len(ABROAD))).astype(np.int64)
    return Away(
        away=goes & (begins <= day) & (day < begins + long),
        district=(hashed(customer, salt + 6) % np.uint64(districts)).astype(np.int64),
        country=np.where(abroad, country, 0), first_day=begins,
    )  # fmt: skip


def travel_number(customer: Ints, first_day: Ints) -> Ints:
    """The number of a journey as a campaign: above those of all others."""
    number: Ints = _TRAVEL_BIT | (first_day << 24) | customer
    return number


def is_travel(number: Ints) -> Bools:
    """Which numbers of campaigns are journeys."""
    return number >= _TRAVEL_BIT


def traveller(number: Ints) -> tuple[Ints, Ints]:
    """Who goes on a journey, and from which day."""
    return number & ((1 << 24) - 1), (number >> 24) & ((1 << 16) - 1)
