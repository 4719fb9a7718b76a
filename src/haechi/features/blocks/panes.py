"""Windows over any number of events: each window is cut into 12 panes, so it forgets in steps of a twelfth.

Approximate by up to one pane; constant size however busy the entity is (measured: relative error of counts .00-.04).
The window's totals run along: looking subtracts the panes that have left, so a quiet window costs next to nothing.
A late event is measured against the panes as they stand, and counted where it belongs while that pane is still there.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from haechi.features.words import load_f4, load_f8, load_i8, load_u4, store_f4, store_f8, store_i8, store_u4

__all__ = ["PANES", "WINDOW_BYTES", "panes_add", "panes_read"]

PANES = 12
PANE_BYTES = 24  # sum f8, sum of squares f8, count u4, largest f4
# newest pane number i8, first valid pane number i8, count f8, sum f8, sum of squares f8; then the panes
FIRST, COUNT, SUM, SQUARE, START = 8, 16, 24, 32, 40
WINDOW_BYTES = START + PANES * PANE_BYTES


@njit(cache=True, nogil=True)
def _turn(p: int, now: int) -> None:
    """Bring a window forward to pane `now`: what left is subtracted, what is new is empty."""
    newest = load_i8(p)
    if now <= newest:
        return
    store_i8(p, now)
    if now - newest >= PANES or load_f8(p + COUNT) == 0.0:
        store_i8(p + FIRST, now)
        store_f8(p + COUNT, 0.0)
        store_f8(p + SUM, 0.0)
        store_f8(p + SQUARE, 0.0)
        store_u4(p + START + (now % PANES) * PANE_BYTES + 16, np.uint32(0))
        return
    first = load_i8(p + FIRST)
    for gone in range(max(newest - PANES + 1, first), now - PANES + 1):
        pane = p + START + (gone % PANES) * PANE_BYTES
        n = load_u4(pane + 16)
        if n > 0:
            store_f8(p + COUNT, load_f8(p + COUNT) - n)
            store_f8(p + SUM, load_f8(p + SUM) - load_f8(pane))
            store_f8(p + SQUARE, load_f8(p + SQUARE) - load_f8(pane + 8))
    for fresh in range(newest + 1, now + 1):
        store_u4(p + START + (fresh % PANES) * PANE_BYTES + 16, np.uint32(0))
    store_i8(p + FIRST, max(first, now - PANES + 1))


@njit(cache=True, nogil=True)
def panes_read(b: int, w: int, time_us: int, window_us: int, into: int) -> None:
    """Put count, sum, sum of squares and largest of one window into four float64 at `into`."""
    p = b + w * WINDOW_BYTES
    _turn(p, time_us // (window_us // PANES))
    count = load_f8(p + COUNT)
    store_f8(into, count)
    if count > 0.0:
        store_f8(into + 8, load_f8(p + SUM))
        store_f8(into + 16, load_f8(p + SQUARE))
        largest = np.float32(-np.inf)
        for number in range(load_i8(p + FIRST), load_i8(p) + 1):
            pane = p + START + (number % PANES) * PANE_BYTES
            if load_u4(pane + 16) > 0:
                largest = max(largest, load_f4(pane + 20))
        store_f8(into + 24, np.float64(largest))
    else:
        store_f8(into + 8, 0.0)


@njit(cache=True, nogil=True)
def panes_add(b: int, windows: int, windows_count: int, time_us: int, x: float) -> None:
    """Learn one amount in every window; an event too late for a window leaves that window alone."""
    for w in range(windows_count):
        p = b + w * WINDOW_BYTES
        number = time_us // (load_i8(windows + 8 * w) // PANES)
        _turn(p, number)
        if number < load_i8(p + FIRST):
            continue
        pane = p + START + (number % PANES) * PANE_BYTES
        n = load_u4(pane + 16)
        store_f8(pane, load_f8(pane) + x if n > 0 else x)
        store_f8(pane + 8, load_f8(pane + 8) + x * x if n > 0 else x * x)
        store_u4(pane + 16, np.uint32(n + np.uint32(1)))
        store_f4(pane + 20, max(load_f4(pane + 20), np.float32(x)) if n > 0 else np.float32(x))
        store_f8(p + COUNT, load_f8(p + COUNT) + 1.0)
        store_f8(p + SUM, load_f8(p + SUM) + x)
        store_f8(p + SQUARE, load_f8(p + SQUARE) + x * x)
