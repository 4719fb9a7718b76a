"""One connection to a SQLite file, opened the only way we trust, with the lock that keeps threads apart."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

import apsw

from haechi.stores.dialect import SQLITE
from haechi.stores.errors import AlreadyOpen, DamagedStore, NoHome, NotWritable, StoreError
from haechi.stores.limits import Limits

log = logging.getLogger("haechi.stores")

PAGE_BYTES = 16_384  # 2 KB entries fill it to nine tenths, 4 KB pages to half; measured in docs/decisions/002
BUSY_MS = 5_000
STATEMENTS_CACHED = 256

Value = int | float | str | bytes | None


def sound(version: str) -> bool:
    """Whether this SQLite may be used through two connections.

    From 3.7.0 to 3.51.2 a WAL file used through two connections could be damaged; 3.44.6 and 3.50.7 carry the mend
    (https://www.sqlite.org/wal.html, "the WAL-reset bug").
    """
    parts = tuple(int(part) for part in version.split(".")[:3])
    if parts[:2] == (3, 44):
        return parts >= (3, 44, 6)
    if parts[:2] == (3, 50):
        return parts >= (3, 50, 7)
    return not (3, 7, 0) <= parts <= (3, 51, 2)


class Link:
    """One connection and its lock; every use goes through the lock."""

    def __init__(
        self, path: str, limits: Limits, *, reads_only: bool = False, alone: bool = False, vfs: str | None = None
    ) -> None:
        flags = apsw.SQLITE_OPEN_READONLY if reads_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        self.path = path
        self.lock = threading.RLock()
        self.connection = apsw.Connection(path, flags=flags, vfs=vfs, statementcachesize=STATEMENTS_CACHED)
        self.connection.set_busy_timeout(BUSY_MS)
        pragmas = [f"cache_size = -{limits.cache_bytes >> 10}", "temp_store = memory"]
        if reads_only:
            pragmas.append("query_only = on")
        else:
            pragmas += ["locking_mode = exclusive"] * alone
            pragmas += [
                f"page_size = {PAGE_BYTES}",
                "journal_mode = wal",
                "synchronous = full",
                "wal_autocheckpoint = 0",
            ]
        try:
            for pragma in pragmas:
                self.connection.execute(f"PRAGMA {pragma}").fetchall()
        except apsw.Error:
            self.close()
            raise

    def rows(self, sql: str, values: Mapping[str, Value] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a shared statement, read in one short transaction."""
        try:
            with self.lock:
                return self.connection.execute(SQLITE.statement(sql), values).fetchall()
        except apsw.Error as error:
            raise failure(self.path, error) from error

    def close(self) -> None:
        """Close the connection; closing twice is fine.

        The last one to close moves the log into the file. A disk that fails then takes nothing away: what was
        committed stays in the log and is read from there at the next start.
        """
        try:
            with self.lock:
                self.connection.close()
        except apsw.Error as error:
            log.warning("%s; what was committed is safe in the log beside it", failure(self.path, error))


def failure(path: str, error: apsw.Error) -> StoreError:
    """Say in one line what SQLite means and what to do about it."""
    text = str(error)
    if isinstance(error, apsw.FullError):
        return NotWritable(f"{path}: the disk is full ({text}); free some space, then open the store again")
    if isinstance(error, apsw.ReadOnlyError):
        return NotWritable(f"{path} is read-only ({text}); make it writable, then open the store again")
    if isinstance(error, apsw.CantOpenError):
        return NoHome(f"{path} cannot be opened ({text}); check that its folder exists and may be written")
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return AlreadyOpen(f"{path} is in use by another program ({text}); stop it, then open the store again")
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return DamagedStore(f"{path} is damaged ({text}); run `haechi doctor`, then restore it from a backup")
    if isinstance(error, apsw.IOError):
        return NotWritable(f"{path}: the disk reports an error ({text}); check the disk, then open the store again")
    return StoreError(f"{path}: {type(error).__name__}: {text}; run `haechi doctor`")
