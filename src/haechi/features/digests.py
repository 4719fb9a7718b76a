"""Hashes of a whole column of texts: one pass of compiled code over their bytes instead of a call for each.

The same numbers as the xxhash library gives for one text, so that an event and a frame have the same keys.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import xxhash

from haechi.features.jit import compiled
from haechi.features.words import load_i8, store_i8
from haechi.features.xxh3 import BYTES_MAX, xxh3

__all__ = ["digests"]

_digest = xxhash.xxh3_64_intdigest


def digests(texts: pl.Series, seed: int = 0) -> np.ndarray:
    """The key of every text of a column, uint64: its xxh3-64, 1 where that would be 0, and 0 where there is none."""
    column = texts.cast(pl.String)
    sizes = np.ascontiguousarray(column.str.len_bytes().fill_null(-1).cast(pl.Int64).to_numpy())
    joined = (column.str.join("").item() or "").encode()
    found = np.empty(len(column), np.uint64)
    data = np.frombuffer(joined, np.uint8)
    salt = int(np.uint64(seed).view(np.int64))
    if not _hash_all(data.ctypes.data, sizes.ctypes.data, len(sizes), salt, found.ctypes.data):
        return found
    at = np.cumsum(np.maximum(sizes, 0)) - np.maximum(sizes, 0)
    for i in np.flatnonzero((sizes == 0) | (sizes > BYTES_MAX)).tolist():
        found[i] = _digest(joined[at[i] : at[i] + sizes[i]], seed) or 1
    return found


@compiled
def _hash_all(text: int, sizes: int, n: int, seed: int, found: int) -> int:
    """Hash what can be hashed here; says how many texts are empty or longer than that."""
    left = 0
    for i in range(n):
        size = load_i8(sizes + 8 * i)
        key = 0
        if 0 < size <= BYTES_MAX:
            key = xxh3(text, size, seed)
            key = 1 if key == 0 else key
        elif size >= 0:
            left += 1
        store_i8(found + 8 * i, key)
        text += max(size, 0)
    return left
