"""Counting what the journal says, a piece at a time, behind the decisions and never in their way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice

from haechi.stores import Entry, Journal

__all__ = ["PIECE", "Counting"]

PIECE = 500


class Counting:
    """Goes through the journal once; what it counted is lost with the process and read again."""

    def __init__(self, journal: Journal, clock_ns: Callable[[], int]) -> None:
        self._journal, self._clock_ns, self._lock = journal, clock_ns, threading.Lock()
        self.seq, self.since_us, self.through_us = 0, 0, 0

    @property
    def is_behind(self) -> bool:
        """Whether the journal holds more than was counted."""
        return self.seq < self._journal.durable_seq

    def step(self, ns_max: int = 50_000_000) -> None:
        """Count on for about so long."""
        until = self._clock_ns() + ns_max
        with self._lock:
            while self.is_behind and self._clock_ns() < until:
                piece = list(islice(self._journal.entries(self.seq), PIECE))
                if not piece:
                    self.seq = self._journal.durable_seq  # what is left is in the archive
                for entry in piece:
                    self.seq = entry.seq
                    self.count(entry)

    def count(self, entry: Entry) -> None:
        """Count one entry."""
        raise NotImplementedError

    def seen(self, time_us: int) -> None:
        """An event of this time was counted."""
        self.since_us = min(self.since_us or time_us, time_us)
        self.through_us = max(self.through_us, time_us)
