"""The customers of a town, one array a property."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from haechi.town.habits import PERSONAS
from haechi.town.parameters import Parameters

DISTRICT_CUSTOMERS = 500  # people of one district share its shops
PHONE_DAYS = 730  # a phone is kept for two years


@dataclass(frozen=True)
class People:
    """Everybody's persona, birthday, pace, level of spending, district, favourite shops (salt) and phone age."""

    persona: npt.NDArray[np.int64]
    born: npt.NDArray[np.int64]  # proleptic ordinal of the birthday
    payments_per_day: npt.NDArray[np.float64]
    level: npt.NDArray[np.float64]
    district: npt.NDArray[np.int64]
    salt: npt.NDArray[np.int64]
    phone_age_days: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.persona)

    def birth_date(self, customer: int) -> date:
        """The day on which the customer was born."""
        return date.fromordinal(int(self.born[customer]))

    def phone(self, customer: npt.NDArray[np.int64], day: int) -> npt.NDArray[np.int64]:
        """The running number of the phone that each customer carries on this day."""
        return (self.phone_age_days[customer] + day) // PHONE_DAYS


def districts_of(parameters: Parameters) -> int:
    """How many districts the town has."""
    return -(-parameters.customers // DISTRICT_CUSTOMERS)


def draw_people(parameters: Parameters, rng: np.random.Generator) -> People:
    """Let customers move in."""
    n = parameters.customers
    persona = rng.choice(len(PERSONAS), size=n, p=[p.share for p in PERSONAS])
    youngest, oldest = np.array([p.ages for p in PERSONAS])[persona].T
    slowest, fastest = np.array([p.payments_per_day for p in PERSONAS])[persona].T
    level = np.array([p.level for p in PERSONAS])[persona]
    spread = np.array([p.level_spread for p in PERSONAS])[persona]
    age_days = ((youngest + (oldest + 1 - youngest) * rng.random(n)) * 365.2425).astype(np.int64)
    return People(
        persona=persona,
        born=parameters.start.toordinal() - age_days,
        payments_per_day=slowest + (fastest - slowest) * rng.random(n),
        level=level * np.exp(spread * rng.standard_normal(n)),
        district=rng.integers(0, districts_of(parameters), n),
        salt=rng.integers(0, 2**31, n),
        phone_age_days=rng.integers(0, PHONE_DAYS, n),
    )
