"""One reservation of memory for everything that is remembered; pages appear on touch, growth never copies.

Private anonymous memory: a forked child sees it as it was at the fork, which is what a snapshot needs.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from pathlib import Path

import numpy as np

from haechi.features import control as at
from haechi.features.blocks.categories import TALLIES
from haechi.features.errors import FeatureError
from haechi.features.index import SHARDS, prepare
from haechi.features.layout import Layout
from haechi.features.spec import Spec

__all__ = ["Arena"]

_NORESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000)
INDEX_ENTRIES_MIN = 1 << 16
INDEX_BYTES_EACH = 96  # 16 bytes an entry at 35 % load just after growing, twice while a shard moves
PAGE = 4096
# From here on pages of 2 MiB: the kernel of a busy home waits for the page table a third of its time otherwise.
HUGE_BYTES_MIN = 1 << 25
AHEAD_MIN, AHEAD_MAX = 64, 16_384
_POPULATE_WRITE = 23  # MADV_POPULATE_WRITE, Linux 5.14 (madvise(2))


class Arena:
    """Control block, index and shelves at their addresses; optionally a cold file behind the shelves."""

    def __init__(self, spec: Spec, layout: Layout, cold: Path | None = None) -> None:
        """Reserve everything. `cold` is the file that takes the longest unseen records; None: a full shelf refuses."""
        self.layout = layout
        self.control = np.zeros(TALLIES + 2 * max(len(spec.categories), 1), np.int64)
        self.windows = np.zeros(16, np.int64)
        self.windows[: len(spec.windows)] = [us for _, us in spec.windows]
        self.windows[8:11] = [us for _, us in spec.spans]
        self.scratch = np.zeros(at.SCRATCH_WORDS, np.int64)
        self.table = np.zeros(3 * SHARDS, np.int64)
        known = sum(s.hot_max + (s.cold_max if cold else 0) for s in layout.shelves)
        self.index = _array(_reserve(max(known, INDEX_ENTRIES_MIN) * INDEX_BYTES_EACH))
        self.hot_maps = [_reserve(s.hot_max * s.record_bytes) for s in layout.shelves]
        self.hot = [_array(m) for m in self.hot_maps]
        self.cold_maps: list[mmap.mmap] = []
        self._populates = True
        self._ready = [0] * len(layout.shelves)
        self._marks = [0] * len(layout.shelves)
        self.cold_file = cold
        self.cold: list[np.ndarray] = []
        self.free: list[np.ndarray] = []
        self.resting: list[np.ndarray] = []
        if cold is not None:
            self._open_cold(cold)
        for i, shelf in enumerate(layout.shelves):
            self._shelf(i)[at.SIZE] = shelf.record_bytes
            self._shelf(i)[at.HOT_MAX] = shelf.hot_max
            self._shelf(i)[at.COLD_MAX] = shelf.cold_max if cold else 0
        self.point()
        if prepare(self.address) != 0:
            raise FeatureError("the index has no room for its first entries")

    @property
    def address(self) -> int:
        """The address of the control block: all that the kernel is given."""
        return int(self.control.ctypes.data)

    def point(self) -> None:
        """Write every address into the control block; needed again after a snapshot was read into it."""
        c = self.control
        c[at.WINDOWS], c[at.SCRATCH] = self.windows.ctypes.data, self.scratch.ctypes.data
        c[at.INDEX_TABLE], c[at.INDEX_BASE] = self.table.ctypes.data, self.index.ctypes.data
        c[at.INDEX_MAX] = self.index.nbytes
        for i, array in enumerate(self.hot):
            self._shelf(i)[at.BASE] = array.ctypes.data
            if self.cold:
                self._shelf(i)[at.COLD_BASE] = self.cold[i].ctypes.data
                self._shelf(i)[at.COLD_FREE] = self.free[i].ctypes.data
                self._shelf(i)[at.RESTING] = self.resting[i].ctypes.data

    def shelf(self, number: int) -> np.ndarray:
        """The 16 control words of a shelf."""
        return self._shelf(number)

    def hot_used(self, number: int) -> np.ndarray:
        """The bytes of a shelf that hold records."""
        words = self._shelf(number)
        return self.hot[number][: int(words[at.HOT_USED] * words[at.SIZE])]

    def index_used(self) -> np.ndarray:
        """The bytes of the index that are in use."""
        return self.index[: int(self.control[at.INDEX_USED])]

    def prepare_pages(self) -> None:
        """Ask for the pages of the next records of every shelf at once: cheaper than a fault for each, and ahead of
        need.

        The reserve grows with the shelf (a quarter of it, at most 16,384 records), so a small memory stays small.
        """
        for i, shelf in enumerate(self.layout.shelves):
            used = int(self._shelf(i)[at.HOT_USED])
            reserve = min(AHEAD_MIN + used // 4, AHEAD_MAX)
            if (used + reserve // 2) * shelf.record_bytes > self._ready[i] and self._populates:
                end = min(_pages((used + reserve) * shelf.record_bytes), len(self.hot_maps[i]))
                self._populate(i, end)

    def _populate(self, number: int, end: int) -> None:
        start = self._ready[number]
        if end <= start:
            return
        try:
            self.hot_maps[number].madvise(_POPULATE_WRITE, start, end - start)
        except OSError:
            # An older kernel: pages then appear on first touch, which is slower and nothing else.
            self._populates = False
        self._ready[number] = end

    def resting_counts(self) -> list[int]:
        """How many cold slots of each shelf rest at this moment."""
        return [int(self._shelf(i)[at.RESTING_COUNT]) for i in range(len(self.layout.shelves))]

    def release_rested(self, marks: list[int]) -> None:
        """A snapshot that began at `marks` is complete: what rested when the one before it began is free now."""
        if self.cold:
            for i, count in enumerate(self._marks):
                words = self._shelf(i)
                free, rest = int(words[at.COLD_FREE_COUNT]), int(words[at.RESTING_COUNT])
                self.free[i][free : free + count] = self.resting[i][:count]
                self.resting[i][: rest - count] = self.resting[i][count:rest].copy()
                words[at.COLD_FREE_COUNT], words[at.RESTING_COUNT] = free + count, rest - count
            self._marks = [mark - gone for mark, gone in zip(marks, self._marks, strict=True)]

    def release_cold_pages(self) -> None:
        """Let the operating system take the cold file's pages back: they are on disk."""
        for mapped in self.cold_maps:
            mapped.madvise(mmap.MADV_DONTNEED)

    def _shelf(self, number: int) -> np.ndarray:
        start = at.SHELVES + number * at.SHELF_WORDS
        return self.control[start : start + at.SHELF_WORDS]

    def _open_cold(self, path: Path) -> None:
        sizes = [_pages(s.cold_max * s.record_bytes) for s in self.layout.shelves]
        with path.open("a+b") as file:
            file.truncate(sum(sizes))
            start = 0
            for shelf, size in zip(self.layout.shelves, sizes, strict=True):
                mapped = mmap.mmap(file.fileno(), size, offset=start)
                mapped.madvise(mmap.MADV_RANDOM)
                self.cold_maps.append(mapped)
                self.cold.append(_array(mapped))
                self.free.append(_array(_reserve(shelf.cold_max * 8)).view(np.int64))
                self.resting.append(_array(_reserve(shelf.cold_max * 8)).view(np.int64))
                start += size


def _pages(size: int) -> int:
    return max((size + PAGE - 1) // PAGE * PAGE, PAGE)


def _reserve(size: int) -> mmap.mmap:
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE
    try:
        mapped = mmap.mmap(-1, _pages(size), flags=flags)
    except (OSError, ValueError) as error:
        raise FeatureError(
            f"cannot reserve {size >> 20} MiB of address space ({error}); lower the memory budget"
        ) from error
    if size >= HUGE_BYTES_MIN and hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a Linux built without huge pages: small ones are slower and nothing else
            mapped.madvise(mmap.MADV_HUGEPAGE)
    return mapped


def _array(mapped: mmap.mmap) -> np.ndarray:
    return np.frombuffer(mapped, np.uint8)
