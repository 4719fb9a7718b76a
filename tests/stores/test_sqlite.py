"""The SQLite engine's own promises: the library it runs on, its file, its one writer."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from haechi import stores
from haechi.stores import (
    AlreadyOpen,
    DuplicateEvent,
    Limits,
    NewerSchema,
    NoHome,
    NotWritable,
    StoreError,
    UnknownStore,
    UnsoundLibrary,
    open_store,
)
from haechi.stores.dialect import SQLITE, Dialect
from haechi.stores.link import failure, sound
from haechi.stores.migration import steps
from haechi.stores.sqlite import SqliteStore

from .kit import entry, fill, raw


@pytest.mark.parametrize(
    ("version", "is_sound"),
    [
        ("3.6.23", True), ("3.7.0", False), ("3.40.1", False), ("3.44.5", False), ("3.44.6", True), ("3.45.0", False),
        ("3.50.6", False), ("3.50.7", True), ("3.51.0", False), ("3.51.2", False), ("3.51.3", True), ("3.54.1", True),
        ("4.0.0", True),
    ],
)  # fmt: skip
def test_unsound_libraries_are_known(version: str, is_sound: bool) -> None:
    assert sound(version) is is_sound


def test_the_library_in_use_is_sound() -> None:
    assert sound(apsw.sqlite_lib_version())


def test_an_unsound_library_holds_exactly_one_connection(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    limits = Limits(wal_bytes=64 << 10, read_entries=7)
    with SqliteStore(tmp_path / "h.db", library="3.40.1", limits=limits) as store:
        fill(store, 100, size=2_000)
        assert len(store._links) == 1
        with pytest.raises(UnsoundLibrary, match="one connection only; upgrade apsw"):
            store._link()
        reading = store.journal.entries()
        assert next(reading).seq == 1
        assert store.journal.write(entry("while-reading")).wait(10) == 101
        assert len(list(reading)) == 99
        assert store.check() == []
        with pytest.raises(apsw.BusyError):
            raw(tmp_path / "h.db").execute("SELECT * FROM journal").fetchall()
    assert "SQLite 3.40.1 is not safe with two connections" in caplog.text
    with SqliteStore(tmp_path / "h.db") as store:
        assert store.journal.last_seq == 101


def test_the_file_is_set_up_as_we_say(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "h.db") as store:
        said = {
            name: store._links[0].rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "mmap_size")
        }
        assert said == {"journal_mode": "wal", "synchronous": 2, "mmap_size": 0}
        with pytest.raises(NotWritable):
            store._links[1].rows("DELETE FROM journal")


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///", "mysql://host/db", "postgresql://host/db", "haechi.db"])
def test_an_unknown_url_names_the_known_ones(url: str) -> None:
    with pytest.raises(UnknownStore, match="use sqlite:///PATH"):
        open_store(url)


def test_a_second_opener_is_told_who_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'h.db'}"
    store = open_store(url)
    code = f"from haechi.stores import *\ntry: open_store({url!r})\nexcept AlreadyOpen as e: print(e)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert re.search(r"h\.db is in use by process \d+; stop it first", said)
    with pytest.raises(AlreadyOpen):
        open_store(url)
    store.close()
    open_store(url).close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "h.db").close()
    raw(tmp_path / "h.db").execute("INSERT INTO schema_version VALUES (999, '0999_future')")
    with pytest.raises(NewerSchema, match=r"has schema 999, this Haechi knows up to \d; upgrade Haechi"):
        SqliteStore(tmp_path / "h.db")
    raw(tmp_path / "h.db").execute("DELETE FROM schema_version WHERE version = 999")
    SqliteStore(tmp_path / "h.db").close()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoHome, match="does not exist"):
        SqliteStore(tmp_path / "none" / "h.db")
    (tmp_path / "h.db").mkdir()
    with pytest.raises(NoHome, match="cannot be opened"):
        SqliteStore(tmp_path / "h.db")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (apsw.FullError("x"), NotWritable),
        (apsw.ReadOnlyError("x"), NotWritable),
        (apsw.CantOpenError("x"), NoHome),
        (apsw.BusyError("x"), AlreadyOpen),
        (apsw.IOError("x"), NotWritable),
        (apsw.CorruptError("x"), stores.DamagedStore),
        (apsw.SQLError("x"), StoreError),
    ],
)
def test_every_failure_is_one_line(error: apsw.Error, kind: type[StoreError]) -> None:
    said = failure("h.db", error)
    assert type(said) is kind
    assert "\n" not in str(said)
    assert ";" in str(said), "it says what to do"


def test_migrations_are_numbered_without_gaps_and_shared() -> None:
    known = steps()
    assert [number for number, _, _ in known] == list(range(1, len(known) + 1))
    for _, name, sql in known:
        code = re.sub(r"--.*", "", sql)
        only_here = re.search(r"AUTOINCREMENT|WITHOUT ROWID|\bBLOB\b|PRAGMA|STRICT|DATETIME|`|\"", code, re.IGNORECASE)
        assert not only_here, f"{name} says {only_here} which PostgreSQL does not know"


def test_one_place_translates() -> None:
    assert SQLITE.migration("a BIGINT PRIMARY KEY, b BYTEA, c BIGINT") == "a INTEGER PRIMARY KEY, b BLOB, c BIGINT"
    assert SQLITE.statement("x = :name") == "x = :name"
    assert SQLITE.insert("t", ("a", "b"), 2) == "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)"
    other = Dialect(parameter="%({name})s", place="%s")
    assert other.statement("x = :name AND y > :after") == "x = %(name)s AND y > %(after)s"
    assert other.insert("t", ("a",), 2, " ON CONFLICT DO NOTHING").endswith("(%s), (%s) ON CONFLICT DO NOTHING")


@pytest.mark.parametrize("library", [None, "3.40.1"])
def test_the_log_stays_short_while_entries_flow(tmp_path: Path, library: str | None) -> None:
    limits = Limits(wal_bytes=256 << 10, wal_bytes_max=2 << 20)
    with SqliteStore(tmp_path / "h.db", limits=limits, library=library) as store:
        for i in range(3_000):
            last = store.journal.write(entry(f"p-{i}", body=b"x" * 2_000))
            if i % 50 == 49:
                last.wait(30)
        log = (tmp_path / "h.db-wal").stat().st_size
        assert log < 3 << 20, "six megabytes went through it"


def test_a_foreign_checkpoint_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SqliteStore(tmp_path / "h.db", library="3.40.1") as store:

        def busy(**_: object) -> tuple[int, int]:
            raise apsw.BusyError("busy")

        checkpoint = store._checkpoint
        monkeypatch.setattr(checkpoint, "_pages_max", 1)
        connection = type("Foreign", (), {"wal_checkpoint": staticmethod(busy)})
        monkeypatch.setattr(store._links[0], "connection", connection)
        assert checkpoint._move(store._links[0]) == 0
        monkeypatch.undo()
        fill(store, 10)


def same_hash(name: bytes, _seed: int) -> int:
    return len(name) << 1


def test_ids_with_one_hash_are_kept_apart(tmp_path: Path) -> None:
    limits = Limits(index_entries=10, index_slice_entries=3)
    with SqliteStore(tmp_path / "h.db", hash_=same_hash, limits=limits) as store:
        fill(store, 60)
        assert [store.journal.find(f"p-{i}").seq for i in range(60)] == list(range(1, 61))  # type: ignore[union-attr]
        assert store.journal.find("q-3") is None
        with pytest.raises(DuplicateEvent):
            store.journal.write(entry("p-59"))
    with SqliteStore(tmp_path / "h.db", hash_=same_hash, limits=limits) as store:
        assert [store.journal.find(f"p-{i}").seq for i in range(60)] == list(range(1, 61))  # type: ignore[union-attr]
        assert store.journal.find("p-60") is None


def test_the_seed_of_the_hashes_is_drawn_once(tmp_path: Path) -> None:
    seeds = []
    for entropy in (b"12345678", b"something else", b""):
        with SqliteStore(tmp_path / "h.db", entropy=entropy) as store:
            seeds.append(store.meta.get("id_seed"))
    assert seeds == [str(int.from_bytes(b"12345678", "little"))] * 3


def test_keys_move_into_the_table_and_runs_are_joined(tmp_path: Path) -> None:
    limits = Limits(index_entries=500, index_slice_entries=100)
    with SqliteStore(tmp_path / "h.db", limits=limits) as store:
        for i in range(1_200):
            store.journal.write(entry(f"p-{i}")).wait(10)
    with raw(tmp_path / "h.db") as connection:
        runs, keys = connection.execute("SELECT COUNT(*), SUM(LENGTH(keys)) / 8 FROM key_runs").fetchall()[0]
        indexed = connection.execute("SELECT COUNT(*) FROM event_keys").get
    assert keys == 1_200
    assert runs < 400, "1,200 commits wrote 1,200 runs"
    assert 500 <= indexed <= 1_200
    with SqliteStore(tmp_path / "h.db", limits=limits) as store:
        assert len(store.journal._index.recent) == 1_200 - indexed, "start-up recalls only what is not in the table"
        assert all(store.journal.find(f"p-{i}") for i in range(1_200))


def test_the_door_exports_what_it_says() -> None:
    assert stores.__all__ == sorted(stores.__all__, key=lambda name: (name.upper() != name, name[0].islower(), name))
    assert all(hasattr(stores, name) for name in stores.__all__)
