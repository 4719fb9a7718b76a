"""A town that was written down, read day by day as it would have come: events without labels, labels when known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from haechi.town import TownError

__all__ = ["Event", "Recorded", "day_of"]

Event = dict[str, Any]
LABEL_FIELDS = ("fraud", "known_at")
KINDS = {"customer": "report", "bank": "verdict", "police": "mule"}  # how it was found out, by who told it


class Recorded:
    """The folder of a finished town, day by day."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            told = msgspec.json.decode((folder / "town.json").read_bytes())
        except (OSError, msgspec.DecodeError) as error:
            raise TownError(f"{folder} holds no town ({error}): `haechi simulate --out {folder}` writes one") from error
        if not told.get("complete"):
            raise TownError(f"the town in {folder} is not finished: the same `haechi simulate` goes on with it")
        self.first = date.fromisoformat(told["start"])
        self.end = self.first + timedelta(days=told["days"])

    def days(self, since: date, until: date) -> Iterator[tuple[date, list[Event]]]:
        """The events of each day, in order of time."""
        if not self.first <= since < until <= self.end:
            raise TownError(f"this town has the days from {self.first} to before {self.end}, not {since} to {until}")
        if (self._folder / "events").is_dir():
            yield from self._parquet(since, until)
            return
        with (self._folder / "events.jsonl").open("rb") as lines:
            events = (msgspec.json.decode(line) for line in lines if line.strip())
            for day, rows in groupby(events, key=day_of):
                if day >= until:
                    return
                if day >= since:
                    yield day, [_bare(row) for row in rows]

    def _parquet(self, since: date, until: date) -> Iterator[tuple[date, list[Event]]]:
        import polars as pl

        for n in range((until - since).days):
            day = since + timedelta(days=n)
            name = f"part-{(day - self.first).days:04d}"
            rows: list[Event] = []
            for path in sorted((self._folder / "events").glob(f"{name}*.parquet")):
                rows += [_bare(row) for row in pl.read_parquet(path).iter_rows(named=True)]
            yield day, rows

    def labels(self, since: date, until: date) -> list[Event]:
        """What becomes known on some days, in order."""
        found = []
        with (self._folder / "labels.jsonl").open("rb") as lines:
            for line in lines:
                told = msgspec.json.decode(line)
                if since <= day_of(told, "known_at") < until:
                    found.append(told | {"kind": KINDS.get(told["source"], "other")})
        return found


def day_of(row: Event, name: str = "time") -> date:
    """The day of an event or a label, as people of the town count days."""
    return date.fromisoformat(row[name][:10])


def _bare(row: Event) -> Event:
    """An event as it comes live: without its label, and without the fields that it does not have."""
    return {name: value for name, value in row.items() if value is not None and name not in LABEL_FIELDS}
