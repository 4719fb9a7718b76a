"""Which entry holds an event id: the exact guard that nothing is done twice.

An id is hashed to 63 bits. Keys of the newest entries stand in a dictionary, older ones in the table `event_keys`, and
a Bloom filter in front lets a new id pass without asking the table. Two ids with one hash: the second takes the next
number, so a key always belongs to one id, and the entry found is compared by its id.

The table is filled behind the journal, many keys at once in key order: written one by one, random keys cost a page of
the table for each entry, three times as much as the entry itself (docs/decisions/002).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from haechi.stores.bloom import Bloom
from haechi.stores.dialect import SQLITE
from haechi.stores.entry import INT64_MAX, Entry
from haechi.stores.limits import Limits
from haechi.stores.link import Link
from haechi.stores.ticket import Ticket

INDEXED = "indexed_through"
_KEYS_PER_RUN = 16_384
_INSERT_ROWS = 256
_THIN_RUNS = 256

Hash = Callable[[bytes, int], int]


class EventIndex:
    """From event ids to entries: pending, recent and old ones."""

    def __init__(self, reading: Link, entry: Callable[[int], Entry], limits: Limits, seed: int, hash_: Hash) -> None:
        self.recent: dict[int, Ticket | int] = {}
        self._reading, self._entry, self._limits, self._seed, self._hash = reading, entry, limits, seed, hash_
        self._fresh = (array("q"), array("q"))  # keys and numbers on disk but not in the table yet
        self._moving = np.empty((2, 0), dtype=np.int64)  # those being moved, in key order: what is left of them
        self._small: list[int] = []  # first numbers of runs that are still as short as their batch was
        self.indexed_through = self._through = self._read_through()  # reached, and the last number of that part
        self.bloom = Bloom(self._count())
        self.last_seq = self._load()

    def find(self, event_id: str) -> tuple[int, Ticket | Entry | None]:
        """The key of an id, and what holds it: a ticket, an entry, or nothing when the id is new."""
        key = self._hash(event_id.encode(), self._seed) >> 1 or 1
        while True:
            seen: Ticket | int | None = self.recent.get(key)
            if seen is None:
                if not self.bloom.may_hold(key):
                    return key, None
                seen = self._stored(key)
                if seen is None:
                    return key, None
            held = self._entry(seen) if isinstance(seen, int) else seen
            if (held if isinstance(held, Entry) else held.entry_of(key)).event_id == event_id:
                return key, held
            key = key % INT64_MAX + 1

    def new(self, names: Sequence[bytes]) -> list[int]:
        """The keys of the first of these ids, as many as are new and differ."""
        hash_, seed = self._hash, self._seed
        keys = [hash_(name, seed) >> 1 or 1 for name in names]
        if len(set(keys)) == len(keys) and self.recent.keys().isdisjoint(keys) and not self.bloom.may_hold_any(keys):
            return keys
        found: dict[int, None] = {}
        for name in names:
            key, held = self.find(name.decode())
            if held is not None or key in found:
                break
            found[key] = None
        return list(found)

    def claim(self, keys: Sequence[int], ticket: Ticket) -> None:
        """Give free keys to entries on their way to the disk."""
        self.bloom.add(*keys)
        self.recent.update(dict.fromkeys(keys, ticket))

    def drop(self, tickets: Iterable[Ticket]) -> None:
        """Forget entries that never reached the disk."""
        for ticket in tickets:
            for key in ticket.keys:
                self.recent.pop(key, None)

    def note(self, tickets: list[Ticket]) -> None:
        """These entries are in the journal now."""
        keys, seqs = self._fresh
        for ticket in _keyed(tickets):
            keys.extend(ticket.keys)
            seqs.extend(ticket.seqs)
        self._small.append(tickets[0].seqs[0])

    def keep(self, tickets: list[Ticket]) -> None:
        """These entries are on disk now, and nobody has to wait for them any more."""
        for ticket in _keyed(tickets):
            self.recent.update(zip(ticket.keys, ticket.seqs, strict=True))

    def run_of(self, tickets: list[Ticket]) -> tuple[int, bytes]:
        """The keys of a batch as a row of `key_runs`."""
        return tickets[0].seqs[0], array("q", chain.from_iterable(ticket.keys for ticket in tickets)).tobytes()

    @property
    def due(self) -> bool:
        """Whether there is something to tidy up at a quiet moment."""
        fresh = len(self._fresh[0])
        return self._moving.size > 0 or fresh >= self._limits.index_entries or len(self._small) >= _THIN_RUNS

    @property
    def pressed(self) -> bool:
        """Whether it should be done although the moment is not quiet."""
        return len(self._fresh[0]) >= 2 * self._limits.index_entries or len(self._small) >= 8 * _THIN_RUNS

    def tidy(self, connection: apsw.Connection) -> Callable[[], None]:
        """Do one small piece of work in the open transaction; call what is returned after the commit."""
        if len(self._small) >= _THIN_RUNS:
            return self._thin(connection)
        if not self._moving.size:
            self._begin()
        part = self._moving[:, : self._limits.index_slice_entries]
        rows = part.T.tolist()
        for at in range(0, len(rows), _INSERT_ROWS):
            some = rows[at : at + _INSERT_ROWS]
            # A slice written before a crash is written again: the same key then belongs to the same entry.
            sql = SQLITE.insert("event_keys", ("event_key", "seq"), len(some), " ON CONFLICT (event_key) DO NOTHING")
            connection.execute(sql, [value for row in some for value in row])
        last = part.shape[1] == self._moving.shape[1]
        if last:
            _merge_runs(connection, self.indexed_through + 1, self._through)
            _remember(connection, self._through)
        return lambda: self._moved(rows, last)

    def _begin(self) -> None:
        keys, seqs = (np.frombuffer(part, dtype=np.int64) for part in self._fresh)
        self._through = int(seqs[-1])
        self._moving = np.stack((keys, seqs))[:, np.argsort(keys)]
        self._fresh = (array("q"), array("q"))

    def _thin(self, connection: apsw.Connection) -> Callable[[], None]:
        part = self._small[:_THIN_RUNS]
        # Runs on both sides of the mark stay apart: what lies behind it need not be recalled at start.
        for runs in (
            [first for first in part if first <= self._through],
            [first for first in part if first > self._through],
        ):
            if runs:
                _merge_runs(connection, runs[0], runs[-1])

        def thinned() -> None:
            del self._small[: len(part)]

        return thinned

    def _moved(self, rows: list[list[int]], last: bool) -> None:
        self._moving = self._moving[:, len(rows) :]
        for key, _ in rows:
            self.recent.pop(key, None)
        if last:
            self.indexed_through = self._through
            self._small = [first for first in self._small if first > self._through]

    def _stored(self, key: int) -> int | None:
        rows = self._reading.rows("SELECT seq FROM event_keys WHERE event_key = :key", {"key": key})
        return rows[0][0] if rows else None

    def _read_through(self) -> int:
        rows = self._reading.rows("SELECT value FROM meta WHERE name = :name", {"name": INDEXED})
        return int(rows[0][0]) if rows else 0

    def _count(self) -> int:
        return int(self._reading.rows("SELECT COALESCE(SUM(LENGTH(keys)), 0) FROM key_runs")[0][0]) // 8

    def _load(self) -> int:
        """Read all keys back, a run at a time, and say which number came last."""
        after, last = -1, 0
        asked = "SELECT first_seq, keys FROM key_runs WHERE first_seq > :after ORDER BY first_seq LIMIT 256"
        while rows := self._reading.rows(asked, {"after": after}):
            runs = [(first, np.frombuffer(keys, dtype=np.int64)) for first, keys in rows]
            self.bloom.add_all([run[run > 0] for _, run in runs])
            for first, run in runs:
                if first > self.indexed_through:
                    self._recall(first, run)
            after = rows[-1][0]
            last = after + len(runs[-1][1]) - 1
        return last

    def _recall(self, first: int, run: NDArray[np.int64]) -> None:
        pairs = [(key, first + at) for at, key in enumerate(run.tolist()) if key]
        self.recent.update(pairs)
        self._fresh[0].extend(key for key, _ in pairs)
        self._fresh[1].extend(seq for _, seq in pairs)


def _keyed(tickets: Iterable[Ticket]) -> Iterator[Ticket]:
    """Those of events; labels have no id of their own, and come alone."""
    return (ticket for ticket in tickets if ticket.keys[0])


def _merge_runs(connection: apsw.Connection, first: int, last: int) -> None:
    span = {"first": first, "last": last}
    where = "WHERE first_seq >= :first AND first_seq <= :last"
    asked = f"SELECT first_seq, keys FROM key_runs {where} ORDER BY first_seq"  # noqa: S608
    runs = connection.execute(asked, span).fetchall()
    connection.execute(f"DELETE FROM key_runs {where}", span)  # noqa: S608
    for row in _joined(runs):
        connection.execute(SQLITE.insert("key_runs", ("first_seq", "keys"), 1), row)


def _remember(connection: apsw.Connection, through: int) -> None:
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {"name": INDEXED, "value": str(through)},
    )


def _joined(runs: list[tuple[Any, ...]]) -> list[tuple[int, bytes]]:
    """Runs that follow one another as longer ones."""
    if not runs:
        return []
    cuts = [0]
    for at, ((first, keys), (following, _)) in enumerate(pairwise(runs), 1):
        room = following + len(runs[at][1]) // 8 - runs[cuts[-1]][0] <= _KEYS_PER_RUN
        if first + len(keys) // 8 != following or not room:
            cuts.append(at)
    return [(runs[a][0], b"".join(keys for _, keys in runs[a:b])) for a, b in pairwise([*cuts, len(runs)])]


def seeded_hash(name: bytes, seed: int) -> int:
    """The hash of event ids; the seed of a home keeps others from preparing ids that collide."""
    return xxh3_64_intdigest(name, seed)
