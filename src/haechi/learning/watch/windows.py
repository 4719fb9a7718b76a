"""Hours and days of what was seen, as counts: bounded in memory, kept in tables, back after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from haechi.learning.watch.reference import BINS
from haechi.stores import Tables, Work

__all__ = ["LATENCY_BOUNDS_US", "SPANS", "Window", "WindowStore"]

SPANS = {"hour": 3_600_000_000, "day": 86_400_000_000}
LATENCY_BOUNDS_US = tuple(2**n for n in range(3, 20))  # from 8 us to half a second
DELETED_AT_ONCE = 100
Counts = npt.NDArray[np.int64]


class Surprise(msgspec.Struct):
    """Events of one kind of surprise that no model suspected, and the newest of them."""

    count: int = 0
    examples: list[str] = []


class _Packed(msgspec.Struct):
    bins: str
    features: bytes
    actions: list[int]
    latency: list[int]
    events: int
    surprises: dict[str, Surprise] = {}
    figures: dict[str, float] = {}
    scores: dict[str, list[int]] = {}


@dataclass
class Window:
    """What was seen from `start_us` on, for an hour or a day of event time; `bins` names the bins of the features."""

    span: str
    start_us: int
    bins: str
    features: Counts
    actions: Counts = field(default_factory=lambda: np.zeros(4, np.int64))
    latency: Counts = field(default_factory=lambda: np.zeros(len(LATENCY_BOUNDS_US) + 1, np.int64))
    events: int = 0
    surprises: dict[str, Surprise] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    scores: dict[str, list[int]] = field(default_factory=dict)  # by model: how many in each bin of `said.spread`

    @classmethod
    def empty(cls, span: str, start_us: int, bins: str, features: int) -> Window:
        """Nothing seen yet."""
        return cls(span, start_us, bins, np.zeros((features, BINS + 1), np.int64))

    @property
    def alert_rate(self) -> float:
        """Share of events that were held or blocked."""
        return float(self.actions[2:].sum() / max(self.events, 1))

    def latency_us(self, share: float) -> float:
        """The bound below which this share of decisions was taken."""
        if not self.events:
            return 0.0
        at = int(np.searchsorted(np.cumsum(self.latency), share * self.latency.sum()))
        return float(LATENCY_BOUNDS_US[min(at, len(LATENCY_BOUNDS_US) - 1)])

    def missing(self) -> npt.NDArray[np.float64]:
        """Share of events without a value, by feature."""
        return self.features[:, -1] / max(self.events, 1)

    def encode(self) -> bytes:
        """As bytes."""
        return msgspec.msgpack.encode(_Packed(
            self.bins, self.features.astype("<i4").tobytes(), self.actions.tolist(), self.latency.tolist(), self.events,
            self.surprises, self.figures, self.scores,
        ))  # fmt: skip

    @classmethod
    def decode(cls, span: str, start_us: int, data: bytes) -> Window:
        """The inverse of `encode`."""
        p = msgspec.msgpack.decode(data, type=_Packed)
        features = np.frombuffer(p.features, "<i4").reshape(-1, BINS + 1).astype(np.int64)
        return cls(span, start_us, p.bins, features, np.array(p.actions, np.int64), np.array(p.latency, np.int64),
                   p.events, p.surprises, p.figures, p.scores)  # fmt: skip


class WindowStore:
    """The windows of one home."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def save(self, windows: list[Window], oldest_us: dict[str, int]) -> None:
        """Keep windows as they are now, and forget some of those older than is kept."""
        encoded = [(one.span, one.start_us, one.encode()) for one in windows]

        def task(work: Work) -> None:
            for span, start_us, content in encoded:
                work.run("DELETE FROM watch_windows WHERE span = :span AND start_us = :start AND model = ''",
                         {"span": span, "start": start_us})  # fmt: skip
                work.add("watch_windows", {"span": span, "start_us": start_us, "model": "", "content": content})
            for span, since in oldest_us.items():
                work.run(
                    "DELETE FROM watch_windows WHERE span = :span AND start_us IN (SELECT start_us FROM watch_windows"
                    " WHERE span = :span AND start_us < :since ORDER BY start_us LIMIT :some)",
                    {"span": span, "since": since, "some": DELETED_AT_ONCE},
                )

        self._tables.do(task)

    def last(self, span: str, count: int, before_us: int | None = None) -> list[Window]:
        """The newest windows of a span, oldest first; only those before a moment, when one is given."""
        rows = self._tables.rows(
            "SELECT start_us, content FROM watch_windows WHERE span = :span AND model = ''"
            " AND (:before IS NULL OR start_us < :before) ORDER BY start_us DESC LIMIT :count",
            {"span": span, "count": count, "before": before_us},
        )
        return [Window.decode(span, start, content) for start, content in reversed(rows)]

    def at(self, span: str, start_us: int) -> Window | None:
        """One window."""
        asked = "SELECT content FROM watch_windows WHERE span = :span AND start_us = :start AND model = ''"
        rows = self._tables.rows(asked, {"span": span, "start": start_us})
        return Window.decode(span, start_us, rows[0][0]) if rows else None


class Alarm(msgspec.Struct, frozen=True):
    """Something that moved beyond what quiet days do; `over_us` is when it came back."""

    number: int
    name: str
    value: float
    threshold: float
    state: str
    raised_us: int
    over_us: int | None
    content: dict[str, Any]


class AlarmStore:
    """The alarms of one home: at most one of a name at a time."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def raised(self) -> dict[str, Alarm]:
        """What is raised now, by name."""
        return {one.name: one for one in self._read("WHERE state = 'raised'", {})}

    def last(self, limit: int = 100) -> list[Alarm]:
        """The newest alarms, the newest first."""
        return list(self._read("", {"limit": limit}, " LIMIT :limit"))

    def raise_(self, name: str, value: float, threshold: float, at_us: int, content: dict[str, Any]) -> bool:
        """Raise an alarm; False when it is raised already."""
        if name in self.raised():
            return False

        def task(work: Work) -> None:
            work.add("watch_alarms", {
                "number": work.next("watch_alarms"), "name": name, "value": value, "threshold": threshold,
                "state": "raised", "raised_us": at_us, "over_us": None,
                "content": msgspec.json.encode(content).decode(),
            })  # fmt: skip

        self._tables.do(task)
        return True

    def end(self, name: str, at_us: int) -> bool:
        """It is over; False when it was not raised."""
        if name not in self.raised():
            return False
        sql = "UPDATE watch_alarms SET state = 'over', over_us = :at WHERE name = :name AND state = 'raised'"
        self._tables.do(lambda work: work.run(sql, {"at": at_us, "name": name}))
        return True

    def _read(self, where: str, values: dict[str, Any], tail: str = "") -> Iterator[Alarm]:
        columns = "number, name, value, threshold, state, raised_us, over_us, content"
        sql = f"SELECT {columns} FROM watch_alarms {where} ORDER BY number DESC{tail}"  # noqa: S608
        for row in self._tables.rows(sql, values):
            told = (*row[:-1], msgspec.json.decode(row[-1]))
            yield Alarm(**dict(zip(Alarm.__struct_fields__, told, strict=True)))
