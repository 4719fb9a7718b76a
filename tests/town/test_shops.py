"""How shops are laid out and chosen."""

from __future__ import annotations

import numpy as np

from haechi.town import Parameters, Town
from haechi.town.habits import CATEGORY_NAMES

SHOPS = Town(Parameters(customers=5_000, shops=60, days=1), 3).shops


def test_every_kind_of_shop_is_open() -> None:
    assert set(SHOPS.category) == set(range(len(CATEGORY_NAMES)))
    assert len(set(SHOPS.names)) == len(SHOPS) == 60


def test_a_choice_is_of_the_kind_asked_for_even_where_the_district_has_none() -> None:
    category = np.tile(np.arange(len(CATEGORY_NAMES)), 500)
    district = np.repeat(np.arange(10), len(category) // 10)
    assert (SHOPS.count == 0).any()
    chosen = SHOPS.choose(category, district, np.arange(len(category)), np.random.default_rng(1))
    assert (SHOPS.category[chosen] == category).all()


def test_customers_have_favourites() -> None:
    shops = Town(Parameters(customers=500, shops=1_000, days=1), 3).shops
    n = 4_000
    zeros = np.zeros(n, np.int64)
    chosen = shops.choose(zeros + 2, zeros, zeros + 123_456, np.random.default_rng(1))
    shares = np.sort(np.bincount(chosen))[::-1] / n
    assert 0.75 < shares[:3].sum() < 0.95
