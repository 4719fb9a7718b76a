"""The last 64 amounts with their times: exact windows, robust references and ranks.

A window is exact as long as the ring holds all of it. When the oldest entry still lies inside a window, the ring has
overflowed for that window: the panes answer instead and the record says so. A late event (older than the last one seen)
is measured against what happened before its own time: entries after it are left out, and it takes its place in the ring
in order of arrival.
"""

from __future__ import annotations

import math

import numpy as np

from haechi.features.blocks.moments import HISTORY_MIN, deviation
from haechi.features.blocks.panes import number_panes, panes_step
from haechi.features.jit import compiled
from haechi.features.words import load_f8, load_i8, load_u1, store_f4, store_f8, store_i8, store_u1

__all__ = [
    "BYTES",
    "RING",
    "WINDOW_NAMES",
    "overflows",
    "replace_overflowed",
    "ring_amount",
    "ring_learn",
    "ring_time",
    "ring_window_sums",
    "seed_panes",
    "windows_emit",
]

RING = 64
LAST_POSITION = RING - 1  # ring positions wrap by masking: 64 is a power of two
WINDOWS_MAX = 8
# how many of the newest entries lie inside each window u1 x 8; times i8 x 64; amounts i8 x 64 (minor units)
TIMES = WINDOWS_MAX
AMOUNTS = TIMES + 8 * RING
BYTES = AMOUNTS + 8 * RING
WINDOW_NAMES = ("count", "sum", "mean", "std", "max", "z", "ratio")


@compiled
def ring_time(b: int, i: int) -> int:
    """The time of the entry at ring position i."""
    return load_i8(b + TIMES + 8 * (i & LAST_POSITION))


@compiled
def ring_amount(b: int, i: int) -> float:
    """The amount of the entry at ring position i, in minor units."""
    return np.float64(load_i8(b + AMOUNTS + 8 * (i & LAST_POSITION)))


@compiled
def overflows(b: int, n: int, time_us: int, widest_us: int) -> bool:
    """Whether the ring no longer holds the whole of the widest window."""
    return n >= RING and time_us - ring_time(b, n) <= widest_us


@compiled
def ring_window_sums(b: int, n: int, time_us: int, late: bool, windows: int, windows_count: int, sums: int) -> None:
    """Fill count, sum, sum of squares, largest (4 float64 each window) at `sums` from the entries in the ring."""
    if late:
        _search(b, n, time_us, windows, windows_count, sums)
    else:
        _walk(b, n, time_us, windows, windows_count, sums)


@compiled
def replace_overflowed(
    b: int, n: int, time_us: int, windows: int, windows_count: int, wide_sums: int, sums: int
) -> int:
    """Where the ring no longer holds the whole window, take the panes' sums instead; returns how many windows."""
    overflowed = 0
    oldest = time_us - ring_time(b, n)
    for w in range(windows_count):
        if n >= RING and oldest <= load_i8(windows + 8 * w):
            for k in range(4):
                store_f8(sums + 32 * w + 8 * k, load_f8(wide_sums + 32 * w + 8 * k))
            overflowed += 1
    return overflowed


@compiled
def _walk(b: int, n: int, time_us: int, windows: int, windows_count: int, sums: int) -> None:
    """Entries in order of time: let go of what left each window, then add up once from new to old."""
    back = 0
    total, square, largest = 0.0, 0.0, 0.0
    for w in range(windows_count):
        window = load_i8(windows + 8 * w)
        inside = min(np.int64(load_u1(b + w)), min(n, RING))
        while inside > 0 and time_us - ring_time(b, n - inside) > window:
            inside -= 1
        store_u1(b + w, np.uint8(inside))
        while back < inside:
            back += 1
            x = ring_amount(b, n - back)
            total += x
            square += x * x
            largest = max(largest, x)
        into = sums + 32 * w
        store_f8(into, np.float64(inside))
        store_f8(into + 8, total)
        store_f8(into + 16, square)
        store_f8(into + 24, largest)


@compiled
def _search(b: int, n: int, time_us: int, windows: int, windows_count: int, sums: int) -> None:
    """A late event is somewhere in the ring: look at every entry, and count only what happened before this event."""
    for i in range(4 * windows_count):
        store_f8(sums + 8 * i, 0.0)
    for back in range(1, min(n, RING) + 1):
        age = time_us - ring_time(b, n - back)
        x = ring_amount(b, n - back)
        for w in range(windows_count):
            if 0 <= age <= load_i8(windows + 8 * w):
                into = sums + 32 * w
                store_f8(into, load_f8(into) + 1.0)
                store_f8(into + 8, load_f8(into + 8) + x)
                store_f8(into + 16, load_f8(into + 16) + x * x)
                store_f8(into + 24, max(load_f8(into + 24), x))
    for w in range(windows_count):
        store_u1(b + w, np.uint8(RING))


@compiled
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


@compiled
def seed_panes(b: int, n: int, panes: int, windows: int, windows_count: int, numbers: int, unused: int) -> None:
    """Move a full ring's whole content into fresh panes, oldest arrival first.

    Called before the ring has lost anything inside the widest window, so nothing is missing. `numbers` and `unused` are
    scratch space.
    """
    for back in range(RING, 0, -1):
        number_panes(windows, windows_count, ring_time(b, n - back), numbers)
        panes_step(panes, windows_count, numbers, ring_amount(b, n - back), True, unused)


@compiled
def ring_learn(b: int, n: int, windows_count: int, time_us: int, amount: int) -> None:
    """Put the newest amount over the oldest."""
    store_i8(b + TIMES + 8 * (n & LAST_POSITION), time_us)
    store_i8(b + AMOUNTS + 8 * (n & LAST_POSITION), amount)
    for w in range(windows_count):
        store_u1(b + w, np.uint8(min(np.int64(load_u1(b + w)) + 1, RING)))
