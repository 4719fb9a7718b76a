"""Counts in one byte: a histogram of a customer's habit with one float32 that says what a unit is worth.

Forgetting multiplies the worth, never the cells. A new event adds `weight / worth` units; when a cell would overflow,
all cells are halved and the worth doubles. Fractions of a unit are rounded up or down by the dice of the event itself
(a hash of its time and customer), so that sums stay true on average and a replay rounds alike.
"""

from __future__ import annotations

import numpy as np

from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_u1, load_u2, store_f4, store_u1, store_u2, zero_bytes

__all__ = ["bytes_add", "chance", "halve_pairs", "worth_of"]

WORTH = 1.0 / 16.0  # of a fresh cell: an event adds 16 units
CELL_MAX = 255
UNITS_MAX = 200.0


@compiled
def chance(dice: int, n: int) -> float:
    """The n-th of an event's fractions in [0, 1), n from 0 to 40."""
    return np.float64((dice >> n) & 0x3FFFFF) * (1.0 / 4194304.0)


@compiled
def worth_of(at: int, fresh: float) -> float:
    """What a unit is worth; `fresh` when nothing was ever counted."""
    worth = np.float64(load_f4(at))
    return worth if worth > 0.0 else fresh


@compiled
def _halve(cells: int, count: int, dice: int) -> None:
    for j in range(count):
        store_u1(cells + j, np.uint8((np.int64(load_u1(cells + j)) + ((dice >> (j & 31)) & 1)) >> 1))


@compiled
def bytes_add(cells: int, count: int, worth_at: int, k: int, weight: float, dice: int) -> None:
    """Add a weight to cell k of `count` cells (u1); a negative weight takes away, never below nothing."""
    worth = worth_of(worth_at, WORTH)
    if abs(weight) / worth > UNITS_MAX:
        # So long ago that what is left of all of it is less than a unit of today.
        halvings = 0
        while abs(weight) / worth > UNITS_MAX and halvings < 9:
            _halve(cells, count, dice)
            worth *= 2.0
            halvings += 1
        if abs(weight) / worth > UNITS_MAX:
            zero_bytes(cells, count)
            worth = WORTH
    while True:
        units = np.int64(np.floor(weight / worth + chance(dice, 3)))
        found = np.int64(load_u1(cells + k)) + units
        if found <= CELL_MAX:
            break
        _halve(cells, count, dice)
        worth *= 2.0
    store_u1(cells + k, np.uint8(max(found, 0)))
    store_f4(worth_at, np.float32(worth))


@compiled
def halve_pairs(slots: int, count: int, dice: int) -> None:
    """Halve the weights (u2 at byte 4) of `count` slots of 8 bytes."""
    for j in range(count):
        at = slots + 8 * j + 4
        store_u2(at, np.uint16((np.int64(load_u2(at)) + ((dice >> (j & 31)) & 1)) >> 1))
