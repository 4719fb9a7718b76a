"""Old entries leave the journal for the archive while the house decides: a training reads only the archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from haechi.snapshots import KEPT
from haechi.stores import Archive, Journal, archive_before

__all__ = ["Archiving"]

SNAPSHOTS = "*.memory"
PIECE_ENTRIES = 5_000


class Archiving:
    """Moves what no start has to replay any more; a worker calls `step` now and then."""

    def __init__(
        self, journal: Journal, archive: Archive, snapshots: Path, every_entries: int,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        """`snapshots`: their folder; what is younger than the oldest one in use stays where a start finds it.

        `busy`: somebody reads the whole past just now, and must find it where it was; then nothing moves.
        """
        self._journal, self._archive, self._snapshots, self._every = journal, archive, snapshots, every_entries
        self._busy = busy
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
        """Move what is due, or with `now` all that may move; says how many entries left the journal."""
        if self._busy():
            return 0
        before = self.due()
        if now and not before:
            every, self._every = self._every, 1
            before, self._every = self.due(), every
        if not before:
            return 0
        count = archive_before(self._journal, self._archive, before, piece_entries=PIECE_ENTRIES)
        self.moved += count
        return count
