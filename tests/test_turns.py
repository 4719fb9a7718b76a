"""Turns keep the order, whoever learns: slices, a full memory, and who needs it between two."""

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
    gone: bool = False
    soon: list[Any] = field(default_factory=list)
    steps = Steps([])

    def begin(self, lines: list[bytes]) -> Any:
        plain = lines[: next((n for n, line in enumerate(lines) if line in self.odd), len(lines))]
        self.log.append(f"begin {_said(plain)}")
        return SimpleNamespace(lines=plain) if plain else None

    def learned(self, begun: Any, taken: int) -> Any:
        full = next((n for n, line in enumerate(begun.lines) if line in self.refused), len(begun.lines))
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
        if self.gone:
            raise OSError("gone")
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


LAST = N - 1


def test_without_a_helper_a_turn_is_decided_at_once() -> None:
    scene, told = Scene(odd=(b"a2",)), list[Any]()
    turns, counted = turns_of(scene, beside=False)
    turns.take(events("a"), told.append)
    turns.take(events("b", 2), told.append)
    assert told == [names(events("a")), names(events("b", 2))]
    assert scene.log[:5] == ["begin a0-a1", "write a0-a1", "begin none", "alone a2", f"begin a3-a{LAST}"]
    assert scene.log[-2:] == ["alone b0", "alone b1"], "two are too few for a slice"
    assert len(counted) == N - 1, "what is decided alone counts itself"


def test_a_slice_is_begun_when_the_one_before_it_is_written() -> None:
    scene, told = Scene(), list[Any]()
    turns, _ = turns_of(scene)
    for name, count in (("a", N), ("b", N), ("c", 3)):
        turns.take(events(name, count), told.append)
    assert scene.log == [f"begin a0-a{LAST}"]
    turns.landed()
    assert scene.log[1:] == [f"write a0-a{LAST}", f"begin b0-b{LAST}"]
    assert told == [names(events("a"))]
    turns.landed()
    assert told == [names(events("a")), names(events("b")), names(events("c", 3))], "few are learned here"
    turns.landed()  # the loop hears late of what was settled before
    assert not scene.asked


def test_what_is_not_plain_is_decided_in_its_place() -> None:
    scene, told = Scene(odd=(f"a{N}".encode(),)), list[Any]()
    turns, _ = turns_of(scene)
    turns.take(events("a", N + 1), told.append)
    turns.take(events("b"), told.append)
    turns.landed()
    assert scene.log[1:] == [f"write a0-a{LAST}", f"alone a{N}", f"begin b0-b{LAST}"]
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


def test_without_room_in_the_journal_each_event_hears_of_it_alone() -> None:
    scene, told = Scene(room=0), list[Any]()
    turns, _ = turns_of(scene)
    turns.take(events("a"), told.append)
    assert scene.log == [f"alone a{n}" for n in range(N)]


def test_who_needs_the_memory_gets_it_between_two_slices() -> None:
    scene, told = Scene(), list[Any]()
    turns, _ = turns_of(scene)
    turns.between(lambda: scene.log.append("now"))
    for name in "ab":
        turns.take(events(name), told.append)
    turns.between(lambda: scene.log.append("between"))
    turns.landed()
    assert [entry.split()[0] for entry in scene.log] == ["now", "begin", "write", "between", "begin"]


def test_a_slice_under_way_is_ended_here_and_what_waits_comes_later() -> None:
    scene, told = Scene(), list[Any]()
    turns, _ = turns_of(scene)
    turns.settle()
    assert not scene.soon, "there was none"
    for name in "ab":
        turns.take(events(name), told.append)
    turns.settle()
    assert scene.log[-1] == f"write a0-a{LAST}"
    assert not scene.asked
    scene.soon.pop()()
    assert told == [names(events("a"))]
    assert scene.asked
    turns.learn_here()
    scene.soon.pop()()
    assert told == [names(events("a")), names(events("b"))]
    turns.take(events("c"), told.append)
    assert told[-1] == names(events("c"))


def test_who_waits_for_the_moment_between_gets_it_when_a_slice_is_settled_too() -> None:
    scene, told = Scene(), list[Any]()
    turns, _ = turns_of(scene)
    turns.take(events("a"), told.append)
    turns.between(lambda: scene.log.append("between"))
    turns.settle()
    assert scene.log[-2:] == [f"write a0-a{LAST}", "between"]
    turns.landed()
    assert scene.log.count("between") == 1


def test_a_call_that_fails_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    scene, told = Scene(), list[Any]()
    turns, _ = turns_of(scene)
    for name in "ab":
        turns.take(events(name), told.append)
    turns.between(lambda: 1 // 0)
    turns.between(lambda: scene.log.append("between"))
    turns.landed()
    assert "between two slices failed" in caplog.text
    assert "between" in scene.log
    turns.landed()
    assert told == [names(events("a")), names(events("b"))]


def test_a_helper_that_is_gone_is_done_without(caplog: pytest.LogCaptureFixture) -> None:
    scene, told = Scene(gone=True), list[Any]()
    turns, _ = turns_of(scene)
    for name in "ab":
        turns.take(events(name), told.append)
    assert told == [names(events("a")), names(events("b"))]
    assert caplog.text.count("nobody learns beside the loop any more") == 1


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
