"""What is sold in the town: categories of merchants with prices, opening hours and how often they sell online.

Amounts and hours are plausible orders of magnitude for Korea, not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haechi.town.dice import Floats, Ints

HALF_HOURS = 48


@dataclass(frozen=True)
class Category:
    """A kind of merchant."""

    name: str
    median_won: int
    spread: float  # standard deviation of the logarithm of the amount
    share_of_merchants: float
    online_share: float
    opens: int
    closes: int  # an hour above 24 is in the night
    off_hours: float = 0.0  # weight outside opening hours: a shop without staff never closes


CATEGORIES = (
    Category("ice_cream", 3_000, 0.40, 0.05, 0.0, 10, 23, 0.15),
    Category("snack", 3_400, 0.35, 0.08, 0.12, 11, 22),
    Category("convenience", 3_600, 0.60, 0.16, 0.04, 0, 24),
    Category("stationery", 3_200, 0.50, 0.03, 0.1, 7, 21),
    Category("cafe", 5_300, 0.40, 0.13, 0.18, 7, 23),
    Category("restaurant", 13_000, 0.55, 0.18, 0.38, 7, 23),
    Category("grocery", 28_000, 0.75, 0.08, 0.32, 9, 23),
    Category("transit", 1_500, 0.25, 0.02, 0.15, 5, 24),
    Category("taxi", 9_500, 0.50, 0.03, 0.9, 0, 24),
    Category("pharmacy", 8_000, 0.60, 0.04, 0.06, 9, 21),
    Category("hospital", 14_000, 0.90, 0.02, 0.0, 9, 18, 0.03),
    Category("clothing", 42_000, 0.70, 0.05, 0.6, 10, 22),
    Category("online_shop", 27_000, 0.95, 0.03, 1.0, 0, 24),
    Category("electronics", 130_000, 1.00, 0.02, 0.7, 10, 21),
    Category("bar", 38_000, 0.50, 0.02, 0.0, 17, 27),
    Category("culture", 12_000, 0.45, 0.02, 0.55, 9, 25),
    Category("pc_room", 4_500, 0.40, 0.02, 0.0, 0, 24),
    Category("game", 6_500, 1.00, 0.01, 1.0, 0, 24),
    Category("gift_card", 20_000, 0.80, 0.01, 1.0, 0, 24),
    Category("education", 180_000, 0.60, 0.01, 0.4, 9, 22),
    Category("fuel", 55_000, 0.40, 0.01, 0.0, 0, 24),
    Category("beauty", 25_000, 0.60, 0.02, 0.35, 10, 21),
    Category("lodging", 95_000, 0.60, 0.01, 0.85, 0, 24),
    Category("jewellery", 220_000, 0.90, 0.01, 0.35, 10, 21),
    Category("subscription", 9_900, 0.50, 0.01, 1.0, 0, 24),
    Category("utility", 48_000, 0.60, 0.01, 1.0, 0, 24),
    Category("atm", 100_000, 0.80, 0.03, 0.0, 0, 24),
)
FINE = ("grocery", "online_shop", "utility", "fuel", "game")  # prices to ten won; of the others, to a hundred or more
FACE = "gift_card"  # has a face value
FACE_WON = 10_000
CATEGORY_NAMES = tuple(c.name for c in CATEGORIES)
CODE = {name: code for code, name in enumerate(CATEGORY_NAMES)}
MEDIAN_WON: Floats = np.array([c.median_won for c in CATEGORIES], np.float64)
SPREAD: Floats = np.array([c.spread for c in CATEGORIES])
ONLINE_SHARE: Floats = np.array([c.online_share for c in CATEGORIES])


def sells() -> Floats:
    """The weight of each category at each half hour: [half hour, category]."""
    found = np.empty((HALF_HOURS, len(CATEGORIES)))
    for code, category in enumerate(CATEGORIES):
        for half in range(HALF_HOURS):
            hour = half / 2
            open_now = category.opens <= hour < category.closes or hour + 24 < category.closes
            found[half, code] = 1.0 if open_now else category.off_hours
    return found


def is_open(category: str, hour: float) -> bool:
    """Whether a merchant of a category sells at the counter at an hour of the day."""
    return bool(_SELLS[int(hour * 2) % HALF_HOURS, CODE[category]])


def codes(*names: str) -> Ints:
    """The codes of categories by name."""
    return np.array([CODE[name] for name in names], np.int64)


_SELLS = sells() > 0
