"""From the journal into the archive: every entry is in exactly one of them, whatever moment the power fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from haechi.stores import (
    LABEL,
    Archive,
    BadEntry,
    DamagedArchive,
    DuplicateEvent,
    Entry,
    archive_before,
    plain_frame,
)
from haechi.stores.moving import BITE_ENTRIES
from haechi.stores.sqlite import SqliteStore

from .kit import entry


def open_both(folder: Path) -> tuple[SqliteStore, Archive]:
    archive = Archive(folder / "archive")
    store = SqliteStore(folder / "h.db", after_seq=archive.last_seq, archived=archive.entry)
    return store, archive


def write_some(store: SqliteStore, count: int) -> list[Entry]:
    for i in range(count):
        store.journal.write(entry(f"p-{i}", time_us=i * 10**9, digest=2**64 - 1 - i, unexplained=i / 7, decision=None))
    body = b'{"event_id":"p-1","fraud":true,"known_at_us":5}'
    store.journal.write(Entry(type=LABEL, event_id="p-1", time_us=5, body=body)).wait(10)
    return list(store.journal.entries())


def test_old_entries_move_and_stay_known(tmp_path: Path) -> None:
    store, archive = open_both(tmp_path)
    said = write_some(store, 90)
    assert archive_before(store.journal, archive, 71, piece_entries=30) == 70
    assert (store.journal.first_seq(), archive.last_seq, len(archive.parts)) == (71, 70, 3)
    assert archive_before(store.journal, archive, 71) == 0
    assert [store.journal.find(one.event_id) for one in said[:90]] == said[:90]
    with pytest.raises(DuplicateEvent):
        store.journal.write(entry("p-3"))
    assert archive_before(store.journal, archive, 1_000) == 21
    store.close()
    store, archive = open_both(tmp_path)
    assert store.journal.last_seq == 91
    assert [archive.entry(one.seq) for one in said] == said
    assert store.journal.find("p-89") == said[89]
    assert store.journal.write(entry("new")).wait(10) == 92
    labels = pl.concat(archive.frames(90), how="diagonal")
    assert labels.select("id", "label", "known_at_us").rows() == [("p-1", 1, 5)]
    assert archive.check() == []
    store.close()


@pytest.mark.parametrize("step", range(7))
def test_a_crash_at_any_step_loses_nothing_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    store, archive = open_both(tmp_path)
    said = write_some(store, 40)
    steps = iter(range(1_000))

    def maybe(what: str) -> None:
        if next(steps) == step:
            raise KeyboardInterrupt(what)

    import os

    replace, forget = os.replace, store.journal.forget

    def crash_at_rename(at: Path, to: Path) -> None:
        maybe("rename")
        replace(at, to)

    def crash_at_forget(first: int, last: int) -> int:
        maybe("before")
        count = forget(first, last)
        maybe("after")
        return count

    with monkeypatch.context() as patch:
        patch.setattr("haechi.stores.durable.os.replace", crash_at_rename)
        patch.setattr(store.journal, "forget", crash_at_forget)
        with pytest.raises(KeyboardInterrupt):
            archive_before(store.journal, archive, 41, piece_entries=20)
    store.close()

    store, archive = open_both(tmp_path)
    archive.tidy()
    archive_before(store.journal, archive, 41, piece_entries=20)
    assert pl.concat(archive.frames())["seq"].to_list() == list(range(1, 41))
    assert [one.seq for one in store.journal.entries()] == [41]
    assert [archive.entry(one.seq) for one in said[:40]] == said[:40]
    store.close()


def test_nothing_is_deleted_when_the_archive_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, archive = open_both(tmp_path)
    said = write_some(store, 10)
    with monkeypatch.context() as patch:
        patch.setattr(store.journal, "forget", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            archive_before(store.journal, archive, 11)
    path = tmp_path / "archive" / archive.parts[0].files[0].path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedArchive):
        archive_before(store.journal, archive, 11)
    assert list(store.journal.entries()) == said
    store.close()


def test_columns_come_from_whoever_knows_the_schema(tmp_path: Path) -> None:
    store, archive = open_both(tmp_path)
    write_some(store, 5)

    def with_amount(entries: Sequence[Entry]) -> pl.DataFrame:
        return plain_frame(entries).with_columns(amount=pl.Series([one.seq * 100 for one in entries], dtype=pl.Int64))

    archive_before(store.journal, archive, 4, with_amount)
    assert pl.concat(archive.frames(columns=["amount"]))["amount"].to_list() == [100, 200, 300]
    with pytest.raises(BadEntry, match="2 entries has 1 rows"):
        archive_before(store.journal, archive, 6, lambda entries: plain_frame(entries[:1]))
    assert store.journal.first_seq() == 4
    store.close()


@pytest.mark.parametrize(("stopped_at", "first", "last"), [(1, 1, 0), (3, 1, 1034), (4, 513, 1034)])
def test_what_moves_rests_between_bites_and_may_be_stopped_there(
    tmp_path: Path, stopped_at: int, first: int, last: int
) -> None:
    """While it reads, before it deletes, in the midst of it: nothing is lost, and the next move ends it."""
    store, archive = open_both(tmp_path)
    count, rests = 2 * BITE_ENTRIES + 10, list[int]()
    [store.journal.write(entry(f"p-{n}")) for n in range(count)][-1].wait(10)

    class Stop(Exception):
        pass

    def rest() -> None:
        rests.append(len(rests))
        if len(rests) == stopped_at:
            raise Stop

    with pytest.raises(Stop):
        archive_before(store.journal, archive, count + 1, rest=rest)
    assert (store.journal.first_seq(), archive.last_seq) == (first, last)
    assert archive_before(store.journal, archive, count + 1, rest=rest) == count + 1 - first
    assert (store.journal.first_seq(), archive.last_seq) == (None, count)
    assert pl.concat(archive.frames())["seq"].to_list() == list(range(1, count + 1))
    store.close()
