"""How fast the journal makes entries durable, beside the floor: the same bytes appended and synced as often."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from haechi.stores import DECIDED, Entry, Ticket, open_store

__all__ = ["DurabilityFigures", "measure_durability"]

ENTRIES = 50_000
WAITING_MAX = 2_000
BODY, DECISION = b'{"x":"' + b"e" * 990 + b'"}', b'{"y":"' + b"d" * 990 + b'"}'


@dataclass(frozen=True)
class DurabilityFigures:
    """Entries of 2 KB a second, each acknowledged after its commit, up to 2,000 on their way."""

    entries_per_s: float
    entries_per_commit: float
    floor_entries_per_s: float
    sync_us: float


def measure_durability(folder: Path, entries: int = ENTRIES) -> DurabilityFigures:
    """Write entries through the journal, then the same bytes with as many syncs to a plain file."""
    store = open_store(f"sqlite:///{folder / 'bench.db'}")
    waiting: deque[Ticket] = deque()
    begun = time.perf_counter()
    for i in range(entries):
        if len(waiting) >= WAITING_MAX:
            waiting.popleft().wait(60.0)
        entry = Entry(type=DECIDED, event_id=f"e{i}", time_us=1_700_000_000_000_000 + i, body=BODY, decision=DECISION)
        waiting.append(store.journal.write(entry))
    while waiting:
        waiting.popleft().wait(60.0)
    took = time.perf_counter() - begun
    commits = max(int(getattr(store.journal, "commits", 1)), 1)
    store.close()
    floor_s, sync_us = plain_file(folder / "bench.log", entries, commits)
    return DurabilityFigures(entries / took, entries / commits, entries / floor_s, sync_us)


def plain_file(path: Path, entries: int, commits: int) -> tuple[float, float]:
    """The floor: seconds to append so many entries with so many syncs, and microseconds a sync."""
    each = max(entries // commits, 1)
    piece = (BODY + DECISION) * each
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    try:
        begun = time.perf_counter()
        syncing = 0.0
        for _ in range(commits):
            os.write(file, piece)
            at = time.perf_counter()
            os.fdatasync(file)
            syncing += time.perf_counter() - at
        return time.perf_counter() - begun, syncing / commits * 1e6
    finally:
        os.close(file)
        path.unlink()
