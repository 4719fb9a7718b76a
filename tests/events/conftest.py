"""Small schemas and files that the tests of this room share."""

from __future__ import annotations

import pytest

from haechi.events import Schema

from .shop import SHOP, SHOP_COLUMNS


@pytest.fixture
def shop() -> Schema:
    """A schema that uses every kind of role."""
    return Schema.parse(SHOP).bind(SHOP_COLUMNS)


@pytest.fixture
def plain() -> Schema:
    """The smallest useful schema: an id, a time, a customer, an amount."""
    return Schema.parse(
        {
            "name": "plain",
            "kind": "payment",
            "time": {"column": "at"},
            "id": {"column": "id"},
            "entities": {"customer": {"column": "who"}},
            "amount": {"column": "paid", "currency": "EUR"},
        }
    )
