"""The way back to what was known: a snapshot, then archive and journal in the order of their numbers.

Every event and label goes through the same kernel calls as when it came. The journal's tail is read as frames, many
events at once; frames and single events give the same bits (tests/events/test_agreement.py, tests/features).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl

from haechi.events import BadRow, Event, Schema
from haechi.events.convert import Chunk, canonical_columns, convert
from haechi.events.jsonlines import typed_column
from haechi.features import DamagedSnapshot, FeatureError, OtherSpec, Spec
from haechi.features.course import Course, Told
from haechi.features.snapshot import load_snapshot
from haechi.stores import LABEL, Archive, Entry, Journal, LabelRow

__all__ = [
    "BadPast",
    "Piece",
    "catch_up",
    "event_of",
    "first_difference",
    "frame_of",
    "kept_back_after",
    "label_of",
    "newest_memory",
    "pieces",
    "recent_us",
]

log = logging.getLogger("haechi")

PIECE_ENTRIES = 8_192
RECENT_ENTRIES = 1_000
SLICE_MAX = 1_000  # more than are ever learned at once
KEPT_BACK_AFTER = b'"kept_back_after":'
SNAPSHOTS = "*.memory"
_decode = msgspec.json.Decoder().decode
_rows = msgspec.json.Decoder(dict).decode_lines
_label = msgspec.json.Decoder(LabelRow).decode
Progress = Callable[[int], None]


class BadPast(Exception):
    """What is kept cannot be replayed; the message says what to do."""


class Piece(NamedTuple):
    """A stretch of the sequence: imported rows, or entries of the journal."""

    frame: pl.DataFrame | None
    entries: list[Entry]

    @property
    def last_seq(self) -> int:
        """The last number in it."""
        return self.entries[-1].seq if self.frame is None else int(self.frame["seq"][-1])


def event_of(schema: Schema, body: bytes) -> Event:
    """An event from the body it came in."""
    event: Event = schema.event(_decode(body))
    return event


def label_of(entry: Entry) -> LabelRow:
    """What a label entry says."""
    return _label(entry.body)


def newest_memory(
    folder: Path, spec: Spec, *, cold: Path | None, seed: int, last_seq: int
) -> tuple[Course, int, bytes] | None:
    """The newest sound snapshot as a memory, its number and its owner's notes; each unsound one is named in the log."""
    for path in sorted(folder.glob(SNAPSHOTS), reverse=True):
        try:
            memory, seq = load_snapshot(path, spec, cold=cold, seed=seed)
            if seq > last_seq:
                raise OtherSpec(f"snapshot {path.name} knows more than the journal: was an older database restored?")
            return Course(memory), seq, memory.notes
        except (DamagedSnapshot, OtherSpec, FeatureError, OSError, msgspec.DecodeError, ValueError) as error:
            log.warning("%s; trying the snapshot before it", error)
    return None


def pieces(
    archive: Archive,
    journal: Journal,
    after_seq: int,
    piece_entries: int = PIECE_ENTRIES,
    since_us: int | None = None,
) -> Iterator[Piece]:
    """All that happened behind a number, in order: imported rows and entries, wherever they stand now.

    What is kept back only behind later events stands in one piece with them. since_us: leave out what is older; whole
    days of the archive are then not even read.
    """
    open_: list[Entry] = []
    for piece in _pieces(archive, journal, after_seq, piece_entries, since_us):
        if piece.frame is not None:
            yield piece
            continue
        entries = open_ + piece.entries
        whole = _whole(entries)
        open_ = entries[whole:]
        if whole:
            yield Piece(None, entries[:whole])
    if open_:
        yield Piece(None, open_)


def _whole(entries: list[Entry]) -> int:
    """How many of the first need none of those that follow."""
    n = len(entries)
    return next((i for i in range(max(n - SLICE_MAX, 0), n) if i + kept_back_after(entries[i]) >= n), n)


def kept_back_after(entry: Entry) -> int:
    """How many later events the memory had learned when this one was kept back."""
    said = entry.decision
    return _kept_back(said).kept_back_after if said is not None and KEPT_BACK_AFTER in said else 0


class _KeptBack(msgspec.Struct):
    kept_back_after: int = 0


_kept_back = msgspec.json.Decoder(_KeptBack).decode


def _pieces(
    archive: Archive, journal: Journal, after_seq: int, piece_entries: int, since_us: int | None
) -> Iterator[Piece]:
    entries = _entries(journal, after_seq, since_us)
    waiting: Entry | None = next(entries, None)
    for frame in archive.frames(after_seq, since_us=since_us):
        first, last = int(frame["seq"][0]), int(frame["seq"][-1])
        before: list[Entry] = []
        while waiting is not None and waiting.seq <= last:
            # An entry that the archive holds too was caught between being moved and being deleted.
            if waiting.seq < first:
                before.append(waiting)
            waiting = next(entries, None)
            if len(before) >= piece_entries:
                yield Piece(None, before)
                before = []
        if before:
            yield Piece(None, before)
        yield from _archived(archive, frame, piece_entries)
    rest = _chain(waiting, entries)
    while some := list(islice(rest, piece_entries)):
        yield Piece(None, some)


