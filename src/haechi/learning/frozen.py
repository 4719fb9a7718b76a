"""A data set: history up to a moment, with the labels known then, frozen in a folder that is named by its content.

```
datasets/
  4be1.../card.json             what is in it; the folder's name is the hash of its files
  4be1.../events/000000.parquet every event up to the moment, in time order, with what was said and decided
  4be1.../schema.json           how to read it, and the features to replay it with
```

It holds events, not feature rows: a replay of them gives the same rows bit by bit, in a tenth of the room. Who teaches
stands in two columns: `taught` (1 fraud, 0 legitimate, -1 nobody knows) and `weight`. Not every label teaches: events
younger than the gap are left out, because of theirs only the quick frauds are known.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from haechi.detectors.artifact import write_whole
from haechi.events import Schema
from haechi.features import Spec, default_spec
from haechi.learning.errors import DamagedDataSet, DataSetNotFound
from haechi.learning.source import ReplaySource

CARD, SCHEMA, EVENTS = "card.json", "schema.json", "events"
HASH_CHARS = 16
SMALL = (
    "id", "kind", "time_us", "known_at_us", "amount", "taught", "weight", "said:kind", "said:who", "said:typology",
    "said:action", "said:score", "said:ruled", "said:released",
)  # fmt: skip
Advance = Callable[[str, int], None]


@dataclass(frozen=True)
class DataSet:
    """One frozen data set."""

    folder: Path
    card: dict[str, Any]

    @property
    def hash(self) -> str:
        """Its name, made from its content."""
        return self.folder.name

    @property
    def until_us(self) -> int:
        """The moment at which it was cut."""
        return int(self.card["until_us"])

    @property
    def schema(self) -> Schema:
        """How its events are read."""
        return Schema.parse(self._document()["schema"])

    @property
    def spec(self) -> Spec:
        """The features to replay it with; refused when this Haechi would make others of them."""
        document = self._document()
        spec = default_spec(self.schema, overrides=document["overrides"])
        if spec.hash != self.card["spec_hash"]:
            raise DamagedDataSet(
                f"data set {self.hash} was made for features {self.card['spec_hash']}, this Haechi makes {spec.hash}: "
                "make a new data set"
            )
        return spec

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for part in self.parts:
            yield pl.read_parquet(part)

    @property
    def parts(self) -> list[Path]:
        """The files of events, in order."""
        return sorted((self.folder / EVENTS).glob("*.parquet"))

    def source(self, advance: Advance = lambda stage, rows: None) -> ReplaySource:
        """Its events with feature rows."""
        schema = self.schema
        return ReplaySource(self, self.spec, schema.timezone, schema.ordinal, schema.entity_names, advance)

    def notes(self) -> pl.DataFrame:
        """What was said and decided about every event, one row each, in order."""
        return pl.concat([pl.read_parquet(part, columns=list(SMALL)) for part in self.parts])

    def check(self) -> None:
        """Raise DamagedDataSet unless every file is what was written."""
        if (found := content_hash(self.folder)) != self.hash:
            raise DamagedDataSet(
                f"data set {self.hash} has content {found}: restore it from a backup, or make it again"
            )

    def _document(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode((self.folder / SCHEMA).read_bytes())
        return found


class DataSets:
    """The data sets of one home."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made with the first data set."""
        self.folder = folder

    def all(self) -> list[DataSet]:
        """Every data set, the oldest cut first."""
        found = [self._read(path.parent) for path in self.folder.glob(f"*/{CARD}")]
        return sorted(found, key=lambda one: (one.card["made_us"], one.hash))

    def find(self, name: str) -> DataSet:
        """The data set whose hash starts like this."""
        there = self.all()
        found = [one for one in there if name and one.hash.startswith(name)]
        if len(found) != 1:
            known = ", ".join(one.hash for one in there) or "none; make one with `haechi dataset make`"
            raise DataSetNotFound(f"there is no one data set {name!r}; there are: {known}")
        return found[0]

    def keep(self, draft: Path, card: dict[str, Any]) -> DataSet:
        """Give a finished draft its name and its place; the same content twice is the same data set."""
        name = content_hash(draft)
        place = self.folder / name
        if (place / CARD).exists():
            shutil.rmtree(draft)
            return self._read(place)
        shutil.rmtree(place, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        draft.replace(place)
        # With its card the folder becomes a data set: a crash before it leaves nothing that counts.
        write_whole(place / CARD, msgspec.json.format(msgspec.json.encode(card | {"hash": name}), indent=1))
        return self._read(place)

    def note(self, data: DataSet, **more: Any) -> DataSet:
        """Write more onto a data set's card, which is no part of its content."""
        write_whole(data.folder / CARD, msgspec.json.format(msgspec.json.encode(data.card | more), indent=1))
        return self._read(data.folder)

    def _read(self, folder: Path) -> DataSet:
        try:
            return DataSet(folder, msgspec.json.decode((folder / CARD).read_bytes()))
        except (OSError, msgspec.DecodeError) as error:
            raise DamagedDataSet(f"{folder / CARD} cannot be read ({error}): make the data set again") from error


def content_hash(folder: Path) -> str:
    """A name made from all files but the card."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != CARD]
    told = "".join(f"{path.relative_to(folder)} {file_hash(path)}\n" for path in files)
    return hashlib.sha256(told.encode()).hexdigest()[:HASH_CHARS]


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
