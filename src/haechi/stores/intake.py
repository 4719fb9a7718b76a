"""What waits to be written: entries in their order and jobs, each with a limit, and a bell for the writer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import apsw

from haechi.stores.errors import Broken, Busy, Closed
from haechi.stores.limits import Limits
from haechi.stores.ticket import Ticket

JOBS_MAX = 1_000


class Job:
    """Something other than an entry that the writer does in a transaction of its own."""

    __slots__ = ("future", "task")

    def __init__(self, task: Callable[[apsw.Connection], Any]) -> None:
        self.task = task
        self.future: Future[Any] = Future()


class Intake:
    """The queue in front of the writer; `lock` guards everything in it."""

    def __init__(self, last_seq: int, limits: Limits) -> None:
        self.lock = threading.Lock()
        self.last_seq = last_seq
        self.broken: str | None = None
        self.closed = False
        self.entries = 0  # handed in and not settled yet, the batch under way included
        self.bytes = 0
        self._limits = limits
        self._tickets: deque[Ticket] = deque()
        self._jobs: deque[Job] = deque()
        self._bell = threading.Lock()  # held while there is nothing to wake the writer for
        self._bell.acquire()
        self._asleep = False
        self._write_soon: Callable[[], object] | None = None
        self._coming = False  # the event loop will write, or see to it, at the end of its turn

    def admit(self, size: int, entries: int = 1) -> None:
        """Refuse when broken, closed or too full for so many; the caller holds the lock."""
        if self.broken is not None:
            raise Broken(self.broken)
        if self.closed:
            raise Closed("the store is closed; open it again")
        if (
            self.entries + entries > self._limits.queue_entries_max
            or self.bytes + size > self._limits.queue_bytes_max > size
        ):
            raise Busy(
                f"{self.entries} entries ({self.bytes >> 20} MiB) wait for the disk already;"
                " answer 503 with Retry-After and let the client send it again"
            )

    def push(self, tickets: Sequence[Ticket]) -> None:
        """Queue admitted entries; the caller holds the lock."""
        self.entries += sum(len(ticket.entries) for ticket in tickets)
        self.bytes += sum(ticket.size for ticket in tickets)
        self._tickets.extend(tickets)
        if self._write_soon is None:
            self._wake()
        elif not self._coming:
            # Whatever else this turn of the event loop brings goes into the same commit.
            self._coming = True
            self._write_soon()

    def write_through(self, soon: Callable[[], object] | None) -> None:
        """Call this once for all that is handed in until `ring`, instead of waking the writer for each."""
        with self.lock:
            self._write_soon = soon

    def put(self, job: Job) -> None:
        """Queue a job."""
        with self.lock:
            self.admit(0)
            if len(self._jobs) >= JOBS_MAX:
                raise Busy(f"{JOBS_MAX} jobs wait for the disk already; try again in a moment")
            self._jobs.append(job)
            self._wake()

    def ring(self, *, anyway: bool = True) -> None:
        """Wake the writer if there is something to do for it; `anyway`: although nothing new waits."""
        with self.lock:
            self._coming = False
            if anyway or self._tickets or self._jobs:
                self._wake()

    def _wake(self) -> None:
        if self._asleep:
            self._asleep = False
            self._bell.release()

    def wait(self, unless: Callable[[], bool]) -> None:
        """Sleep until the bell rings, unless something is there to do; what is due has to wait for the event loop.

        `unless` is asked under the lock that `ring` takes: what falls due meanwhile finds the sleeper asleep.
        """
        with self.lock:
            due = not self._coming if self._tickets else unless()
            self._asleep = not (due or self._jobs or self.closed)
            sleeps = self._asleep
        if sleeps:
            self._bell.acquire()

    def take(self, *, jobs: bool = True, leaves: bool = False) -> tuple[list[Ticket], int, Job | None]:
        """The next batch with its size in bytes, and the next job: what was handed in before a job is written first.

        `leaves`: without a job, entries are left to the event loop as long as there is one.
        """
        with self.lock:
            job = self._jobs.popleft() if jobs and self._jobs else None
            batch, size = ([], 0) if leaves and job is None and not self.closed else self._batch()
        return batch, size, job

    def left(self) -> bool:
        """Whether the event loop must be asked to write what waits, because it is not coming by itself."""
        with self.lock:
            left = bool(self._tickets) and not self._coming and not self.closed
            self._coming |= left
        return left

    def _batch(self) -> tuple[list[Ticket], int]:
        batch: list[Ticket] = []
        count, size, tickets, limits = 0, 0, self._tickets, self._limits
        while tickets and count < limits.batch_entries_max and (not batch or size < limits.batch_bytes_max):
            ticket = tickets.popleft()
            batch.append(ticket)
            count += len(ticket.entries)
            size += ticket.size
        return batch, size

    def done(self, entries: int, size: int) -> None:
        """A batch is settled: make room for as much again."""
        with self.lock:
            self.entries -= entries
            self.bytes -= size

    def fail(self, reason: str) -> tuple[list[Ticket], list[Job]]:
        """Refuse everything from now on and hand out all that still waited."""
        with self.lock:
            self.broken = reason
            tickets, jobs = list(self._tickets), list(self._jobs)
            self._tickets.clear()
            self._jobs.clear()
            self.entries = self.bytes = 0
        return tickets, jobs

    def close(self) -> None:
        """Take nothing more; what waits is still written."""
        with self.lock:
            self.closed = True
            self._wake()

    @property
    def drained(self) -> bool:
        """Closed, and nothing waits any more."""
        with self.lock:
            return self.closed and not self._tickets and not self._jobs
