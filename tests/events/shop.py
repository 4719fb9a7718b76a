"""A schema that uses every kind of role, as data."""

from __future__ import annotations

SHOP = {
    "name": "shop",
    "kind": "payment",
    "time": {"column": "at"},
    "id": {"column": "id"},
    "entities": {"customer": {"column": "who"}, "home": {"columns": ["card", "zip"]}},
    "amount": {"column": "paid", "currency": {"column": "money", "default": "EUR"}},
    "numbers": {"columns": ["C*"]},
    "categories": {"columns": ["product"]},
    "place": {"lat": "lat", "lon": "lon"},
    "attributes": {"birth_date": {"column": "dob"}},
    "label": {"column": "fraud", "positive": [1], "negative": [0], "delay": "7d"},
}
SHOP_COLUMNS = ["id", "at", "who", "card", "zip", "paid", "money", "C1", "C2", "product", "lat", "lon", "dob", "fraud"]
