"""From a key to its record: open addressing with linear probing, in 256 shards that grow one at a time.

A shard that is 70 % full moves into one of twice the size, so growth stops the world for 1/256 of the entries only.
An entry is 16 bytes, one cache line touch: the key and where its record stands (positive: hot slot + 1, negative:
cold slot + 1, zero: empty).
"""

from __future__ import annotations

import numpy as np

from haechi.features import control as at
from haechi.features.jit import compiled
from haechi.features.words import load_i8, store_i8, zero_bytes

__all__ = ["SHARDS", "entry_of", "find", "insert", "mix", "prepare"]

SHARDS = 256
ENTRY_BYTES = 16
FIRST_ENTRIES_BITS = 4
LOAD_PERCENT_MAX = 70


@compiled
def mix(value: int) -> int:
    """Spread a key over all 64 bits; never zero, because zero marks an empty entry (finaliser of SplitMix64)."""
    x = np.uint64(value)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return np.int64(x) if x != np.uint64(0) else np.int64(1)


@compiled
def find(c: int, key: int) -> int:
    """Find the address of a key's entry, or 0 when the key is unknown."""
    shard = load_i8(c + 8 * at.INDEX_TABLE) + ((key >> 56) & 255) * 24
    base = load_i8(c + 8 * at.INDEX_BASE) + load_i8(shard)
    mask = load_i8(shard + 8)
    i = key & mask
    while True:
        entry = base + i * ENTRY_BYTES
        seen = load_i8(entry)
        if seen == key:
            return entry
        if seen == 0:
            return 0
        i = (i + 1) & mask


@compiled
def entry_of(c: int, key: int) -> int:
    """Where the search for a key begins: the address to fetch ahead of time."""
    shard = load_i8(c + 8 * at.INDEX_TABLE) + ((key >> 56) & 255) * 24
    return load_i8(c + 8 * at.INDEX_BASE) + load_i8(shard) + (key & load_i8(shard + 8)) * ENTRY_BYTES


@compiled
def insert(c: int, key: int, value: int) -> int:
    """Add a key that is not there yet; 0 means done, anything else is why not."""
    shard = load_i8(c + 8 * at.INDEX_TABLE) + ((key >> 56) & 255) * 24
    count = load_i8(shard + 16) + 1
    if count * 100 > (load_i8(shard + 8) + 1) * LOAD_PERCENT_MAX and not _grow(c, shard):
        return at.INDEX_FULL
    _place(load_i8(c + 8 * at.INDEX_BASE) + load_i8(shard), load_i8(shard + 8), key, value)
    store_i8(shard + 16, count)
    return 0


@compiled
def prepare(c: int) -> int:
    """Give every shard its first chunk; 0 means done. Offset 0 stays unused: it marks "no chunk"."""
    store_i8(c + 8 * at.INDEX_USED, ENTRY_BYTES)
    for s in range(SHARDS):
        chunk = _take(c, FIRST_ENTRIES_BITS)
        if chunk == 0:
            return at.INDEX_FULL
        shard = load_i8(c + 8 * at.INDEX_TABLE) + s * 24
        store_i8(shard, chunk)
        store_i8(shard + 8, (1 << FIRST_ENTRIES_BITS) - 1)
    return 0


@compiled
def _place(base: int, mask: int, key: int, value: int) -> None:
    i = key & mask
    while load_i8(base + i * ENTRY_BYTES) != 0:
        i = (i + 1) & mask
    store_i8(base + i * ENTRY_BYTES, key)
    store_i8(base + i * ENTRY_BYTES + 8, value)


@compiled
def _grow(c: int, shard: int) -> bool:
    old = load_i8(shard)
    mask = load_i8(shard + 8)
    bits = 0
    while (1 << bits) <= mask:
        bits += 1
    new = _take(c, bits + 1)
    if new == 0:
        return False
    base = load_i8(c + 8 * at.INDEX_BASE)
    for i in range(mask + 1):
        entry = base + old + i * ENTRY_BYTES
        if load_i8(entry) != 0:
            _place(base + new, 2 * mask + 1, load_i8(entry), load_i8(entry + 8))
    store_i8(shard, new)
    store_i8(shard + 8, 2 * mask + 1)
    _give_back(c, old, bits)
    return True


@compiled
def _take(c: int, bits: int) -> int:
    head = c + 8 * (at.INDEX_FREE + bits)
    chunk = load_i8(head)
    size = (1 << bits) * ENTRY_BYTES
    if chunk != 0:
        base = load_i8(c + 8 * at.INDEX_BASE)
        store_i8(head, load_i8(base + chunk))
        zero_bytes(base + chunk, size)
        return chunk
    used = load_i8(c + 8 * at.INDEX_USED)
    if used + size > load_i8(c + 8 * at.INDEX_MAX):
        return 0
    store_i8(c + 8 * at.INDEX_USED, used + size)
    return used


@compiled
def _give_back(c: int, chunk: int, bits: int) -> None:
    head = c + 8 * (at.INDEX_FREE + bits)
    store_i8(load_i8(c + 8 * at.INDEX_BASE) + chunk, load_i8(head))
    store_i8(head, chunk)
