"""Files become canonical frames in time order, with bounded memory and an account of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from haechi.events.columns import either, time_column
from haechi.events.convert import Broken, Chunk, convert
from haechi.events.delimited import Delimited
from haechi.events.duplicates import SeenIds
from haechi.events.errors import BadRow, BadSchema, NotInOrder, UnreadableFile
from haechi.events.jsonlines import JsonLines
from haechi.events.order import TimeSorter
from haechi.events.parquet import Parquet
from haechi.events.report import RejectedFile, Report
from haechi.events.schema import Schema
from haechi.events.times import moment, time_reader

Sort = Literal["auto", "always", "never"]
FORMATS = ".csv, .tsv, .jsonl, .ndjson (each also .gz) and .parquet"


class Source(Protocol):
    """A file that knows its columns and gives its rows in order, chunk by chunk."""

    path: Path
    columns: tuple[str, ...]

    def chunks(self, columns: Sequence[str], rows_max: int) -> Iterator[Chunk]:
        """The rows in order, only the wanted columns."""
        ...


def open_source(path: str | Path) -> Source:
    """Open a file by the ending of its name."""
    found = Path(path)
    name = found.name.lower().removesuffix(".gz")
    if name.endswith((".csv", ".tsv")):
        return Delimited(found)
    if name.endswith((".jsonl", ".ndjson")):
        return JsonLines(found)
    if name.endswith((".parquet", ".pq")) and found.suffix.lower() != ".gz":
        return Parquet(found)
    raise UnreadableFile(f"{found}: cannot tell what it is from its name; readable are {FORMATS}")


def read_frames(
    schema: Schema,
    paths: str | Path | Sequence[str | Path],
    *,
    rows_per_chunk: int = 200_000,
    sort: Sort = "auto",
    max_bad: float = 0.01,
    rejected: Path | None = None,
) -> Frames:
    """Open files as one stream of events in time order; wrong columns and unreadable files are told at once."""
    several = [paths] if isinstance(paths, str | Path) else list(paths)
    if not several:
        raise UnreadableFile("no file was named")
    if rows_per_chunk < 1 or sort not in ("auto", "always", "never") or not 0 <= max_bad <= 1:
        raise BadSchema("rows_per_chunk is at least 1, sort is auto, always or never, max_bad lies between 0 and 1")
    sources = [open_source(path) for path in several]
    bound = schema.bind(sources[0].columns, str(sources[0].path))
    for source in sources[1:]:
        bound.bind(source.columns, str(source.path))
    return Frames(bound, sources, rows_per_chunk, sort, max_bad, rejected)


@dataclass
class _Span:
    """What the first look at a file tells: its first and last time, and whether they are in order."""

    first_us: int
    last_us: int
    in_order: bool


class Frames:
    """Canonical frames of a set of files in time order; each iteration reads them afresh and makes a new report."""

    def __init__(
        self,
        schema: Schema,
        sources: list[Source],
        rows_per_chunk: int,
        sort: Sort,
        max_bad: float,
        rejected: Path | None,
    ) -> None:
        self.schema = schema
        self.report = Report()
        self.notes: list[str] = []
        self._sources, self._rows, self._sort = sources, rows_per_chunk, sort
        self._max_bad, self._rejected = max_bad, rejected

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order they were named."""
        return tuple(source.path for source in self._sources)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        self.report, self.notes = Report(), []
        in_order = self._order()
        if in_order is not None:
            yield from self._checked(in_order)
        else:
            with closing(TimeSorter(self._rows)) as sorter:
                for frame in self._accepted(self._sources):
                    sorter.add(frame)
                yield from sorter.frames()
        self._finish_notes()

    def _finish_notes(self) -> None:
        if self.report.rounded:
            self.notes.append(f"{self.report.rounded} amounts were finer than the minor unit: rounded half to even")
        if self.report.zoned and self.report.naive:
            self.notes.append(
                f"{self.report.naive} times name no zone while others do: read in {self.schema.timezone}; "
                "time.timezone in the schema says which is meant"
            )
        if not self.report.rows:
            self.notes.append("the files hold no rows")

    def _order(self) -> list[Source] | None:
        """The files in an order that makes them one sorted stream, or None when the rows have to be sorted."""
        if self._sort == "never":
            return self._sources
        if self._sort == "always":
            return None
        spans = [self._span(source) for source in self._sources]
        for source, span in zip(self._sources, spans, strict=True):
            if span is not None and not span.in_order:
                self.notes.append(f"{source.path.name} is not in time order: sorted by us through temporary files")
                return None
        filled = [(span, source) for span, source in zip(spans, self._sources, strict=True) if span is not None]
        filled.sort(key=lambda pair: (pair[0].first_us, pair[0].last_us))
        if any(a.last_us > b.first_us for (a, _), (b, _) in pairwise(filled)):
            self.notes.append("the files overlap in time: sorted by us through temporary files")
            return None
        empty = [source for span, source in zip(spans, self._sources, strict=True) if span is None]
        return [source for _, source in filled] + empty

    def _span(self, source: Source) -> _Span | None:
        """Read only the times of a file."""
        role, span = self.schema.time, None
        read = time_reader(role)
        for chunk in source.chunks([role.column], self._rows):
            times = self._times(chunk, read)
            if not len(times):
                continue
            sound = bool(np.all(times[1:] >= times[:-1]))
            if span is None:
                span = _Span(int(times.min()), int(times.max()), sound)
            else:
                sound = sound and int(times[0]) >= span.last_us
                span = _Span(
                    min(span.first_us, int(times.min())), max(span.last_us, int(times.max())), span.in_order and sound
                )
        return span

    def _times(self, chunk: Chunk, read: Callable[[Any], int | None]) -> npt.NDArray[np.int64]:
        role, missing = self.schema.time, self.schema.missing
        found = time_column(chunk.frame[role.column], role)
        doubt = either(found.unsure, chunk.unsure)
        values = found.values
        if doubt is not None:
            cells = values.to_list()
            for place in np.flatnonzero(doubt).tolist():
                cell = chunk.row(place).get(role.column)
                try:
                    cells[place] = None if isinstance(cell, str) and cell in missing else read(cell)
                except BadRow:
                    cells[place] = None
            values = pl.Series(cells, dtype=pl.Int64)
        return values.drop_nulls().to_numpy()

    def _checked(self, sources: list[Source]) -> Iterator[pl.DataFrame]:
        last_us = None
        for frame in self._accepted(sources):
            times = frame["time_us"]
            if not times.is_sorted() or (last_us is not None and times[0] < last_us):
                raise NotInOrder(
                    f"the rows up to {moment(times[-1])} are not in time order; sort them or read with sort = 'auto'"
                )
            last_us = times[-1]
            yield frame

    def _accepted(self, sources: list[Source]) -> Iterator[pl.DataFrame]:
        """All sound rows in file order, the others counted."""
        seen = SeenIds() if self.schema.id_column else None
        number = 1
        with RejectedFile(self._rejected) as file:
            for source in sources:
                for chunk in source.chunks(self.schema.columns, self._rows):
                    frame = self._convert(source, chunk, number, seen, file)
                    number += chunk.frame.height
                    self.report.check(self._max_bad, finished=False)
                    if frame.height:
                        yield frame
        self.report.check(self._max_bad, finished=True)

    def _convert(
        self, source: Source, chunk: Chunk, number: int, seen: SeenIds | None, file: RejectedFile
    ) -> pl.DataFrame:
        found = convert(self.schema, chunk, number)
        frame, rejected = found.frame, found.rejected
        if seen is not None and frame.height:
            repeated = seen.repeated(frame["id"])
            if repeated.any():
                rejected = rejected + [
                    _repeated(*row) for row in frame.filter(repeated).select("line", "id").iter_rows()
                ]
                frame = frame.filter(~repeated)
        self.report.rows += frame.height + len(rejected)
        self.report.accepted += frame.height
        self.report.rounded += found.rounded
        self.report.zoned += found.zoned
        self.report.naive += found.naive
        for broken in sorted(rejected, key=lambda r: r.line):
            self.report.add(str(source.path), broken)
            file.write(str(source.path), broken)
        return frame


def _repeated(line: int, event_id: str) -> Broken:
    return Broken(
        line, "duplicate_id", f"the id {event_id!r} was there before; every event needs its own", {"id": event_id}
    )
