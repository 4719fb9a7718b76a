"""The last 50 amounts in order of size: median, 90 % quantile, rank of this amount - references that one theft cannot
move.

The order is kept as ring positions, one byte each, so an insertion moves at most 50 bytes.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks.ring import RING, ring_amount, ring_time
from haechi.features.jit import compiled
from haechi.features.words import load_i8, load_u1, popcount, store_f4, store_i8, store_u1

__all__ = ["BYTES", "LAST", "NAMES", "rank_emit", "rank_learn"]

LAST = 50
BYTES = 64  # 50 ring positions u1, padding to 56, then the last 32 large-or-not bits i8
BITS = 56
NAMES = (
    "rank50",
    "same50",
    "median50",
    "ratio_median50",
    "robust_z50",
    "ratio_q90_50",
    "ratio_last",
    "large_of_last20",
    "gap5_s",
)
LARGE_DEVIATION = 2.5
BITS_20 = (1 << 20) - 1


@compiled
def _amount(ring: int, b: int, i: int) -> float:
    return ring_amount(ring, np.int64(load_u1(b + i)))


@compiled
def _below(b: int, ring: int, k: int, x: float) -> int:
    """How many of the k ordered amounts are smaller than x."""
    low, high = 0, k
    while low < high:
        middle = (low + high) >> 1
        if _amount(ring, b, middle) < x:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def rank_emit(b: int, ring: int, n: int, time_us: int, x: float, scale: float, out: int) -> float:
    """Emit 9 features of the amount x against the last 50; return its robust deviation (0 without history)."""
    k = min(n, LAST)
    if k == 0:
        return 0.0
    below = _below(b, ring, k, x)
    same = 0
    while below + same < k and _amount(ring, b, below + same) == x:
        same += 1
    median = _amount(ring, b, k // 2)
    ninety = _amount(ring, b, min(k - 1, k * 9 // 10))
    middle = _amount(ring, b, min(k - 1, k * 3 // 4)) - _amount(ring, b, k // 4)
    robust = (x - median) / max(middle, 0.05 * abs(median) + 1e-9)
    store_f4(out, np.float32((below + 0.5 * same) / k))
    store_f4(out + 4, np.float32(same))
    store_f4(out + 8, np.float32(median * scale))
    store_f4(out + 12, np.float32(x / (abs(median) + 1e-9)))
    store_f4(out + 16, np.float32(robust))
    store_f4(out + 20, np.float32(x / (abs(ninety) + 1e-9)))
    store_f4(out + 24, np.float32(x / (abs(ring_amount(ring, n - 1)) + 1e-9)))
    store_f4(out + 28, np.float32(popcount(load_i8(b + BITS) & BITS_20)))
    store_f4(out + 32, np.float32((time_us - ring_time(ring, n - min(n, 5))) * 1e-6))
    return robust


@compiled
def rank_learn(b: int, ring: int, n: int, x: float, large: bool) -> None:
    """Insert the newest amount and drop the one of 50 events ago; call before the ring learns.

    The newest amount will stand at ring position n % 64.
    """
    k = min(n, LAST)
    if n >= LAST:
        gone = (n - LAST) % RING
        i = 0
        while np.int64(load_u1(b + i)) != gone:
            i += 1
        for j in range(i, k - 1):
            store_u1(b + j, load_u1(b + j + 1))
        k -= 1
    i = k
    while i > 0 and _amount(ring, b, i - 1) > x:
        store_u1(b + i, load_u1(b + i - 1))
        i -= 1
    store_u1(b + i, np.uint8(n % RING))
    store_i8(b + BITS, (load_i8(b + BITS) << 1) | (1 if large else 0))
