"""A copy of a home: taken beside its server, put back, and a wrong day is un-learned to the bit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from haechi.app import create_home, open_shut
from haechi.commands.copying import back_up, put_back
from haechi.stores import AlreadyOpen, NoHome, StoreError, copy_database
from homes import payment
from lifecycle.making import fronts, home_with_models
from lifecycle.test_room import NOW_US

DAYS = [range(40), range(40, 80), range(80, 120)]


def send(ask, numbers, factor: int = 1) -> None:
    rows = [payment(n) for n in numbers]
    bodies = [json.dumps(row | {"amount": row["amount"] * factor}).encode() for row in rows]
    ask(lambda front: front.decide_batch(bodies))


def digests(path: Path) -> list[tuple[str, int]]:
    with open_shut(path) as shut:
        return [(entry.event_id, entry.digest) for entry in shut.store.journal.entries()]


def test_a_wrong_day_is_unlearned_to_the_bit(haechi, tmp_path: Path) -> None:
    path, (champion, _), _ = home_with_models(tmp_path)
    with fronts(path, lambda: NOW_US) as (_, ask):
        send(ask, DAYS[0])
        assert haechi("backup", "--home", path, "--out", tmp_path / "copy").status == 0
        send(ask, DAYS[1], 100)
        with pytest.raises(AlreadyOpen, match="stop it first"):
            put_back(tmp_path / "copy", path)
    poisoned = digests(path)
    assert len(poisoned) == 80
    assert len(digests(tmp_path / "copy")) == 40
    said = haechi("restore", tmp_path / "copy", "--home", path)
    assert "home.before-restore" in said.out, said.err
    with fronts(path, lambda: NOW_US) as (opened, ask):
        assert opened.life.standing.champion == champion
        for day in DAYS[1:]:
            send(ask, day)
    (tmp_path / "never").mkdir()
    right, _, _ = home_with_models(tmp_path / "never")
    (right / "keys" / "seed").write_bytes((path / "keys" / "seed").read_bytes())
    with fronts(right, lambda: NOW_US) as (_, ask):
        for day in DAYS:
            send(ask, day)
    assert digests(path) == digests(right), "as if the wrong day had never been"
    assert digests(path)[:40] == poisoned[:40]
    assert digests(path)[40:80] != poisoned[40:]
    assert digests(tmp_path / "home.before-restore") == poisoned, "what was answered then can still be asked for"


def test_what_cannot_be_copied_or_put_back_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_home(tmp_path / "home")
    back_up(tmp_path / "home", tmp_path / "copy")
    with pytest.raises(NoHome, match="copy is there already"):
        back_up(tmp_path / "home", tmp_path / "copy")
    with pytest.raises(NoHome, match="a copy belongs elsewhere"):
        back_up(tmp_path / "home", tmp_path / "home" / "archive" / "copy")
    with pytest.raises(NoHome, match="is not a home"):
        back_up(tmp_path, tmp_path / "other")
    monkeypatch.chdir(tmp_path / "home")
    assert put_back(tmp_path / "copy", Path()) == tmp_path / "home.before-restore"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoHome, match="from an earlier restore"):
        put_back(tmp_path / "copy", tmp_path / "home")
    (tmp_path / "home" / "haechi.toml").write_text('[store]\nurl = "postgresql://me:secret@bank/haechi"\n')
    with pytest.raises(NoHome, match="are at bank/haechi: copy them"):
        back_up(tmp_path / "home", tmp_path / "third")


def test_a_restore_that_died_before_its_last_step_is_ended_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_home(tmp_path / "home")
    back_up(tmp_path / "home", tmp_path / "copy")
    (tmp_path / "home" / "since").write_text("the copy does not know this")
    renamed = Path.rename

    def dies(self: Path, to: Path) -> Path:
        if self.name == "home.unfinished":
            raise OSError("killed")
        return renamed(self, to)

    monkeypatch.setattr(Path, "rename", dies)
    with pytest.raises(OSError, match="killed"):
        put_back(tmp_path / "copy", tmp_path / "home")
    monkeypatch.undo()
    assert not (tmp_path / "home").exists()
    kept = put_back(tmp_path / "copy", tmp_path / "home")
    assert (kept / "since").exists()
    assert (tmp_path / "home" / "haechi.toml").exists()
    assert not (tmp_path / "home" / "since").exists()
    with pytest.raises(NoHome, match="nowhere is not a home"):
        put_back(tmp_path / "copy", tmp_path / "nowhere")


def test_a_database_is_copied_only_by_a_sound_library(tmp_path: Path) -> None:
    with pytest.raises(AlreadyOpen, match=r"3\.51\.2 is not safe"):
        copy_database(tmp_path / "a.db", tmp_path / "b.db", library="3.51.2")
    with pytest.raises(StoreError):
        copy_database(tmp_path / "a.db", tmp_path / "b.db")
