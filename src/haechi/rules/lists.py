"""Lists of entities: allow, block, watch - immutable, looked up by hash from compiled code, a change makes a new one.

An entry hits until it expires. Keys are 64-bit hashes with the home's seed: of ten million entities asked about, one is
mistaken for one of a million entries with a probability of 5e-7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from xxhash import xxh3_64_intdigest

from haechi.rules.errors import BadList

__all__ = ["ENTRIES_MAX", "FOREVER_US", "EntityList", "Entry", "Lists", "key_of"]

FOREVER_US = 2**62
ENTRIES_MAX = 20_000_000
LISTS_MAX = 1_000
ENTITY_CHARS_MAX = 500
SLOTS_MIN = 8


@dataclass(frozen=True)
class Entry:
    """One entity on a list: why, by whom, and the first microsecond in which it is no longer on it."""

    entity: str
    reason: str = ""
    owner: str = ""
    until_us: int | None = None


def key_of(entity: str, seed: int = 0) -> int:
    """The key of an entity as a signed 64-bit number; never zero."""
    digest = xxh3_64_intdigest(entity.encode(), seed) or 1
    return digest - 2**64 if digest >= 2**63 else digest


@dataclass(frozen=True, eq=False)
class EntityList:
    """One list: slots of key and expiry, in open addressing at most half full, and who put each there and why."""

    slots: np.ndarray  # int64 [2**k, 2]
    notes: np.ndarray  # int32 [2**k]: which of `told`
    told: tuple[tuple[str, str], ...]  # (reason, owner), each different pair once
    count: int

    @classmethod
    def of(cls, entries: Iterable[Entry], seed: int = 0) -> EntityList:
        """Make a list; an entity that comes twice keeps what was said last."""
        keys, until, notes, told = _columns(entries, seed)
        size = SLOTS_MIN
        while size < 2 * len(keys):
            size *= 2
        slots, noted = np.zeros((size, 2), np.int64), np.zeros(size, np.int32)
        count = _fill(slots, noted, keys, until, notes)
        return cls(slots, noted, tuple(told), count)

    def find(self, entity: str, seed: int = 0) -> tuple[str, str, int] | None:
        """Reason, owner and expiry of an entity, expired or not."""
        key, mask = key_of(entity, seed), len(self.slots) - 1
        slot = (key >> 8) & mask
        while self.slots[slot, 0] != 0:
            if self.slots[slot, 0] == key:
                reason, owner = self.told[self.notes[slot]]
                return reason, owner, int(self.slots[slot, 1])
            slot = (slot + 1) & mask
        return None


@dataclass(frozen=True, eq=False)
class Lists:
    """All lists of a home by name."""

    by_name: Mapping[str, EntityList] = field(default_factory=dict)
    seed: int = 0

    @classmethod
    def of(cls, lists: Mapping[str, Iterable[Entry] | Sequence[str]], seed: int = 0) -> Lists:
        """Make all lists; a text is an entry that never expires."""
        if len(lists) > LISTS_MAX:
            raise BadList(f"{len(lists):,} lists, the limit is {LISTS_MAX:,}")
        made = {name: EntityList.of((_entry(e) for e in entries), seed) for name, entries in lists.items()}
        return cls(made, seed)

    def replace(self, name: str, entries: Iterable[Entry]) -> Lists:
        """The same lists with one of them made anew."""
        return Lists({**self.by_name, name: EntityList.of(entries, self.seed)}, self.seed)

    def without(self, name: str) -> Lists:
        """The same lists but one."""
        return Lists({n: found for n, found in self.by_name.items() if n != name}, self.seed)

    def holds(self, name: str, entity: str, time_us: int) -> bool:
        """Whether an entity is on a list at a time; a list that is not there holds nobody."""
        found = self.by_name.get(name)
        entry = found.find(entity, self.seed) if found else None
        return entry is not None and time_us < entry[2]

    def table(self, name: str) -> tuple[int, int]:
        """Address and mask of a list's slots, for compiled code; they live as long as this."""
        found = self.by_name.get(name, _EMPTY)
        return int(found.slots.ctypes.data), len(found.slots) - 1


def _entry(given: Entry | str) -> Entry:
    return Entry(given) if isinstance(given, str) else given


def _columns(entries: Iterable[Entry], seed: int) -> tuple[list[int], list[int], list[int], dict[tuple[str, str], int]]:
    keys: list[int] = []
    until: list[int] = []
    notes: list[int] = []
    told: dict[tuple[str, str], int] = {}
    for entry in entries:
        if not 0 < len(entry.entity) <= ENTITY_CHARS_MAX:
            raise BadList(f"an entity must have 1 to {ENTITY_CHARS_MAX} characters, not {entry.entity[:40]!r}")
        if len(keys) >= ENTRIES_MAX:
            raise BadList(f"a list holds at most {ENTRIES_MAX:,} entries")
        keys.append(key_of(entry.entity, seed))
        until.append(FOREVER_US if entry.until_us is None else entry.until_us)
        notes.append(told.setdefault((entry.reason, entry.owner), len(told)))
    return keys, until, notes, told


def _fill(slots: np.ndarray, noted: np.ndarray, keys: list[int], until: list[int], notes: list[int]) -> int:
    """Put entries into their slots; several at once, each round those that found theirs free."""
    key, expiry, note = np.array(keys, np.int64), np.array(until, np.int64), np.array(notes, np.int32)
    # The last word counts: of equal keys the last one stays.
    _, last = np.unique(key[::-1], return_index=True)
    chosen = len(key) - 1 - last
    key, expiry, note = key[chosen], expiry[chosen], note[chosen]
    place, waiting = (key >> 8) & (len(slots) - 1), np.arange(len(key))
    while len(waiting):
        free = waiting[slots[place[waiting], 0] == 0]
        _, first = np.unique(place[free], return_index=True)
        taken = free[first]
        slots[place[taken], 0], slots[place[taken], 1], noted[place[taken]] = key[taken], expiry[taken], note[taken]
        waiting = waiting[slots[place[waiting], 0] != key[waiting]]
        place[waiting] = (place[waiting] + 1) & (len(slots) - 1)
    return len(key)


_EMPTY = EntityList.of(())
