"""Small histories for the tests of this room."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from haechi.events import Event, Schema
from haechi.features import Spec, default_spec

DAY_US = 86_400_000_000
START_US = 1_700_000_000_000_000


def schema(**changes: Any) -> Schema:
    """A schema of card payments with two entities, a category, a number and labels."""
    columns = ["time", "id", "customer", "merchant", "amount", "channel", "risk", "fraud"]
    tables: dict[str, Any] = {
        "name": "small",
        "kind": "payment",
        "time": {"column": "time", "unit": "us"},
        "id": {"column": "id"},
        "entities": {"customer": {"column": "customer"}, "merchant": {"column": "merchant"}},
        "amount": {"column": "amount", "currency": "KRW"},
        "categories": {"columns": ["channel"]},
        "numbers": {"columns": ["risk"]},
        "label": {"column": "fraud", "positive": [1], "negative": [0], "delay": "7d"},
    }
    return Schema.parse({**tables, **changes}).bind(columns)


def spec(**overrides: Any) -> Spec:
    """Its default features."""
    return default_spec(schema(), overrides=overrides)


def history(n: int, seed: int, *, customers: int = 6, merchants: int = 8, days: float = 40.0) -> pl.DataFrame:
    """A canonical frame in time order, with bursts, repeated amounts and missing values."""
    r = np.random.default_rng(seed)
    gaps = np.where(
        r.random(n) < 0.3, r.integers(0, 60_000_000, n), r.exponential(days * DAY_US / n, n).astype(np.int64)
    )
    time = START_US + np.cumsum(gaps)
    fraud = (r.random(n) < 0.1).astype(np.int8)
    amount = np.where(r.random(n) < 0.3, 5000, np.exp(r.normal(9, 1.5, n)).astype(np.int64))
    customer = [f"c{k}" for k in r.zipf(1.6, n) % customers]
    merchant = [f"m{k}" if k else None for k in r.integers(0, merchants, n)]
    return pl.DataFrame(
        {
            "id": [f"e{i}" for i in range(n)],
            "kind": ["payment"] * n,
            "time_us": time,
            "amount": pl.Series([int(a) if r.random() > 0.05 else None for a in amount], dtype=pl.Int64),
            "currency": ["KRW"] * n,
            "entity:customer": customer,
            "entity:merchant": pl.Series(merchant, dtype=pl.String),
            "number:risk": pl.Series([float(v) if v > 0.2 else None for v in r.random(n)], dtype=pl.Float64),
            "category:channel": [str(c) for c in r.choice(["pos", "web", "app"], n)],
            "label": np.where(r.random(n) < 0.1, -1, fraud).astype(np.int8),
            "known_at_us": time + 7 * DAY_US,
        }
    )


def event(row: dict[str, Any]) -> Event:
    """One row of a canonical frame as an event."""
    part = {
        kind: {k.split(":", 1)[1]: v for k, v in row.items() if k.startswith(kind) and v is not None}
        for kind in ("entity", "number", "category", "attribute")
    }
    return Event(
        id=row["id"],
        kind=row["kind"],
        time_us=row["time_us"],
        entities=part["entity"],
        amount=row["amount"],
        currency=row["currency"],
        numbers=part["number"],
        categories=part["category"],
        attributes=part["attribute"],
        lat=row.get("lat"),
        lon=row.get("lon"),
    )