def recent_us(archive: Archive, journal: Journal) -> int | None:
    """Where a home stands in time: the middle of its last thousand events, so that one wrong clock does not move it."""
    last_seq = max(archive.last_seq, journal.last_seq)
    after = max(last_seq - RECENT_ENTRIES, 0)
    times = [entry.time_us for entry in journal.entries(after) if entry.type != LABEL]
    for frame in archive.frames(after, columns=["time_us"]):
        times += frame["time_us"].to_list()
    return sorted(times)[len(times) // 2] if times else None


def _entries(journal: Journal, after_seq: int, since_us: int | None) -> Iterator[Entry]:
    if since_us is None:
        return journal.entries(after_seq)
    first = journal.first_since(since_us)
    if first is None:
        return iter(())
    return (entry for entry in journal.entries(max(first - 1, after_seq)) if entry.time_us >= since_us)


def _chain(first: Entry | None, rest: Iterator[Entry]) -> Iterator[Entry]:
    if first is not None:
        yield first
        yield from rest


def _archived(archive: Archive, frame: pl.DataFrame, piece_entries: int) -> Iterator[Piece]:
    if "journal:type" not in frame.columns:
        yield Piece(frame, [])
        return
    for rows in frame.iter_slices(piece_entries):
        yield Piece(None, archive.entries(rows))


def catch_up(course: Course, schema: Schema, journal: Journal, piece: Piece) -> str | None:
    """Learn a piece of the past; the first event, if any, that is remembered otherwise than when it came."""
    if piece.frame is not None:
        unexplained = course.feed(piece.frame)
        return first_difference(unexplained, piece.frame["unexplained"].to_numpy(), piece.frame["id"].to_list())
    events = [entry for entry in piece.entries if entry.type != LABEL]
    plain = course.plain(schema)
    if plain is None or course.memory.exact:
        frame = frame_of(schema, events)
        told = _told(course, schema, journal, piece.entries, course.rows_of(frame))
        unexplained = course.feed_told(frame, told)
    else:
        ints, floats = plain.read_all([e.body for e in events], lambda place: _event_in(schema, events[place]))
        unexplained = course.feed_told_rows(ints, floats, _told(course, schema, journal, piece.entries, ints))
    return first_difference(unexplained, np.array([e.unexplained for e in events]), [e.event_id for e in events])


def frame_of(schema: Schema, entries: list[Entry]) -> pl.DataFrame:
    """Many events as one canonical frame, without their labels: those are told on their own."""
    if not entries:
        return pl.DataFrame(schema=canonical_columns(schema)).drop("label", "known_at_us")
    rows = _rows(b"\n".join(entry.body.replace(b"\n", b" ") for entry in entries))
    present = set().union(*rows)
    columns = {column: [row.get(column) for row in rows] for column in schema.columns if column in present}
    series, unsure = [], np.zeros(len(rows), bool)
    for column, values in columns.items():
        series.append(typed_column(column, values, unsure))
    chunk = Chunk(
        pl.DataFrame(series),
        pl.Series("line", [entry.seq for entry in entries], dtype=pl.Int64),
        lambda place: rows[place],
        unsure if unsure.any() else None,
    )
    found = convert(schema, chunk)
    if found.rejected:
        one = found.rejected[0]
        raise BadPast(_unreadable(one.line, one.message))
    return found.frame.drop("label", "known_at_us")


def _event_in(schema: Schema, entry: Entry) -> Event:
    try:
        return event_of(schema, entry.body)
    except BadRow as error:
        raise BadPast(_unreadable(entry.seq, str(error))) from error


def _unreadable(seq: int, why: str) -> str:
    return f"journal entry {seq} cannot be read with this home's schema ({why}): put it back"


def _told(course: Course, schema: Schema, journal: Journal, entries: list[Entry], rows: np.ndarray) -> list[Told]:
    """The labels among entries, and when events were kept back; `rows` are those of the events among them."""
    events = [entry for entry in entries if entry.type != LABEL]
    held = course.held(np.array([entry.unexplained for entry in events], np.float64))
    if len(events) == len(entries) and not held.any():
        return []
    here = {entry.event_id: i for i, entry in enumerate(events)}
    told, place = [], 0
    for entry in entries:
        if entry.type != LABEL:
            if held[place]:
                told.append(Told.held(place, rows[place], kept_back_after(entry)))
            place += 1
            continue
        at = here.get(entry.event_id)
        row = rows[at] if at is not None else _row_elsewhere(course, schema, journal, entry)
        label = label_of(entry)
        told.append(Told(place, row, label.fraud, label.known_at_us, entry.unexplained))
    return sorted(told, key=attrgetter("place"))


def _row_elsewhere(course: Course, schema: Schema, journal: Journal, entry: Entry) -> np.ndarray:
    labelled = journal.find(entry.event_id)
    if labelled is None:
        raise BadPast(f"journal entry {entry.seq} labels event {entry.event_id!r}, which is gone: restore a backup")
    return course.row_of(event_of(schema, labelled.body))


def first_difference(now: np.ndarray, then: np.ndarray, ids: list[str]) -> str | None:
    """The id of the first event whose number is not the same, bit for bit."""
    wrong = np.flatnonzero(now.view(np.int64) != np.ascontiguousarray(then, np.float64).view(np.int64))
    return ids[wrong[0]] if len(wrong) else None
