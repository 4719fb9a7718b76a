"""Old entries leave the journal for the archive while the house decides: a training reads only the archive.

A hundred thousand of them in one go held up decisions for four seconds: they move in bites, with rests between them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock

from haechi.snapshots import KEPT
from haechi.stores import Archive, Journal, archive_before

__all__ = ["Archiving"]

SNAPSHOTS = "*.memory"
PIECE_ENTRIES = 5_000
REST_S = 0.02


class Archiving:
    """Moves what no start has to replay any more; a worker calls `step` now and then."""

    def __init__(
        self, journal: Journal, archive: Archive, snapshots: Path, every_entries: int,
        busy: Callable[[], bool] = lambda: False, is_held_up: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        """`snapshots`: their folder; what is younger than the oldest one in use stays where a start finds it.

        `busy`: somebody reads the whole past just now, and must find it where it was; then nothing moves. `is_held_up`:
        whether decisions are better left alone for a moment.
        """
        self._journal, self._archive, self._snapshots, self._every = journal, archive, snapshots, every_entries
        self._busy, self._is_held_up = busy, is_held_up
        self._one, self._stop = Lock(), Event()
        self.moved = 0

    def due(self) -> int:
        """The number below which entries may move; 0 while there are too few to be worth a file."""
        kept = sorted(int(path.stem) for path in self._snapshots.glob(SNAPSHOTS) if path.stem.isdigit())[-KEPT:]
        first = self._journal.first_seq()
        if first is None or not kept:
            return 0
        before = min(min(kept), self._journal.durable_seq) + 1
        return before if before - first >= self._every else 0

    def step(self, *, now: bool = False) -> int:
        """Move what is due, or with `now` all that may move, in one go; says how many entries left the journal."""
        with self._one:
            return 0 if self._busy() else self._move(now)

    def close(self) -> None:
        """End soon, and wait for that: what is half moved is found by the next one."""
        self._stop.set()
        with self._one:
            pass

    def _move(self, now: bool) -> int:
        before = self.due()
        if now and not before:
            every, self._every = self._every, 1
            before, self._every = self.due(), every
        first = self._journal.first_seq()
        if not before or first is None:
            return 0
        rest = (lambda: None) if now else self._rest
        with suppress(_Stopped):
            archive_before(self._journal, self._archive, before, piece_entries=PIECE_ENTRIES, rest=rest)
        count = (self._journal.first_seq() or before) - first
        self.moved += count
        return count

    def _rest(self) -> None:
        while not self._stop.wait(REST_S):
            if not self._is_held_up():
                return
        raise _Stopped


class _Stopped(Exception):
    """The house closes."""
