"""The memory in the course of time: events and labels in their order, and labels that wait until they are known.

History comes with labels that become known later than its last event. They wait here, and each is learned before the
first event that is not older than the moment it became known, whether that event is replayed or decided live.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl

from haechi.events import Event, Schema
from haechi.features.beside import Steps, take_steps
from haechi.features.blocks.surprise_layout import CODE_MAX
from haechi.features.control import HELD
from haechi.features.memory import Asked, Due, Known, Learned, Memory
from haechi.features.plain import Plain, rehearse
from haechi.features.replay import AT_ONCE, Replayer, _Pending
from haechi.features.spec import Spec

__all__ = ["Course", "Told", "warm_up"]

NEVER_US = 2**63 - 1
CODE_MASK = 63  # of a receipt: by how many eighths of a halving what was learned is damped


class Told(NamedTuple):
    """A label among the events of a frame: it came before the event at `place`."""

    place: int
    row: np.ndarray  # of the labelled event, as encoded
    fraud: int  # 0, 1, or HELD
    known_at_us: int
    unexplained: float
    event: int = -1  # which of the frame's own it is about, where only the memory knows how unexplained that is

    @classmethod
    def held(cls, event: int, row: np.ndarray, after: int = 0) -> Told:
        """One of the frame's own events was held, and kept back when so many later ones were learned."""
        return cls(event + 1 + after, row, HELD, AT_ONCE, 0.0, event)


class _Waiting(msgspec.Struct):
    known_at: bytes
    rows: bytes
    fraud: bytes
    unexplained: bytes


