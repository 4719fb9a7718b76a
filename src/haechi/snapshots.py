"""The snapshots of a running house: written by a child process, kept when the journal has caught up, pruned.

A snapshot holds what the memory has learned up to the last numbered entry, and some of those may still be on their way
to the disk. So the child writes into `pending/`, and the file is only named a snapshot once the journal says that its
last entry is durable: a crash in between leaves a file that nobody reads. The journal commits within milliseconds
while a snapshot takes longer, so nothing ever has to wait for this. Naming a file, syncing its folder and removing what
is too old wait for the disk, and are done in a thread of their own.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import msgspec

from haechi.decision import House
from haechi.features import FeatureError
from haechi.features.course import Course
from haechi.features.snapshot import Child, save_snapshot, save_snapshot_in_child
from haechi.stores import Journal

__all__ = ["KEPT", "Notes", "Snapshots"]

log = logging.getLogger("haechi")

KEPT = 2  # a cold record may be written over once two later snapshots are complete (features/shelf.py)
SNAPSHOTS = "*.memory"
NICENESS = 10
FREED_BYTES, FREED_APART_S = 4 << 20, 0.005  # 150 MB freed at once held up the journal's syncs for 28 ms
FRESH_S = 1.0  # so long at most who works beside the decisions waits for a child


class Notes(msgspec.Struct):
    """What stands beside the memory in a snapshot."""

    course: bytes
    budget: list[tuple[int, list[float]]] = []
    policy: str = ""


class Snapshots:
    """Writes the memory down while decisions go on; every call comes from the thread that decides."""

    def __init__(self, folder: Path, course: Course, journal: Journal, every_entries: int, last_seq: int) -> None:
        self.folder, self.last_seq, self.taken, self.failed = folder, last_seq, 0, 0
        self.house: House | None = None
        self._course, self._journal, self._every = course, journal, every_entries
        self._tried = last_seq
        self._child: Child | None = None
        self._child_seq, self._forked_s = 0, -FRESH_S
        self._beside = ThreadPoolExecutor(1, "haechi-snapshot")
        self._naming: Future[None] | None = None
        self._pending = folder / "pending"

    def sweep(self) -> None:
        """Remove what an earlier server left unfinished."""
        self._pending.mkdir(exist_ok=True)
        for left in self._pending.iterdir():
            left.unlink()

    def step(self) -> None:
        """Look after a child under way, or start one when enough has happened; call it between two events."""
        if self._journal.broken is not None:
            return
        if self._child is not None:
            self._finish(wait=False)
        elif self._journal.last_seq - self._tried >= self._every:
            self.start()

    def start(self) -> None:
        """Fork now: the child sees everything up to the last numbered entry, and nothing behind it."""
        self._tried = self._child_seq = self._journal.last_seq
        self._forked_s = monotonic()
        path = self._pending / f"{self._child_seq:015d}-{os.getpid()}"
        try:
            self._child = save_snapshot_in_child(self._course.memory, path, self._child_seq, self._in_child)
        except OSError as error:
            self.failed += 1
            log.error("no process for a snapshot (%s); the next is tried after %d entries", error, self._every)

    @property
    def is_fresh(self) -> bool:
        """Whether a child shares the memory since just now: who writes a page first has to copy it; decisions first."""
        return self._child is not None and monotonic() < self._forked_s + FRESH_S

    def close(self) -> None:
        """Write the last snapshot at a clean stop; a broken journal leaves the memory ahead of it, so there is none."""
        if self._child is not None:
            self._finish(wait=True)
        self._beside.shutdown()
        if self._journal.broken is None and self._journal.durable_seq == self._journal.last_seq > self.last_seq:
            self.save()

    def save(self, seq: int | None = None) -> None:
        """Write a snapshot in this process; everything in the memory, up to this number, must be durable."""
        seq = self._journal.last_seq if seq is None else seq
        self._note()
        save_snapshot(self._course.memory, self._path(seq), seq)
        for old in self._old():
            old.unlink()
        self._took(seq)

    def _finish(self, *, wait: bool) -> None:
        child = self._child
        if child is None or self._journal.durable_seq < self._child_seq:
            return
        try:
            if self._naming is None:
                if not child.done(wait=wait):
                    return
                self._naming = self._beside.submit(self._name, child.path, self._path(self._child_seq))
            if not wait and not self._naming.done():
                return
            self._naming.result()
            child.release()
            self._took(self._child_seq)
        except (FeatureError, OSError) as error:
            self.failed += 1
            log.error("%s; the snapshots before it stay, the next is tried after %d entries", error, self._every)
        self._child = self._naming = None

    def _name(self, pending: Path, path: Path) -> None:
        """Make a whole file a snapshot."""
        os.replace(pending, path)
        _sync(self.folder)
        for old in self._old():
            gone = self._pending / old.name  # a snapshot no more, and swept away if we end before it is removed
            os.replace(old, gone)
            self._beside.submit(_remove_gently, gone)

    def _old(self) -> list[Path]:
        return sorted(self.folder.glob(SNAPSHOTS), reverse=True)[KEPT:]

    def _took(self, seq: int) -> None:
        self.last_seq = self._tried = seq
        self.taken += 1

    def _in_child(self) -> None:
        _let_go()
        self._note()  # a hundred thousand waiting labels take ten milliseconds to write down

    def _note(self) -> None:
        notes = Notes(self._course.notes())
        if self.house is not None and self.house.policy.alert_budget_per_day is not None:
            notes.budget, notes.policy = self.house.budget.kept(), self.house.policy.version
        self._course.memory.notes = msgspec.msgpack.encode(notes)

    def _path(self, seq: int) -> Path:
        return self.folder / f"{seq:015d}.memory"


def _let_go() -> None:
    """In the child: sockets and locks belong to the parent, and must be free the moment it ends, however it ends."""
    os.nice(NICENESS)  # decisions come first
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _remove_gently(path: Path) -> None:
    """Give a file's room back little by little: every sync of the journal waits for what is freed at once."""
    for size in range(path.stat().st_size, 0, -FREED_BYTES):
        os.truncate(path, size)
        sleep(FREED_APART_S)
    path.unlink()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
