"""One part of the archive: a run of sequence numbers in a few Parquet files, and the manifest that vouches for them.

A part exists from the moment its manifest does. Files without one are what a crash left behind, and nobody reads them.
"""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import msgspec
import polars as pl
from xxhash import xxh3_64_hexdigest

from haechi.stores.durable import make_folder, write_durably
from haechi.stores.errors import DamagedArchive

MANIFESTS = "parts"
_DAY_US = 86_400_000_000
_SEQ_DIGITS = 15


class PartFile(msgspec.Struct, frozen=True):
    """One Parquet file: where it is, what it spans, and its checksum."""

    path: str
    rows: int
    first_seq: int
    last_seq: int
    first_us: int
    last_us: int
    bytes: int
    xxh3: str


class Part(msgspec.Struct, frozen=True):
    """A run of sequence numbers and the files that hold them."""

    first_seq: int
    last_seq: int
    rows: int
    from_journal: bool
    files: tuple[PartFile, ...]

    @property
    def name(self) -> str:
        """The manifest's name: the run it covers."""
        return f"{self.first_seq:0{_SEQ_DIGITS}d}-{self.last_seq:0{_SEQ_DIGITS}d}.json"


def write_part(root: Path, frame: pl.DataFrame, day_rows_min: int, from_journal: bool) -> Part:
    """Write a frame with ascending `seq` as files by day, then the manifest that makes them count."""
    files = tuple(_write_file(root, day) for day in _days(frame, day_rows_min))
    part = Part(frame["seq"][0], frame["seq"][-1], frame.height, from_journal, files)
    content = msgspec.json.encode(part)
    make_folder(root / MANIFESTS)
    write_durably(root / MANIFESTS / part.name, content + b"\n" + xxh3_64_hexdigest(content).encode() + b"\n")
    return part


def read_manifest(path: Path) -> Part:
    """Read a manifest and hold it against its checksum."""
    try:
        content, summed = path.read_bytes().splitlines()
        part = msgspec.json.decode(content, type=Part)
    except (OSError, ValueError) as error:
        raise DamagedArchive(str(path), f"is no manifest ({error})") from error
    if xxh3_64_hexdigest(content).encode() != summed or part.name != path.name:
        raise DamagedArchive(str(path), "does not match its checksum")
    return part


def read_file(root: Path, file: PartFile, columns: list[str] | None = None) -> pl.DataFrame:
    """Read one file, its checksum verified over every byte."""
    path = root / file.path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedArchive(str(path), f"cannot be read ({error.strerror})") from error
    if len(content) != file.bytes or xxh3_64_hexdigest(content) != file.xxh3:
        raise DamagedArchive(str(path), "does not match its checksum")
    if columns is None:
        return pl.read_parquet(io.BytesIO(content))
    present = pl.read_parquet_schema(io.BytesIO(content))
    return pl.read_parquet(io.BytesIO(content), columns=[name for name in columns if name in present])


def day_of(time_us: int) -> str:
    """The UTC day of a time, as the folder is called."""
    day = date(1970, 1, 1).toordinal() + time_us // _DAY_US
    if not 1 <= day <= date.max.toordinal():
        return "beyond"  # a time that no calendar holds: ordinal clocks run far
    return date.fromordinal(day).isoformat()


def _days(frame: pl.DataFrame, rows_min: int) -> list[pl.DataFrame]:
    """A frame by day; days with few rows go together, so that a slow source does not make ten thousand files."""
    by_day = frame.with_columns((pl.col("time_us") // _DAY_US).alias("_day")).partition_by("_day", maintain_order=True)
    groups: list[list[pl.DataFrame]] = []
    rows = rows_min
    for day in sorted(by_day, key=lambda part: int(part["_day"][0])):
        if rows >= rows_min:
            groups.append([])
            rows = 0
        groups[-1].append(day.drop("_day"))
        rows += day.height
    return [pl.concat(group).sort("seq") for group in groups]


def _write_file(root: Path, rows: pl.DataFrame) -> PartFile:
    first, last = int(rows["seq"][0]), int(rows["seq"][-1])
    times = rows["time_us"].cast(pl.Int64)
    first_us, last_us = int(times.to_numpy().min()), int(times.to_numpy().max())
    path = f"{day_of(first_us)}/{first:0{_SEQ_DIGITS}d}-{last:0{_SEQ_DIGITS}d}.parquet"
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd", compression_level=3)
    content = buffer.getvalue()
    make_folder((root / path).parent)
    write_durably(root / path, content)
    return PartFile(path, rows.height, first, last, first_us, last_us, len(content), xxh3_64_hexdigest(content))
