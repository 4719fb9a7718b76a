"""One day of a town as files: its events, the labels that become known, its part of the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from haechi.town.acts import JUDGED, Acts, joined
from haechi.town.ending import SOURCES
from haechi.town.render import Pen, event_ids, iso_seoul, lines
from haechi.town.truth import campaigns_of, events_of

if TYPE_CHECKING:
    from haechi.town.town import Town

ROWS_MAX = 200_000  # that are written out at once
PARQUET_ROWS_MAX = 1_000_000  # in one file


@dataclass(frozen=True)
class Counts:
    """How much a day holds."""

    day: int
    events: int = 0
    judged: int = 0
    frauds: int = 0
    labels: int = 0


def write_part(town: Town, pen: Pen, day: int, folder: Path, formats: tuple[str, ...], *, labelled: bool) -> Counts:
    """Write one day into a folder of parts; every file appears under its name when it is whole."""
    acts = town.day(day)
    if "jsonl" in formats:
        with _whole(folder / f"events-{day:05}.jsonl") as path, path.open("wb") as file:
            for first in range(0, len(acts), ROWS_MAX):
                file.write(lines(pen.frame(acts.take(slice(first, first + ROWS_MAX)), labelled=labelled)))
    if "parquet" in formats:
        _parquet(pen, acts, day, folder, labelled)
    told = joined([acts.take((acts["told"] >= 0) & ~acts["fraud"]), town.told(day)])
    with _whole(folder / f"labels-{day:05}.jsonl") as path:
        path.write_bytes(lines(_labels(told)))
    with _whole(folder / f"truth-{day:05}.parquet") as path:
        events_of(town, acts).write_parquet(path)
    with _whole(folder / f"campaigns-{day:05}.parquet") as path:
        campaigns_of(town, day).write_parquet(path)
    judged = np.isin(acts["kind"], JUDGED)
    return Counts(day, len(acts), int(judged.sum()), int((acts["fraud"] & judged).sum()), len(told))


def parquet_names(day: int, rows: int) -> list[str]:
    """What the Parquet files of a day are called: one, or several of a bounded size."""
    count = max(1, -(-rows // PARQUET_ROWS_MAX))
    return [f"part-{day:04}.parquet"] if count == 1 else [f"part-{day:04}-{i:02}.parquet" for i in range(count)]


def _parquet(pen: Pen, acts: Acts, day: int, folder: Path, labelled: bool) -> None:
    for number, name in enumerate(parquet_names(day, len(acts))):
        rows = slice(number * PARQUET_ROWS_MAX, (number + 1) * PARQUET_ROWS_MAX)
        with _whole(folder / name) as path:
            pen.frame(acts.take(rows), labelled=labelled).write_parquet(path, compression="zstd")


def _labels(told: Acts) -> pl.DataFrame:
    """Labels in the order in which they become known."""
    order = np.lexsort((told["key"], told["told_us"]))
    found = told.take(order)
    return pl.DataFrame(
        {
            "event_id": event_ids(found["key"]), "fraud": found["told"] == 1, "known_at": iso_seoul(found["told_us"]),
            "source": pl.Series(SOURCES).gather(found["source"].astype(np.int64)),
        }
    )  # fmt: skip


class _whole:
    """A path beside the one asked for, which takes its place when the block ends well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(path.name + ".draft")

    def __enter__(self) -> Path:
        return self._draft

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink(missing_ok=True)
