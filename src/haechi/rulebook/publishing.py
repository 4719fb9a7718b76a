"""A rule set comes into force in a running house: between two decisions, and with its windows filled.

A swap is one assignment in the thread that decides, so a decision sees one set or the other. A set that counts in
windows which the memory does not keep yet is made ready first: a thread reads the past into new windows while the house
decides on with the old set, and whatever is decided meanwhile is gathered and learned last, in the deciding thread.
Nothing is missed, nothing is learned twice, and no decision waits longer than for the last few gathered events.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from haechi.decision import House
from haechi.events import Event, Schema
from haechi.features import Exact, Spec, Window
from haechi.features.course import Course
from haechi.features.encode import Encoder
from haechi.features.exact import reach_us
from haechi.features.memory import Memory
from haechi.restore import Piece, frame_of, recent_us
from haechi.rulebook.standing import InForce
from haechi.rules import Effect, Rule
from haechi.rules.names import Names
from haechi.rules.ruleset import RuleSet
from haechi.stores import LABEL, Archive, Store

__all__ = ["Publisher", "fill", "rehearse"]

log = logging.getLogger("haechi")

ENCODED_ROWS = 10_000  # a column of so few is not worth the way to compiled code and back
SLICE_ROWS = 1_000  # compiled code holds the interpreter for so many events, about a millisecond
GATHERED_MAX = 200  # so many events may be learned in the deciding thread at once
Run = Callable[[Callable[[], None]], object]
Past = Callable[[int | None], Iterable[Piece]]


class Stopped(Exception):
    """Nothing more is made ready."""


class Gathering:
    """Stands among the memory's windows while others are being filled, and keeps what they will have to learn."""

    def __init__(self) -> None:
        self.windows: Mapping[Window, int] = {}
        self.events: deque[tuple[np.ndarray, str]] = deque()

    def look_and_learn(self, ints: np.ndarray, currency: str = "") -> np.ndarray:
        """Keep an event; there is nothing to see yet."""
        self.events.append((ints.copy(), currency))
        return np.full((1, 2), np.nan)


