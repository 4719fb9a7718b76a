"""Disks fail: whichever call of a script it is, nothing acknowledged is lost and nothing is acknowledged late."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from haechi.stores import Broken, Limits, StoreError
from haechi.stores.sqlite import SqliteStore

from .kit import Disk, entry, faulty_disk

# Small limits, so that the script also meets checkpoints and the index.
LIMITS = Limits(index_entries=8, index_slice_entries=3, wal_bytes=64 << 10, batch_entries_max=4)
ERRORS = [
    (apsw.FullError, "the disk is full"),
    (apsw.IOError, "the disk reports an error"),
    (apsw.ReadOnlyError, "is read-only"),
]


def script(path: Path, vfs: str) -> tuple[list[str], StoreError | None]:
    """Write twenty entries one by one; the ids acknowledged, and the error that ended it."""
    acknowledged: list[str] = []
    try:
        store = SqliteStore(path, limits=LIMITS, vfs=vfs)
    except StoreError as error:
        return acknowledged, error
    try:
        for i in range(20):
            store.journal.write(entry(f"p-{i}", body=b"x" * 3_000)).wait(10)
            acknowledged.append(f"p-{i}")
        return acknowledged, None
    except StoreError as error:
        refuses_everything(store, str(error))
        return acknowledged, error
    finally:
        store.close()


def refuses_everything(store: SqliteStore, reason: str) -> None:
    assert store.journal.broken == reason
    with pytest.raises(Broken):
        store.journal.write(entry("after"))
    with pytest.raises(Broken):
        store.meta.set("after", "1")


def hold_against(path: Path, acknowledged: list[str]) -> None:
    with SqliteStore(path) as store:
        found = list(store.journal.entries())
        assert [one.seq for one in found] == list(range(1, len(found) + 1))
        assert [one.event_id for one in found][: len(acknowledged)] == acknowledged
        assert len(found) <= len(acknowledged) + 1, "at most the one under way is there without its answer"
        assert all(store.journal.find(one.event_id) == one for one in found)
        assert store.check() == []
        assert store.journal.write(entry("again")).wait(10) == len(found) + 1


def calls_of_a_whole_run(folder: Path, only: str) -> int:
    with faulty_disk() as (vfs, disk):
        disk.only = only
        acknowledged, error = script(folder / "whole.db", vfs)
        assert (len(acknowledged), error) == (20, None)
        return disk.calls


def break_at(folder: Path, only: str, at: int, error: type[apsw.Error]) -> tuple[Disk, StoreError | None]:
    path = folder / f"{only}-{at}.db"
    with faulty_disk() as (vfs, disk):
        disk.only, disk.fails_at, disk.error = only, at, error
        acknowledged, ended = script(path, vfs)
    hold_against(path, acknowledged)
    return disk, ended


@pytest.mark.parametrize("only", ["xSync", "xWrite"])
def test_a_failing_disk_loses_nothing_acknowledged(tmp_path: Path, only: str) -> None:
    calls = calls_of_a_whole_run(tmp_path, only)
    assert calls > 20
    for at in range(1, calls + 1, 2 if only == "xSync" else 7):
        break_at(tmp_path, only, at, apsw.IOError)


@pytest.mark.nightly
@pytest.mark.parametrize("error", [kind for kind, _ in ERRORS])
@pytest.mark.parametrize("only", ["xSync", "xWrite"])
def test_a_failing_disk_loses_nothing_at_any_call(tmp_path: Path, only: str, error: type[apsw.Error]) -> None:
    for at in range(1, calls_of_a_whole_run(tmp_path, only) + 1):
        break_at(tmp_path, only, at, error)


@pytest.mark.parametrize(("error", "reason"), ERRORS)
def test_the_reason_is_one_clear_line(tmp_path: Path, error: type[apsw.Error], reason: str) -> None:
    _, ended = break_at(tmp_path, "xWrite", 50, error)
    assert ended is not None
    assert reason in str(ended)
    assert "open the store again" in str(ended)
    assert "\n" not in str(ended)


def test_everything_that_waits_fails_with_the_batch(tmp_path: Path) -> None:
    with faulty_disk() as (vfs, disk), SqliteStore(tmp_path / "h.db", vfs=vfs) as store:
        store.journal.write(entry("good")).wait(10)
        disk.fails_at = disk.calls + 1
        heard: list[str] = []
        with store._links[0].lock:
            tickets = [store.journal.write(entry(f"p-{i}"), lambda t: heard.append(str(t.error))) for i in range(20)]
            future = store.journal.submit(lambda _: None)
        for ticket in tickets:
            with pytest.raises(Broken, match="the disk reports an error"):
                ticket.wait(10)
        with pytest.raises(Broken):
            future.result(10)
        assert len(heard) == 20
        assert store.journal.find("p-3") is None, "what was never written is not found"
        assert store.journal.find("good") is not None, "reading goes on"
        assert store.journal.durable_seq == 1


def test_a_disk_that_fails_behind_the_writers_back_breaks_the_journal(tmp_path: Path) -> None:
    limits = Limits(wal_bytes=1 << 20)
    with faulty_disk() as (vfs, disk), SqliteStore(tmp_path / "h.db", vfs=vfs, limits=limits) as store:
        sweep = store._checkpoint._sweeping
        assert sweep is not None
        with sweep.lock:  # the sweep begins, and the disk fails before it gets anywhere
            for i in range(800):
                store.journal.write(entry(f"p-{i}", body=b"x" * 2_000)).wait(10)
                if store._checkpoint._under_way:
                    break
            disk.fails_at = disk.calls + 1
        for _ in range(1_000):
            if store.journal.broken:
                break
            store._checkpoint._thread.join(0.01)
        assert store.journal.broken is not None
        assert "the disk reports an error" in store.journal.broken
        assert store.journal.waiting == 0
        with pytest.raises(Broken):
            store.journal.write(entry("after"))
    hold_against(tmp_path / "h.db", [f"p-{n}" for n in range(i + 1)])


def test_a_flaw_of_the_writer_itself_breaks_the_journal_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with SqliteStore(tmp_path / "h.db") as store:
        monkeypatch.setattr("haechi.stores.writer._insert_batch", lambda *_: 1 // 0)
        with pytest.raises(Broken, match="ZeroDivisionError"):
            store.journal.write(entry("a")).wait(10)
    assert "an error of its own making" in caplog.text


def test_what_is_written_as_one_hears_of_a_disk_that_fails_meanwhile(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "haechi.db") as store:
        with store.journal.as_one():
            ticket = store.journal.write(entry("p-1"))
            store._writer._break("the disk is full")
        with pytest.raises(Broken, match="the disk is full"):
            ticket.wait(10)
        assert store.journal.find("p-1") is None
