"""Kinds of shops in words."""

from __future__ import annotations

from haechi.events.shops import shop
from haechi.town.catalogue import CATEGORIES


def test_every_kind_of_shop_in_the_town_has_words_of_its_own() -> None:
    for category in CATEGORIES:
        said = shop(category.name)
        assert said.one.split(" ")[0] in ("at", "for")
        assert any("가" <= letter <= "힣" for letter in said.ko) or said.ko == "ATM"


def test_a_category_of_the_banks_own_stays_as_it_is() -> None:
    assert shop("money_order") == ("in the category money order", "in the category money order", "money order")