class Course:
    """One memory and the labels that wait for their time; the same calls live, at start and in a check."""

    def __init__(self, memory: Memory) -> None:
        """Go on with this memory and with the labels that its notes say are waiting."""
        self.memory = memory
        self._holds = memory.spec.behaviour is not None
        self._replayer = Replayer(memory)
        self._first = 0
        self._next_us = NEVER_US

    @property
    def waiting(self) -> int:
        """How many labels wait for their time."""
        return len(self._replayer._pending.known_at) - self._first

    def look_and_learn(self, event: Event) -> Known:
        """Learn the labels that are known by now, say what was known before the event, then learn it."""
        if event.time_us >= self._next_us:
            self._learn_until(event.time_us)
        return self.memory.look_and_learn(event)

    def plain(self, schema: Schema) -> Plain | None:
        """What reads plain events of this schema for `look_and_learn_read`; None when the schema asks for more."""
        return self.memory.plain(schema)

    def look_and_learn_read(self, plain: Plain, body: bytes) -> Known:
        """The same as `look_and_learn` for the event that `plain` has just read from this body."""
        time_us = plain.time_us
        if time_us >= self._next_us:
            self._learn_until(time_us)
            plain.read(body)  # labels are told through the same rows
        return self.memory.look_and_learn_read(plain)

    def look_and_learn_lines(self, ints: np.ndarray, floats: np.ndarray, money: Sequence[int]) -> Learned:
        """The same for encoded events and their currencies (packed), as many of the first as can be learned at once."""
        asked = self.ask_lines(ints, floats)
        return self.lines_asked(asked, money, whole=take_steps(self.steps.address) > 0)

    @property
    def steps(self) -> Steps:
        """What looks at and learns the events that were asked about last (see beside.py)."""
        return self.memory.steps

    def ask_lines(self, ints: np.ndarray, floats: np.ndarray) -> Asked:
        """Ask for that; nothing else may want the memory until `steps` were taken."""
        return self.memory.ask_rows(ints, floats, self._due(ints))

    def lines_asked(self, asked: Asked, money: Sequence[int], *, whole: bool) -> Learned:
        """What `steps` found; `whole` unless the memory refused an event."""
        found, learned = self.memory.rows_asked(asked, money, whole=whole)
        self._learned(learned)
        return found

    def _due(self, ints: np.ndarray) -> Due | None:
        """The labels to be learned between these events."""
        labels, p = None, self._replayer._pending
        if self._next_us != NEVER_US and len(ints) and ints[:, 0].max() >= self._next_us:
            newest = np.maximum.accumulate(ints[:, 0])
            due = slice(self._first, int(np.searchsorted(p.known_at, newest[-1], "right")))
            when = np.searchsorted(newest, p.known_at[due])
            labels = Due(when, p.rows[due], p.event[due], p.fraud[due], p.known_at[due], p.unexplained[due])
        return labels

    def learn_label(self, event: Event, fraud: bool, known_at_us: int, unexplained: float) -> None:
        """Learn a label that came just now."""
        self.memory.learn_label(event, fraud, known_at_us, unexplained)

    def hold(self, event: Event, known: Known) -> Known:
        """Keep back what was learned of an event that is held (Memory.hold)."""
        return self.memory.hold(event, known)

    def held(self, unexplained: np.ndarray) -> np.ndarray:
        """Of which events no more than the least was learned, as the receipts in these numbers say: bool [n].

        They were held, or so rare that they were learned with the least weight as it was.
        """
        return np.asarray(self._holds & (unexplained.view(np.int64) & CODE_MASK == CODE_MAX))

    def prepare_pages(self) -> None:
        """Ask for memory pages ahead of need, at a quiet moment."""
        self.memory.arena.prepare_pages()

    def feed(self, frame: pl.DataFrame) -> np.ndarray:
        """Learn history: labels in its columns wait until they are known; says how unexplained each event is."""
        self._settle()
        _, unexplained = self._replayer.feed(frame)
        self._look_ahead()
        return unexplained

    def feed_told(self, frame: pl.DataFrame, told: Sequence[Told]) -> np.ndarray:
        """Learn events without labels, and labels that came between them; says how unexplained each event is."""
        ints, floats = self.memory.encoder.frame(frame)
        unexplained = self.feed_told_rows(ints, floats, told)
        self._replayer.learn_windows(ints, frame)
        return unexplained

    def feed_told_rows(self, ints: np.ndarray, floats: np.ndarray, told: Sequence[Told]) -> np.ndarray:
        """The same for events that are encoded already; windows of rules do not learn from them.

        `told` is in the order of its places. What is kept back only behind more events than these is not yet.
        """
        self._settle()
        n = len(ints)
        waiting, when = Replayer._due(self._replayer._pending, ints[:, 0])
        labels = self._pending_of(told).join(waiting)
        # A label that came before an event was learned when it came; those that waited follow at the event itself.
        when = np.concatenate([np.array([t.place for t in told], np.int64), when])
        order = np.argsort(when, kind="stable")
        due = int(np.searchsorted(when[order], n))
        nothing, unexplained = np.full(n, -1, np.int64), np.zeros(n)
        row = np.empty((0, self.memory.width), np.float32)
        ordered = labels.take(order)
        self._replayer._run(ints, floats, row, nothing, unexplained, ordered, when[order], due)
        for one in told:
            if one.place == n:
                self._tell(one, unexplained)
        self._replayer._pending = labels.take(order[due:][order[due:] >= len(told)])
        self._look_ahead()
        return unexplained

    def _tell(self, one: Told, unexplained: np.ndarray) -> None:
        """A label behind the last event."""
        odd = one.unexplained if one.event < 0 else float(unexplained[one.event])
        odd = self.memory.learn_label_row(one.row, one.fraud, one.known_at_us, odd)
        if one.event >= 0:
            unexplained[one.event] = odd

    def rows_of(self, frame: pl.DataFrame) -> np.ndarray:
        """The rows by which labels of these events are told."""
        return self.memory.encoder.frame(frame)[0]

    def row_of(self, event: Event) -> np.ndarray:
        """The row by which a label of this event is told."""
        ints = np.zeros(self.memory.encoder.ints_width, np.int64)
        self.memory.encoder.one(event, ints, np.zeros(self.memory.encoder.floats_width))
        return ints

    def notes(self) -> bytes:
        """The waiting labels, for a snapshot."""
        self._settle()
        p = self._replayer._pending
        parts = (p.known_at, np.ascontiguousarray(p.rows), p.fraud, p.unexplained)
        return msgspec.msgpack.encode(_Waiting(*(part.tobytes() for part in parts)))

    def restore(self, notes: bytes) -> None:
        """Take up the labels that waited when a snapshot was taken."""
        kept = msgspec.msgpack.decode(notes, type=_Waiting)
        known_at = np.frombuffer(kept.known_at, np.int64)
        self._replayer._pending = _Pending(
            known_at,
            np.frombuffer(kept.rows, np.int64).reshape(len(known_at), -1) if len(known_at) else self._no_rows(),
            np.frombuffer(kept.fraud, np.uint8),
            np.frombuffer(kept.unexplained, np.float64),
            np.full(len(known_at), -1, np.int64),
            np.zeros(len(known_at), np.int64),
        )
        self._first = 0
        self._look_ahead()

    def _no_rows(self) -> np.ndarray:
        return np.zeros((0, self.memory.encoder.ints_width), np.int64)

    def _pending_of(self, told: Sequence[Told]) -> _Pending:
        return _Pending(
            np.array([t.known_at_us for t in told], np.int64),
            np.array([t.row for t in told], np.int64).reshape(len(told), self.memory.encoder.ints_width),
            np.array([t.fraud for t in told], np.uint8),
            np.array([t.unexplained for t in told], np.float64),
            np.array([t.event for t in told], np.int64),
            np.array([t.place for t in told], np.int64),
        )

    def _learn_until(self, time_us: int) -> None:
        p = self._replayer._pending
        while self._next_us <= time_us:
            i = self._first
            self.memory.learn_label_row(p.rows[i], bool(p.fraud[i]), int(p.known_at[i]), float(p.unexplained[i]))
            self._learned(1)

    def _learned(self, labels: int) -> None:
        if labels:
            known_at = self._replayer._pending.known_at
            self._first += labels
            self._next_us = int(known_at[self._first]) if self._first < len(known_at) else NEVER_US

    def _settle(self) -> None:
        """Forget the labels that were learned live."""
        if self._first:
            p = self._replayer._pending
            self._replayer._pending = p.take(np.arange(self._first, len(p.known_at)))
            self._first = 0

    def _look_ahead(self) -> None:
        known_at = self._replayer._pending.known_at
        assert bool((known_at[1:] >= known_at[:-1]).all()), "labels must wait in the order of their time"
        self._next_us = int(known_at[0]) if len(known_at) else NEVER_US


def warm_up(spec: Spec) -> tuple[Event, Known]:
    """Compile the kernel of a spec, or load it, before the first event has to wait; the event it was tried on."""
    course = Course(Memory(spec))
    event = Event(id="-", kind="-", time_us=1, entities={})
    known = course.look_and_learn(event)
    course.learn_label(event, False, 1, 0.0)
    course.feed_told(pl.DataFrame({"time_us": [1]}), [])
    encoder = course.memory.encoder
    nobody = np.zeros((0, encoder.ints_width), np.int64), np.zeros((0, encoder.floats_width))
    rehearse()
    course.look_and_learn_lines(*nobody, [])
    return event, known
