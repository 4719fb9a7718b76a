"""The journal on SQLite, as its callers see it: write, find, read in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import apsw

from haechi.stores.entry import LABEL, Entry, LabelRow, Row, body_hash, check, entry_of, kind_of, label_of
from haechi.stores.errors import Broken, DamagedEntry, DamagedStore, DuplicateEvent
from haechi.stores.index import EventIndex
from haechi.stores.intake import Intake, Job
from haechi.stores.limits import Limits
from haechi.stores.link import Link
from haechi.stores.ports import Through
from haechi.stores.ticket import Then, Ticket
from haechi.stores.writer import COLUMNS, Writer

_SAID = "SELECT event_id, fraud, known_at_us, source, kind, typology, told_us, event_us FROM labels"
_ROW = f"SELECT {', '.join(COLUMNS)} FROM journal"  # noqa: S608
T = TypeVar("T")


class SqliteJournal:
    """Events, decisions and labels in one sequence; nothing is acknowledged before it is on disk."""

    def __init__(
        self,
        writer: Writer,
        intake: Intake,
        index: EventIndex,
        reading: Link,
        open_reading: Callable[[], Link],
        limits: Limits,
    ) -> None:
        self._writer, self._intake, self._index = writer, intake, index
        self._reading, self._open_reading, self._limits = reading, open_reading, limits
        self._one: Ticket | None = None  # whose entries wait for those that go into the same commit

    @property
    def last_seq(self) -> int:
        """The number given last; it may still be on its way to the disk."""
        return self._intake.last_seq

    @property
    def durable_seq(self) -> int:
        """The number that reached the disk last."""
        return self._writer.durable_seq

    @property
    def broken(self) -> str | None:
        """Why nothing more is accepted, in one line; None while all is well."""
        return self._intake.broken

    @property
    def waiting(self) -> int:
        """Entries handed in and not settled yet."""
        return self._intake.entries

    @property
    def commits(self) -> int:
        """Transactions written since the store was opened."""
        return self._writer.commits

    def deliver_through(self, call: Through, soon: Through | None = None) -> None:
        """Settle tickets through this: `loop.call_soon_threadsafe` makes it one call into the loop for each commit.

        With `soon` (`loop.call_soon`, and then nobody but the loop writes) all that one turn of the loop hands in goes
        into one commit, which the loop itself writes while the disk is quick.
        """
        self._writer.deliver = call
        self._intake.write_through(None if soon is None else partial(soon, self._writer.write_here))

    def follow(self, hear: Callable[[list[Entry]], object]) -> None:
        """Tell `hear` of every batch once it is on disk: by whoever wrote it, so it neither waits nor fails."""
        self._writer.committed = hear

    def admit(self, size: int, entries: int = 1) -> None:
        """Refuse now what `write` would refuse for want of room: raises Busy, Broken or Closed.

        Who alone writes may ask first, change what the entry is about, and rely on `write` taking it.
        """
        with self._intake.lock:
            self._intake.admit(size, entries)

    def key(self, event_id: str) -> int | None:
        """The key of an event that is new; None when an entry holds its id already."""
        key, held = self._index.find(event_id)
        return key if held is None else None

    def keys(self, names: Sequence[bytes]) -> list[int]:
        """The keys of the first of these ids (UTF-8), as many as are new and differ."""
        return self._index.new(names)

    def write_new(self, entries: Sequence[Entry], keys: Sequence[int]) -> Ticket:
        """Queue entries of new events one behind the other, under one ticket; `keys` were asked for just now.

        Raises BadEntry, Busy, Broken or Closed, and then nothing has been queued.
        """
        intake, limits = self._intake, self._limits
        sizes = [check(entry, limits.entry_bytes_max, limits.id_chars_max) for entry in entries]
        for entry in entries:
            entry.body_hash = body_hash(entry.body)
        with intake.lock:
            intake.admit(sum(sizes), len(sizes))
            return self._queue(Ticket(entries, keys, sum(sizes)))

    def write(self, entry: Entry, then: Then | None = None) -> Ticket:
        """Number an entry and queue it; the ticket is settled once it is on disk.

        Raises BadEntry, DuplicateEvent, Busy, Broken or Closed, and then nothing has been queued.
        """
        intake, limits = self._intake, self._limits
        size = check(entry, limits.entry_bytes_max, limits.id_chars_max)
        entry.body_hash = body_hash(entry.body)
        with intake.lock:
            intake.admit(size)
            if entry.type == LABEL:
                label_of(entry)
                key = 0
            else:
                key, held = self._index.find(entry.event_id)
                if held is not None:
                    raise DuplicateEvent(entry.event_id, (held.entry_of(key) if isinstance(held, Ticket) else held).seq)
            return self._queue(Ticket((entry,), (key,), size, first=then))

    @contextmanager
    def as_one(self) -> Iterator[None]:
        """Queue the events that are written inside as one: one ticket, and so all of them in one commit or none."""
        one = self._one = Ticket([], [], 0)
        try:
            yield
        finally:
            self._one = None
            with self._intake.lock:
                broken = self._intake.broken
                if broken is None and one.entries:
                    self._intake.push((one,))
            if broken is not None:
                self._index.drop((one,))
                one.settle(Broken(broken))

    def _queue(self, ticket: Ticket) -> Ticket:
        """Number admitted entries and queue them; the caller holds the lock."""
        for entry in ticket.entries:
            self._intake.last_seq += 1
            entry.seq = self._intake.last_seq
        keys, one = ticket.keys, self._one
        if one is None:
            self._intake.push((ticket,))
        else:
            assert ticket.first is None, "what is written as one is settled as one"
            one.add(ticket)
            ticket = one
        if keys[0]:
            self._index.claim(keys, ticket)
        return ticket

    def find(self, event_id: str) -> Entry | None:
        """The entry of an event, pending or stored; None when the id is new."""
        key, held = self._index.find(event_id)
        return held.entry_of(key) if isinstance(held, Ticket) else held

    def ticket(self, event_id: str) -> Ticket | None:
        """The ticket of an event that is still on its way to the disk: wait for it before you repeat its answer."""
        held = self._index.find(event_id)[1]
        return held if isinstance(held, Ticket) else None

    def entry(self, seq: int) -> Entry | None:
        """One stored entry by its number; None where the journal holds none."""
        rows = self._reading.rows(f"{_ROW} WHERE seq = :seq", {"seq": seq})
        return entry_of(rows[0]) if rows else None

    def entries(self, after_seq: int = 0, limit: int | None = None) -> Iterator[Entry]:
        """Entries stored by now, in order: read a piece at a time through a connection of their own and verified."""
        through, left = self.durable_seq, self.last_seq if limit is None else limit
        with self._own_reading() as reading:
            while left > 0:
                rows = self._rows(reading, after_seq, through, min(left, self._limits.read_entries))
                for row in rows:
                    yield entry_of(row)
                if not rows:
                    return
                after_seq = rows[-1][0]
                left -= len(rows)

    def labels_of(self, event_id: str) -> list[LabelRow]:
        """What has been said about an event, oldest first; the last word counts."""
        rows = self._reading.rows(f"{_SAID} WHERE event_id = :id ORDER BY seq", {"id": event_id})
        return [_label(row) for row in rows]

    def newest_labels(self, count: int) -> list[LabelRow]:
        """The labels that were told last, newest first."""
        return [_label(row) for row in self._reading.rows(f"{_SAID} ORDER BY seq DESC LIMIT :n", {"n": count})]

    def first_seq(self) -> int | None:
        """The oldest number still in the journal; None when all is archived or nothing was written."""
        first: int | None = self._reading.rows("SELECT MIN(seq) FROM journal")[0][0]
        return first

    def first_since(self, time_us: int) -> int | None:
        """The oldest number of an event at or after a time; reads times only, not what stands beside them."""
        with self._own_reading() as reading:
            asked = "SELECT MIN(seq) FROM journal WHERE time_us >= :time_us"
            first: int | None = reading.rows(asked, {"time_us": time_us})[0][0]
        return first

    def mentioning(self, text: bytes) -> Iterator[bytes]:
        """The bodies in the journal that hold these bytes, oldest first; the engine searches, not the interpreter."""
        after, count = 0, self._limits.index_slice_entries
        asked = "SELECT seq, body FROM journal WHERE seq > :after AND instr(body, :text) > 0 ORDER BY seq LIMIT :count"
        with self._own_reading() as reading:
            while rows := reading.rows(asked, {"after": after, "text": text, "count": count}):
                yield from (row[1] for row in rows)
                after = rows[-1][0]

    def forget(self, first_seq: int, last_seq: int) -> int:
        """Remove entries that the archive holds, a piece at a time, and say how many; their ids stay known."""
        step = self._limits.index_slice_entries
        return sum(
            self.submit(_deletion(at, min(at + step - 1, last_seq))).result()
            for at in range(first_seq, last_seq + 1, step)
        )

    def submit(self, task: Callable[[apsw.Connection], T]) -> Future[T]:
        """Have the writer do this in a transaction of its own; the future is done once it is on disk."""
        job = Job(task)
        self._intake.put(job)
        return job.future

    @contextmanager
    def _own_reading(self) -> Iterator[Link]:
        link = self._open_reading()
        try:
            yield link
        finally:
            if link is not self._reading:
                link.close()

    def _rows(self, reading: Link, after_seq: int, through_seq: int, count: int) -> list[Row]:
        asked = f"{_ROW} WHERE seq > :after AND seq <= :through ORDER BY seq LIMIT :count"
        try:
            return reading.rows(asked, {"after": after_seq, "through": through_seq, "count": count})
        except DamagedStore as error:
            if count == 1:
                raise DamagedEntry(after_seq + 1, f"stands on a damaged page ({error})") from error
        return self._rows(reading, after_seq, through_seq, max(1, count // 2))


def _label(row: tuple[Any, ...]) -> LabelRow:
    name, fraud, known_at_us, source, kind, *rest = row
    # What the source says already was not said twice.
    return LabelRow(name, bool(fraud), known_at_us, source, "" if kind == kind_of(source) else kind, *rest)


def _deletion(first: int, last: int) -> Callable[[apsw.Connection], int]:
    def delete(connection: apsw.Connection) -> int:
        connection.execute("DELETE FROM journal WHERE seq >= :first AND seq <= :last", {"first": first, "last": last})
        return connection.changes()

    return delete
