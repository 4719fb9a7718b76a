"""Synthetic traffic as kernel rows: six kinds of keys with the skew of real ones, from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xxhash

from haechi.features import Spec, default_spec

__all__ = ["Traffic", "bank_spec", "hashed", "traffic"]

DAY_US = 86_400_000_000
START_US = 1_700_000_000_000_000
SEOUL_US = 9 * 3_600_000_000
ENTITIES = ("customer", "card", "device", "payee", "ip", "merchant")


@dataclass(frozen=True)
class _Roles:
    """A bank's schema, as far as the recipe asks."""

    entity_names: tuple[str, ...] = ENTITIES
    number_names: tuple[str, ...] = ()
    category_names: tuple[str, ...] = ()
    attribute_names: tuple[str, ...] = ()
    currency: str = "KRW"
    timezone: str = "Asia/Seoul"
    has_place: bool = False
    has_label: bool = False
    ordinal: bool = False


@dataclass(frozen=True)
class Traffic:
    """Events in time order: int64 rows (time, amount, offset, six keys) and float64 rows (no place)."""

    ints: np.ndarray
    floats: np.ndarray

    def __len__(self) -> int:
        return len(self.ints)


def bank_spec(
    *, labels: bool = False, behaviour: bool = False, hot_max: int = 1_000_000, cold_max: int = 50_000_000
) -> Spec:
    """The default recipe over six entities; `labels` adds what confirmed frauds feed, `behaviour` the surprise."""
    overrides = {"memory": {"hot": hot_max, "cold": cold_max}, "behaviour": behaviour}
    return default_spec(_Roles(has_label=labels), overrides=overrides, has_amount=True)


def traffic(events: int, customers: int, *, seed: int = 7, days: float = 60.0) -> Traffic:
    """Draw events: a third from a Zipf head of busy customers, most from the usual device, card and address."""
    r = np.random.default_rng(seed)
    time = np.sort(r.random(events) * days * DAY_US).astype(np.int64) + START_US
    customer = _skewed(r, events, customers)
    card = customer * 2 + (r.random(events) < 0.2)
    device = customer * 3 + r.integers(0, 3, events) * (r.random(events) < 0.15)
    own_payee = (customer * 2654435761 + r.integers(0, 6, events)) % (customers * 2)
    payee = np.where(r.random(events) < 0.7, own_payee, r.integers(0, customers * 2, events))
    ip = np.where(r.random(events) < 0.8, customer, r.integers(0, customers, events))
    merchant = r.zipf(1.3, events) % max(customers // 5, 50)
    ints = np.zeros((events, 3 + len(ENTITIES)), np.int64)
    ints[:, 0], ints[:, 1], ints[:, 2] = time, np.exp(r.normal(9.0, 1.1, events)).astype(np.int64), SEOUL_US
    ints[:, 3:] = np.stack([customer, card, device, payee, ip, merchant], axis=1) + 1
    return Traffic(ints, np.full((events, 2), np.nan))


def hashed(rows: Traffic) -> Traffic:
    """The same events with keys as the encoder makes them from text, so that replayed and single events meet."""
    ints = rows.ints.copy()
    for column in range(3, ints.shape[1]):
        keys, where = np.unique(ints[:, column], return_inverse=True)
        digests = np.array([xxhash.xxh3_64_intdigest(str(k).encode()) for k in keys.tolist()], np.uint64)
        ints[:, column] = digests.view(np.int64)[where]
    return Traffic(ints, rows.floats)


def _skewed(r: np.random.Generator, events: int, customers: int) -> np.ndarray:
    head = r.zipf(1.25, events * 2) - 1
    head = head[head < customers][: events // 3]
    drawn = np.concatenate([head, r.integers(0, customers, events - len(head))])
    r.shuffle(drawn)
    return drawn.astype(np.int64)
