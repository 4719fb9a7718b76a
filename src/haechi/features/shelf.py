"""Shelves: where records stand, hot in memory, cold in a file, and how they move between the two.

Each kind of record has a shelf with a budget of hot slots. When it is full, the longest unseen of the next few records
goes to the cold file byte for byte, and comes back byte for byte when its key is seen again, so a decision never
depends on where a record was. The cold file is mapped memory: the kernel copies, the operating system reads and writes.

A cold slot that became free rests until two later snapshots are complete, because an earlier snapshot may point at it.
"""

from __future__ import annotations

from haechi.features import control as at
from haechi.features.index import find, insert
from haechi.features.jit import compiled
from haechi.features.words import copy_bytes, load_i8, store_i8, zero_bytes

__all__ = ["locate", "peek", "peek_hot"]

# How many records the hand looks at to find the longest unseen one (sampled least-recently-used).
SAMPLE = 16


@compiled
def locate(c: int, number: int, key: int) -> int:
    """Find or create the record of a key on a shelf; 0 means that the control block says why not."""
    shelf = c + 8 * (at.SHELVES + number * at.SHELF_WORDS)
    size = load_i8(shelf + 8 * at.SIZE)
    touch = load_i8(c + 8 * at.TOUCH)
    entry = find(c, key)
    value = load_i8(entry + 8) if entry != 0 else 0
    if value > 0:
        record = load_i8(shelf + 8 * at.BASE) + (value - 1) * size
        store_i8(record + at.HEAD_TOUCH, touch)
        return record
    slot = _take_slot(c, shelf, number)
    if slot < 0:
        return 0
    record = load_i8(shelf + 8 * at.BASE) + slot * size
    if value < 0:
        copy_bytes(record, load_i8(shelf + 8 * at.COLD_BASE) + (-value - 1) * size, size)
        _rest(shelf, -value - 1)
        store_i8(entry + 8, slot + 1)
    else:
        problem = insert(c, key, slot + 1)
        if problem != 0:
            return _refuse(c, number, problem)
        store_i8(record + at.HEAD_KEY, key)
        store_i8(shelf + 8 * at.KNOWN, load_i8(shelf + 8 * at.KNOWN) + 1)
    store_i8(record + at.HEAD_TOUCH, touch)
    return record


@compiled
def peek(c: int, number: int, key: int) -> int:
    """Find the record of a key without creating, moving or touching it; 0 when unknown."""
    entry = find(c, key)
    if entry == 0:
        return 0
    shelf = c + 8 * (at.SHELVES + number * at.SHELF_WORDS)
    value = load_i8(entry + 8)
    size = load_i8(shelf + 8 * at.SIZE)
    if value > 0:
        return load_i8(shelf + 8 * at.BASE) + (value - 1) * size
    return load_i8(shelf + 8 * at.COLD_BASE) + (-value - 1) * size


@compiled
def peek_hot(c: int, number: int, key: int) -> int:
    """Find a record only if it is in memory; 0 otherwise."""
    entry = find(c, key)
    value = load_i8(entry + 8) if entry != 0 else 0
    if value <= 0:
        return 0
    shelf = c + 8 * (at.SHELVES + number * at.SHELF_WORDS)
    return load_i8(shelf + 8 * at.BASE) + (value - 1) * load_i8(shelf + 8 * at.SIZE)


@compiled
def _refuse(c: int, number: int, problem: int) -> int:
    store_i8(c + 8 * at.ERROR, problem)
    store_i8(c + 8 * at.ERROR_SHELF, number)
    return 0


@compiled
def _take_slot(c: int, shelf: int, number: int) -> int:
    used = load_i8(shelf + 8 * at.HOT_USED)
    if used < load_i8(shelf + 8 * at.HOT_MAX):
        store_i8(shelf + 8 * at.HOT_USED, used + 1)
        return used
    if load_i8(shelf + 8 * at.COLD_BASE) == 0:
        _refuse(c, number, at.HOT_FULL)
        return -1
    cold = _take_cold(shelf)
    if cold < 0:
        _refuse(c, number, at.COLD_FULL)
        return -1
    slot = _longest_unseen(c, shelf)
    size = load_i8(shelf + 8 * at.SIZE)
    record = load_i8(shelf + 8 * at.BASE) + slot * size
    copy_bytes(load_i8(shelf + 8 * at.COLD_BASE) + cold * size, record, size)
    store_i8(find(c, load_i8(record + at.HEAD_KEY)) + 8, -(cold + 1))
    zero_bytes(record, size)
    store_i8(shelf + 8 * at.EVICTED, load_i8(shelf + 8 * at.EVICTED) + 1)
    return slot


@compiled
def _longest_unseen(c: int, shelf: int) -> int:
    """Pick the record to evict: never one of the event at hand, which carries the current touch."""
    hot = load_i8(shelf + 8 * at.HOT_MAX)
    size = load_i8(shelf + 8 * at.SIZE)
    base = load_i8(shelf + 8 * at.BASE)
    hand = load_i8(shelf + 8 * at.HAND)
    best = hand
    best_touch = load_i8(c + 8 * at.TOUCH)
    for _ in range(min(SAMPLE, hot)):
        touch = load_i8(base + hand * size + at.HEAD_TOUCH)
        if touch < best_touch:
            best, best_touch = hand, touch
        hand = hand + 1 if hand + 1 < hot else 0
    store_i8(shelf + 8 * at.HAND, hand)
    return best


@compiled
def _take_cold(shelf: int) -> int:
    free = load_i8(shelf + 8 * at.COLD_FREE_COUNT)
    if free > 0:
        store_i8(shelf + 8 * at.COLD_FREE_COUNT, free - 1)
        return load_i8(load_i8(shelf + 8 * at.COLD_FREE) + 8 * (free - 1))
    used = load_i8(shelf + 8 * at.COLD_USED)
    if used >= load_i8(shelf + 8 * at.COLD_MAX):
        return -1
    store_i8(shelf + 8 * at.COLD_USED, used + 1)
    return used


@compiled
def _rest(shelf: int, cold: int) -> None:
    resting = load_i8(shelf + 8 * at.RESTING_COUNT)
    store_i8(load_i8(shelf + 8 * at.RESTING) + 8 * resting, cold)
    store_i8(shelf + 8 * at.RESTING_COUNT, resting + 1)
    store_i8(shelf + 8 * at.RETURNED, load_i8(shelf + 8 * at.RETURNED) + 1)
