"""Everything that happened in a home as canonical frames in time order, each event with what was said last about it.

Learning takes minutes and reads its history several times, while the home must be free to serve. So the history is
copied once into a temporary folder, sorted by time, and the home is let go. While a server works on the home its
database is not touched: then only the archive is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import polars as pl

from haechi.app import open_shut, past_of, spec_of
from haechi.events import Schema
from haechi.events.order import TimeSorter
from haechi.events.roles import is_pattern
from haechi.features import Spec
from haechi.restore import Piece, frame_of, label_of, pieces
from haechi.rulebook.jobs import KeptJournal
from haechi.stores import LABEL, AlreadyOpen, Archive, Home, Journal

__all__ = ["History", "copy_beside", "copy_history"]

ROWS_PER_CHUNK = 200_000
_TOLD = {"id": pl.String, "fraud": pl.Int8, "told_us": pl.Int64}
Pieces = Callable[[], Iterable[Piece]]
Progress = Callable[[int], None]


@dataclass(frozen=True)
class History:
    """A copy of a home's history, gone through as often as needed."""

    schema: Schema
    spec: Spec
    parts: tuple[Path, ...]
    events: int
    last_us: int
    whole: bool  # false: a server was at work, so this is the archive without the journal

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for part in self.parts:
            yield pl.read_parquet(part)


def copy_history(home: Path, folder: Path, progress: Progress = lambda rows: None) -> History:
    """Copy a home's history into a folder, which the caller removes."""
    try:
        with open_shut(home) as shut:
            return _copy(shut.schema, shut.spec, lambda: past_of(shut), folder, progress, whole=True)
    except AlreadyOpen:
        return copy_beside(home, folder, KeptJournal(folder), progress)


def copy_beside(home: Path, folder: Path, journal: KeptJournal, progress: Progress = lambda rows: None) -> History:
    """Copy the history of a home that a server works on: its archive, and what that server kept of its journal."""
    place = Home(home)
    archive = place.open_archive()
    schema = _bound(Schema.read(place.schema), archive)
    past = lambda: pieces(archive, cast(Journal, journal), 0)  # noqa: E731
    return _copy(schema, spec_of(place, schema), past, folder, progress, whole=journal.exists)


def _copy(schema: Schema, spec: Spec, past: Pieces, folder: Path, progress: Progress, *, whole: bool) -> History:
    labels = _labels(past())
    parts: list[Path] = []
    events, last_us = 0, 0
    with closing(TimeSorter(ROWS_PER_CHUNK, folder)) as sorter:
        for frame in _events(past(), schema):
            sorter.add(_labelled(frame, schema, labels))
            progress(frame.height)
        for frame in sorter.frames():
            parts.append(folder / f"{len(parts):06d}.parquet")
            frame.write_parquet(parts[-1], compression="lz4")
            events, last_us = events + frame.height, int(frame["time_us"][-1])
    return History(schema, spec, tuple(parts), events, last_us, whole)


def _labels(past: Iterable[Piece]) -> pl.DataFrame:
    told: dict[str, tuple[int, int]] = {}
    for piece in past:
        for entry in piece.entries:
            if entry.type == LABEL:
                label = label_of(entry)
                told[label.event_id] = (int(label.fraud), label.known_at_us)
    rows = [(name, fraud, known_us) for name, (fraud, known_us) in told.items()]
    return pl.DataFrame(rows, schema=_TOLD, orient="row")


def _events(past: Iterable[Piece], schema: Schema) -> Iterator[pl.DataFrame]:
    for piece in past:
        if piece.frame is not None:
            yield piece.frame
        elif entries := [entry for entry in piece.entries if entry.type != LABEL]:
            yield frame_of(schema, entries)


def _labelled(frame: pl.DataFrame, schema: Schema, labels: pl.DataFrame) -> pl.DataFrame:
    """The columns that features are made from, in one order, and the label as it was told last."""
    wanted = _columns(schema) | {"label": pl.Int8, "known_at_us": pl.Int64}
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in wanted.items() if name not in frame.columns]
    frame = frame.with_columns(missing).join(labels, on="id", how="left", maintain_order="left")
    return frame.with_columns(
        pl.coalesce("fraud", "label", pl.lit(-1)).cast(pl.Int8).alias("label"),
        pl.coalesce("told_us", "known_at_us").alias("known_at_us"),
    ).select(list(wanted))


def _columns(schema: Schema) -> dict[str, Any]:
    found: dict[str, Any] = {"id": pl.String, "kind": pl.String, "time_us": pl.Int64, "amount": pl.Int64}
    found |= {f"entity:{name}": pl.String for name in schema.entity_names}
    found |= {f"number:{name}": pl.Float64 for name in schema.number_names}
    found |= {f"category:{name}": pl.String for name in schema.category_names}
    found |= {"lat": pl.Float64, "lon": pl.Float64} if schema.has_place else {}
    return found | {f"attribute:{name}": pl.String for name in schema.attribute_names}


def _bound(schema: Schema, archive: Archive) -> Schema:
    """Column patterns expanded over what the archive holds."""
    if schema.is_bound:
        return schema
    kept = {name for frame in archive.frames() for name in frame.columns}
    told = [name.partition(":")[2] for name in sorted(kept) if name.startswith(("number:", "category:"))]
    return schema.bind([*(c for c in schema.columns if not is_pattern(c)), *told], str(archive.root))
