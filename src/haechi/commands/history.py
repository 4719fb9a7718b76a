"""Everything that happened in a home as canonical frames in time order, each event with what was said last about it.

Learning takes minutes and reads its history several times, while the home must be free to serve. So the history is
copied once into a temporary folder, sorted by time, and the home is let go. While a server works on the home its
database is not touched: then the archive is read, and what the server kept of its journal for whoever it started.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec
import polars as pl

from haechi.app import open_shut, past_of, spec_of
from haechi.events import Schema
from haechi.events.order import TimeSorter
from haechi.events.roles import is_pattern
from haechi.features import Spec
from haechi.learning.labels import last_words, table_of
from haechi.restore import Piece, frame_of, kept_back_after, label_of, pieces
from haechi.stores import LABEL, AlreadyOpen, Archive, Entry, Home, Journal, KeptJournal

__all__ = ["History", "copy_beside", "copy_history", "decided", "labels_in"]

ROWS_PER_CHUNK = 200_000
DECIDED_COLUMNS: dict[str, Any] = {
    "said:action": pl.String, "said:score": pl.Float64, "said:ruled": pl.Boolean, "said:released": pl.String,
}  # fmt: skip
SAID_COLUMNS: dict[str, Any] = {
    "said:kind": pl.String, "said:who": pl.String, "said:typology": pl.String, **DECIDED_COLUMNS,
}  # fmt: skip
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
    labels: pl.DataFrame  # every word that the house was told, the revised ones too

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for part in self.parts:
            yield pl.read_parquet(part)


def copy_history(
    home: Path,
    folder: Path,
    progress: Progress = lambda rows: None,
    *,
    until_us: int | None = None,
    as_of_us: int | None = None,
    whole: bool = False,
    beside: Path | None = None,
) -> History:
    """Copy a home's history into a folder, which the caller removes.

    With `until_us` it ends there, and no label known later is in it; with `as_of_us` no label that the house was told
    later. `whole` adds what was said and decided about each event, in columns `said:`. `beside` is where a server that
    works on the home kept its journal for this; without it such a home is its archive alone.
    """
    cut = Cut(until_us, as_of_us, whole)
    try:
        with open_shut(home) as shut:
            return _copy(shut.schema, shut.spec, lambda: past_of(shut), folder, progress, cut, whole=True)
    except AlreadyOpen:
        return copy_beside(home, folder, KeptJournal(beside or folder), progress, cut)


def copy_beside(
    home: Path, folder: Path, journal: KeptJournal, progress: Progress = lambda rows: None, cut: Cut | None = None
) -> History:
    """Copy the history of a home that a server works on: its archive, and what that server kept of its journal."""
    place = Home(home)
    archive = place.open_archive()
    schema = _bound(Schema.read(place.schema), archive)
    past = lambda: pieces(archive, cast(Journal, journal), 0)  # noqa: E731
    return _copy(schema, spec_of(place, schema), past, folder, progress, cut or Cut(), whole=journal.exists)


@dataclass(frozen=True)
class Cut:
    """Where the copy ends, and how much of it is wanted."""

    until_us: int | None = None
    as_of_us: int | None = None
    said: bool = False


def _copy(
    schema: Schema, spec: Spec, past: Pieces, folder: Path, progress: Progress, cut: Cut, *, whole: bool
) -> History:  # fmt: skip
    labels = labels_in(past())
    told = last_words(labels, cut.until_us, cut.as_of_us)
    parts: list[Path] = []
    events, last_us = 0, 0
    with closing(TimeSorter(ROWS_PER_CHUNK, folder)) as sorter:
        for frame in _events(past(), schema, said=cut.said):
            if cut.until_us is not None:
                frame = frame.filter(pl.col("time_us") <= cut.until_us)
            sorter.add(_labelled(frame, schema, told, cut))
            progress(frame.height)
        for frame in sorter.frames():
            parts.append(folder / f"{len(parts):06d}.parquet")
            frame.write_parquet(parts[-1], compression="lz4")
            events, last_us = events + frame.height, int(frame["time_us"][-1])
    return History(schema, spec, tuple(parts), events, last_us, whole, labels)


def labels_in(past: Iterable[Piece]) -> pl.DataFrame:
    """Every label that the house was told, in order."""
    return table_of(label_of(entry) for piece in past for entry in piece.entries if entry.type == LABEL)


def _events(past: Iterable[Piece], schema: Schema, *, said: bool) -> Iterator[pl.DataFrame]:
    for piece in past:
        if piece.frame is not None:
            yield piece.frame
        elif entries := [entry for entry in piece.entries if entry.type != LABEL]:
            frame = frame_of(schema, entries).join(decided(entries), on="id", how="left", maintain_order="left")
            after = pl.Series([kept_back_after(entry) for entry in entries], dtype=pl.Int64)
            # As the memory learned it (Memory.hold).
            frame = frame.with_columns(pl.when(pl.col("said:action") != "allow").then(after).alias("held"))
            yield frame if said else frame.drop(*DECIDED_COLUMNS)


class _Decided(msgspec.Struct):
    """What learning wants to know of a decision."""

    action: str
    score: float = 0.0
    rules: list[dict[str, Any]] = []
    released: str = ""


def decided(entries: Iterable[Entry]) -> pl.DataFrame:
    """What was decided about events: action, risk, whether a live rule hit, what a release left undone."""
    read = msgspec.json.Decoder(_Decided).decode
    rows = []
    for entry in entries:
        if entry.decision is not None:
            one = read(entry.decision)
            ruled = any(r.get("result") == "hit" and r.get("lane") == "live" for r in one.rules)
            rows.append((entry.event_id, one.action, one.score, ruled, one.released))
    return pl.DataFrame(rows, schema={"id": pl.String, **DECIDED_COLUMNS}, orient="row")


def _labelled(frame: pl.DataFrame, schema: Schema, told: pl.DataFrame, cut: Cut) -> pl.DataFrame:
    """The columns that features are made from, in one order, and the label as it was told last."""
    wanted = _columns(schema) | {"held": pl.Int64, "label": pl.Int8, "known_at_us": pl.Int64}
    said = SAID_COLUMNS if cut.said else {}
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in (wanted | said).items() if name not in frame.columns]
    words = told.select(
        "id", "fraud", "known_us", pl.col("kind").alias("told_kind"), "who", pl.col("typology").alias("told_typology")
    )
    frame = frame.with_columns(missing).join(words, on="id", how="left", maintain_order="left")
    imported = pl.col("label")
    if cut.until_us is not None:
        imported = pl.when(pl.col("known_at_us") <= cut.until_us).then(imported)
    frame = frame.with_columns(
        pl.coalesce("fraud", imported, pl.lit(-1)).cast(pl.Int8).alias("label"),
        pl.coalesce("known_us", "known_at_us").alias("known_at_us"),
    )
    if said:
        by = pl.when(pl.col("label") >= 0).then(pl.coalesce("told_kind", pl.lit("import")))
        frame = frame.with_columns(
            by.alias("said:kind"), pl.col("who").alias("said:who"), pl.col("told_typology").alias("said:typology")
        )
    return frame.select([*wanted, *said])


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