class Publisher:
    """Brings rule sets into force in one house."""

    def __init__(
        self, house: House, memory: Memory, schema: Schema, store: Store, past: Past, archive: Archive
    ) -> None:
        """`past` is everything that happened since a time, imported or journaled, in order."""
        self._house, self._memory, self._schema, self._store, self._past = house, memory, schema, store, past
        self._archive = archive
        self._run: Run = lambda call: call()
        self._lock = threading.Lock()
        self._wanted: InForce | None = None
        self._filling: threading.Thread | None = None
        self.failed = ""
        self._closing = False

    @property
    def state(self) -> tuple[str, str]:
        """The set that decides, and the one that is being made ready; empty where there is none."""
        rules = self._house.rules
        in_force = rules.version if isinstance(rules, InForce) else ""
        wanted = self._wanted
        return in_force, wanted.version if wanted is not None else ""

    def decide_through(self, run: Run) -> None:
        """Swap through this from now on: `loop.call_soon_threadsafe`."""
        self._run = run

    def start(self, found: InForce) -> None:
        """Bring the first set into force, before anything is decided."""
        missing = self._missing(found)
        if missing:
            exact, since_us = self._exact(missing)
            fill(exact, self._past(since_us), self._schema, self._memory)
            self._memory.keep_windows(exact)
        self._swap(found)

    def publish(self, found: InForce) -> None:
        """Bring a set into force: at once, or as soon as its windows are filled."""
        with self._lock:
            if self._filling is None and not self._missing(found):
                self._in_house(lambda: self._swap(found))
                return
            self._wanted = found
            if self._filling is None:
                self._filling = threading.Thread(target=self._fill, name="haechi-windows", daemon=True)
                self._filling.start()

    def wait(self) -> None:
        """Wait until nothing is being made ready; never in the deciding thread."""
        thread = self._filling
        if thread is not None:
            thread.join()

    def close(self) -> None:
        """Stop making anything ready."""
        self._closing = True
        self.wait()

    def _fill(self) -> None:
        """Make ready whatever is wanted last, until nothing newer is wanted."""
        while True:
            found = self._wanted
            assert found is not None, "there is a set to make ready"
            try:
                self._make_ready(found)
            except Exception as error:
                log.exception("the windows of rule set %s could not be filled; the set before it stays", found.version)
                self.failed = f"{type(error).__name__}: {error}"
            with self._lock:
                if self._wanted is found:
                    self._wanted = self._filling = None
                    return

    def _make_ready(self, found: InForce) -> None:
        gathering = Gathering()
        seq = self._in_house(lambda: self._gather(gathering))
        try:
            exact, since_us = self._exact(self._missing(found))
            # What the memory has learned and the disk has not seen yet is waited for: each write waits for a commit.
            while self._store.journal.durable_seq < seq:
                self._store.meta.set("windows_wait_for", str(seq))
            fill(exact, self._pieces(since_us), self._schema, self._memory, through_seq=seq)
            while len(gathering.events) > GATHERED_MAX:
                exact.look_and_learn(*gathering.events.popleft())
        except BaseException:
            self._in_house(lambda: self._replace(gathering, None))
            raise
        self._in_house(lambda: self._join(gathering, exact, found))

    def _pieces(self, since_us: int | None) -> Iterator[Piece]:
        for piece in self._past(since_us):
            if self._closing:
                raise Stopped("the house closes; the next start makes the windows ready")
            yield piece

    def _gather(self, gathering: Gathering) -> int:
        self._memory.keep_windows(gathering)  # type: ignore[arg-type]
        return self._store.journal.last_seq

    def _join(self, gathering: Gathering, exact: Exact, found: InForce) -> None:
        while gathering.events:
            exact.look_and_learn(*gathering.events.popleft())
        self._replace(gathering, exact)
        if self._wanted is found:
            self._swap(found)

    def _replace(self, gathering: Gathering, exact: Exact | None) -> None:
        kept: tuple[Any, ...] = self._memory.exact
        parts = [part for part in kept if part is not gathering]
        self._memory.drop_windows()
        for part in [*parts, *([exact] if exact is not None else [])]:
            self._memory.keep_windows(part)

    def _swap(self, found: InForce) -> None:
        self._house.rules = found if found.asks else None

    def _missing(self, found: InForce) -> list[Window]:
        kept = {window for part in self._memory.exact for window in part.windows}
        return [window for window in found.windows if window not in kept]

    def _exact(self, windows: list[Window]) -> tuple[Exact, int | None]:
        """Empty windows, and from when on the past has to be read into them; None: all of it."""
        make = partial(Exact, windows, self._memory.spec, seed=self._memory.seed, currency=self._schema.currency)
        now_us = recent_us(self._archive, self._store.journal)
        if now_us is None:
            return make(), None
        since_us = now_us - reach_us(windows)
        return make(since_us=since_us), since_us

    def _in_house(self, call: Callable[[], Any]) -> Any:
        """Do this in the thread that decides, and wait for it."""
        done: Future[Any] = Future()

        def run() -> None:
            try:
                done.set_result(call())
            except Exception as error:  # noqa: BLE001 - it is told to the thread that waits
                done.set_exception(error)

        self._run(run)
        return done.result()


def rehearse(schema: Schema, spec: Spec) -> None:
    """Compile or load what rules and their windows need, before the first one is published beside live decisions."""
    course = Course(Memory(spec))
    event = Event(id="-", kind="-", time_us=1, entities={}, amount=1)
    if spec.subject is not None:
        exact = Exact([Window("count", spec.subject.name, "amount", 1)], spec)
        course.memory.keep_windows(exact)
        fill(exact, [Piece(pl.DataFrame({"time_us": [1]}), [])], schema, course.memory)
    text = {"en": "-", "ko": "-"}
    # Public holidays and regular expressions bring libraries that take a tenth of a second to load.
    names = Names.of(schema, spec)
    condition = 'kind == "-" or matches(kind, "^-$")' + " or is_holiday" * names.clock
    rule = Rule(id="-", name=text, reason=text, condition=condition, effect=Effect(weight=0.5), lane="live")
    RuleSet.compile([rule], names).decide(event, course.look_and_learn(event))


def fill(exact: Exact, past: Iterable[Piece], schema: Schema, memory: Memory, through_seq: int | None = None) -> None:
    """Let windows learn the past up to a number, a small slice at a time."""
    encoder = Encoder(memory.spec, memory.seed)
    for piece in past:
        frame = piece.frame
        if frame is None:
            entries = [e for e in piece.entries if e.type != LABEL and (through_seq is None or e.seq <= through_seq)]
            frame = frame_of(schema, entries)
        for part in frame.iter_slices(ENCODED_ROWS):
            ints = encoder.frame(part)[0]
            for at in range(0, part.height, SLICE_ROWS):
                exact.feed(ints[at : at + SLICE_ROWS], part[at : at + SLICE_ROWS])
        if through_seq is not None and piece.last_seq >= through_seq:
            return
