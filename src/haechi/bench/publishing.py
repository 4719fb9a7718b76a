"""How long it takes to publish one more of many rules, from the wish to the swap, and what decisions feel of it."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

import msgspec

from haechi.app import OpenHouse, create_home, now_us, open_house
from haechi.commands.serving import SWITCH_S
from haechi.events import Event
from haechi.rulebook.publishing import rehearse
from haechi.rulebook.standing import Place
from haechi.rules import Effect, Pack, Rule
from haechi.stores import Approval, Change, ListRow, RuleSetRow

__all__ = ["Pauses", "PublishFigures", "measure_publishing"]

WARM = 5_000
QUIET = 20_000
LIVE = '{"lane":"live"}'


@dataclass(frozen=True)
class Pauses:
    """The longest of many decisions in milliseconds by the clock on the wall, whatever else the machine did.

    held_ms: the longest that publishing was at work while one decision waited: what it can be blamed for.
    """

    decisions: int
    wall_ms: float
    held_ms: float


@dataclass(frozen=True)
class PublishFigures:
    """Publishing one more rule beside `live` ones: wish, approval, compiling, two commits, swap."""

    live: int
    publish_s: float
    while_publishing: Pauses
    without: Pauses


def measure_publishing(rules: Sequence[Rule], events: Sequence[Event], watched: Sequence[str]) -> PublishFigures:
    """Fill a home with live rules, then let two people publish another one while the house decides."""
    with TemporaryDirectory(prefix="haechi-bench-") as folder:
        home = Path(folder) / "home"
        create_home(home)
        with open_house(home, detectors=[]) as opened:
            _agree_on(opened, rules, watched)
        with open_house(home, detectors=[]) as opened:
            return _measured(opened, rules[0], events)


def _agree_on(opened: OpenHouse, rules: Sequence[Rule], watched: Sequence[str]) -> None:
    """What two people would have agreed on one by one, without compiling it as often."""
    book, kept = opened.rulebook, opened.store.rules
    asked = book.ask_list("watch", "watch", [ListRow(one, "add", "watched", "ana", None) for one in watched], "ana")
    book.answer(asked.id, "approve", "bo")
    drafts = Pack(rules=tuple(msgspec.structs.replace(rule, lane="draft") for rule in rules))
    for number, version in enumerate(book.add(drafts, "ana"), book.standing.through + 1):
        wish = Change(0, "rule", version.name, version.version, LIVE, "ana", now_us(), 1, "", "waiting")
        said = Approval("bo", "approve", "", now_us())
        kept.answer(kept.ask(wish).id, said, RuleSetRow(f"bench-{number}", number, 0, now_us()))


def _measured(opened: OpenHouse, like: Rule, events: Sequence[Event]) -> PublishFigures:
    rehearse(opened.schema, opened.spec)
    calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
    opened.publisher.decide_through(calls.put)
    course, coming = opened.course, cycle(events)

    def decide() -> int:
        event, begun = next(coming), time.perf_counter_ns()
        while not calls.empty():
            calls.get()()
        rules = opened.house.rules
        assert rules is not None
        rules.decide(event, course.look_and_learn(event))
        return time.perf_counter_ns() - begun

    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    for _ in range(WARM):
        decide()
    gc.collect()
    gc.freeze()  # as serving does
    try:
        took: list[float] = []
        measured = threading.Event()  # a thread that has ended has no clock any more

        def publish() -> None:
            took.append(_publish(opened, like))
            measured.wait()

        thread = threading.Thread(target=publish)
        thread.start()
        assert thread.ident is not None
        clock = time.pthread_getcpuclockid(thread.ident)
        beside = _longest(decide, lambda: not took and thread.is_alive(), clock)
        measured.set()
        thread.join()
        left = iter(range(QUIET))
        quiet = _longest(decide, lambda: next(left, None) is not None, None)
        rules = opened.house.rules
        return PublishFigures(len(rules.rules) - 1, took[0], beside, quiet)  # type: ignore[union-attr]
    finally:
        opened.publisher.decide_through(lambda call: call())
        sys.setswitchinterval(usual)
        gc.unfreeze()


def _publish(opened: OpenHouse, like: Rule) -> float:
    more = msgspec.structs.replace(
        like, id="new", lane="draft", effect=Effect(minimum="hold"),
        condition='amount > 123_456 won and count(customer, "1h") > 7 and matches(payee, "^p.*9$")',
    )  # fmt: skip
    begun = time.perf_counter()
    opened.rulebook.add(Pack(rules=(more,)), "ana")
    asked = opened.rulebook.move("rule", "new", None, Place("live"), "ana")
    opened.rulebook.answer(asked.id, "approve", "bo")  # type: ignore[union-attr]
    opened.publisher.wait()
    return time.perf_counter() - begun


def _longest(decide: Callable[[], int], goes_on: Callable[[], bool], other: int | None) -> Pauses:
    """`other`: the clock of a thread's processor time."""
    count = wall = held = before = 0
    while goes_on():
        wall = max(wall, decide())
        count += 1
        if other is not None:
            now = time.clock_gettime_ns(other)
            held, before = max(held, now - before if before else 0), now
    return Pauses(count, wall / 1e6, held / 1e6)
