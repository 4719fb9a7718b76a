"""History comes into a home: archive and memory together, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from haechi.app import OpenHouse, adopt_schema, open_house, open_shut
from haechi.commands.moments import moment_us
from haechi.events import Schema, read_frames
from haechi.events.duplicates import SeenIds
from haechi.events.times import moment


@dataclass
class Brought:
    """What an import did."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    known_before: int = 0
    left_out: int = 0
    last_seq: int = 0
    labels_waiting: int = 0
    notes: list[str] = field(default_factory=list)
    first_rejected: list[str] = field(default_factory=list)


def bring_in(
    home: Path,
    files: Sequence[Path],
    schema: Path | str | None = None,
    *,
    max_bad: float = 0.01,
    until: str | None = None,
    on_rows: Callable[[int], None] = lambda done: None,
) -> Brought:
    """Read files into a home and leave it with a snapshot; when it fails, the home is as it was.

    `until`: what happened from this moment on is left out, to come live; naive times are meant in the schema's zone.
    """
    if schema is not None:
        adopt_schema(home, schema)
    _bind(home, files)
    opened = open_house(home, detectors=())
    try:
        end_us = None if until is None else moment_us(until, opened.schema.timezone)
        return _bring_in(opened, files, max_bad, end_us, on_rows)
    finally:
        opened.close()


def _bind(home: Path, files: Sequence[Path]) -> None:
    """Column patterns are expanded by the first files that come, and stay as they are from then on."""
    with open_shut(home) as shut:
        bound = read_frames(shut.schema, list(files)).schema
        if not shut.schema.is_bound:
            shut.store.meta.set("columns", msgspec.json.encode(list(bound.columns)).decode())


def _bring_in(
    opened: OpenHouse, files: Sequence[Path], max_bad: float, end_us: int | None, on_rows: Callable[[int], None]
) -> Brought:
    frames = read_frames(opened.schema, list(files), max_bad=max_bad, rejected=opened.home.path / "rejected.jsonl")
    before, brought = opened.last_seq, Brought()
    known = Known(opened)
    try:
        for whole in frames:
            frame = whole if end_us is None else whole.filter(pl.col("time_us") < end_us)
            brought.left_out += whole.height - frame.height
            fresh = known.fresh(frame)
            brought.known_before += frame.height - fresh.height
            if fresh.height:
                if not brought.accepted:
                    brought.notes += _order(opened, fresh)
                unexplained = opened.course.feed(fresh)
                opened.archive.append(fresh.with_columns(pl.Series("unexplained", unexplained)), opened.last_seq + 1)
            brought.accepted += fresh.height
            on_rows(frames.report.rows)
    except BaseException:
        opened.archive.forget_after(before)
        raise
    report = frames.report
    brought.rows, brought.rejected, brought.notes = report.rows, report.bad, brought.notes + frames.notes
    if brought.left_out:
        brought.notes.append(f"{brought.left_out:,} rows happened later than asked for, and were left out")
    brought.first_rejected = [str(one) for one in report.first]
    brought.last_seq, brought.labels_waiting = opened.last_seq, opened.course.waiting
    brought.notes += _private(opened.schema)
    if brought.accepted:
        opened.snapshots.save(opened.last_seq)
    return brought


class Known:
    """The ids a home knows already: what is imported twice counts once."""

    def __init__(self, opened: OpenHouse) -> None:
        self._named = bool(opened.schema.id_column)
        self._journal, self._seen = opened.store.journal, SeenIds()
        self._journaled = self._journal.first_seq() is not None
        for frame in opened.archive.frames(columns=["id"]) if self._named else ():
            self._seen.repeated(frame["id"])

    def fresh(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Only the rows whose ids are new; rows without ids of their own are always new."""
        if not self._named:
            return frame
        known = self._seen.repeated(frame["id"])
        if self._journaled:
            known |= np.array([self._journal.find(id_) is not None for id_ in frame["id"].to_list()], bool)
        return frame.filter(~pl.Series(known)) if known.any() else frame


def _order(opened: OpenHouse, frame: pl.DataFrame) -> list[str]:
    newest = max((file.last_us for part in opened.archive.parts for file in part.files), default=None)
    first = int(frame["time_us"][0])
    if newest is None or first >= newest:
        return []
    return [f"this history begins at {moment(first)}, before what the home knew: its events count as late ones"]


def _private(schema: Schema) -> list[str]:
    if not schema.private:
        return []
    return [f"private fields are kept as they came, not pseudonymised yet: {', '.join(schema.private)}"]
