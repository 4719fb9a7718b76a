"""Open kinds (merchant, payee, place, device): who is known in a few slots, and how often somebody new appears.

p(new) = (own novelties + alpha * the peers' rate at this tenure) / (own events + alpha): new customers meet new
merchants all the time, and that is normal. A new merchant or place is the less surprising the more popular it is;
popularity never excuses a payee or a device, for a mule's account is popular.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks.cells import chance, halve_pairs
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_u2, load_u4, store_f4, store_u2, store_u4

__all__ = [
    "AGES",
    "RANKS",
    "TENURES",
    "age_share",
    "find",
    "least_used",
    "novelty_rate",
    "popularity_share",
    "share_not_above",
    "slot_add",
    "weight_of",
]

TENURES = 12  # log2 of the events so far
RANKS = 32  # half-octaves of popularity
AGES = 24  # doublings of minutes since a device was first seen
WORTH = 1.0 / 64.0
UNITS_MAX = 60_000.0


@compiled
def find(slots: int, count: int, print_: int) -> int:
    """The slot of a fingerprint, or -1."""
    for s in range(count):
        if np.int64(load_u4(slots + 8 * s)) == print_:
            return s
    return -1


@compiled
def weight_of(slots: int, s: int) -> float:
    """How many units a slot weighs."""
    return np.float64(load_u2(slots + 8 * s + 4))


@compiled
def share_not_above(slots: int, count: int, s: int) -> float:
    """The share of all weight in slots that are used no more often than slot s."""
    at, whole, inside = weight_of(slots, s), 0.0, 0.0
    for j in range(count):
        here = weight_of(slots, j)
        whole += here
        inside += here if here <= at else 0.0
    return inside / max(whole, 1e-9)


@compiled
def least_used(slots: int, count: int) -> int:
    """The slot that makes room: an empty one, else the lightest."""
    best, least = 0, 1e18
    for j in range(count):
        here = -1.0 if load_u4(slots + 8 * j) == 0 else weight_of(slots, j)
        if here < least:
            best, least = j, here
    return best


@compiled
def slot_add(
    slots: int, count: int, worth_at: int, all_slots: int, all_count: int, s: int, weight: float, dice: int
) -> None:
    """Add a weight to slot s; a negative one takes away, and an empty slot is forgotten."""
    worth = np.float64(load_f4(worth_at))
    worth = worth if worth > 0.0 else WORTH
    halvings = 0
    at = slots + 8 * s + 4
    while np.float64(load_u2(at)) + abs(weight) / worth > UNITS_MAX and halvings < 40:
        halve_pairs(all_slots, all_count, dice)
        worth *= 2.0
        halvings += 1
    units = np.int64(np.floor(weight / worth + chance(dice, 7)))
    found = max(np.int64(load_u2(at)) + units, 0)
    store_u2(at, np.uint16(min(found, 65_535)))
    store_f4(worth_at, np.float32(worth))
    if found == 0:
        store_u4(slots + 8 * s, np.uint32(0))


@compiled
def age_share(ages: int, age: int) -> float:
    """The share of events with a known device that had not been known for longer; `age` in doublings of minutes."""
    young, whole = 1.0, 1.0
    for j in range(AGES):
        here = np.float64(load_f4(ages + 4 * j))
        whole += here
        young += here if j <= age else 0.0
    return young / whole


@compiled
def novelty_rate(peers: int, everybody: int, tenure: int) -> float:
    """How often customers of this tenure meet somebody new: the peer group's rate, shrunk to everybody's."""
    a, e = peers + 8 * tenure, everybody + 8 * tenure
    wide = (np.float64(load_f4(e + 4)) + 1.0) / (np.float64(load_f4(e)) + 2.0)
    return (np.float64(load_f4(a + 4)) + 2.0 * wide) / (np.float64(load_f4(a)) + 2.0)


@compiled
def popularity_share(ranks: int, rank: int) -> float:
    """The share of first meetings that were with somebody at most this popular."""
    below, whole = 1.0, 1.0
    for j in range(RANKS):
        here = np.float64(load_f4(ranks + 4 * j))
        whole += here
        below += here if j <= rank else 0.0
    return below / whole
