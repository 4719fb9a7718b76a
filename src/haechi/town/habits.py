"""Who lives in the town and what its shops sell: the tables behind every payment.

Amounts and hours are plausible orders of magnitude for Korea, not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Category:
    """A kind of shop: what a payment there costs, how often it is online, and when it sells."""

    name: str
    median_won: int
    spread: float  # standard deviation of the logarithm of the amount
    share_of_shops: float
    online_share: float
    opens: int
    closes: int  # an hour above 24 is in the night
    off_hours: float = 0.0  # weight outside opening hours: a shop without staff never closes


@dataclass(frozen=True)
class Persona:
    """A kind of customer: age, pace, level of spending, hours and shops."""

    name: str
    share: float
    ages: tuple[int, int]
    payments_per_day: tuple[float, float]
    level: float
    level_spread: float
    goes_to_school: bool
    busy_day: tuple[tuple[float, float, float], ...]  # (hour, width, weight) of each peak
    free_day: tuple[tuple[float, float, float], ...]
    shops: dict[str, float]


CATEGORIES = (
    Category("ice_cream", 2_500, 0.35, 0.05, 0.0, 10, 23, 0.05),
    Category("snack", 3_200, 0.30, 0.08, 0.0, 11, 22),
    Category("convenience", 2_800, 0.60, 0.16, 0.0, 0, 24),
    Category("stationery", 3_000, 0.50, 0.03, 0.0, 8, 21),
    Category("cafe", 5_200, 0.35, 0.13, 0.05, 7, 23),
    Category("restaurant", 13_000, 0.50, 0.18, 0.15, 10, 23),
    Category("grocery", 28_000, 0.70, 0.08, 0.10, 9, 23),
    Category("transit", 1_500, 0.20, 0.02, 0.0, 5, 24),
    Category("taxi", 9_500, 0.50, 0.04, 0.8, 0, 24),
    Category("pharmacy", 9_000, 0.60, 0.05, 0.0, 9, 21),
    Category("clothing", 45_000, 0.70, 0.05, 0.4, 10, 22),
    Category("online_shop", 32_000, 0.90, 0.04, 1.0, 0, 24),
    Category("electronics", 150_000, 0.90, 0.02, 0.5, 10, 21),
    Category("bar", 38_000, 0.50, 0.03, 0.0, 17, 27),
    Category("culture", 12_000, 0.40, 0.02, 0.3, 9, 25),
    Category("education", 220_000, 0.40, 0.01, 0.3, 9, 22),
    Category("fuel", 60_000, 0.35, 0.01, 0.0, 0, 24),
)
CATEGORY_NAMES = tuple(c.name for c in CATEGORIES)

PERSONAS = (
    # A pupil's bus card is prepaid and lunch comes from the school: nothing is bought before the last lesson.
    Persona(
        "teenager", 0.08, (13, 18), (0.6, 2.0), 0.85, 0.15, True,
        busy_day=((16.6, 0.8, 5.0), (18.5, 1.0, 2.0), (21.0, 0.8, 1.5)),
        free_day=((13.5, 2.0, 3.0), (17.0, 2.0, 3.0), (20.5, 1.2, 1.0)),
        shops={"snack": 6, "convenience": 6, "ice_cream": 4, "stationery": 1.5, "cafe": 0.8, "culture": 0.5,
               "clothing": 0.06, "online_shop": 0.12},
    ),
    Persona(
        "student", 0.12, (19, 25), (0.8, 3.0), 0.85, 0.30, False,
        busy_day=((9.0, 1.5, 1.5), (12.4, 0.8, 3.0), (18.5, 1.8, 3.0), (22.5, 1.5, 1.5)),
        free_day=((13.0, 2.0, 2.5), (18.5, 2.5, 3.5), (23.0, 1.5, 1.5)),
        shops={"convenience": 5, "cafe": 4, "restaurant": 4, "transit": 5, "online_shop": 1.5, "bar": 1.2, "snack": 1.5,
               "culture": 1, "taxi": 0.6, "clothing": 0.6, "ice_cream": 0.4, "pharmacy": 0.2, "electronics": 0.06},
    ),
    Persona(
        "worker", 0.35, (26, 45), (0.8, 3.6), 1.1, 0.35, False,
        busy_day=((8.0, 0.8, 3.0), (12.2, 0.5, 3.5), (18.8, 1.5, 4.0), (22.0, 1.5, 1.0)),
        free_day=((12.0, 2.0, 3.0), (17.5, 2.5, 3.5), (21.5, 1.5, 1.0)),
        shops={"transit": 5, "cafe": 4, "restaurant": 4.5, "convenience": 4, "grocery": 1.5, "online_shop": 1.8,
               "bar": 0.8, "taxi": 0.9, "fuel": 0.5, "clothing": 0.6, "pharmacy": 0.4, "culture": 0.5,
               "electronics": 0.1},
    ),
    Persona(
        "parent", 0.25, (35, 55), (0.8, 3.2), 1.2, 0.35, False,
        busy_day=((10.5, 1.5, 2.5), (13.0, 1.5, 2.0), (17.5, 1.5, 4.0), (20.5, 1.2, 1.5)),
        free_day=((11.5, 2.0, 3.0), (16.5, 2.5, 3.5)),
        shops={"grocery": 4.5, "restaurant": 2.5, "cafe": 2, "online_shop": 2.5, "convenience": 1.5, "pharmacy": 0.9,
               "fuel": 0.9, "education": 0.25, "clothing": 0.8, "snack": 0.6, "ice_cream": 0.5, "stationery": 0.4,
               "taxi": 0.3, "electronics": 0.12},
    ),
    Persona(
        "senior", 0.20, (56, 82), (0.3, 1.6), 0.9, 0.40, False,
        busy_day=((10.0, 1.5, 4.0), (14.0, 2.0, 3.0), (17.5, 1.5, 1.5)),
        free_day=((10.5, 1.8, 4.0), (14.0, 2.0, 3.0)),
        shops={"grocery": 4, "restaurant": 2, "pharmacy": 1.8, "convenience": 1, "transit": 1.5, "cafe": 0.7,
               "taxi": 0.5, "fuel": 0.4, "clothing": 0.3, "online_shop": 0.3, "electronics": 0.05},
    ),
)  # fmt: skip
NIGHT_FLOOR = 0.004  # weight of an hour in which a persona hardly ever pays


def usual_won(persona: Persona) -> float:
    """A typical payment of a persona: the geometric mean over the shops it likes."""
    medians = {c.name: c.median_won for c in CATEGORIES}
    likes = np.array(list(persona.shops.values()), np.float64)
    return float(np.exp(likes @ np.log([medians[name] for name in persona.shops]) / likes.sum()))


def _peaks(peaks: tuple[tuple[float, float, float], ...]) -> Floats:
    hours = np.arange(24) + 0.5
    weights = np.full(24, NIGHT_FLOOR)
    for hour, width, weight in peaks:
        distance = np.minimum(np.abs(hours - hour), 24 - np.abs(hours - hour))
        weights += weight * np.exp(-0.5 * (distance / width) ** 2)
    return weights


def _sells(category: Category) -> Floats:
    return np.array(
        [
            1.0 if category.opens <= h < category.closes or h + 24 < category.closes else category.off_hours
            for h in range(24)
        ]
    )


def _hour_weights() -> Floats:
    return np.array([_peaks(p) for persona in PERSONAS for p in (persona.busy_day, persona.free_day)])


def _category_weights() -> Floats:
    sells = np.array([_sells(c) for c in CATEGORIES]).T
    likes = np.array([[persona.shops.get(name, 0.0) for name in CATEGORY_NAMES] for persona in PERSONAS])
    weights: Floats = likes[:, None, :] * sells[None, :, :]
    return weights.reshape(len(PERSONAS) * 24, len(CATEGORIES))


class Dice:
    """One loaded die per row of weights, thrown for many rows at once.

    All cumulative weights lie in one rising line, row r between r and r + 1, so that a throw is one binary search.
    """

    def __init__(self, weights: Floats) -> None:
        cumulative = np.cumsum(weights, axis=1)
        cumulative /= cumulative[:, -1:]
        self.faces = weights.shape[1]
        self._line = (cumulative + np.arange(len(weights))[:, None]).ravel()

    def throw(self, row: Ints, rng: np.random.Generator) -> Ints:
        """One face per row number."""
        found = np.searchsorted(self._line, row + rng.random(len(row)), side="right") - row * self.faces
        faces: Ints = np.minimum(found, self.faces - 1)
        return faces


HOUR_DICE = Dice(_hour_weights())  # row: persona * 2 + free day
CATEGORY_DICE = Dice(_category_weights())  # row: persona * 24 + hour
