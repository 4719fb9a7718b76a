"""Snapshots of a running house: written by a child, named in a thread, counted when that is on disk."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from haechi import snapshots as module
from haechi.app import OpenHouse, now_us, open_house
from haechi.front import HouseFront
from haechi.lifecycle import watching
from homes import Pupil, new_home, payment


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenHouse]:
    new_home(tmp_path / "home", settings="[memory]\ncold = false\n[snapshots]\nevery_entries = 10\n")
    with open_house(tmp_path / "home", detectors=[Pupil()]) as found:
        HouseFront(found, now_us)  # what it compiles is kept by a file's renaming, too
        yield found


def decide(opened: OpenHouse, numbers: range) -> HouseFront:
    front = HouseFront(opened, now_us)
    for number in numbers:
        front.turns.take([msgspec.json.encode(payment(number))], lambda outcomes: None)
    until(lambda: opened.store.journal.durable_seq == opened.store.journal.last_seq)
    return front


def until(holds: Callable[[], bool], within_s: float = 60.0) -> None:
    end_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def stepped(opened: OpenHouse, holds: Callable[[], bool]) -> None:
    def look() -> bool:
        opened.snapshots.step()
        return holds()

    until(look)


def named(opened: OpenHouse) -> list[int]:
    return sorted(int(path.stem) for path in opened.home.snapshots.glob("*.memory"))


def test_nobody_waits_while_a_snapshot_is_named(opened: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots, may, begun, by = opened.snapshots, threading.Event(), threading.Event(), list[str]()
    replace = os.replace

    def slow(pending: Path, path: Path) -> None:
        by.append(threading.current_thread().name)
        begun.set()
        assert may.wait(60)
        replace(pending, path)

    monkeypatch.setattr(module.os, "replace", slow)
    decide(opened, range(12))
    stepped(opened, begun.is_set)
    for _ in range(3):
        snapshots.step()  # returns at once, and counts nothing that has no name yet
    assert (snapshots.taken, snapshots.last_seq, named(opened)) == (0, 0, [])
    may.set()
    stepped(opened, lambda: snapshots.taken == 1)
    assert (snapshots.last_seq, named(opened)) == (12, [12])
    assert by == ["haechi-snapshot_0"]


def test_a_snapshot_that_cannot_be_named_is_none(opened: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots, freed = opened.snapshots, list[int]()
    monkeypatch.setattr(opened.course.memory.arena, "release_rested", lambda marks: freed.append(snapshots.taken))
    with monkeypatch.context() as broken:
        broken.setattr(module.os, "replace", lambda pending, path: os.stat("/nowhere"))
        decide(opened, range(12))
        stepped(opened, lambda: snapshots.failed == 1)
    assert (snapshots.taken, named(opened), freed) == (0, [], [])
    decide(opened, range(12, 24))
    stepped(opened, lambda: snapshots.taken == 1)
    assert (named(opened), len(freed)) == ([24], 1)


def test_what_is_too_old_is_removed_little_by_little(opened: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    cut, truncate = list[tuple[str, int]](), os.truncate
    monkeypatch.setattr(module.os, "truncate", lambda path, size: (cut.append((path.name, size)), truncate(path, size)))
    monkeypatch.setattr(module, "FREED_BYTES", 1 << 16)
    for turn in range(1, 4):
        decide(opened, range(12 * (turn - 1), 12 * turn))
        stepped(opened, lambda turn=turn: opened.snapshots.taken == turn)
    assert named(opened) == [24, 36]
    until(lambda: not list((opened.home.snapshots / "pending").iterdir()))
    assert {name for name, _ in cut} == {"000000000000012.memory"}
    sizes = [size for _, size in cut]
    assert sizes == sorted(sizes, reverse=True)
    assert 0 < sizes[-1] <= 1 << 16


def test_closing_waits_for_the_child_and_its_name(opened: OpenHouse) -> None:
    decide(opened, range(12))
    opened.snapshots.step()
    decide(opened, range(12, 15))
    opened.snapshots.close()
    assert (opened.snapshots.taken, named(opened)) == (2, [12, 15])
    assert not list((opened.home.snapshots / "pending").iterdir())


def test_nobody_works_beside_the_decisions_just_after_a_fork(
    opened: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock_s = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: clock_s[0])
    room = decide(opened, range(12)).room
    assert not opened.snapshots.is_fresh
    opened.snapshots.step()
    assert opened.snapshots.is_fresh
    room.step()
    assert room.watching.scored == 0
    clock_s[0] += module.FRESH_S
    room.step()
    assert room.watching.scored == 12
    stepped(opened, lambda: opened.snapshots.taken == 1)
    clock_s[0] -= module.FRESH_S
    assert not opened.snapshots.is_fresh, "the child is done"


def test_who_is_at_it_when_the_fork_comes_stops_after_a_bite(
    opened: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "AT_ONCE", 4)
    watched, held, slept = decide(opened, range(9)).room.watching, [True], list[float]()
    watched.is_held_up = lambda: held[0]
    watched.step()
    assert watched.scored == 4
    held[0] = False
    watched.step()
    assert watched.scored == 9 - 1, "less than a bite is left"
    held[0] = True

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        held[0] = len(slept) < 3

    monkeypatch.setattr(watching, "sleep", sleep)
    watched.keeper._rest()
    assert len(slept) == 3
