"""A town on disk: events, labels, and the truth in a folder of its own."""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import msgspec
import numpy as np

from haechi.town.day import Day, iso_seoul
from haechi.town.errors import FolderNotWritable, ImpossibleTown, TownExists
from haechi.town.labels import DAY_US, NEVER
from haechi.town.parameters import Parameters
from haechi.town.town import simulate

COLUMNS = (
    "id", "kind", "time", "customer", "card", "merchant", "device", "amount", "currency", "merchant_category",
    "channel", "birth_date", "fraud", "known_at",
)  # fmt: skip
FORMATS = ("jsonl", "parquet")
Write = Callable[[list[dict[str, Any]]], None]  # puts rows into a file
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True)
class Written:
    """The files of a town and what is in them."""

    events_path: Path
    labels_path: Path
    truth_path: Path
    events: int
    payments: int
    labels: int
    frauds: int


def write_town(
    out_dir: str | Path,
    parameters: Parameters,
    seed: int,
    *,
    format: str = "jsonl",
    labelled: bool = False,
    overwrite: bool = False,
    on_day: Callable[[int, int], None] | None = None,
) -> Written:
    """Write events.jsonl (or .parquet), labels.jsonl and truth/truth.jsonl.

    `labelled` puts each label into its event too, for history to learn from. `on_day` hears how many days are done and
    how many payments they had. Files appear under their names only when the town is complete. Labels stand in the order
    in which they become known.
    """
    if format not in FORMATS:
        raise ImpossibleTown(f"format must be one of {', '.join(FORMATS)}, not {format!r}")
    days = simulate(parameters, seed)
    out = Path(out_dir)
    events, labels, truth = out / f"events.{format}", out / "labels.jsonl", out / "truth" / "truth.jsonl"
    taken = next((p for p in (*(out / f"events.{f}" for f in FORMATS), labels, truth) if p.exists()), None)
    if taken and not overwrite:
        raise TownExists(f"{taken} is already there: choose another folder or ask to overwrite it")
    try:
        truth.parent.mkdir(parents=True, exist_ok=True)
        writer = _parquet(events, labelled) if format == "parquet" else _lines(events)
        with writer as to_events, _lines(labels) as to_labels, _lines(truth) as to_truth:
            counts = _write_days(days, labelled, to_events, to_labels, to_truth, on_day)
    except OSError as error:
        raise FolderNotWritable(f"cannot write a town to {out}: {error.strerror or error}") from error
    return Written(events, labels, truth, *counts)


def _write_days(
    days: Iterable[Day],
    labelled: bool,
    to_events: Write,
    to_labels: Write,
    to_truth: Write,
    on_day: Callable[[int, int], None] | None,
) -> tuple[int, int, int, int]:
    count = payments = frauds = 0
    waiting = _LabelsInOrder()
    for done, day in enumerate(days, 1):
        for batch in day.batches(labelled=labelled):
            to_events(batch)
            count += len(batch)
        to_truth(day.truth())
        waiting.add(day)
        waiting.write_before(int(day.time_us[-1]) if len(day) else 0, to_labels)
        payments += len(day)
        frauds += int(day.fraud.sum())
        if on_day:
            on_day(done, payments)
    waiting.write_before(None, to_labels)
    return count, payments, waiting.written, frauds


class _LabelsInOrder:
    """Labels wait, by the day on which they become known, until no later payment can put one before them."""

    def __init__(self) -> None:
        self.written = 0
        self._by_day: dict[int, list[tuple[int, str, bool]]] = defaultdict(list)

    def add(self, day: Day) -> None:
        for known, id_, fraud in zip(day.known_at_us.tolist(), day.ids, day.fraud.tolist(), strict=True):
            if known != NEVER:
                self._by_day[known // DAY_US].append((known, id_, fraud))

    def write_before(self, time_us: int | None, to_labels: Write) -> None:
        """Write the labels of all days before that of `time_us`, or all there are."""
        for day in sorted(d for d in self._by_day if time_us is None or d < time_us // DAY_US):
            labels = sorted(self._by_day.pop(day))
            times = iso_seoul(np.array([known for known, _, _ in labels], np.int64))
            to_labels([{"event_id": i, "fraud": f, "known_at": t} for (_, i, f), t in zip(labels, times, strict=True)])
            self.written += len(labels)


@contextmanager
def _lines(path: Path) -> Iterator[Write]:
    """JSON Lines; the file appears under its name when the block ends well."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            yield lambda rows: _put(file, _ENCODER.encode_lines(rows))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _put(file: IO[bytes], data: bytes) -> None:
    file.write(data)


@contextmanager
def _parquet(path: Path, labelled: bool) -> Iterator[Write]:
    """One Parquet file, put together from parts so that a town of any size fits into memory."""
    import polars as pl

    typed: dict[str, Any] = {"amount": pl.Int64, "fraud": pl.Boolean}
    types = {name: typed.get(name, pl.String) for name in (COLUMNS if labelled else COLUMNS[:-2])}
    with TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
        numbers = itertools.count()
        yield lambda rows: pl.DataFrame(rows, schema=types).write_parquet(f"{folder}/{next(numbers):08}.parquet")
        pl.scan_parquet(f"{folder}/*.parquet").sink_parquet(f"{folder}/whole")
        os.replace(f"{folder}/whole", path)
