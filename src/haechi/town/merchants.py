"""The merchants of a town, their terminals, and how a customer chooses one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from haechi.town.catalogue import CATEGORIES, CATEGORY_NAMES
from haechi.town.dice import Bools, Floats, Ints, Purpose, generator, hashed, uniform
from haechi.town.parameters import Parameters
from haechi.town.places import Places, near

FAVOURITES = 3  # a customer keeps going to this many merchants of a kind
PRICE_SPREAD = 0.15  # of the logarithm: shops of a kind do not cost the same
NEW_PER_YEAR = 0.2  # the share of merchants that open during a year


@dataclass(frozen=True)
class Merchants:
    """Merchants in order of category, then district, so that each neighbourhood's choice is one slice."""

    category: npt.NDArray[np.int8]
    district: npt.NDArray[np.int32]
    price: npt.NDArray[np.float32]
    lat: Floats
    lon: Floats
    opens_on: npt.NDArray[np.int16]
    terminals: npt.NDArray[np.int8]
    first: Ints  # [category, district] number of the first merchant there
    count: Ints  # [category, district] how many there are
    first_in_town: Ints  # [category]
    count_in_town: Ints  # [category]

    def __len__(self) -> int:
        return len(self.category)

    def names(self) -> list[str]:
        """What events call them: the category and a running number."""
        number = np.arange(len(self)) - self.first_in_town[self.category] + 1
        pairs = zip(self.category.tolist(), number.tolist(), strict=True)
        return [f"{CATEGORY_NAMES[c]}-{i}" for c, i in pairs]

    def choose(
        self,
        category: Ints,
        district: Ints,
        person: Ints,
        day: int,
        loyalty: Floats | float,
        rng: np.random.Generator,
        online: Bools | bool = False,
    ) -> Ints:
        """One merchant of each category: a favourite with probability `loyalty`, else nearby, rarely elsewhere.

        On the net everything is near, and a few merchants have most of the trade.
        """
        where = rng.random(len(category))
        nearby = self.count[category, district]
        far = (where >= loyalty + (1 - loyalty) * 0.75) | (nearby == 0) | online
        first = np.where(far, self.first_in_town[category], self.first[category, district])
        count = np.where(far, self.count_in_town[category], nearby)
        taste = (rng.random(len(category)) ** 2 * FAVOURITES).astype(np.int64)
        favourite = (hashed(person * 64 + category, 31) >> np.uint64(8)).astype(np.int64) + taste * 7919
        anywhere = (rng.random(len(category)) ** 1.6 * count).astype(np.int64)  # some are popular
        found: Ints = first + np.where(where < loyalty, favourite % count, anywhere)
        return self._open(found, first, count, day)

    def favourite(self, category: int, district: int, person: int, day: int) -> int:
        """The merchant of a category to which a customer goes most."""
        nearby = int(self.count[category, district])
        first = int(self.first[category, district] if nearby else self.first_in_town[category])
        count = nearby or int(self.count_in_town[category])
        liked = int(hashed(np.array([person * 64 + category]), 31)[0] >> np.uint64(8))
        one = np.array([first + liked % count])
        return int(self._open(one, np.array([first]), np.array([count]), day)[0])

    def _open(self, found: Ints, first: Ints, count: Ints, day: int) -> Ints:
        """Who finds a merchant not open yet goes to the next one of its kind."""
        closed = self.opens_on[found] > day
        return np.where(closed, first + (found - first + 1) % count, found)


def draw_merchants(parameters: Parameters, places: Places, seed: int) -> Merchants:
    """Open the merchants: at least two of each category; those who sell online are few and large."""
    rng, kinds, districts = generator(seed, Purpose.MERCHANTS), len(CATEGORIES), len(places)
    n = parameters.merchants
    shares = np.array([c.share_of_merchants for c in CATEGORIES])
    category = np.concatenate(
        [np.repeat(np.arange(kinds), 2), rng.choice(kinds, size=n - 2 * kinds, p=shares / shares.sum())]
    )
    district = rng.integers(0, districts, n)
    order = np.lexsort((district, category))
    category, district = category[order], district[order]
    count = np.bincount(category * districts + district, minlength=kinds * districts)
    in_town = count.reshape(kinds, districts).sum(axis=1)
    number = np.arange(n)
    lat, lon = near(places.lat[district], places.lon[district], number, 301)
    return Merchants(
        category=category.astype(np.int8), district=district.astype(np.int32),
        price=np.exp(PRICE_SPREAD * rng.standard_normal(n)).astype(np.float32), lat=lat, lon=lon,
        opens_on=np.where(uniform(number, seed + 17) < NEW_PER_YEAR, rng.integers(1, 366, n), 0).astype(np.int16),
        terminals=np.minimum(1 + rng.geometric(0.45, n), 6).astype(np.int8),
        first=(np.cumsum(count) - count).reshape(kinds, districts), count=count.reshape(kinds, districts),
        first_in_town=np.cumsum(in_town) - in_town, count_in_town=in_town,
    )  # fmt: skip
