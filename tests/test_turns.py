"""Turns keep the order, whoever learns: slices ahead, ids that come twice, a full memory, and who needs it between."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from haechi.api import Busy, Fault, NotReady, Refusal
from haechi.features.beside import Steps
from haechi.stores import Broken, Closed, StoreError
from haechi.turns import BESIDE_MIN, Turns, refusal_of

N = BESIDE_MIN


@dataclass
class Scene:
    """A swift way, a helper and a loop that write down what they do; events are their own keys."""

    log: list[str] = field(default_factory=list)
    room: int = 10_000
    odd: tuple[bytes, ...] = ()  # not plain
    refused: tuple[bytes, ...] = ()  # by the memory
    fails: Any = None
    asked: int = 0
    soon: list[Any] = field(default_factory=list)
    steps = Steps([])

    def begin(self, lines: list[bytes]) -> Any:
        plain = next((n for n, line in enumerate(lines) if line in self.odd), len(lines))
        self.log.append(f"begin {_said(lines[:plain])}")
        return SimpleNamespace(lines=lines[:plain], keys=[hash(line) for line in lines[:plain]]) if plain else None

    def learned(self, begun: Any, taken: int) -> Any:
        full = next((n for n, line in enumerate(begun.lines) if line in self.refused), len(begun.lines))
        self.log.append(f"learn {_said(begun.lines[:full])}")
        return SimpleNamespace(rows=begun.lines[:full])

    def finish(self, begun: Any, learned: Any) -> Any:
        if self.fails is not None:
            raise self.fails
        self.log.append(f"write {_said(learned.rows)}")
        return [line.decode() for line in learned.rows]

    def one(self, line: bytes) -> Any:
        self.log.append(f"alone {line.decode()}")
        if line in self.refused:
            raise Busy("no room")
        if line == b"absurd":
            raise ZeroDivisionError
        return line.decode()

    def admit(self, entries: int) -> None:
        if entries > self.room:
            raise Busy("no room")

    def ask(self, steps: Steps) -> None:
        assert not self.asked, "one list at a time"
        self.asked += 1

    def heard(self) -> int:
        self.asked -= 1
        return 1


def _said(lines: Any) -> str:
    return f"{lines[0].decode()}-{lines[-1].decode()}" if len(lines) else "none"


def events(name: str, count: int = N) -> list[bytes]:
    return [f"{name}{n}".encode() for n in range(count)]


def turns_of(scene: Scene, *, beside: bool = True) -> tuple[Turns, list[Any]]:
    counted: list[Any] = []
    turns = Turns(scene, scene.one, scene.admit, counted.extend)  # type: ignore[arg-type]
    if beside:
        turns.learn_beside(scene, scene.soon.append)  # type: ignore[arg-type]
    return turns, counted


def names(lines: list[bytes]) -> list[str]:
    return [line.decode() for line in lines]


def test_without_a_helper_a_turn_is_decided_at_once() -> None:
    scene, told = Scene(odd=(b"a2",)), list[Any]()
    turns, counted = turns_of(scene, beside=False)
    turns.take(events("a"), told.append)
    turns.take(events("b", 2), told.append)
    assert told == [names(events("a")), names(events("b", 2))]
    assert scene.log[:5] == ["begin a0-a1", "learn a0-a1", "write a0-a1", "begin none", "alone a2"]
    assert scene.log[-2:] == ["alone b0", "alone b1"], "two are too few for a slice"
    assert len(counted) == N - 1, "what is decided alone counts itself"


def test_the_next_slice_is_learned_while_this_one_is_written() -> None:
    scene, told = Scene(), list[Any]()
    turns, _ = turns_of(scene)
    turns.take(events("a"), told.append)
    turns.take(events("b"), told.append)
    turns.take(events("c", 3), told.append)
    assert scene.log == [f"begin a0-a{N - 1}"]
    turns.landed()
    assert scene.log[1:] == [f"learn a0-a{N - 1}", f"begin b0-b{N - 1}", f"write a0-a{N - 1}"]
    assert told == [names(events("a"))]
    turns.landed()
    assert told == [names(events("a")), names(events("b")), names(events("c", 3))], "few are learned here"
    turns.landed()  # the loop hears late of what was settled before
    assert not scene.asked


def test_what_may_be_the_same_event_waits_until_the_first_is_written() -> None:
    scene, told = Scene(), list[Any]()
    turns, _ = turns_of(scene)
    for _ in range(2):
        turns.take(events("a"), told.append)
    turns.landed()
    assert scene.log[2:] == [f"begin a0-a{N - 1}", f"write a0-a{N - 1}", f"begin a0-a{N - 1}"]
    assert len(told) == 1


def test_what_is_not_whole_is_decided_before_the_next_turn_is_begun() -> None:
    scene, told = Scene(odd=(f"a{N}".encode(),)), list[Any]()
    turns, _ = turns_of(scene)
    turns.take(events("a", N + 1), told.append)
    turns.take(events("b"), told.append)
    turns.landed()
    assert scene.log[1:4] == [f"learn a0-a{N - 1}", f"write a0-a{N - 1}", f"alone a{N}"]
    assert scene.log[4:] == [f"begin b0-b{N - 1}"]
    assert told == [names(events("a", N + 1))]


@pytest.mark.parametrize("beside", [True, False])
def test_an_event_that_the_memory_refuses_hears_of_it_and_those_behind_it_are_tried(beside: bool) -> None:
    scene, told = Scene(refused=(b"a0", b"a5")), list[Any]()
    turns, _ = turns_of(scene, beside=beside)
    turns.take(events("a", 2 * N), told.append)
    while scene.asked:
        turns.landed()
    ((first, *others),) = told
    assert isinstance(first, Busy)
    assert [n for n, outcome in enumerate(others, 1) if isinstance(outcome, Busy)] == [5]
    assert "alone a0" in scene.log


def test_room_in_the_journal_is_asked_for_what_is_not_written_yet_too() -> None:
    scene, told = Scene(room=2 * N - 1), list[Any]()
    turns, _ = turns_of(scene)
    turns.take(events("a"), told.append)
    turns.take(events("b"), told.append)
    turns.landed()
    assert scene.log[2:] == [f"write a0-a{N - 1}", f"begin b0-b{N - 1}"], "it is begun when the first is written"


def test_who_needs_the_memory_gets_it_between_two_slices() -> None:
    scene, told = Scene(), list[Any]()
    turns, _ = turns_of(scene)
    turns.between(lambda: scene.log.append("now"))
    for name in "ab":
        turns.take(events(name), told.append)
    turns.between(lambda: scene.log.append("between"))
    turns.landed()
    assert [entry.split()[0] for entry in scene.log] == ["now", "begin", "learn", "write", "between", "begin"]


def test_a_slice_under_way_is_ended_here_and_what_waits_comes_later() -> None:
    scene, told = Scene(), list[Any]()
    turns, _ = turns_of(scene)
    turns.settle()
    assert not scene.soon, "there was none"
    for name in "ab":
        turns.take(events(name), told.append)
    turns.settle()
    assert told == [names(events("a"))]
    assert not scene.asked
    scene.soon.pop()()
    assert scene.asked
    turns.learn_here()
    assert told == [names(events("a")), names(events("b"))]
    turns.take(events("c"), told.append)
    assert told[-1] == names(events("c"))


def test_what_goes_wrong_harms_one_slice_only(caplog: pytest.LogCaptureFixture) -> None:
    scene, told = Scene(), list[Any]()
    turns, counted = turns_of(scene, beside=False)
    for fails, outcome in (
        (StoreError("a page is damaged"), Fault),
        (Broken("the disk"), NotReady),
        (KeyError(), Fault),
    ):
        scene.fails = fails
        turns.take(events("a"), told.append)
        assert [type(one) for one in told[-1]] == [outcome] * N
    assert "deciding 8 events failed" in caplog.text
    scene.fails = None
    turns.take([b"absurd"], told.append)
    assert isinstance(told[-1][0], Fault)
    assert not counted
    turns.take(events("b"), told.append)
    assert told[-1] == names(events("b"))


def test_what_the_store_says_is_told_to_callers() -> None:
    found: list[Refusal] = [refusal_of(error) for error in (Broken("no disk"), Closed("shut"))]
    assert [type(one) for one in found] == [NotReady, NotReady]
