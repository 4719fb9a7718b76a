"""A store that another process writes: everything can be read, keys can be made and ended, nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from haechi.stores import AlreadyOpen, ApiKey, Broken, DamagedEntry, DuplicateKey, NoHome
from haechi.stores.beside import SqliteBeside
from haechi.stores.sqlite import SqliteStore

from .kit import entry, fill, raw


def test_what_was_written_is_read_while_more_is_written(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "h.db") as store:
        fill(store, 300)
        store.meta.set("schema", "s")
        beside = SqliteBeside(tmp_path / "h.db")
        fill_more = store.journal.write(entry("later"))
        fill_more.wait(30)
        assert [found.event_id for found in beside.journal.entries()] == [f"p-{i}" for i in range(300)]
        assert (beside.journal.last_seq, beside.journal.durable_seq, beside.meta.get("schema")) == (300, 300, "s")
        found = beside.journal.find("p-17")
        assert found is not None
        assert found.seq == 18
        assert beside.journal.find("nobody") is None
        assert beside.tables.rows("SELECT COUNT(*) FROM journal") == [(301,)]
        assert beside.rules.versions("rule") == []
        assert "is in use" in beside.check()[0]
        for change in (lambda: beside.meta.set("schema", "t"), lambda: beside.journal.write(entry("mine"))):
            with pytest.raises(Broken, match="ask its server"):
                change()
        beside.close()
        beside.close()
        assert store.check() == []


def test_keys_are_made_and_ended_beside_a_writer(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "h.db") as store:
        beside = SqliteBeside(tmp_path / "h.db")
        key = ApiKey("ab" * 32, "bo", ("read",), 1)
        beside.keys.add(key)
        assert store.keys.find(key.hash) == key
        with pytest.raises(DuplicateKey):
            beside.keys.add(key)
        assert (beside.keys.revoke("bo", 5), beside.keys.revoke("bo", 6)) == (True, False)
        assert [found.revoked_us for found in (*store.keys.all(), *beside.keys.all())] == [5, 5]
        fill(store, 3)
        beside.close()


def test_a_busy_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("haechi.stores.link.BUSY_MS", 1)
    SqliteStore(tmp_path / "h.db").close()
    other = raw(tmp_path / "h.db")
    other.execute("BEGIN IMMEDIATE")
    beside = SqliteBeside(tmp_path / "h.db")
    with pytest.raises(AlreadyOpen, match="in use"):
        beside.keys.add(ApiKey("ab" * 32, "bo", ("read",), 1))
    other.execute("COMMIT")
    beside.keys.add(ApiKey("ab" * 32, "bo", ("read",), 1))
    beside.close()
    other.close()


def test_it_does_not_open_what_it_may_not(tmp_path: Path) -> None:
    with pytest.raises(NoHome, match="not there yet"):
        SqliteBeside(tmp_path / "h.db")
    with SqliteStore(tmp_path / "h.db") as store:
        fill(store, 1)
    with pytest.raises(AlreadyOpen, match="not safe beside it"):
        SqliteBeside(tmp_path / "h.db", library="3.40.1")
    file = raw(tmp_path / "h.db")
    file.execute("DELETE FROM journal")
    beside = SqliteBeside(tmp_path / "h.db")
    with pytest.raises(DamagedEntry, match="neither journal nor archive"):
        beside.journal.find("p-0")
    beside.close()
    file.execute("INSERT INTO schema_version VALUES (9999, 'later')")
    with pytest.raises(AlreadyOpen, match="another version of Haechi"):
        SqliteBeside(tmp_path / "h.db")
    file.execute("DROP TABLE meta")
    file.execute("DELETE FROM schema_version WHERE version = 9999")
    with pytest.raises(Exception, match="no such table"):
        SqliteBeside(tmp_path / "h.db")
    file.close()
