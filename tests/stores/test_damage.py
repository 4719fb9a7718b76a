"""Bits rot: what was read wrongly is named, by entry or by page, and never handed out."""

from __future__ import annotations

from pathlib import Path

import pytest

from haechi.stores import DamagedEntry, DamagedStore, Limits
from haechi.stores.link import PAGE_BYTES
from haechi.stores.sqlite import SqliteStore

from .kit import entry, fill, raw


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "haechi.db"
    with SqliteStore(path) as store:
        fill(store, 200, size=900)
    return path


@pytest.mark.parametrize(
    "damage",
    [
        "event_id = 'p-x'",
        "time_us = time_us + 1",
        "type = 2",
        "body = x'00'",
        "decision = NULL",
        "decision = x''",
        "digest = 1",
        "unexplained = 0.5",
        "body_hash = 1",
        "checksum = checksum + 1",
        "body = 'text'",
        "time_us = 'soon'",
        "event_id = x'ff'",
    ],
)
def test_a_changed_row_is_named(path: Path, damage: str) -> None:
    raw(path).execute(f"UPDATE journal SET {damage} WHERE seq = 7")
    with SqliteStore(path) as store:
        read = store.journal.entries()
        assert [next(read).seq for _ in range(6)] == [1, 2, 3, 4, 5, 6]
        with pytest.raises(DamagedEntry, match="journal entry 7 ") as named:
            next(read)
        assert named.value.seq == 7
        with pytest.raises(DamagedEntry):
            store.journal.entry(7)
        with pytest.raises(DamagedEntry):
            store.journal.find("p-6")
        assert [line.split(";")[0][:16] for line in store.check()] == ["journal entry 7 "]
        assert store.journal.write(entry("new")).wait(10) == 201, "one bad row does not stop the house"


def test_every_flipped_bit_of_a_body_is_found(path: Path) -> None:
    body = b"y" * 100 + b"z" * 800
    with SqliteStore(path) as store:
        store.journal.write(entry("to-be-damaged", body=body)).wait(10)
    sound = path.read_bytes()
    for bit in range(0, 7200, 599):
        flipped = bytearray(body)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(sound.replace(body, flipped))
        with SqliteStore(path) as store:
            assert [line[:18] for line in store.check()] == ["journal entry 201 "]


def test_a_damaged_page_is_named(path: Path) -> None:
    with SqliteStore(path) as store:
        pages = int(store._links[0].rows("PRAGMA page_count")[0][0])
    content = bytearray(path.read_bytes())
    page = next(
        p for p in range(2, pages + 1) if content[(p - 1) * PAGE_BYTES] == 13 and b"x" * 900 in page_of(content, p)
    )
    content[(page - 1) * PAGE_BYTES : page * PAGE_BYTES] = b"\xaa" * PAGE_BYTES
    path.write_bytes(content)
    with SqliteStore(path) as store:
        with pytest.raises(DamagedEntry, match="stands on a damaged page"):
            list(store.journal.entries())
        found = store.check(findings_max=5)
        assert any(f"page {page}" in line for line in found), found
        assert "stopped after 5 findings" in found[-1] or len(found) < 5


def page_of(content: bytes | bytearray, page: int) -> bytes:
    return bytes(content[(page - 1) * PAGE_BYTES : page * PAGE_BYTES])


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "haechi.db"
    path.write_bytes(b"not a database, certainly not" * 100)
    with pytest.raises(DamagedStore, match="restore it from a backup"):
        SqliteStore(path)


def test_an_id_without_its_entry_is_named(path: Path) -> None:
    raw(path).execute("DELETE FROM journal WHERE seq = 3")
    with SqliteStore(path, limits=Limits()) as store, pytest.raises(DamagedEntry, match="journal entry 3 is known"):
        store.journal.find("p-2")
