"""Who an entity deals with: has it met this one before, how often, how long ago, and how many different ones lately.

A few slots of 8 bytes (fingerprint, count, day last seen). The slot unseen for longest makes room, so a monthly payee
stays known while passers-by come and go.
"""

from __future__ import annotations

import numpy as np

from haechi.features.jit import compiled
from haechi.features.words import (
    load_i8,
    load_u2,
    load_u4,
    popcount,
    store_f4,
    store_i8,
    store_u2,
    store_u4,
)

__all__ = ["NAMES", "bytes_of", "pairs"]

NAMES = ("seen", "share", "gap_days", "new", "new_of_last20", "distinct_1d", "distinct_7d", "distinct_30d")
COUNT_MAX = 65_535
BITS_20 = (1 << 20) - 1


def bytes_of(slots: int) -> int:
    """Bytes of a block: 8 for the last 64 new-or-not bits, 8 for the count of events, 8 a slot."""
    return 16 + 8 * slots


@compiled
def pairs(b: int, slots: int, key: int, day: int, out: int) -> bool:
    """Emit 8 features of the pair, then learn it; returns whether the pair is new. `day` counts days (or ticks)."""
    print_ = np.uint32((key >> 24) | 1)
    today = day & 0xFFFF
    found, oldest, oldest_age, oldest_count = -1, 0, -1, COUNT_MAX + 1
    one, week, month = 0, 0, 0
    for s in range(slots):
        slot = b + 16 + 8 * s
        seen = load_u4(slot)
        if seen == 0:
            if oldest_age < 0x10000:
                oldest, oldest_age = s, 0x10000
            break
        age = (today - np.int64(load_u2(slot + 6))) & 0xFFFF
        one += age <= 1
        week += age <= 7
        month += age <= 30
        if seen == print_:
            found = s
        count = np.int64(load_u2(slot + 4))
        if age > oldest_age or (age == oldest_age and count < oldest_count):
            oldest, oldest_age, oldest_count = s, age, count
    events = load_i8(b + 8)
    history = load_i8(b)
    met = 0
    if found >= 0:
        met = np.int64(load_u2(b + 16 + 8 * found + 4))
        store_f4(out + 8, np.float32((today - np.int64(load_u2(b + 16 + 8 * found + 6))) & 0xFFFF))
    store_f4(out, np.float32(met))
    store_f4(out + 4, np.float32((met + 0.5) / (events + 1.0)))
    store_f4(out + 12, np.float32(1.0 if found < 0 else 0.0))
    store_f4(out + 16, np.float32(popcount(history & BITS_20)))
    store_f4(out + 20, np.float32(one))
    store_f4(out + 24, np.float32(week))
    store_f4(out + 28, np.float32(month))
    slot = b + 16 + 8 * (found if found >= 0 else oldest)
    store_u4(slot, print_)
    store_u2(slot + 4, np.uint16(min(met + 1, COUNT_MAX)))
    store_u2(slot + 6, np.uint16(today))
    store_i8(b, (history << 1) | (1 if found < 0 else 0))
    store_i8(b + 8, events + 1)
    return found < 0
