"""The embedded engine: everything in one SQLite file, written by one thread, without another service."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import apsw

from haechi.stores.checkpoint import Checkpoint
from haechi.stores.entry import Entry
from haechi.stores.errors import DamagedEntry, UnsoundLibrary
from haechi.stores.index import EventIndex, Hash, seeded_hash
from haechi.stores.intake import Intake
from haechi.stores.journal import SqliteJournal
from haechi.stores.limits import Limits
from haechi.stores.link import Link, failure, sound
from haechi.stores.lock import Lock
from haechi.stores.migration import migrate
from haechi.stores.rules import SqliteRules
from haechi.stores.syncer import Syncer
from haechi.stores.tables import SqliteAlerts, SqliteKeys, SqliteMeta
from haechi.stores.work import SqliteTables
from haechi.stores.writer import Writer

log = logging.getLogger("haechi.stores")

_SEED = "id_seed"
Archived = Callable[[int], Entry | None]


class SqliteStore:
    """One open file: its journal and the tables beside it."""

    def __init__(
        self,
        path: Path,
        *,
        limits: Limits | None = None,
        after_seq: int = 0,
        entropy: bytes = b"",
        archived: Archived | None = None,
        hash_: Hash = seeded_hash,
        library: str | None = None,
        vfs: str | None = None,
    ) -> None:
        self.path = path
        self._limits, self._vfs = limits or Limits(), vfs
        self._alone = not sound(library or apsw.sqlite_lib_version())
        if self._alone:
            found = library or apsw.sqlite_lib_version()
            log.warning("SQLite %s is not safe with two connections: readers share the writer's; upgrade apsw", found)
        self._lock = Lock(path.with_name(path.name + ".lock"), str(path))
        self._links: list[Link] = []
        self._synced: tuple[Syncer, asyncio.AbstractEventLoop] | None = None
        try:
            self._open(after_seq, entropy, archived, hash_)
        except BaseException as error:
            self._close_links()
            self._lock.release()
            if isinstance(error, apsw.Error):
                raise failure(str(path), error) from error
            raise

    def _open(self, after_seq: int, entropy: bytes, archived: Archived | None, hash_: Hash) -> None:
        writing = self._link(alone=self._alone)
        migrate(writing.connection, str(self.path))
        seed = _seed(writing, entropy)
        reading = writing if self._alone else self._link(reads_only=True)
        index = EventIndex(reading, self._held(archived), self._limits, seed, hash_)
        intake = Intake(max(index.last_seq, after_seq), self._limits)
        sweeping = None if self._alone else self._link()
        self._checkpoint = Checkpoint(writing, sweeping, self._limits, intake.ring)
        self._intake = intake
        self._writer = Writer(writing, intake, index, self._checkpoint, str(self.path))
        self.journal = SqliteJournal(self._writer, intake, index, reading, self._open_reading, self._limits)
        self.meta = SqliteMeta(reading, self.journal.submit)
        self.keys = SqliteKeys(reading, self.journal.submit)
        self.alerts = SqliteAlerts(reading, self.journal.submit)
        self.rules = SqliteRules(reading, self.journal.submit)
        # People's lists are read through a connection of their own: a long one never holds up a decision's look-up.
        self.tables = SqliteTables(reading if self._alone else self._link(reads_only=True), self.journal.submit)
        self._writer.start()

    def _link(self, *, reads_only: bool = False, alone: bool = False) -> Link:
        if self._alone and self._links:
            raise UnsoundLibrary(f"{self.path}: this SQLite may hold one connection only; upgrade apsw")
        link = Link(str(self.path), self._limits, reads_only=reads_only, alone=alone, vfs=self._vfs)
        self._links.append(link)
        return link

    def _open_reading(self) -> Link:
        if self._alone:
            return self._links[0]
        return Link(str(self.path), self._limits, reads_only=True, vfs=self._vfs)

    def _held(self, archived: Archived | None) -> Callable[[int], Entry]:
        def held(seq: int) -> Entry:
            entry = self.journal.entry(seq) or (archived(seq) if archived else None)
            if entry is None:
                raise DamagedEntry(seq, "is known by its event id, but neither journal nor archive holds it")
            return entry

        return held

    def check(self, findings_max: int = 100) -> list[str]:
        """What is wrong with the file, one line each: damaged pages, then damaged entries."""
        wrong = _damaged_pages(self._links[0] if self._alone else self._links[1])
        after = 0
        while len(wrong) < findings_max:
            try:
                for entry in self.journal.entries(after):
                    after = entry.seq
                return wrong
            except DamagedEntry as error:
                wrong.append(str(error))
                after = error.seq
                if after >= self.journal.last_seq:
                    return wrong
        return [*wrong, f"stopped after {findings_max} findings; entries beyond {after} were not looked at"]

    def sync_beside(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on a loop that writes at the end of its turns need not wait for the disk; where the system can."""
        if self._synced is None and self._vfs is None and not self._alone and hasattr(os, "fdatasync"):
            syncer = Syncer(self.path.with_name(self.path.name + "-wal"))
            self._writer.sync_beside(syncer)
            loop.add_reader(syncer.answers, self._writer.synced)
            self._synced = syncer, loop

    def close(self) -> None:
        """Write what waits, then close; closing twice is fine."""
        self._intake.close()
        self._writer.join()
        if self._synced is not None:
            (syncer, loop), self._synced = self._synced, None
            if not loop.is_closed():
                loop.remove_reader(syncer.answers)
            syncer.close()
        self._checkpoint.close()
        self._close_links()
        self._lock.release()

    def _close_links(self) -> None:
        for link in reversed(self._links):
            link.close()

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _seed(writing: Link, entropy: bytes) -> int:
    """The seed of this file's id hashes, drawn once when the file is made."""
    sql = "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING"
    drawn = int.from_bytes(entropy[:8].ljust(8, b"\0"), "little")
    with writing.connection:
        writing.connection.execute(sql, {"name": _SEED, "value": str(drawn)})
    return int(writing.rows("SELECT value FROM meta WHERE name = :name", {"name": _SEED})[0][0])


def _damaged_pages(link: Link) -> list[str]:
    found: list[str] = []
    with link.lock:
        try:
            for row in link.connection.execute("PRAGMA integrity_check(100)"):
                found.append(str(row[0]))
        except apsw.CorruptError as error:  # what was found before it stays found
            found.append(str(error))
    lines = [line for message in found for line in message.splitlines() if line != "ok"]
    return [f"damaged page: {line}; restore {link.path} from a backup" for line in lines]
