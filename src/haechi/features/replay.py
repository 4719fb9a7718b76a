"""Replay: run years of history through the kernel and keep the rows that somebody wants to learn from.

Labels are merged in by the time they became known: before an event is looked at, every label known by then has been
learned, and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from haechi.features.control import HELD
from haechi.features.memory import Memory
from haechi.features.spec import Spec

__all__ = ["Replay", "Replayer", "replay"]

# Events between two looks at the page reserve.
PORTION = 4096
_STOP, _START, _FIRST_LABEL = 11, 16, 17
AT_ONCE = -(2**63)  # known as soon as its place is reached: what is held
Mask = Callable[[pl.DataFrame], np.ndarray]


@dataclass
class Replay:
    """The kept rows: features (float32 [kept, F]) and what else was said about each event."""

    features: np.ndarray
    frame: pl.DataFrame
    spec: Spec


@dataclass(slots=True)
class _Pending:
    """Labels on their way: what they are about and when they become known."""

    known_at: np.ndarray
    rows: np.ndarray
    fraud: np.ndarray  # 0, 1, or HELD
    unexplained: np.ndarray
    event: np.ndarray  # row in the chunk at hand, or behind them one that waits to be kept back; -1: neither
    place: np.ndarray  # never before this event of the chunk at hand

    def take(self, which: np.ndarray) -> _Pending:
        """A selection, in the order given."""
        return _Pending(*(getattr(self, name)[which] for name in self.__slots__))

    def join(self, other: _Pending) -> _Pending:
        """Both, these first."""
        return _Pending(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in self.__slots__))


class Replayer:
    """Feed frames in time order; labels wait inside until they are known."""

    def __init__(self, memory: Memory) -> None:
        """Replay into this memory."""
        self.memory = memory
        self.windows: np.ndarray | None = None  # of the rows that the last feed kept, float64 [kept, windows, 2]
        width = memory.encoder.ints_width
        self._pending = _Pending(
            np.zeros(0, np.int64),
            np.zeros((0, width), np.int64),
            np.zeros(0, np.uint8),
            np.zeros(0),
            np.zeros(0, np.int64),
            np.zeros(0, np.int64),
        )
        self._to_hold = np.zeros(0)  # how unexplained the events are that later frames keep back

    def feed(
        self, frame: pl.DataFrame, keep: np.ndarray | None = None, visible: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Look at and learn every event of a frame; returns the kept feature rows and how unexplained every event is.

        Where a column `held` has a number, the event is kept back until its label (Memory.hold) as soon as so many
        later ones were learned; until then nothing is kept back of its `unexplained`.
        keep: bool [n], which rows to return (default none); visible: bool [n], whose labels may ever be known.
        """
        ints, floats = self.memory.encoder.frame(frame)
        n = frame.height
        kept = np.zeros(n, bool) if keep is None else np.asarray(keep, bool)
        out = np.empty((int(kept.sum()), self.memory.width), np.float32)
        places = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int64)
        unexplained = np.concatenate([np.zeros(n), self._to_hold])
        self._pending.event[self._pending.event >= 0] += n
        after = frame["held"].fill_null(-1).to_numpy() if "held" in frame.columns else np.full(n, -1)
        labels = self._pending.join(self._held(ints, after)).join(self._labels(frame, ints, after, visible))
        labels, when = self._due(labels, ints[:, 0])
        due = int(np.searchsorted(when, n))
        self._run(ints, floats, out, places, unexplained, labels, when, due)
        windows = self.learn_windows(ints, frame, bool(kept.any()))
        self.windows = None if windows is None else windows[kept]
        self._wait(labels.take(np.arange(due, len(when))), unexplained, n)
        return self.memory.seen(out), unexplained[:n]

    def _wait(self, rest: _Pending, unexplained: np.ndarray, n: int) -> None:
        """What is left behind the last event: it waits, but for what is kept back here."""
        held = rest.fraud == HELD
        now = held & (rest.place == n)
        for i in np.flatnonzero(now).tolist():
            one = rest.event[i]
            unexplained[one] = self.memory.learn_label_row(rest.rows[i], HELD, AT_ONCE, unexplained[one])
        own = rest.event >= 0
        rest.unexplained[own] = unexplained[rest.event[own]]
        later = rest.event[held & ~now]
        self._to_hold, behind = unexplained[later], np.full(len(unexplained), -1, np.int64)
        behind[later] = np.arange(len(later))
        rest.event[own] = behind[rest.event[own]]
        rest.place[:] = np.maximum(rest.place - n, 0)
        self._pending = rest.take(~now)

    def learn_windows(self, ints: np.ndarray, frame: pl.DataFrame, keep: bool = False) -> np.ndarray | None:
        """The same events for the windows of rules: float64 [n, windows, 2] when they are kept."""
        parts = [exact.feed(ints, frame, keep) for exact in self.memory.exact]
        kept = [part for part in parts if part is not None]
        return np.concatenate(kept, axis=1) if kept else None

    def finish(self) -> int:
        """How many labels are still unknown after the last event."""
        return len(self._pending.known_at)

    @staticmethod
    def _held(ints: np.ndarray, after: np.ndarray) -> _Pending:
        where = np.flatnonzero(after >= 0)
        said, nothing = np.full(len(where), HELD, np.uint8), np.zeros(len(where))
        at_once = np.full(len(where), AT_ONCE)
        return _Pending(at_once, ints[where], said, nothing, where, where + 1 + after[where])

    def _labels(self, frame: pl.DataFrame, ints: np.ndarray, after: np.ndarray, visible: np.ndarray | None) -> _Pending:
        if "label" not in frame.columns:
            return self._pending.take(np.zeros(0, np.int64))
        label = frame["label"].fill_null(-1).to_numpy()
        known = frame["known_at_us"].fill_null(-1).to_numpy()
        told = (label >= 0) & (known >= 0)
        if visible is not None:
            told &= visible
        where = np.flatnonzero(told)
        # A label cannot be known before its event: a known-at earlier than the event counts from the event on. And
        # whoever learned of it learned it when the event had been kept back.
        known_at = np.maximum(known[where], ints[where, 0])
        said, nothing = label[where].astype(np.uint8), np.zeros(len(where))
        return _Pending(known_at, ints[where], said, nothing, where, where + 1 + np.maximum(after[where], 0))

    @staticmethod
    def _due(labels: _Pending, times: np.ndarray) -> tuple[_Pending, np.ndarray]:
        """Order labels by the event before which they are learned; never before their own event."""
        newest = np.maximum.accumulate(times) if len(times) else times
        when = np.maximum(np.searchsorted(newest, labels.known_at, "left"), labels.place)
        order = np.lexsort((labels.known_at, when))
        return labels.take(order), when[order]

    def _run(
        self,
        ints: np.ndarray,
        floats: np.ndarray,
        out: np.ndarray,
        places: np.ndarray,
        unexplained: np.ndarray,
        labels: _Pending,
        when: np.ndarray,
        due: int,
    ) -> None:
        arrays = [ints, floats, out, places, unexplained, np.ascontiguousarray(when), np.ascontiguousarray(labels.rows)]
        arrays += [labels.event, labels.fraud, labels.known_at, labels.unexplained]
        sizes = [0, ints.strides[0], floats.strides[0], 4 * self.memory.width, due, 0, 0]
        table = np.array([a.ctypes.data for a in arrays] + sizes, np.int64)
        for start in range(0, len(ints), PORTION):
            stop = min(start + PORTION, len(ints))
            table[_STOP], table[_START] = stop, start
            table[_FIRST_LABEL] = min(int(np.searchsorted(when, start - 1, "right")), due)
            self.memory.arena.prepare_pages()
            if not self.memory.run_batch(int(table.ctypes.data)):
                raise self.memory.refusal()


