"""History in Parquet by day: what was imported and what the journal no longer needs to hold, in one sequence.

Every row has its `seq`; rows that came from the journal also carry the entry itself in `journal:` columns. Files are
immutable, so another process may read while the server appends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from haechi.stores.durable import UNFINISHED, make_folder, sync_folder
from haechi.stores.entry import Entry, body_hash
from haechi.stores.errors import BadEntry, DamagedArchive, StoreError
from haechi.stores.part import MANIFESTS, Part, PartFile, read_file, read_manifest, write_part

PART_ROWS_MAX = 200_000
DAY_ROWS_MIN = 10_000
REQUIRED = {"id": pl.String, "time_us": pl.Int64}


class Archive:
    """A folder of parts, each a run of sequence numbers; no two of them overlap."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._parts: list[Part] = []
        self.refresh()

    def refresh(self) -> None:
        """Look again at what is there: another process may have added parts."""
        manifests = sorted((self.root / MANIFESTS).glob("*.json"))
        self._parts = sorted((read_manifest(path) for path in manifests), key=lambda part: part.first_seq)
        for before, after in zip(self._parts, self._parts[1:], strict=False):
            if after.first_seq <= before.last_seq:
                raise DamagedArchive(str(self.root / MANIFESTS / after.name), f"overlaps {before.name}")

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts in the order of their numbers."""
        return tuple(self._parts)

    @property
    def last_seq(self) -> int:
        """The highest number in the archive; 0 when it is empty."""
        return self._parts[-1].last_seq if self._parts else 0

    @property
    def last_us(self) -> int:
        """The newest event's time; 0 when it is empty."""
        return max((file.last_us for part in self._parts for file in part.files), default=0)

    @property
    def rows(self) -> int:
        """Rows in all parts."""
        return sum(part.rows for part in self._parts)

    def append(self, frame: pl.DataFrame, first_seq: int | None = None, *, from_journal: bool = False) -> int:
        """Keep a frame for good and return its last number; each part is there whole or not at all.

        A frame without a `seq` column is numbered from `first_seq`, or on from the archive's last number.
        """
        if not frame.height:
            return self.last_seq
        for name, dtype in REQUIRED.items():
            if frame.schema.get(name) != dtype or frame[name].null_count():
                raise BadEntry(f"a frame for the archive needs a column {name} of {dtype} without gaps")
        if "seq" not in frame.columns:
            start = self.last_seq + 1 if first_seq is None else first_seq
            frame = frame.with_columns(pl.int_range(start, start + frame.height, dtype=pl.Int64).alias("seq"))
        elif not frame["seq"].is_sorted() or frame["seq"].n_unique() != frame.height:
            raise BadEntry("the numbers in a frame's seq column must ascend")
        for rows in frame.iter_slices(PART_ROWS_MAX):
            self._append_part(rows, from_journal)
        return int(frame["seq"][-1])

    def _append_part(self, rows: pl.DataFrame, from_journal: bool) -> None:
        first, last = int(rows["seq"][0]), int(rows["seq"][-1])
        at = bisect_left(self._parts, first, key=lambda part: part.last_seq)
        if at < len(self._parts) and self._parts[at].first_seq <= last:
            raise StoreError(f"numbers {first} to {last} are in the archive already ({self._parts[at].name})")
        make_folder(self.root)
        self._parts.insert(at, write_part(self.root, rows, DAY_ROWS_MIN, from_journal))

    def forget_after(self, seq: int) -> int:
        """Take back every part behind a number, an import that failed half-way, and say how many parts went."""
        gone = [part for part in self._parts if part.first_seq > seq]
        for part in reversed(gone):
            (self.root / MANIFESTS / part.name).unlink()
            self._parts.remove(part)
        if gone:
            sync_folder(self.root / MANIFESTS)
            self.tidy()
        return len(gone)

    def frames(
        self,
        after_seq: int = 0,
        *,
        columns: list[str] | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> Iterator[pl.DataFrame]:
        """Frames in the order of `seq`, a part at a time; with times, only rows in since_us <= time_us < until_us."""
        wanted = None if columns is None else ["seq", "time_us", *(c for c in columns if c not in ("seq", "time_us"))]
        for part in self._parts[bisect_right(self._parts, after_seq, key=lambda part: part.last_seq) :]:
            files = [file for file in part.files if file.last_seq > after_seq and _meets(file, since_us, until_us)]
            if not files:
                continue
            rows = pl.concat([read_file(self.root, file, wanted) for file in files], how="diagonal").sort("seq")
            rows = rows.filter(_asked(after_seq, since_us, until_us))
            if rows.height:
                yield rows

    def part_of(self, seq: int) -> Part | None:
        """The part that holds a number."""
        at = bisect_left(self._parts, seq, key=lambda part: part.last_seq)
        found = self._parts[at] if at < len(self._parts) else None
        return found if found is not None and found.first_seq <= seq else None

    def entry(self, seq: int) -> Entry | None:
        """A journal entry that was moved here, by its number; None when it is not here or was imported."""
        part = self.part_of(seq)
        if part is None or not part.from_journal:
            return None
        for file in part.files:
            if file.first_seq <= seq <= file.last_seq:
                rows = read_file(self.root, file).filter(pl.col("seq") == seq)
                if rows.height:
                    return _entry(rows.row(0, named=True))
        return None

    @staticmethod
    def entries(frame: pl.DataFrame) -> list[Entry]:
        """The journal entries that a frame of moved rows holds, in its order."""
        return [_entry(row) for row in frame.iter_rows(named=True)]

    def check(self) -> list[str]:
        """Everything that is wrong here, one line each: damaged and missing files, and what a crash left behind."""
        wrong = [f"{path} was never finished; it holds nothing that counts" for path in self.leftovers()]
        for part in self._parts:
            for file in part.files:
                try:
                    read_file(self.root, file, ["seq"])
                except DamagedArchive as error:
                    wrong.append(str(error))
        return wrong

    def leftovers(self) -> list[Path]:
        """Files that belong to no part: a crash came between them and their manifest."""
        known = {self.root / file.path for part in self._parts for file in part.files}
        files = [*self.root.glob("*/*.parquet"), *self.root.glob(f"*/*{UNFINISHED}")]
        return sorted(path for path in files if path not in known)

    def tidy(self) -> int:
        """Remove what a crash left behind and say how many files; only the one that appends may call this."""
        leftovers = self.leftovers()
        for path in leftovers:
            path.unlink()
        return len(leftovers)


def _meets(file: PartFile, since_us: int | None, until_us: int | None) -> bool:
    return (since_us is None or file.last_us >= since_us) and (until_us is None or file.first_us < until_us)


def _asked(after_seq: int, since_us: int | None, until_us: int | None) -> pl.Expr:
    asked = pl.col("seq") > after_seq
    if since_us is not None:
        asked &= pl.col("time_us") >= since_us
    return asked if until_us is None else asked & (pl.col("time_us") < until_us)


def _entry(row: dict[str, object]) -> Entry:
    body = row["journal:body"]
    return Entry(
        seq=row["seq"],  # type: ignore[arg-type]
        type=row["journal:type"],  # type: ignore[arg-type]
        event_id=row["journal:event_id"],  # type: ignore[arg-type]
        time_us=row["journal:time_us"],  # type: ignore[arg-type]
        body=body,  # type: ignore[arg-type]
        decision=row["journal:decision"],  # type: ignore[arg-type]
        digest=row["journal:digest"],  # type: ignore[arg-type]
        unexplained=row["journal:unexplained"],  # type: ignore[arg-type]
        body_hash=body_hash(body),  # type: ignore[arg-type]
    )
