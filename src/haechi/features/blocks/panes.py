"""Windows over any number of events: each window is cut into 12 panes, so it forgets in steps of a twelfth.

Approximate by up to one pane; constant size however busy the entity is (measured: relative error of counts .00-.04).
The window's totals run along: looking subtracts the panes that have left, so a quiet window costs next to nothing.
A late event is measured against the panes as they stand, and counted where it belongs while that pane is still there.
"""

from __future__ import annotations

import numpy as np

from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_f8, load_i8, load_u4, store_f4, store_f8, store_i8, store_u4

__all__ = ["PANES", "WINDOW_BYTES", "number_panes", "panes_step"]

PANES = 12
PANE_BYTES = 24  # sum f8, sum of squares f8, count u4, largest f4
# newest pane number i8, first valid pane number i8, count f8, sum f8, sum of squares f8; then the panes
FIRST, COUNT, SUM, SQUARE, START = 8, 16, 24, 32, 40
WINDOW_BYTES = START + PANES * PANE_BYTES


@compiled
def number_panes(windows: int, windows_count: int, time_us: int, numbers: int) -> None:
    """Divide once an event: the pane number of each window and its slot, two i8 each at `numbers`."""
    for w in range(windows_count):
        number = time_us // (load_i8(windows + 8 * w) // PANES)
        store_i8(numbers + 16 * w, number)
        store_i8(numbers + 16 * w + 8, number % PANES)


@compiled
def _turn(p: int, now: int, slot: int) -> None:
    """Bring a window forward to pane `now`, which stands in `slot`: what left is subtracted, what is new is empty."""
    newest = load_i8(p)
    step = now - newest
    store_i8(p, now)
    if step >= PANES or load_f8(p + COUNT) == 0.0:
        store_i8(p + FIRST, now)
        store_f8(p + COUNT, 0.0)
        store_f8(p + SUM, 0.0)
        store_f8(p + SQUARE, 0.0)
        store_u4(p + START + slot * PANE_BYTES + 16, np.uint32(0))
        return
    first = load_i8(p + FIRST)
    # The slots that become fresh are the very slots whose panes left.
    for back in range(step):
        pane = p + START + (slot - back if slot >= back else slot - back + PANES) * PANE_BYTES
        n = load_u4(pane + 16)
        if now - back - PANES >= first and n > 0:
            store_f8(p + COUNT, load_f8(p + COUNT) - n)
            store_f8(p + SUM, load_f8(p + SUM) - load_f8(pane))
            store_f8(p + SQUARE, load_f8(p + SQUARE) - load_f8(pane + 8))
        store_u4(pane + 16, np.uint32(0))
    store_i8(p + FIRST, max(first, now - PANES + 1))


@compiled
def _largest(p: int, newest: int, slot: int) -> float:
    largest = np.float32(-np.inf)
    for _ in range(newest - load_i8(p + FIRST) + 1):
        pane = p + START + slot * PANE_BYTES
        if load_u4(pane + 16) > 0:
            largest = max(largest, load_f4(pane + 20))
        slot = slot - 1 if slot > 0 else PANES - 1
    return np.float64(largest)


@compiled
def panes_step(b: int, windows_count: int, numbers: int, x: float, learn: bool, sums: int) -> None:
    """Put count, sum, sum of squares and largest of every window at `sums` (4 float64 each), then learn x.

    An event too late for a window leaves that window alone.
    """
    for w in range(windows_count):
        p, into = b + w * WINDOW_BYTES, sums + 32 * w
        number, slot = load_i8(numbers + 16 * w), load_i8(numbers + 16 * w + 8)
        newest = load_i8(p)
        if number > newest:
            if learn and (number - newest >= PANES or load_f8(p + COUNT) == 0.0):
                _restart(p, number, slot, x, into)
                continue
            _turn(p, number, slot)
            newest = number
        count, total, square = load_f8(p + COUNT), load_f8(p + SUM), load_f8(p + SQUARE)
        store_f8(into, count)
        store_f8(into + 8, total)
        store_f8(into + 16, square)
        store_f8(into + 24, _largest(p, newest, newest % PANES) if count > 0.0 else 0.0)
        if learn and number >= load_i8(p + FIRST):
            _add(p + START + slot * PANE_BYTES, x)
            store_f8(p + COUNT, count + 1.0)
            store_f8(p + SUM, total + x)
            store_f8(p + SQUARE, square + x * x)


@compiled
def _restart(p: int, number: int, slot: int, x: float, into: int) -> None:
    """A window that has gone empty, the common case of narrow ones: its sums are zero, x is all that it holds then."""
    for k in range(4):
        store_f8(into + 8 * k, 0.0)
    store_i8(p, number)
    store_i8(p + FIRST, number)
    store_f8(p + COUNT, 1.0)
    store_f8(p + SUM, x)
    store_f8(p + SQUARE, x * x)
    pane = p + START + slot * PANE_BYTES
    store_f8(pane, x)
    store_f8(pane + 8, x * x)
    store_u4(pane + 16, np.uint32(1))
    store_f4(pane + 20, np.float32(x))


@compiled
def _add(pane: int, x: float) -> None:
    n = load_u4(pane + 16)
    store_f8(pane, load_f8(pane) + x if n > 0 else x)
    store_f8(pane + 8, load_f8(pane + 8) + x * x if n > 0 else x * x)
    store_u4(pane + 16, np.uint32(n + np.uint32(1)))
    store_f4(pane + 20, max(load_f4(pane + 20), np.float32(x)) if n > 0 else np.float32(x))
