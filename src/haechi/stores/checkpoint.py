"""Moves what the write-ahead log holds into the database file without making a commit wait.

A checkpoint of a whole log takes as long as many commits. So a second connection moves the bulk of it in a thread of
its own while commits go on, as often as needed until little is left; that little the writer moves itself, and the next
commit starts the log from its beginning. On a SQLite that may not be used through two connections the writer does it
all, and its commits wait.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import apsw

from haechi.stores.limits import Limits
from haechi.stores.link import PAGE_BYTES, Link

log = logging.getLogger("haechi.stores")

_REST_PAGES = 32


class Checkpoint:
    """Watches the length of the log and shortens it in time."""

    def __init__(self, writing: Link, sweeping: Link | None, limits: Limits, ring: Callable[[], None]) -> None:
        self._writing, self._sweeping, self._ring = writing, sweeping, ring
        self._pages_max, self._pages_hard = limits.wal_bytes // PAGE_BYTES, limits.wal_bytes_max // PAGE_BYTES
        self._pages = 0
        self._swept_pages: int | None = None
        self._under_way = False
        self._error: apsw.Error | None = None
        self._start, self._stop = threading.Event(), False
        self._thread = threading.Thread(target=self._sweep, name="haechi-checkpoint", daemon=True)
        writing.connection.set_wal_hook(self._committed)
        if sweeping is not None:
            self._thread.start()

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        if pages < self._pages:
            self._swept_pages = None  # the log started from its beginning
        self._pages = pages
        return apsw.SQLITE_OK

    @property
    def due(self) -> bool:
        """Whether `step` has something to do."""
        return self._error is not None or (not self._under_way and self._pages >= self._pages_max)

    def step(self) -> None:
        """Called by the writer between commits: start a sweep, or finish one."""
        if self._error is not None:
            raise self._error
        if not self.due:
            return
        rest = self._pages - (self._swept_pages or 0)
        if self._sweeping is None or rest <= _REST_PAGES or self._pages >= self._pages_hard:
            self._move(self._writing)
            self._pages, self._swept_pages = 0, None
        else:
            self._under_way = True
            self._start.set()

    def _sweep(self) -> None:
        while True:
            self._start.wait()
            self._start.clear()
            if self._stop:
                return
            assert self._sweeping is not None
            try:
                self._swept_pages = self._move(self._sweeping)
            except apsw.Error as error:
                self._error = error
            self._under_way = False
            self._ring()

    def _move(self, link: Link) -> int:
        try:
            with link.lock:
                return int(link.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)[1])
        except apsw.BusyError:
            log.info("another program moves the log of %s just now; trying again after the next commit", link.path)
            return 0

    def close(self) -> None:
        """Stop sweeping; a sweep under way is finished first."""
        self._stop = True
        self._start.set()
        if self._thread.is_alive():
            self._thread.join()
