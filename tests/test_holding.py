"""What is held teaches next to nothing until its verdict: live, after a restart, in a check and in training alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from haechi.app import OpenHouse, open_house
from haechi.commands.checking import check_home
from haechi.commands.history import copy_history
from haechi.decision import answer
from haechi.events import Event, Reason, Signal
from haechi.front import HouseFront
from haechi.stores import DECIDED
from homes import SETTINGS, new_home, payment


class Seventh:
    """Suspects every seventh payment, whatever it is like."""

    name, version = "seventh", "1"

    def judge(self, event: Event, known: Any) -> Signal:
        suspected = event.id.startswith("q-") and int(event.id[2:]) % 7 == 0
        return Signal(self.name, 0.9 if suspected else 0.001, self.version)

    def explain(self, event: Event, known: Any, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        return ()


def decide(opened: OpenHouse, numbers: range) -> list[str]:
    found = []
    for number in numbers:
        body = json.dumps(payment(number)).encode()
        found.append(answer(opened.schema.event(json.loads(body)), opened.house, body).action)
    return found


def label(opened: OpenHouse, number: int, fraud: bool) -> None:
    known_at = f"2024-09-20T00:{number % 60:02d}:00+09:00"
    line = json.dumps({"event_id": f"q-{number}", "fraud": fraud, "known_at": known_at}).encode()
    HouseFront(opened, lambda: 1_800_000_000_000_000)._label(line)


def memory_of(opened: OpenHouse) -> list[bytes]:
    arena = opened.course.memory.arena
    return [arena.hot_used(i).tobytes() for i in range(len(arena.layout.shelves))]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """A home in which every seventh of 300 payments was held, and some of them judged; and what it remembered."""
    path = tmp_path_factory.mktemp("holding") / "home"
    new_home(path, settings=SETTINGS.replace("300", "100000"), behaviour=True)
    with open_house(path, detectors=[Seventh()]) as opened:
        actions = decide(opened, range(1, 200))
        assert [n for n, action in enumerate(actions, 1) if action != "allow"] == list(range(7, 200, 7))
        for number, fraud in ((14, True), (15, True), (21, False), (196, True)):
            label(opened, number, fraud)
        decide(opened, range(200, 302))  # the last of all is held
        remembered = memory_of(opened)
    for snapshot in (path / "snapshots").glob("*.memory"):
        snapshot.unlink()
    return path, remembered


def test_the_journal_says_what_was_kept_back(lived: tuple[Path, list[bytes]]) -> None:
    with open_house(lived[0], detectors=[Seventh()]) as opened:
        entries = [entry for entry in opened.store.journal.entries() if entry.type == DECIDED]
        least = opened.course.held(np.array([entry.unexplained for entry in entries]))
    assert [e.event_id for e, one in zip(entries, least, strict=True) if one] == [f"q-{n}" for n in range(7, 302, 7)]


def test_a_restart_without_snapshot_remembers_the_same(lived: tuple[Path, list[bytes]]) -> None:
    with open_house(lived[0], detectors=[Seventh()]) as opened:
        assert memory_of(opened) == lived[1]


def test_a_check_finds_no_difference(lived: tuple[Path, list[bytes]]) -> None:
    found = check_home(lived[0], detectors=[Seventh()])
    assert (found.difference, found.decided, found.other_features) == (None, 301, 0)


def test_training_learns_from_what_was_known_then(lived: tuple[Path, list[bytes]], tmp_path: Path) -> None:
    history = copy_history(lived[0], tmp_path)
    held = [held for frame in history for held in frame["held"].to_list()]
    assert [n for n, one in enumerate(held, 1) if one] == list(range(7, 302, 7))
