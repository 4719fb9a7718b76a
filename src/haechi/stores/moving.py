"""Moves old entries from the journal into the archive: never lost, never there twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import polars as pl

from haechi.stores.archive import Archive
from haechi.stores.entry import LABEL, Entry, label_of
from haechi.stores.errors import BadEntry
from haechi.stores.part import read_file
from haechi.stores.ports import Journal

PIECE_ENTRIES = 20_000  # about 40 MB of bodies and decisions in memory at once
BITE_ENTRIES = 512  # read or deleted in one go

FrameOf = Callable[[Sequence[Entry]], pl.DataFrame]
Rest = Callable[[], object]


def plain_frame(entries: Sequence[Entry]) -> pl.DataFrame:
    """Canonical columns as far as an entry knows them without its schema, one row for each entry."""
    labels = [label_of(entry) if entry.type == LABEL else None for entry in entries]
    return pl.DataFrame(
        {
            "line": pl.Series([entry.seq for entry in entries], dtype=pl.Int64),
            "id": pl.Series([entry.event_id for entry in entries], dtype=pl.String),
            "time_us": pl.Series([entry.time_us for entry in entries], dtype=pl.Int64),
            "label": pl.Series([-1 if label is None else int(label.fraud) for label in labels], dtype=pl.Int8),
            "known_at_us": pl.Series([label and label.known_at_us for label in labels], dtype=pl.Int64),
        }
    )


def archive_before(
    journal: Journal, archive: Archive, seq: int, frame_of: FrameOf = plain_frame, *,
    piece_entries: int = PIECE_ENTRIES, rest: Rest = lambda: None,
) -> int:  # fmt: skip
    """Move every entry with a number below `seq` into the archive and return how many left the journal.

    A piece is deleted from the journal only after its part is durable. A crash in between leaves it in both places;
    the next call finds that part, verifies it, and only deletes. Keep what a start must replay: move nothing younger
    than the oldest snapshot in use. `rest` is called between bites: whoever decides meanwhile waits for each of them.
    It may raise, and nothing is lost.
    """
    moved = _finish(journal, archive, rest)
    while piece := list(_piece(journal, seq, piece_entries, rest)):
        archive.append(_frame(piece, frame_of), from_journal=True)
        moved += _forget(journal, piece[0].seq, piece[-1].seq, rest)
    return moved


def _piece(journal: Journal, before_seq: int, count: int, rest: Rest) -> Iterator[Entry]:
    for number, entry in enumerate(islice(journal.entries(0, count), count), 1):
        if entry.seq >= before_seq:
            return
        yield entry
        if number % BITE_ENTRIES == 0:
            rest()


def _forget(journal: Journal, first: int, last: int, rest: Rest) -> int:
    count = 0
    for at in range(first, last + 1, BITE_ENTRIES):
        rest()
        count += journal.forget(at, min(at + BITE_ENTRIES - 1, last))
    return count


def _finish(journal: Journal, archive: Archive, rest: Rest) -> int:
    """Delete what an interrupted move has already brought into the archive."""
    first = journal.first_seq()
    part = None if first is None else archive.part_of(first)
    if first is None or part is None:
        return 0
    for file in part.files:
        read_file(archive.root, file)
    return _forget(journal, first, part.last_seq, rest)


def _frame(entries: Sequence[Entry], frame_of: FrameOf) -> pl.DataFrame:
    frame = frame_of(entries)
    if frame.height != len(entries):
        raise BadEntry(f"a frame for {len(entries)} entries has {frame.height} rows; it needs one for each")
    return frame.with_columns(
        pl.Series("seq", [entry.seq for entry in entries], dtype=pl.Int64),
        pl.Series("journal:type", [entry.type for entry in entries], dtype=pl.Int8),
        pl.Series("journal:event_id", [entry.event_id for entry in entries], dtype=pl.String),
        pl.Series("journal:time_us", [entry.time_us for entry in entries], dtype=pl.Int64),
        pl.Series("journal:body", [entry.body for entry in entries], dtype=pl.Binary),
        pl.Series("journal:decision", [entry.decision for entry in entries], dtype=pl.Binary),
        pl.Series("journal:digest", [entry.digest for entry in entries], dtype=pl.UInt64),
        pl.Series("journal:unexplained", [entry.unexplained for entry in entries], dtype=pl.Float64),
    )
