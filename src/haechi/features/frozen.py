"""What if: look at events that never happened, each alone, and leave the memory as it was, byte for byte.

The kernel looks and learns in one step. Every record that it touches carries the number of the touch, so that exactly
these are put back from a copy, and with them the index and the control block.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from haechi.features import control as at
from haechi.features.errors import FeatureError
from haechi.features.memory import Memory

__all__ = ["look_frozen"]


def look_frozen(memory: Memory, frame: pl.DataFrame) -> np.ndarray:
    """The rows of the events of a canonical frame, each as if it came next: float32 [n, features].

    Costs a copy of the memory for each call. FeatureError when the memory has a cold file: what moves there and back
    is more than this puts back.
    """
    if memory.arena.cold:
        raise FeatureError("what-if looks need a memory without a cold file: load the snapshot without one")
    ints, floats = memory.encoder.frame(frame)
    before = [array.copy() for array in _used(memory)]
    rows = np.empty((len(ints), len(memory.spec.features)), np.float32)
    for i in range(len(ints)):
        try:
            rows[i] = memory.look_and_learn_encoded(ints[i], floats[i]).row
        finally:
            _put_back(memory, before)
    return rows


def _used(memory: Memory) -> list[np.ndarray]:
    """The bytes in use: control block, index table, index, then every shelf."""
    arena = memory.arena
    shelves = [arena.hot_used(i) for i in range(len(arena.layout.shelves))]
    return [arena.control, arena.table, arena.index_used(), *shelves]


def _put_back(memory: Memory, before: list[np.ndarray]) -> None:
    """Undo one event; what was taken into use for it is empty again, as index and shelves expect it."""
    _, _, index, *shelves = _used(memory)
    index[: len(before[2])] = before[2]
    index[len(before[2]) :] = 0
    for shelf, now, then in zip(memory.arena.layout.shelves, shelves, before[3:], strict=True):
        now[len(then) :] = 0
        records, old = (part[: len(then)].reshape(-1, shelf.record_bytes) for part in (now, then))
        touches = records[:, at.HEAD_TOUCH : at.HEAD_TOUCH + 8].copy().view(np.int64)[:, 0]
        touched = np.flatnonzero(touches > before[0][at.TOUCH])
        records[touched] = old[touched]
    memory.arena.control[:], memory.arena.table[:] = before[0], before[1]