def replay(
    spec: Spec,
    frames: Iterable[pl.DataFrame],
    *,
    keep: Mask | None = None,
    visible: Mask | None = None,
    columns: tuple[str, ...] = ("id", "time_us", "amount", "label", "known_at_us"),
    memory: Memory | None = None,
    progress: Callable[[int], None] | None = None,
) -> Replay:
    """Replay canonical frames; `keep` and `visible` map a frame to a mask of its rows.

    Kept: the feature rows and the named columns of the frame (plus the subject's key). Labels are learned by the time
    they became known, and only where `visible` says so.
    """
    replayer = Replayer(memory or Memory(spec))
    subject = replayer.memory.spec.subject
    wanted = [*columns, *([f"entity:{subject.name}"] if subject else [])]
    rows: list[np.ndarray] = []
    told: list[pl.DataFrame] = []
    for frame in frames:
        mask = keep(frame) if keep else np.ones(frame.height, bool)
        out, _ = replayer.feed(frame, mask, visible(frame) if visible else None)
        rows.append(out)
        told.append(frame.select([c for c in wanted if c in frame.columns]).filter(pl.Series(mask)))
        if progress:
            progress(frame.height)
    width = len(replayer.memory.spec.features)
    features = np.concatenate(rows) if rows else np.zeros((0, width), np.float32)
    return Replay(features, pl.concat(told) if told else pl.DataFrame(), replayer.memory.spec)
