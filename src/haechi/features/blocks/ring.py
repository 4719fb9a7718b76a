"""The last 64 amounts with their times: exact windows, robust references and ranks.

A window is exact as long as the ring holds all of it. When the oldest entry still lies inside a window, the ring has
overflowed for that window: the panes answer instead and the record says so. A late event (older than the last one seen)
is measured against what happened before its own time: entries after it are left out, and it takes its place in the ring
in order of arrival.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from haechi.features.blocks.moments import HISTORY_MIN, deviation
from haechi.features.blocks.panes import panes_add, panes_read
from haechi.features.words import load_f8, load_i8, store_f4, store_f8, store_i8

__all__ = ["BYTES", "RING", "WINDOW_NAMES", "overflows", "ring_learn", "ring_window_sums", "seed_panes", "windows_emit"]

RING = 64
BYTES = RING * 16  # times i8, amounts i8 (minor units)
WINDOW_NAMES = ("count", "sum", "mean", "std", "max", "z", "ratio")


@njit(cache=True, nogil=True)
def overflows(b: int, n: int, time_us: int, widest_us: int) -> bool:
    """Whether the ring no longer holds the whole of the widest window."""
    return n >= RING and time_us - load_i8(b + 8 * (n % RING)) <= widest_us


@njit(cache=True, nogil=True)
def ring_window_sums(
    b: int, n: int, time_us: int, late: bool, windows: int, windows_count: int, panes: int, sums: int
) -> int:
    """Fill count, sum, sum of squares, largest (4 float64 each window) at `sums`; return how many windows overflowed."""
    for i in range(4 * windows_count):
        store_f8(sums + 8 * i, 0.0)
    widest = load_i8(windows + 8 * (windows_count - 1))
    for back in range(1, min(n, RING) + 1):
        i = (n - back) % RING
        age = time_us - load_i8(b + 8 * i)
        if age > widest:
            # Entries stand in order of arrival: without late events everything further back is older still.
            if late:
                continue
            break
        if age < 0:
            continue
        w = 0
        while age > load_i8(windows + 8 * w):
            w += 1
        x = np.float64(load_i8(b + 8 * (RING + i)))
        into = sums + 32 * w
        store_f8(into, load_f8(into) + 1.0)
        store_f8(into + 8, load_f8(into + 8) + x)
        store_f8(into + 16, load_f8(into + 16) + x * x)
        store_f8(into + 24, max(load_f8(into + 24), x))
    return _widen(b, n, time_us, windows, windows_count, panes, sums)


@njit(cache=True, nogil=True)
def _widen(b: int, n: int, time_us: int, windows: int, windows_count: int, panes: int, sums: int) -> int:
    """Each window contains the narrower ones; where the ring overflowed, the panes answer."""
    for w in range(1, windows_count):
        into = sums + 32 * w
        for k in range(3):
            store_f8(into + 8 * k, load_f8(into + 8 * k) + load_f8(into + 8 * k - 32))
        store_f8(into + 24, max(load_f8(into + 24), load_f8(into - 8)))
    overflowed = 0
    if panes != 0 and n >= RING:
        oldest = time_us - load_i8(b + 8 * (n % RING))
        for w in range(windows_count):
            window = load_i8(windows + 8 * w)
            if oldest <= window:
                into = sums + 32 * w
                for k in range(4):
                    store_f8(into + 8 * k, 0.0)
                panes_read(panes, w, time_us, window, into)
                overflowed += 1
    return overflowed


@njit(cache=True, nogil=True)
def windows_emit(sums: int, windows_count: int, x: float, has_amount: bool, scale: float, out: int) -> None:
    """Emit 7 features a window from the sums: count, sum, mean, std, max, and this amount's z and ratio."""
    for w in range(windows_count):
        count, total, square, largest = (
            load_f8(sums + 32 * w),
            load_f8(sums + 32 * w + 8),
            load_f8(sums + 32 * w + 16),
            load_f8(sums + 32 * w + 24),
        )
        o = out + 28 * w
        store_f4(o, np.float32(count))
        store_f4(o + 4, np.float32(total * scale))
        if count > 0:
            mean = total / count
            std = math.sqrt(max(square / count - mean * mean, 0.0))
            store_f4(o + 8, np.float32(mean * scale))
            store_f4(o + 12, np.float32(std * scale))
            store_f4(o + 16, np.float32(largest * scale))
            if has_amount:
                if count >= HISTORY_MIN:
                    store_f4(o + 20, np.float32(deviation(x, mean, std)))
                store_f4(o + 24, np.float32(x / (abs(mean) + 1e-9)))


@njit(cache=True, nogil=True)
def seed_panes(b: int, panes: int, windows: int, windows_count: int) -> None:
    """Move a full ring's whole content into fresh panes, oldest arrival first."""
    for i in range(RING):
        # Called before the ring has lost anything inside the widest window, so nothing is missing.
        panes_add(panes, windows, windows_count, load_i8(b + 8 * i), np.float64(load_i8(b + 8 * (RING + i))))


@njit(cache=True, nogil=True)
def ring_learn(b: int, n: int, time_us: int, amount: int) -> None:
    """Put the newest amount over the oldest."""
    store_i8(b + 8 * (n % RING), time_us)
    store_i8(b + 8 * (RING + n % RING), amount)
