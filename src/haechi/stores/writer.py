"""The one that writes: it takes all that came in during the last commit and commits it together.

It has a thread of its own. While the disk is quick, an event loop that hands entries in writes them itself at the end
of its turn (`write_here`): to hand a commit of half a millisecond to another thread and back costs the interpreter more
than the commit. One lock sees to it that there is one writer at a time, and that entries are written in their order.

An entry is settled only after the commit has reached the disk: the thread commits with synchronous=FULL, and so does
the loop unless a syncer (syncer.py) does beside it what FULL adds to NORMAL, the sync of the log. Then the loop waits
for no disk, and always writes itself. The first error ends it: a failed sync is never tried again, because nobody can
say what the disk then holds (Rebello et al., USENIX ATC 2020).
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import chain
from time import perf_counter, sleep
from typing import Any, NamedTuple

import apsw

from haechi.stores.calls import write_calls
from haechi.stores.checkpoint import Checkpoint
from haechi.stores.dialect import SQLITE
from haechi.stores.entry import LABEL, Entry, label_of, label_values, row_of
from haechi.stores.errors import Broken, StoreError
from haechi.stores.index import EventIndex
from haechi.stores.intake import Intake, Job
from haechi.stores.link import Link, failure
from haechi.stores.syncer import Syncer
from haechi.stores.ticket import Ticket, settle_all
from haechi.stores.work import SqliteWork

log = logging.getLogger("haechi.stores")

COLUMNS = (
    "seq", "type", "event_id", "time_us", "body", "decision", "digest", "unexplained", "body_hash", "checksum",
)  # fmt: skip
_LABELS = ("seq", "event_id", "fraud", "known_at_us", "source", "kind", "typology", "told_us", "event_us")
_RUNS = ("first_seq", "keys")
REST_S = 0.02  # between two slices of the index, while a loop decides
HERE_S_MAX = 0.002  # an event loop does not wait for a disk whose last commit took longer
_ROWS = 64  # one INSERT for so many entries: every call into SQLite hands the interpreter lock away once

Call = Callable[[], None]


def now(call: Call) -> None:
    """Deliver in the writer's own thread."""
    call()


class Written(NamedTuple):
    """A commit that may not have reached the disk yet."""

    number: int
    batch: list[Ticket]
    size: int


