"""Snapshots: what is read back decides as if nothing had happened, and damage is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from haechi.features import DamagedSnapshot, Memory, OtherSpec, replay
from haechi.features.snapshot import load_snapshot, save_snapshot, save_snapshot_in_child

from .making import history, spec

SMALL = {"memory": {"hot": 64, "cold": 50_000}}


def test_a_snapshot_continues_bit_for_bit(tmp_path: Path) -> None:
    frame = history(2000, 31)
    no_labels = frame.drop("label", "known_at_us")
    whole = replay(spec(), [no_labels]).features
    memory = Memory(spec(), seed=0)
    replay(spec(), [no_labels.head(1100)], memory=memory)
    save_snapshot(memory, tmp_path / "s", 1100)
    again, seq = load_snapshot(tmp_path / "s", spec())
    assert seq == 1100
    assert replay(spec(), [no_labels.slice(1100)], memory=again).features.tobytes() == whole[1100:].tobytes()


def test_a_child_writes_while_the_parent_goes_on(tmp_path: Path) -> None:
    frame = history(3000, 32, customers=300, merchants=200).drop("label", "known_at_us")
    whole = replay(spec(), [frame]).features
    memory = Memory(spec(**SMALL), cold=tmp_path / "cold")
    at = 0
    for round_ in range(4):
        out = replay(spec(), [frame.slice(at, 700)], memory=memory).features
        assert out.tobytes() == whole[at : at + 700].tobytes()
        at += 700
        child = save_snapshot_in_child(memory, tmp_path / f"s{round_}", at)
        more = replay(spec(), [frame.slice(at, 50)], memory=memory).features
        assert more.tobytes() == whole[at : at + 50].tobytes()
        assert child.done(wait=True)
        child.release()
        mark = at
        at += 50
    # The newest two snapshots still find every cold record they point at, though slots were freed and used again.
    for name, start in (("s3", mark),):
        again, seq = load_snapshot(tmp_path / name, spec(**SMALL), cold=tmp_path / "cold")
        assert seq == start
        assert replay(spec(), [frame.slice(start)], memory=again).features.tobytes() == whole[start:].tobytes()
    assert memory.counts()["customer"]["returned"] > 0


def test_damage_is_named(tmp_path: Path) -> None:
    memory = Memory(spec())
    replay(spec(), [history(500, 33)], memory=memory)
    path = tmp_path / "s"
    save_snapshot(memory, path, 500)
    good = path.read_bytes()
    for position in range(20, len(good), len(good) // 23):
        path.write_bytes(good[:position] + bytes([good[position] ^ 0x10]) + good[position + 1 :])
        with pytest.raises((DamagedSnapshot, OtherSpec)):
            load_snapshot(path, spec())
    path.write_bytes(good[: len(good) - 10])
    with pytest.raises(DamagedSnapshot, match="cut short"):
        load_snapshot(path, spec())
    path.write_bytes(b"something else")
    with pytest.raises(DamagedSnapshot, match="not a snapshot"):
        load_snapshot(path, spec())


def test_a_snapshot_of_other_features_is_refused(tmp_path: Path) -> None:
    save_snapshot(Memory(spec()), tmp_path / "s", 0)
    with pytest.raises(OtherSpec, match="belongs to features"):
        load_snapshot(tmp_path / "s", spec(windows=["1h", "1d", "7d"]))
    with pytest.raises(OtherSpec, match="another key seed"):
        load_snapshot(tmp_path / "s", spec(), seed=7)


def test_an_unwritable_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        save_snapshot(Memory(spec()), tmp_path / "missing" / "s", 0)
