"""The one thread that writes: it takes all that came in during the last commit and commits it together.

An entry is settled only after the commit has reached the disk (synchronous=FULL). The first error ends it: a failed
sync is never tried again, because nobody can say what the disk then holds (Rebello et al., USENIX ATC 2020).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import apsw

from haechi.stores.calls import write_calls
from haechi.stores.checkpoint import Checkpoint
from haechi.stores.dialect import SQLITE
from haechi.stores.entry import LABEL, Entry, label_of, label_values, row_of
from haechi.stores.errors import Broken, StoreError
from haechi.stores.index import EventIndex
from haechi.stores.intake import Intake, Job
from haechi.stores.link import Link, failure
from haechi.stores.ticket import Ticket, settle_all
from haechi.stores.work import SqliteWork

log = logging.getLogger("haechi.stores")

COLUMNS = (
    "seq", "type", "event_id", "time_us", "body", "decision", "digest", "unexplained", "body_hash", "checksum",
)  # fmt: skip
_LABELS = ("seq", "event_id", "fraud", "known_at_us", "source", "kind", "typology", "told_us", "event_us")
_RUNS = ("first_seq", "keys")
_ROWS = 64  # one INSERT for so many entries: every call into SQLite hands the interpreter lock away once

Call = Callable[[], None]


def now(call: Call) -> None:
    """Deliver in the writer's own thread."""
    call()


class Writer(threading.Thread):
    """Group commit: one transaction for all that waits."""

    def __init__(self, link: Link, intake: Intake, index: EventIndex, checkpoint: Checkpoint, path: str) -> None:
        super().__init__(name="haechi-journal", daemon=True)
        self.deliver: Callable[[Call], object] = now
        self.committed: Callable[[list[Entry]], object] | None = None
        self.durable_seq = intake.last_seq
        self.commits = 0
        self._link, self._intake, self._index, self._checkpoint, self._path = link, intake, index, checkpoint, path

    def run(self) -> None:
        """Write until closed and drained, or until the first error."""
        batch: list[Ticket] = []
        job: Job | None = None
        size = 0
        try:
            while not self._intake.drained:
                batch, size, job = self._intake.take(wait=not self._index.due)
                self._write(batch, size)
                batch = []
                if job is not None:
                    self._do(job)
                    job = None
                self._checkpoint.step()
        except apsw.Error as error:
            self._break(str(failure(self._path, error)), batch, job)
        except Exception as error:
            log.exception("the journal's writer met an error of its own making")
            self._break(f"{self._path}: {type(error).__name__}: {error}; report this, then start again", batch, job)

    def _write(self, batch: list[Ticket], size: int) -> None:
        tidies = self._index.due and (not batch or self._index.pressed)
        if not batch and not tidies:
            return
        with self._link.lock:
            connection = self._link.connection
            connection.execute("BEGIN IMMEDIATE")
            if batch:
                _insert_batch(connection, batch, self._index.run_of(batch))
            tidied = self._index.tidy(connection) if tidies else None
            connection.execute("COMMIT")
        self.commits += 1
        if tidied is not None:
            tidied()
        if batch:
            self._index.keep(batch)
            self.durable_seq = batch[-1].entry.seq
            self._intake.done(len(batch), size)
            self._settle(batch, None)
            if self.committed is not None:
                self.committed([ticket.entry for ticket in batch])

    def _do(self, job: Job) -> None:
        """A job that is refused is undone and told so; only trouble with the disk breaks the journal."""
        if not job.future.set_running_or_notify_cancel():
            return
        connection = self._link.connection
        with self._link.lock:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result: Any = job.task(connection)
            except (apsw.ConstraintError, StoreError) as error:
                connection.execute("ROLLBACK")
                job.future.set_exception(error)
                return
            connection.execute("COMMIT")
        job.future.set_result(result)

    def _break(self, reason: str, batch: list[Ticket], job: Job | None) -> None:
        log.error("the journal takes nothing more: %s", reason)
        waiting, jobs = self._intake.fail(reason)
        unwritten = batch + waiting
        self._index.drop(unwritten)
        for lost in jobs if job is None else [job, *jobs]:
            if not lost.future.done():
                lost.future.set_exception(Broken(reason))
        self._settle(unwritten, Broken(reason))

    def _settle(self, tickets: list[Ticket], error: Broken | None) -> None:
        call = partial(settle_all, tickets, error)
        try:
            self.deliver(call)
        except RuntimeError as closed:  # the event loop is gone: nobody waits there, but threads may
            log.warning("delivering in the writer's thread, because the event loop refuses: %s", closed)
            self.deliver = now
            call()


def _insert_batch(connection: apsw.Connection, batch: list[Ticket], run: tuple[int, bytes]) -> None:
    for at in range(0, len(batch), _ROWS):
        part = batch[at : at + _ROWS]
        values: list[Any] = []
        for ticket in part:
            values += row_of(ticket.entry)
        connection.execute(_sql("journal", COLUMNS, len(part)), values)
    connection.execute(_sql("key_runs", _RUNS, 1), run)
    for ticket in batch:
        entry = ticket.entry
        if entry.type == LABEL:
            connection.execute(_sql("labels", _LABELS, 1), label_values(entry.seq, label_of(entry)))
        if entry.alert is not None or entry.challenge is not None or entry.answer is not None:
            write_calls(SqliteWork(connection), entry)


_texts: dict[tuple[str, int], str] = {}


def _sql(table: str, columns: tuple[str, ...], rows: int) -> str:
    text = _texts.get((table, rows))
    if text is None:
        text = _texts[table, rows] = SQLITE.insert(table, columns, rows)
    return text
