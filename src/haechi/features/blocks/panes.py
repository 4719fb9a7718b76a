"""Windows over any number of events: each window is cut into 12 panes, so it forgets in steps of a twelfth.

Approximate by up to one pane; constant size however busy the entity is (measured: relative error of counts .00-.04).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from haechi.features.words import load_f4, load_f8, load_i8, load_u4, store_f4, store_f8, store_i8, store_u4, zero_bytes

__all__ = ["PANES", "WINDOW_BYTES", "panes_add", "panes_read"]

PANES = 12
PANE_BYTES = 24  # sum f8, sum of squares f8, count u4, largest f4
WINDOW_BYTES = 8 + PANES * PANE_BYTES  # newest pane number i8, then the panes


@njit(cache=True, nogil=True)
def panes_read(b: int, w: int, time_us: int, window_us: int, into: int) -> None:
    """Add count, sum, sum of squares and largest of one window to four float64 at `into`."""
    p = b + w * WINDOW_BYTES
    newest = load_i8(p)
    now = time_us // (window_us // PANES)
    count, total, square, largest = 0.0, 0.0, 0.0, load_f8(into + 24)
    for age in range(PANES):
        number = newest - age
        if number > now or number <= now - PANES or number < 0:
            continue
        pane = p + 8 + (number % PANES) * PANE_BYTES
        n = load_u4(pane + 16)
        if n > 0:
            count += n
            total += load_f8(pane)
            square += load_f8(pane + 8)
            largest = max(largest, np.float64(load_f4(pane + 20)))
    store_f8(into, load_f8(into) + count)
    store_f8(into + 8, load_f8(into + 8) + total)
    store_f8(into + 16, load_f8(into + 16) + square)
    store_f8(into + 24, largest)


@njit(cache=True, nogil=True)
def panes_add(b: int, windows: int, windows_count: int, time_us: int, x: float) -> None:
    """Learn one amount in every window; an event too late for a window leaves that window alone."""
    for w in range(windows_count):
        p = b + w * WINDOW_BYTES
        number = time_us // (load_i8(windows + 8 * w) // PANES)
        newest = load_i8(p)
        if number <= newest - PANES:
            continue
        if number > newest:
            for fresh in range(max(newest + 1, number - PANES + 1), number + 1):
                zero_bytes(p + 8 + (fresh % PANES) * PANE_BYTES, PANE_BYTES)
            store_i8(p, number)
        pane = p + 8 + (number % PANES) * PANE_BYTES
        n = load_u4(pane + 16)
        store_f8(pane, load_f8(pane) + x)
        store_f8(pane + 8, load_f8(pane + 8) + x * x)
        store_u4(pane + 16, np.uint32(n + np.uint32(1)))
        store_f4(pane + 20, np.float32(x) if n == 0 else max(load_f4(pane + 20), np.float32(x)))
