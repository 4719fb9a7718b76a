"""What is held teaches next to nothing until its verdict: live, after a restart, in a check and in training alike.

Events are decided one by one, or many at once: then what is held is kept back when all of them were learned.
"""

from __future__ import annotations

import json
import shutil
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from xxhash import xxh3_64_intdigest

from haechi.app import OpenHouse, key_seed, open_house, open_shut
from haechi.commands import checking
from haechi.commands.checking import check_home
from haechi.commands.history import copy_history
from haechi.events import Event, Reason, Signal
from haechi.features import Known, Memory, Spec
from haechi.features.course import Course
from haechi.features.replay import Replayer
from haechi.front import HouseFront
from haechi.restore import KEPT_BACK_AFTER, Piece, catch_up, kept_back_after, pieces
from haechi.stores import DECIDED, Entry
from haechi.stores.moving import archive_before
from homes import SETTINGS, new_home, payment

LARGE, SLICE = 60_000, 50


class Large:
    """Suspects large payments, whoever makes them; it needs nothing but the row."""

    name, version = "large", "1"

    def __init__(self, spec: Spec | None = None) -> None:
        self.amount = 0 if spec is None else spec.index("amount")

    def judge(self, event: Event, known: Any) -> Signal:
        return Signal(self.name, 0.9 if (event.amount or 0) >= LARGE else 0.001, self.version)

    def judge_row(self, known: Known) -> Signal:
        return Signal(self.name, 0.9 if known.value("amount") >= LARGE else 0.001, self.version)

    def judge_rows(self, rows: Any, scores: Any, one_in: Any) -> None:
        scores[:], one_in[:] = np.where(rows[:, self.amount] >= LARGE, 0.9, 0.001), 0.0

    def explain(self, event: Event, known: Any, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        return ()


def decide(opened: OpenHouse, numbers: range, at_once: int) -> list[str]:
    """What is done about these payments, of which every seventh is large."""
    opened.house.detectors = [Large(opened.spec)]
    front, found = HouseFront(opened, lambda: 1_800_000_000_000_000), list[Any]()
    large = {"amount": LARGE}
    bodies = iter([json.dumps(payment(n, **({} if n % 7 else large))).encode() for n in numbers])
    while some := list(islice(bodies, at_once)):
        front.turns.take(some, found.extend)
    return [answer.action for answer in found]


def label(opened: OpenHouse, number: int, fraud: bool) -> None:
    known_at = f"2024-09-20T00:{number % 60:02d}:00+09:00"
    line = json.dumps({"event_id": f"q-{number}", "fraud": fraud, "known_at": known_at}).encode()
    HouseFront(opened, lambda: 1_800_000_000_000_000)._label(line)


def memory_of(course: Course) -> list[bytes]:
    arena = course.memory.arena
    return [arena.hot_used(i).tobytes() for i in range(len(arena.layout.shelves))]


def decided(opened: Any) -> list[Entry]:
    return [entry for entry in opened.store.journal.entries() if entry.type == DECIDED]


@pytest.fixture(scope="module", params=[1, SLICE], ids=["one-by-one", "together"])
def lived(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[Path, list[bytes], int]:
    """A home in which every seventh of 301 payments was held, and some judged; what it knew; how many came at once."""
    path, at_once = tmp_path_factory.mktemp("holding") / "home", request.param
    new_home(path, settings=SETTINGS.replace("300", "100000"), behaviour=True)
    with open_house(path, detectors=[Large()]) as opened:
        actions = decide(opened, range(1, 200), at_once)
        assert [n for n, action in enumerate(actions, 1) if action != "allow"] == list(range(7, 200, 7))
        # The last of these was held just now.
        for number, fraud in ((14, True), (15, True), (21, False), (196, True)):
            label(opened, number, fraud)
        decide(opened, range(200, 302), at_once)  # the last of all is held
        remembered = memory_of(opened.course)
    for snapshot in (path / "snapshots").glob("*.memory"):
        snapshot.unlink()
    return path, remembered, at_once


def later(number: int, at_once: int) -> int:
    """How many came behind a payment among those that were decided together."""
    first, last = (1, 199) if number < 200 else (200, 301)
    return min(at_once - 1 - (number - first) % at_once, last - number)


def test_the_journal_says_what_was_kept_back_and_when(lived: tuple[Path, list[bytes], int]) -> None:
    with open_house(lived[0], detectors=[Large()]) as opened:
        entries = decided(opened)
        least = opened.course.held(np.array([entry.unexplained for entry in entries]))
    held = [(e.event_id, kept_back_after(e)) for e, one in zip(entries, least, strict=True) if one]
    assert held == [(f"q-{n}", later(n, lived[2])) for n in range(7, 302, 7)]
    others = [e.decision or b"" for e, one in zip(entries, least, strict=True) if not one or not kept_back_after(e)]
    assert not any(KEPT_BACK_AFTER in decision for decision in others), "nothing is said where there is nothing to say"


def test_what_came_together_sees_what_is_held_as_learned(lived: tuple[Path, list[bytes], int]) -> None:
    """Payment 47 is of the customer of 7: in one slice it sees that one whole, one by one next to nothing of it."""
    with open_house(lived[0], detectors=[Large()]) as opened:
        seventh, again = (entry for entry in decided(opened) if entry.event_id in ("q-7", "q-47"))
        course, known = Course(Memory(opened.spec, seed=opened.course.memory.seed)), []
        for entry in decided(opened)[:47]:
            known.append(course.look_and_learn(opened.schema.event(json.loads(entry.body))))
    same = xxh3_64_intdigest(known[46].row) == again.digest
    assert same == (kept_back_after(seventh) >= 40)


def test_a_restart_without_snapshot_remembers_the_same(lived: tuple[Path, list[bytes], int]) -> None:
    with open_house(lived[0], detectors=[Large()]) as opened:
        assert memory_of(opened.course) == lived[1]


def test_a_check_finds_no_difference(lived: tuple[Path, list[bytes], int]) -> None:
    found = check_home(lived[0], detectors=[Large()])
    assert (found.difference, found.decided, found.other_features) == (None, 301, 0)


def test_a_check_names_what_is_kept_back_behind_missing_events(
    lived: tuple[Path, list[bytes], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*given: Any) -> list[Piece]:
        (piece,) = pieces(*given)
        return [Piece(None, piece.entries[:7])]

    monkeypatch.setattr(checking, "pieces", cut)
    found = check_home(lived[0], detectors=[Large()])
    says = "event 'q-7' (entry 7): it is kept back behind events that are missing" if lived[2] > 1 else None
    assert (found.difference, found.decided) == (says, 7)


@pytest.mark.parametrize("archived", [False, True], ids=["journal", "archive"])
def test_wherever_the_past_is_cut_it_teaches_the_same(
    lived: tuple[Path, list[bytes], int], tmp_path: Path, archived: bool
) -> None:
    """Pieces end between an event and its keeping back, and so do the parts of the archive."""
    home = tmp_path / "home"
    shutil.copytree(lived[0], home)
    with open_shut(home) as shut:
        journal = shut.store.journal
        if archived:
            archive_before(journal, shut.archive, 131, piece_entries=40)
            assert len(shut.archive.parts) == 4
        course, sizes = Course(Memory(shut.spec, seed=key_seed(shut.home))), []
        for piece in pieces(shut.archive, journal, 0, piece_entries=30):
            assert catch_up(course, shut.schema, journal, piece) is None
            sizes.append(len(piece.entries))
    assert memory_of(course) == lived[1]
    assert sum(sizes) == 305


def test_before_it_is_kept_back_it_is_not(lived: tuple[Path, list[bytes], int]) -> None:
    """Who asks what was known of an event in the midst of others sees what it saw."""
    with open_house(lived[0], detectors=[Large()]) as opened:
        entries = decided(opened)
        course = Course(Memory(opened.spec, seed=opened.course.memory.seed))
        catch_up(course, opened.schema, opened.store.journal, Piece(None, entries[:46]))
        known = course.look_and_learn(opened.schema.event(json.loads(entries[46].body)))
    assert xxh3_64_intdigest(known.row) == entries[46].digest


def test_training_knows_when_it_was(lived: tuple[Path, list[bytes], int], tmp_path: Path) -> None:
    held = pl.concat([frame.select("held") for frame in copy_history(lived[0], tmp_path)])["held"].to_list()
    assert [(n, k) for n, k in enumerate(held, 1) if k is not None] == [
        (n, later(n, lived[2])) for n in range(7, 302, 7)
    ]


@pytest.mark.parametrize("at_once", [1, SLICE])
def test_training_learns_from_the_rows_that_were_judged(tmp_path: Path, at_once: int) -> None:
    new_home(tmp_path / "home", behaviour=True)
    with open_house(tmp_path / "home", detectors=[Large()]) as opened:
        decide(opened, range(1, 302), at_once)
    with open_shut(tmp_path / "home") as shut:
        digests, seed, spec = [entry.digest for entry in decided(shut)], key_seed(shut.home), shut.spec
    (history,) = copy_history(tmp_path / "home", tmp_path)
    for step in (301, 47):
        replayer, rows = Replayer(Memory(spec, seed=seed)), []
        for part in history.iter_slices(step):
            rows += list(replayer.feed(part, np.ones(part.height, bool))[0])
        assert [xxh3_64_intdigest(row) for row in rows] == digests
