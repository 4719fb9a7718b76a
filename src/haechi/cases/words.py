"""Words as numbers: what a read model keeps of a name is its hash, and the name itself once, for as long as it is used.

Two generations of names: each lasts for as many events as the ring holds, and the older one goes as a whole. So no
event outlives its names, nothing is ever searched for what could go, and there is an end to what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit
from xxhash import xxh3_64_intdigest

__all__ = ["Words", "hash_of", "held"]

FIRST_SLOTS = 1 << 12
Numbers = npt.NDArray[np.int64]


def hash_of(text: str, seed: int = 0) -> int:
    """The number of a word, as the memory's keys are made: 64 bits, signed; 0 stands for no word."""
    found = (xxh3_64_intdigest(text.encode(), seed) or 1) if text else 0
    return found - 2**64 if found >= 2**63 else found


class Words:
    """Names by their hashes; one thread writes, the ring's lock is around it."""

    def __init__(self, seed: int, events_max: int) -> None:
        self.seed, self._events_max = seed, events_max
        self._young: dict[int, str] = {}
        self._old: dict[int, str] = {}
        self._slots = np.zeros(FIRST_SLOTS, np.int64)
        self._events = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def hash(self, text: str) -> int:
        """The number of a word."""
        return hash_of(text, self.seed)

    def text(self, number: int) -> str:
        """The word of a number that an event of the ring has."""
        found = self._young.get(number)
        return found if found is not None else self._old.get(number, "")

    def learn(self, hashes: Numbers, text: Callable[[int, int], str]) -> None:
        """Keep the words of some events, hashes [columns, events]; `text` says what stands at (column, event)."""
        if self._events >= self._events_max:
            self._old, self._young, self._events = self._young, {}, 0
            self._slots = np.zeros(FIRST_SLOTS, np.int64)
        self._events += hashes.shape[1]
        self._make_room(hashes.size)
        flat = np.ascontiguousarray(hashes).reshape(-1)
        places = np.empty(len(flat), np.int64)
        count = _fresh(self._slots, flat, places)
        young, old = self._young, self._old
        for place, number in zip(places[:count].tolist(), flat[places[:count]].tolist(), strict=True):
            known = old.get(number)
            young[number] = text(*divmod(place, hashes.shape[1])) if known is None else known

    def _make_room(self, more: int) -> None:
        """At most half of the slots are ever taken."""
        size = len(self._slots)
        while 2 * (len(self._young) + more) > size:
            size *= 2
        if size > len(self._slots):
            larger = np.zeros(size, np.int64)
            _fresh(larger, self._slots, np.empty(len(self._slots), np.int64))
            self._slots = larger


def held(column: Numbers, wanted: Iterable[int]) -> Numbers:
    """Where a column holds any of these numbers, in one walk that lets go of the interpreter's lock."""
    numbers = np.fromiter(wanted, np.int64)
    slots = np.zeros(1 << max(4, (2 * len(numbers)).bit_length() + 1), np.int64)
    _fresh(slots, numbers, np.empty(len(numbers), np.int64))
    places = np.empty(len(column), np.int64)
    return places[: _held(slots, column, places)]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _fresh(slots: Any, numbers: Any, places: Any) -> int:
    """Put numbers into a table of slots; where those stood that were not in it, 0 left out."""
    mask, count = len(slots) - 1, 0
    for i in range(len(numbers)):
        number = numbers[i]
        if number == 0:
            continue
        at = number & mask
        while slots[at] != 0 and slots[at] != number:
            at = (at + 1) & mask
        if slots[at] == 0:
            slots[at] = number
            places[count] = i
            count += 1
    return count


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _held(slots: Any, column: Any, places: Any) -> int:
    mask, count = len(slots) - 1, 0
    for i in range(len(column)):
        number = column[i]
        at = number & mask
        while slots[at] != 0 and slots[at] != number:
            at = (at + 1) & mask
        if number != 0 and slots[at] == number:
            places[count] = i
            count += 1
    return count
