"""Small histories for the tests of this room: customers, merchants, two kinds of fraud that past events betray."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from haechi.events import Schema
from haechi.features import default_spec
from haechi.learning.dataset import DAY_US, Columns, Events, Index, Mask
from haechi.learning.source import ReplaySource

START_US = 1_700_006_400_000_000  # midnight
DELAY_DAYS = 3
NAMES = ("amount", "ratio", "noise", "frauds")


def events(n: int = 6_000, days: int = 60, seed: int = 0, share: float = 0.05) -> Events:
    """Labelled payments; one in ten is never labelled."""
    r = np.random.default_rng(seed)
    time = START_US + np.sort(r.integers(0, days * DAY_US, n))
    y = (r.random(n) < share).astype(np.int8)
    y[r.random(n) < 0.1] = -1
    customer = r.integers(0, 300, n)
    return Events(
        time_us=time,
        y=y,
        known_at_us=time + DELAY_DAYS * DAY_US,
        entities={"customer": customer, "merchant": r.integers(0, 40, n)},
        subject="customer",
        amount=r.integers(100, 10_000, n),
        day=time // DAY_US,
    )


@dataclass
class Simple:
    """A source whose features are drawn from the outcome, apart from one that counts visible earlier frauds."""

    events: Events
    seed: int = 0
    asked: list[tuple[Index, Mask | None]] = field(default_factory=list)
    columns: Columns = field(
        default_factory=lambda: Columns(NAMES, ("raw", "own", "raw", "label"), ("contrast",) * 3 + ("level",), "s1")
    )

    def rows(self, keep: Index, visible: Mask | None) -> np.ndarray:
        """Feature rows of some events."""
        self.asked.append((keep, visible))
        e, r = self.events, np.random.default_rng(self.seed)
        x = r.normal(size=(len(e), len(NAMES))).astype(np.float32)
        x[:, 1] += 1.5 * (e.y == 1)
        x[r.random(x.shape) < 0.05] = np.nan
        seen = (e.y == 1) & (visible if visible is not None else True)
        known = np.sort(e.known_at_us[seen])
        x[:, 3] = np.searchsorted(known, e.time_us, "right")
        return x[keep]


# The same features as in the tests of the features room: their kernel is compiled once.
SCHEMA = Schema.parse(
    {
        "name": "small",
        "kind": "payment",
        "time": {"column": "time", "unit": "us"},
        "id": {"column": "id"},
        "entities": {"customer": {"column": "customer"}, "merchant": {"column": "merchant"}},
        "amount": {"column": "amount", "currency": "KRW"},
        "categories": {"columns": ["channel"]},
        "numbers": {"columns": ["risk"]},
        "label": {"column": "fraud", "positive": [1], "negative": [0], "delay": f"{DELAY_DAYS}d"},
    }
)


def frames(n: int = 4_000, days: int = 40, seed: int = 0, chunk: int = 900) -> list[pl.DataFrame]:
    """Canonical frames: stolen cards pay five times the usual, and bad shops defraud whoever comes."""
    r = np.random.default_rng(seed)
    time = START_US + np.sort(r.integers(0, days * DAY_US, n))
    customer, merchant = r.integers(0, 60, n), r.integers(0, 25, n)
    day = (time - START_US) // DAY_US
    stolen = (customer % 12 == day // 5) & (r.random(n) < 0.5)
    bad_shop = merchant == day // 9
    amount = np.exp(r.normal(8 + customer % 3, 0.3, n)) * np.where(stolen, 5, 1)
    label = (stolen | bad_shop).astype(np.int8)
    label[r.random(n) < 0.05] = -1
    frame = pl.DataFrame(
        {
            "id": [f"e{i}" for i in range(n)],
            "kind": ["payment"] * n,
            "time_us": time,
            "amount": amount.astype(np.int64),
            "currency": ["KRW"] * n,
            "entity:customer": [f"c{c}" for c in customer],
            "entity:merchant": [f"m{m}" if m else None for m in merchant],
            "number:risk": r.random(n),
            "category:channel": r.choice(["pos", "web", "app"], n).tolist(),
            "label": label,
            "known_at_us": time + DELAY_DAYS * DAY_US,
        }
    )
    return [frame.slice(i, chunk) for i in range(0, n, chunk)]


def source(of: list[pl.DataFrame]) -> ReplaySource:
    """Frames with the default features."""
    return ReplaySource(of, default_spec(SCHEMA), "Asia/Seoul", False, ("customer", "merchant"))
