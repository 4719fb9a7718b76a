"""A store beside the process that writes it: all of it can be read as it was a moment ago, and keys can be made.

A bank's server must not stop so that somebody can read why an event was held, or give a colleague a key. Reading takes
a connection that cannot write. Keys are written through another one, opened for a transaction of a millisecond, which
the file's own lock keeps apart from the server's commits; nothing else can be changed from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import apsw

from haechi.stores.checkpoint import Checkpoint
from haechi.stores.entry import Entry
from haechi.stores.errors import AlreadyOpen, DamagedEntry, NoHome
from haechi.stores.index import EventIndex, Hash, seeded_hash
from haechi.stores.intake import Intake
from haechi.stores.journal import SqliteJournal
from haechi.stores.limits import Limits
from haechi.stores.link import Link, failure, sound
from haechi.stores.migration import steps, version_of
from haechi.stores.rules import SqliteRules
from haechi.stores.tables import SqliteAlerts, SqliteKeys, SqliteMeta
from haechi.stores.work import SqliteTables
from haechi.stores.writer import Writer

__all__ = ["SqliteBeside"]


class SqliteBeside:
    """The file of a store that another process has open."""

    def __init__(
        self, path: Path, *, limits: Limits | None = None, after_seq: int = 0,
        archived: Callable[[int], Entry | None] = lambda seq: None, hash_: Hash = seeded_hash,
        library: str | None = None,
    ) -> None:  # fmt: skip
        """Raises AlreadyOpen where the SQLite in use may not open a file that somebody else has open."""
        version = library or apsw.sqlite_lib_version()
        if not sound(version):
            raise AlreadyOpen(f"{path} is in use, and SQLite {version} is not safe beside it: stop the server first")
        if not path.is_file():
            raise NoHome(f"{path} is not there yet: wait until the server has started")
        self.path, self._limits = path, limits or Limits()
        self._reading = Link(str(path), self._limits, reads_only=True)
        try:
            with self._reading.connection:  # one moment for all that is read here
                self._open(after_seq, archived, hash_)
        except apsw.Error as error:
            self.close()
            raise failure(str(path), error) from error
        except BaseException:
            self.close()
            raise

    def _open(self, after_seq: int, archived: Callable[[int], Entry | None], hash_: Hash) -> None:
        reading = self._reading
        if version_of(reading.connection) != steps()[-1][0]:
            raise AlreadyOpen(f"{self.path} is in use by another version of Haechi: use that one, or stop its server")
        seed = int(reading.rows("SELECT value FROM meta WHERE name = 'id_seed'")[0][0])
        index = EventIndex(reading, lambda seq: self._entry(seq, archived), self._limits, seed, hash_)
        intake = Intake(max(index.last_seq, after_seq), self._limits)
        intake.broken = f"{self.path} is written by another process: ask its server"
        # A writer that is never started: what is asked of it is only how far the file had come.
        writer = Writer(reading, intake, index, Checkpoint(reading, None, self._limits, intake.ring), str(self.path))
        self.journal = SqliteJournal(writer, intake, index, reading, self._another, self._limits)
        self.meta = SqliteMeta(reading, self.journal.submit)
        self.keys = SqliteKeys(reading, self._write)
        self.alerts = SqliteAlerts(reading, self.journal.submit)
        self.rules = SqliteRules(reading, self.journal.submit)
        self.tables = SqliteTables(reading, self.journal.submit)

    def check(self, findings_max: int = 100) -> list[str]:
        """Not here: what is being written cannot be told from what is damaged."""
        return [f"{self.path} is in use: stop its server to check it"][:findings_max]

    def sync_beside(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nothing to do: entries are written by the other process."""

    def close(self) -> None:
        """Close the connection; closing twice is fine."""
        self._reading.close()

    def _another(self) -> Link:
        return Link(str(self.path), self._limits, reads_only=True)

    def _entry(self, seq: int, archived: Callable[[int], Entry | None]) -> Entry:
        entry = self.journal.entry(seq) or archived(seq)
        if entry is None:
            raise DamagedEntry(seq, "is known by its event id, but neither journal nor archive holds it")
        return entry

    def _write(self, task: Callable[[apsw.Connection], Any]) -> Future[Any]:
        done: Future[Any] = Future()
        link = Link(str(self.path), self._limits)
        try:
            link.connection.execute("BEGIN IMMEDIATE")
            done.set_result(task(link.connection))
            link.connection.execute("COMMIT")
        except apsw.ConstraintError:
            raise
        except apsw.Error as error:
            raise failure(str(self.path), error) from error
        finally:
            link.close()  # undoes what was not committed
        return done
