"""The shops of a town and how a customer chooses one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from haechi.town.habits import CATEGORIES, CATEGORY_NAMES
from haechi.town.parameters import Parameters
from haechi.town.people import districts_of

Ints = npt.NDArray[np.int64]
FAVOURITES = 3  # a customer keeps going to this many shops of a kind
FAVOURITE_SHARE, DISTRICT_SHARE = 0.82, 0.13  # the rest is anywhere in town
PRICE_SPREAD = 0.15  # of the logarithm: shops of a kind do not cost the same


@dataclass(frozen=True)
class Shops:
    """Shops in order of category, then district, so that each neighbourhood's choice is one slice."""

    category: Ints
    price: npt.NDArray[np.float64]
    names: tuple[str, ...]
    first: Ints  # [category, district] number of the first shop there
    count: Ints  # [category, district] how many there are
    first_in_town: Ints  # [category]
    count_in_town: Ints  # [category]

    def __len__(self) -> int:
        return len(self.category)

    def choose(self, category: Ints, district: Ints, salt: Ints, rng: np.random.Generator) -> Ints:
        """One shop of each category: mostly a favourite, else one of the district, rarely elsewhere in town."""
        where = rng.random(len(category))
        nearby = self.count[category, district]
        far = (where >= FAVOURITE_SHARE + DISTRICT_SHARE) | (nearby == 0)
        first = np.where(far, self.first_in_town[category], self.first[category, district])
        count = np.where(far, self.count_in_town[category], nearby)
        favourite = salt // (category + 1) + rng.integers(0, FAVOURITES, len(category)) * 7919
        anywhere = rng.integers(0, 2**31, len(category))
        choice: Ints = first + np.where(where < FAVOURITE_SHARE, favourite, anywhere) % count
        return choice


def draw_shops(parameters: Parameters, rng: np.random.Generator) -> Shops:
    """Open the shops: at least one of each category."""
    kinds, districts, n = len(CATEGORIES), districts_of(parameters), parameters.shops
    shares = np.array([c.share_of_shops for c in CATEGORIES])
    category = np.concatenate([np.arange(kinds), rng.choice(kinds, size=n - kinds, p=shares / shares.sum())])
    district = rng.integers(0, districts, n)
    order = np.lexsort((district, category))
    category, district = category[order], district[order]
    count = np.bincount(category * districts + district, minlength=kinds * districts)
    first = np.cumsum(count) - count
    count_in_town = count.reshape(kinds, districts).sum(axis=1)
    first_in_town = np.cumsum(count_in_town) - count_in_town
    number = np.arange(n) - first_in_town[category] + 1
    return Shops(
        category=category,
        price=np.exp(PRICE_SPREAD * rng.standard_normal(n)),
        names=tuple(f"{CATEGORY_NAMES[c]}-{i}" for c, i in zip(category.tolist(), number.tolist(), strict=True)),
        first=first.reshape(kinds, districts),
        count=count.reshape(kinds, districts),
        first_in_town=first_in_town,
        count_in_town=count_in_town,
    )
