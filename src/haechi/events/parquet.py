"""Parquet files: the wanted columns, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from haechi.events.convert import Chunk
from haechi.events.errors import UnreadableFile


class Parquet:
    """A Parquet file; the line of a row is its number, counted from 1."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if path.stat().st_size == 0:
                raise UnreadableFile(f"{path} is empty")
            self.columns = tuple(pl.read_parquet_schema(path))
        except FileNotFoundError as error:
            raise UnreadableFile(f"there is no file {path}") from error
        except (OSError, pl.exceptions.PolarsError) as error:
            raise _unreadable(path, error) from error

    def chunks(self, columns: Sequence[str], rows_max: int) -> Iterator[Chunk]:
        """The rows in order, only the wanted columns, in their own types."""
        wanted = [c for c in self.columns if c in set(columns)]
        before = 0
        try:
            scan = pl.scan_parquet(self.path, glob=False).select(wanted)
            for frame in scan.collect_batches(chunk_size=rows_max, maintain_order=True, engine="streaming"):
                lines = pl.int_range(before + 1, before + 1 + frame.height, eager=True).alias("line")
                before += frame.height
                yield Chunk(frame, lines, _row_of(frame))
        except pl.exceptions.PolarsError as error:
            raise _unreadable(self.path, error) from error


def _row_of(frame: pl.DataFrame) -> Callable[[int], Mapping[str, Any]]:
    return lambda place: frame.row(place, named=True)


def _unreadable(path: Path, error: Exception) -> UnreadableFile:
    reason = (str(error).splitlines() or ["damaged"])[0]
    return UnreadableFile(f"{path} is not a sound Parquet file: {reason}")