class Writer(threading.Thread):
    """Group commit: one transaction for all that waits."""

    def __init__(
        self,
        link: Link,
        intake: Intake,
        index: EventIndex,
        checkpoint: Checkpoint,
        path: str,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        super().__init__(name="haechi-journal", daemon=True)
        self.deliver: Callable[[Call], object] = now
        self.committed: Callable[[list[Entry]], object] | None = None
        self.durable_seq = intake.last_seq
        self.commits = 0
        self._link, self._intake, self._index, self._checkpoint, self._path = link, intake, index, checkpoint, path
        self._clock, self._took_s = clock, 0.0
        self._one = threading.Lock()  # whoever writes holds it
        self._batch: list[Ticket] = []  # what is under way
        self._job: Job | None = None
        self._syncer: Syncer | None = None
        self._in_full = True  # what the connection is set to
        self._settling = threading.Lock()
        self._written: deque[Written] = deque()
        self._asked: deque[int] = deque()  # the commits that the syncer was asked about

    def run(self) -> None:
        """Write until closed and drained, or until the first error."""
        while not self._intake.drained and self._intake.broken is None:
            self._intake.wait(unless=lambda: self._index.due)
            with self._one:
                self._safely(self._round)
            if self._syncer is None:
                continue
            if self._intake.left():
                self._hand_over(self.write_here, self.deliver)
            if self._index.due and not self._index.pressed:
                sleep(REST_S)  # a hundred slices in one go held up the loop's commits for a quarter of a second
        with self._one:
            self._safely(self._sync_the_rest)

    def write_here(self) -> None:
        """Write what waits in this thread; it is left to the writer's own while that writes, or the disk is slow."""
        if (self._syncer is not None or self._took_s <= HERE_S_MAX) and self._one.acquire(blocking=False):
            try:
                self._safely(self._write_waiting)
            finally:
                self._one.release()
        self._intake.ring(anyway=self._index.due or self._checkpoint.due)

    def sync_beside(self, syncer: Syncer) -> None:
        """From now on `write_here` leaves the sync to this one; call `synced` when there are answers."""
        self._syncer = syncer

    def synced(self) -> None:
        """Take the syncer's answers: what it has synced is settled in this thread."""
        assert self._syncer is not None
        answers = self._syncer.heard()
        if any(answers):
            with self._one:
                self._break(
                    f"{self._path}: the disk reports an error (the log was not synced); check the disk, then open the"
                    " store again"
                )
            return
        for _ in answers:
            number = self._asked.popleft()
        self._settle(number, now)

    def _safely(self, work: Callable[[], None]) -> None:
        if self._intake.broken is not None:
            return
        try:
            work()
        except apsw.Error as error:
            self._break(str(failure(self._path, error)))
        except Exception as error:
            log.exception("the journal's writer met an error of its own making")
            self._break(f"{self._path}: {type(error).__name__}: {error}; report this, then start again")

    def _write_waiting(self) -> None:
        self._batch, size, _ = self._intake.take(jobs=False)
        if not self._batch:
            return
        self._write(self._batch, size, in_full=self._syncer is None)
        if self._syncer is None:
            self._settle(self.commits, now)
        else:
            self._asked.append(self.commits)
            self._syncer.ask()

    def _round(self) -> None:
        self._batch, size, self._job = self._intake.take(leaves=self._syncer is not None)
        is_quiet = not self._batch
        if not is_quiet:
            self._write(self._batch, size, in_full=True)
            self._settle(self.commits, self.deliver)
        if self._index.due and (is_quiet or self._index.pressed):
            self._tidy()
        if self._job is not None:
            self._do(self._job)
            self._job = None
        self._checkpoint.step()

    def _tidy(self) -> None:
        """Fill the index a little. No sync: what a crash undoes of it is done again, and nobody is told of it."""
        with self._link.lock:
            connection = self._link.connection
            self._set_in_full(False)
            connection.execute("BEGIN IMMEDIATE")
            tidied = self._index.tidy(connection)
            connection.execute("COMMIT")
        self.commits += 1
        tidied()

    def _write(self, batch: list[Ticket], size: int, *, in_full: bool) -> None:
        """Commit a batch: durably, or a sync follows."""
        begun = self._clock()
        with self._link.lock:
            connection = self._link.connection
            self._set_in_full(in_full)
            connection.execute("BEGIN IMMEDIATE")
            _insert_batch(connection, batch, self._index.run_of(batch))
            connection.execute("COMMIT")
        self._took_s = self._clock() - begun
        self.commits += 1
        self._index.note(batch)
        self._written.append(Written(self.commits, batch, size))
        self._batch = []

    def _set_in_full(self, wanted: bool) -> None:
        if wanted != self._in_full:
            self._link.connection.execute(f"PRAGMA synchronous = {'full' if wanted else 'normal'}")
            self._in_full = wanted

    def _sync_the_rest(self) -> None:
        if self._written and self._syncer is not None:
            self._syncer.sync()
            self._settle(self.commits, self.deliver)

    def _settle(self, through: int, deliver: Callable[[Call], object]) -> None:
        """All commits up to this one are on disk: tell whoever waits, in their order."""
        with self._settling:
            while self._written and self._written[0].number <= through:
                _, batch, size = self._written.popleft()
                self._index.keep(batch)
                entries = [entry for ticket in batch for entry in ticket.entries]
                self.durable_seq = entries[-1].seq
                self._intake.done(len(entries), size)
                self._tell(batch, None, deliver)
                if self.committed is not None:
                    self.committed(entries)

    def _do(self, job: Job) -> None:
        """A job that is refused is undone and told so; only trouble with the disk breaks the journal."""
        if not job.future.set_running_or_notify_cancel():
            return
        connection = self._link.connection
        with self._link.lock:
            self._set_in_full(True)
            connection.execute("BEGIN IMMEDIATE")
            try:
                result: Any = job.task(connection)
            except (apsw.ConstraintError, StoreError) as error:
                connection.execute("ROLLBACK")
                job.future.set_exception(error)
                return
            connection.execute("COMMIT")
        job.future.set_result(result)

    def _break(self, reason: str) -> None:
        log.error("the journal takes nothing more: %s", reason)
        waiting, jobs = self._intake.fail(reason)
        with self._settling:
            unwritten = [ticket for one in self._written for ticket in one.batch] + self._batch + waiting
            self._written.clear()
        self._index.drop(unwritten)
        for lost in jobs if self._job is None else [self._job, *jobs]:
            if not lost.future.done():
                lost.future.set_exception(Broken(reason))
        self._tell(unwritten, Broken(reason), self.deliver)

    def _tell(self, tickets: list[Ticket], error: Broken | None, deliver: Callable[[Call], object]) -> None:
        self._hand_over(partial(settle_all, tickets, error), deliver)

    def _hand_over(self, call: Call, deliver: Callable[[Call], object]) -> None:
        try:
            deliver(call)
        except RuntimeError as closed:  # the event loop is gone: nobody waits there, but threads may
            log.warning("delivering in the writer's thread, because the event loop refuses: %s", closed)
            self.deliver = now
            call()


def _insert_batch(connection: apsw.Connection, batch: list[Ticket], run: tuple[int, bytes]) -> None:
    entries = [entry for ticket in batch for entry in ticket.entries]
    for at in range(0, len(entries), _ROWS):
        part = entries[at : at + _ROWS]
        values = list(chain.from_iterable(map(row_of, part)))
        connection.execute(_sql("journal", COLUMNS, len(part)), values)
    connection.execute(_sql("key_runs", _RUNS, 1), run)
    for entry in entries:
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
