"""Rows in time order, however many there are: sorted runs on disk, merged with bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

RUN_CHUNKS = 4
BUFFER_ROWS_MIN = 4_096
PLACE = "\0place"
_KEYS = ["time_us", PLACE]


class TimeSorter:
    """Takes canonical frames in any order and gives them back by time, equal times in the order they came."""

    def __init__(self, rows_per_chunk: int, folder: Path | None = None) -> None:
        self._rows = rows_per_chunk
        self._folder = tempfile.TemporaryDirectory(prefix="haechi-sort-", dir=folder)
        self._waiting: list[pl.DataFrame] = []
        self._runs: list[_Run] = []
        self._place = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Take the next frame."""
        place = pl.int_range(self._place, self._place + frame.height, eager=True)
        self._place += frame.height
        self._waiting.append(frame.with_columns(place.alias(PLACE)))
        if sum(f.height for f in self._waiting) >= RUN_CHUNKS * self._rows:
            self._write_run()

    def close(self) -> None:
        """Remove the runs from the disk."""
        self._folder.cleanup()

    def _write_run(self) -> None:
        if not self._waiting:
            return
        frame = pl.concat(self._waiting).sort(_KEYS)
        self._waiting = []
        path = Path(self._folder.name) / f"{len(self._runs)}.parquet"
        frame.write_parquet(path, compression="lz4", row_group_size=BUFFER_ROWS_MIN, statistics=False)
        self._runs.append(_Run(path, frame.height))

    def frames(self) -> Iterator[pl.DataFrame]:
        """All rows by time, in frames of about the asked size."""
        self._write_run()
        buffer_rows = max(BUFFER_ROWS_MIN, RUN_CHUNKS * self._rows // max(len(self._runs), 1))
        open_runs = [run for run in self._runs if run.fill(buffer_rows)]
        ready: list[pl.DataFrame] = []
        while open_runs:
            ready.append(_merged(open_runs))
            if sum(f.height for f in ready) >= self._rows:
                yield from self._sized(pl.concat(ready))
                ready = []
            open_runs = [run for run in open_runs if run.buffer.height or run.fill(buffer_rows)]
        if ready:
            yield from self._sized(pl.concat(ready))

    def _sized(self, frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
        whole = frame.drop(PLACE)
        for start in range(0, whole.height, self._rows):
            yield whole.slice(start, self._rows)


@dataclass
class _Run:
    """One sorted file and the part of it that is in memory."""

    path: Path
    rows: int
    taken: int = 0
    buffer: pl.DataFrame = field(default_factory=pl.DataFrame)

    def fill(self, rows: int) -> bool:
        """Read the next rows; False when there are none."""
        if self.taken >= self.rows:
            return False
        self.buffer = pl.scan_parquet(self.path).slice(self.taken, rows).collect()
        self.taken += self.buffer.height
        return True


def _merged(runs: list[_Run]) -> pl.DataFrame:
    """All buffered rows that no unread row can come before, in order."""
    ends = [run.buffer.select(_KEYS).row(-1) for run in runs if run.taken < run.rows]
    parts = []
    for run in runs:
        count = run.buffer.height if not ends else _count_until(run.buffer, min(ends))
        parts.append(run.buffer.head(count))
        run.buffer = run.buffer.slice(count)
    return pl.concat(parts).sort(_KEYS)


def _count_until(frame: pl.DataFrame, end: tuple[int, int]) -> int:
    before = int(frame["time_us"].search_sorted(end[0], side="left"))
    until = int(frame["time_us"].search_sorted(end[0], side="right"))
    return before + int(frame[PLACE].slice(before, until - before).search_sorted(end[1], side="right"))
