"""A town's folder, read lazily: nothing of it has to fit into memory.

Layout: events.jsonl or events/part-*.parquet, labels.jsonl, town.json, truth/{events,campaigns,people}.parquet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from haechi.town.report.errors import NotATown

SEOUL_US = 9 * 3_600_000_000
BATCH_ROWS = 500_000
TRUTH = ("events", "campaigns", "people")
TEXTS = (
    "id", "kind", "time", "customer", "account", "card", "device", "payee", "merchant", "ip", "merchant_category",
    "channel", "country", "method", "result", "text", "bank",
)  # fmt: skip
NUMBERS = ("risk", "duration_s")
EVENT_TYPES: dict[str, Any] = (
    dict.fromkeys(TEXTS, pl.String) | {"amount": pl.Int64} | dict.fromkeys(NUMBERS, pl.Float64)
)
CAMPAIGN_TYPES: dict[str, Any] = {
    "campaign_id": pl.String, "typology": pl.String, "form": pl.String, "is_fraud": pl.Boolean, "start_us": pl.Int64,
    "end_us": pl.Int64, "victims": pl.Int64, "age": pl.Int64, "loss_won": pl.Int64, "recovered_won": pl.Int64,
    "first_report_us": pl.Int64, "summary": pl.String, "summary_ko": pl.String, "events": pl.Int64,
}  # fmt: skip
LABEL_TYPES: dict[str, Any] = {"event_id": pl.String, "fraud": pl.Boolean, "known_at": pl.String, "source": pl.String}


@dataclass(frozen=True)
class TownFolder:
    """The files of one town."""

    path: Path

    @classmethod
    def open(cls, path: str | Path) -> TownFolder:
        """Open a finished town; NotATown says what is missing."""
        folder = cls(Path(path))
        if (folder.path / "town.json").is_file() and folder.info.get("complete") is False:
            raise NotATown(f"{folder.path} is not finished: the `haechi simulate --out` that began it goes on with it")
        needed = [folder.path / "town.json", *(folder.path / "truth" / f"{name}.parquet" for name in TRUTH)]
        gone = next((p for p in needed if not p.is_file()), None)
        if gone or not folder.event_files:
            raise NotATown(f"{gone or folder.path / 'events'} is not there: write a town with `haechi simulate --out`")
        return folder

    @cached_property
    def event_files(self) -> list[Path]:
        """The files of events, in order of time."""
        parts = sorted((self.path / "events").glob("*.parquet"))
        lines = self.path / "events.jsonl"
        return parts or ([lines] if lines.is_file() else [])

    @cached_property
    def info(self) -> dict[str, Any]:
        """What town.json says: seed, profile, parameters, counts."""
        try:
            found = json.loads((self.path / "town.json").read_text("utf-8"))
        except ValueError as error:
            raise NotATown(f"{self.path / 'town.json'} is not JSON: write the town again") from error
        return found if isinstance(found, dict) else {}

    @cached_property
    def ends(self) -> datetime:
        """The midnight after the town's last day, local time."""
        try:
            first = date.fromisoformat(str(self.info["start"]))
            return datetime.combine(first + timedelta(days=int(self.info["days"])), time())
        except (KeyError, ValueError) as error:
            raise NotATown(f"{self.path / 'town.json'} has no start or days: write the town again") from error

    def events(self) -> pl.LazyFrame:
        """All events; `at` is the local time in Seoul, in which towns are written."""
        if self.event_files[0].suffix == ".parquet":
            found = pl.scan_parquet(self.event_files)
        else:
            found = pl.scan_ndjson(self.event_files, schema=EVENT_TYPES)
        return _complete(found, EVENT_TYPES).with_columns(at=_local(found.collect_schema()["time"]))

    def batches(self) -> Iterator[pl.DataFrame]:
        """The same, a bounded number of events at a time, in order."""
        for scan in self.scans(EVENT_TYPES):
            yield from _batches(scan.select(*EVENT_TYPES, "at"), lines=self.event_files[0].suffix != ".parquet")

    def rows(self) -> Iterator[pl.DataFrame]:
        """The events with every column that the town wrote, a bounded number at a time, in order."""
        for scan in self.scans():
            yield from _batches(scan, lines=self.event_files[0].suffix != ".parquet")

    def scans(self, types: dict[str, Any] | None = None) -> list[pl.LazyFrame]:
        """Each file of events and `at`, with every column that the town wrote, or with those of `types`."""
        if self.event_files[0].suffix != ".parquet":
            lines = pl.scan_ndjson(self.event_files[0], schema=types, infer_schema_length=None)
            found = [lines]
        else:
            found = [pl.scan_parquet(path) for path in self.event_files]
        return [_complete(scan, types or {}).with_columns(at=_local(scan.collect_schema()["time"])) for scan in found]

    def labelled(self, path: Path) -> list[Path]:
        """Files of events that carry their labels: the town's own if they do, else a copy of all of them in `path`."""
        scans = self.scans()
        if {"fraud", "known_at"} <= set(scans[0].collect_schema().names()):
            return self.event_files
        told = self.labels().select("event_id", "fraud", "known_at")
        every = pl.concat(scans, how="diagonal_relaxed").drop("at")
        every.join(told, left_on="id", right_on="event_id", how="left", maintain_order="left").sink_parquet(path)
        return [path]

    def fraud_ids(self) -> pl.LazyFrame:
        """The events that are truly fraud, as far as they move money."""
        frauds = self._truth("campaigns").filter("is_fraud").select("campaign_id")
        truth = self._truth("events")
        own = pl.col("fraud") if "fraud" in truth.collect_schema().names() else pl.lit(True)
        return truth.filter(own).join(frauds, on="campaign_id", how="semi").select("event_id").unique()

    def labels(self) -> pl.LazyFrame:
        """What became known: event_id, fraud, known_at, source."""
        path = self.path / "labels.jsonl"
        if not path.is_file() or not path.stat().st_size:
            return pl.LazyFrame(schema=LABEL_TYPES)
        return pl.scan_ndjson(path, schema=LABEL_TYPES)

    @cached_property
    def accusations(self) -> pl.DataFrame:
        """Which events were called fraud, first by whom, and when (`known`, local time); far fewer than all labels."""
        path, found = self.path / "labels.jsonl", []
        with path.open("rb") if path.is_file() else BytesIO() as file:
            for line in file:
                if b"true" in line and (label := msgspec.json.decode(line)).get("fraud"):
                    found.append([label.get(name) for name in LABEL_TYPES])
        told = pl.DataFrame(found, schema=LABEL_TYPES, orient="row").with_columns(known=_wall("known_at"))
        return told.sort("known", maintain_order=True).unique("event_id", keep="first", maintain_order=True)

    def truth(self) -> pl.LazyFrame:
        """Which event belongs to which campaign, and what part it plays there."""
        return self._truth("events").select("event_id", "campaign_id", "role")

    def campaigns(self) -> pl.DataFrame:
        """Every campaign, frauds and look-alikes, as they truly went."""
        return _complete(self._truth("campaigns"), CAMPAIGN_TYPES).collect().sort("start_us", "campaign_id")

    def people(self) -> pl.LazyFrame:
        """Who lives here: customer, persona, birth_date, sex, region."""
        return self._truth("people").with_columns(pl.col("birth_date").cast(pl.String).str.to_date("%Y-%m-%d"))

    def _truth(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.path / "truth" / f"{name}.parquet")


