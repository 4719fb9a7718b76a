"""What a sample of a file says about each of its columns: its type, its spread, its likely use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from haechi.events.columns import number_column, time_column
from haechi.events.errors import UnreadableFile
from haechi.events.frames import open_source
from haechi.events.times import TimeRole

SAMPLE_ROWS = 200_000
CHUNK_ROWS = 50_000
ALMOST_ALL = 0.98
FORMATS = (
    "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y%m%d%H%M%S", "%Y%m%d", "%d/%m/%Y",
    "%m/%d/%Y", "%d.%m.%Y",
)  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """One column of a sample: `cells` as they came, `numbers` where it is numeric, `times` where it tells a time."""

    name: str
    kind: str
    cells: pl.Series
    numbers: pl.Series | None
    format: str
    unique: int
    filled: int

    @property
    def is_number(self) -> bool:
        """Whether (almost) every cell is a number."""
        return self.kind in ("integer", "float")

    @property
    def is_time(self) -> bool:
        """Whether (almost) every cell is a time a calendar knows."""
        return self.kind in ("time", "day")

    @property
    def unique_share(self) -> float:
        """Different values by filled cells."""
        return self.unique / max(self.filled, 1)

    def says(self, words: str) -> bool:
        """Whether the name, taken apart at capitals, digits and underscores, matches one of the words."""
        return re.search(rf"(?:^|_)(?:{words})(?:_|$)", snake(self.name)) is not None


def snake(name: str) -> str:
    """A column name as lower-case words joined by underscores."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


def profile_file(path: str | Path, rows_max: int = SAMPLE_ROWS) -> list[Profile]:
    """Look at every column of the first rows of a file."""
    source = open_source(path)
    frames, rows = [], 0
    for chunk in source.chunks(source.columns, CHUNK_ROWS):
        frames.append(chunk.frame)
        rows += chunk.frame.height
        if rows >= rows_max:
            break
    if not rows:
        raise UnreadableFile(f"{path} holds no rows to guess from")
    sample = pl.concat(frames, how="vertical_relaxed")
    return [profile(sample[column]) for column in sample.columns]


def profile(cells: pl.Series) -> Profile:
    """Look at one column."""
    if cells.dtype == pl.String:
        cells = cells.set(cells == "", None)
    filled = len(cells) - cells.null_count()
    kind, numbers, pattern = _kind(cells, filled)
    unique = 0 if cells.dtype.is_nested() else cells.drop_nulls().n_unique()
    return Profile(cells.name, kind, cells, numbers, pattern, unique, filled)


def _kind(cells: pl.Series, filled: int) -> tuple[str, pl.Series | None, str]:
    """The kind of a column: empty, nested, truth, integer, float, time, day or text; its numbers; its time format."""
    dtype = cells.dtype
    if not filled:
        return "empty", None, ""
    if dtype.is_nested() or dtype == pl.Binary:
        return "nested", None, ""
    if dtype == pl.Boolean:
        return "truth", cells.cast(pl.Float64), ""
    if dtype.is_temporal():
        return ("day" if dtype == pl.Date else "time"), None, ""
    if dtype == pl.String:
        pattern = _time_format(cells, filled)
        if pattern is not None:
            return _day_or_time(cells, pattern), None, pattern
    column = number_column(cells if not dtype.is_decimal() else cells.cast(pl.Float64))
    numbers = column.values
    if len(numbers) - numbers.null_count() < ALMOST_ALL * filled:
        return "text", None, ""
    whole = (numbers.drop_nulls().floor() == numbers.drop_nulls()).all()
    return ("integer" if whole else "float"), numbers, ""


def _time_format(cells: pl.Series, filled: int) -> str | None:
    """The format of a text column of times, "" for ISO 8601, None when it holds something else."""
    some = cells.drop_nulls().head(1_000)
    iso = time_column(some, TimeRole(cells.name)).values
    whole = some.str.contains(r"^\d{4}-\d{2}-\d{2}")
    if len(iso) and (len(iso) - iso.null_count() >= ALMOST_ALL * len(iso) or whole.mean() == 1.0):
        return ""
    if some.str.len_bytes().min() in (None, 0) or not some.str.contains(r"^[\d/.: -]{8,20}$").all():
        return None
    for pattern in FORMATS:
        parse = some.str.to_datetime if "%H" in pattern else some.str.to_date
        parsed = parse(pattern, strict=False)
        if not parsed.null_count() and parsed.dt.year().is_between(1900, 2100).all():
            return pattern
    return None


def _day_or_time(cells: pl.Series, pattern: str) -> str:
    if pattern:
        return "time" if "%H" in pattern else "day"
    return "day" if cells.drop_nulls().head(1_000).str.len_bytes().max() == 10 else "time"