def _batches(scan: pl.LazyFrame, *, lines: bool) -> Iterator[pl.DataFrame]:
    """A file in slices; lines cannot be entered in the middle, so they flow."""
    if lines:
        yield from scan.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)
        return
    count = scan.select(pl.len()).collect().item()
    for first in range(0, count, BATCH_ROWS):
        yield scan.slice(first, BATCH_ROWS).collect()


def _complete(found: pl.LazyFrame, types: dict[str, Any]) -> pl.LazyFrame:
    """Columns that a town did not write are empty."""
    there = set(found.collect_schema().names())
    return found.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in types.items() if name not in there)


def _local(dtype: pl.DataType) -> pl.Expr:
    """The wall clock of Seoul, whatever the column holds: text with an offset, a time, or microseconds."""
    if dtype == pl.String:
        return _wall("time")
    if isinstance(dtype, pl.Datetime):
        moment = pl.col("time").cast(pl.Int64)
        return (moment + (SEOUL_US if dtype.time_zone else 0)).cast(pl.Datetime("us"))
    return local_us("time")


def _wall(column: str) -> pl.Expr:
    return pl.col(column).str.slice(0, 19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us")


def local_us(column: str) -> pl.Expr:
    """Microseconds UTC as the wall clock of Seoul."""
    return (pl.col(column) + SEOUL_US).cast(pl.Datetime("us"))
