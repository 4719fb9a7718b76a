"""Exact windows: what rules count in, kept beside the features and updated by the same events in the same order.

A window names an entity, what is counted or added up, a span, and perhaps which events count. The events that lie
before this one in order of arrival and not after it in time, and not longer ago than the span, are inside; an event
exactly one span ago is. Values are whole numbers of minor units as float64, exact up to 2**53.

Every window gives two numbers: its value, and what it is at least. They are equal while everything inside the window is
still kept. The value is unknown (NaN) when more than `ENTRIES_MAX` events of one key lie inside, when an event is more
than `LATE_US` late, or when keeping began inside the window: then "at least" is all that can be said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from xxhash import xxh3_64_intdigest

from haechi.features import control as at
from haechi.features import history
from haechi.features.arena import _array, _reserve
from haechi.features.errors import BadSpec, FeatureError
from haechi.features.generate import ROW_HEAD
from haechi.features.index import SHARDS, prepare
from haechi.features.spec import Spec

__all__ = ["ENTRIES_MAX", "LATE_US", "NEVER", "Exact", "Window", "reach_us"]

NEVER = history.NEVER
LATE_US = 86_400_000_000
BITS_MAX = 10
ENTRIES_MAX = 1 << BITS_MAX
BYTES_MAX = 2 << 30  # of address space; pages appear on touch
INDEX_BYTES_MIN = 1 << 20
WINDOWS_MAX = 1_000
FUNCTIONS = ("count", "sum", "mean", "max", "min", "distinct")
MONEY = FUNCTIONS[1:5]


@dataclass(frozen=True, order=True)
class Window:
    """One exact number: count, sum, mean, max, min or distinct; `of` is "amount", or what distinct values are of.

    where: (category or "kind", accepted values) pairs, all of which an event must meet to count.
    """

    function: str
    entity: str
    of: str
    span_us: int
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Exact:
    """The windows of one set of rules: look, then learn, one event or a frame at a time."""

    def __init__(
        self,
        windows: Sequence[Window],
        spec: Spec,
        *,
        seed: int = 0,
        currency: str = "",
        since_us: int = NEVER,
        bytes_max: int = BYTES_MAX,
    ) -> None:
        """Empty windows over the entities of `spec`; `seed` is that of the memory's encoder.

        currency: that of amounts which name none; since_us: from when on the events will come, NEVER for all of them.
        """
        self.windows: Mapping[Window, int] = {w: i for i, w in enumerate(dict.fromkeys(windows))}
        if len(self.windows) > WINDOWS_MAX:
            raise BadSpec(f"{len(self.windows)} exact windows, the limit is {WINDOWS_MAX}")
        self.seed = seed
        self._codes: dict[str, int] = {"": self._digest(currency)}
        self._columns = _columns(spec)
        self._kept: list[np.ndarray] = []  # arrays that compiled code has the addresses of
        self.control = self._array(history.CONTROL_WORDS)
        self._table = self._array(3 * SHARDS)
        self._scratch = self._array(2 * history.SLOTS)
        self._arena = _array(_reserve(bytes_max))
        self._index = _array(_reserve(max(bytes_max // 2, INDEX_BYTES_MIN)))
        self.streams = self._streams(since_us)
        self._out = np.full(2 * max(len(self.windows), 1), np.nan)
        self._row, self._row_address = self._out, 0
        self.control[history.USED] = 64
        self.control[history.NEWEST] = NEVER
        self._point()
        if prepare(self._address) != 0:
            raise FeatureError("the index has no room for its first entries")

    def look_and_learn(self, ints: np.ndarray, currency: str = "") -> np.ndarray:
        """The windows before an encoded event (see encode.py), float64 [windows, 2]: value, at least; then learn it."""
        if ints is not self._row:  # asking an array for its address costs more than all windows of a rule
            self._row, self._row_address = ints, ints.ctypes.data
        self.control[history.ROW] = self._row_address
        self.control[history.CURRENCY] = self._code(currency)
        history.look_and_learn(self._address)
        return self._out.reshape(-1, 2).copy()

    def feed(self, ints: np.ndarray, frame: pl.DataFrame, keep: bool = False) -> np.ndarray | None:
        """Look at and learn a frame that is encoded as `ints`; float64 [events, windows, 2] when they are kept."""
        n = len(ints)
        codes = np.full(n, self._code(""), np.int64)
        if "currency" in frame.columns:
            named = frame["currency"].fill_null("")
            different = named.unique()
            known = pl.Series([self._code(c) for c in different.to_list()], dtype=pl.Int64)
            codes = np.ascontiguousarray(named.replace_strict(different, known).to_numpy())
        out = np.full((n, max(len(self.windows), 1), 2), np.nan) if keep else None
        rows = np.ascontiguousarray(ints)
        address, size = (0, 0) if out is None else (out.ctypes.data, 8 * out.strides[0] // 8)
        history.feed(self._address, rows.ctypes.data, rows.strides[0], codes.ctypes.data, n, address, size)
        return out

    def refused(self) -> int:
        """How many events found no room; every one of them makes windows "at least"."""
        return int(self.control[history.REFUSED])

    def bytes_used(self) -> int:
        """Bytes of records and of their index."""
        return int(self.control[history.USED] + self.control[at.INDEX_USED])

    def _streams(self, since_us: int) -> np.ndarray:
        """Windows of one entity and one filter share a stream."""
        groups: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], list[Window]] = {}
        for window in self.windows:
            groups.setdefault((window.entity, window.where), []).append(window)
        table = self._array(history.STREAM_WORDS * max(len(groups), 1))
        for number, ((entity, where), windows) in enumerate(groups.items()):
            words = table[history.STREAM_WORDS * number : history.STREAM_WORDS * (number + 1)]
            self._stream(words, entity, where, windows)
            words[history.LOST] = since_us if since_us == NEVER else since_us - 1
        self.control[history.STREAMS] = len(groups)
        return table

    def _stream(
        self,
        words: np.ndarray,
        entity: str,
        where: tuple[tuple[str, tuple[str, ...]], ...],
        windows: list[Window],
    ) -> None:
        money = any(w.function in MONEY for w in windows)
        targets = sorted({w.of for w in windows if w.function == "distinct"})
        first_target = 3 if money else 1
        filters = [
            word
            for name, values in where
            for word in (self._column(name), len(values), *(self._digest(v) for v in values))
        ]
        columns = {w: first_target + targets.index(w.of) if w.function == "distinct" else 0 for w in windows}
        columns |= {w: history.AMOUNTS for w in windows if w.function in MONEY}
        told = [
            word
            for w in sorted(windows, key=lambda w: (columns[w], w.span_us))
            for word in (FUNCTIONS.index(w.function), w.span_us, columns[w], self.windows[w])
        ]
        salt = hashlib.sha256(repr((entity, where)).encode()).digest()[:7]
        words[history.KEY_AT] = self._column(entity)
        words[history.WIDTH] = first_target + len(targets)
        words[history.KEEP_US] = max(w.span_us for w in windows) + LATE_US
        words[history.SALT] = int.from_bytes(salt, "big") | 1
        words[history.MONEY] = int(money)
        words[history.TARGETS] = len(targets)
        words[history.TARGETS_AT] = self._array_of([self._column(t) for t in targets]).ctypes.data
        words[history.FILTERS] = len(where)
        words[history.FILTERS_AT] = self._array_of(filters).ctypes.data
        words[history.WINDOWS] = len(windows)
        words[history.WINDOWS_AT] = self._array_of(told).ctypes.data
        words[history.BITS_MAX] = BITS_MAX

    def _column(self, name: str) -> int:
        try:
            return self._columns[name]
        except KeyError:
            raise BadSpec(f"a window names {name!r}; known are {sorted(self._columns)}") from None

    def _code(self, currency: str) -> int:
        code = self._codes.get(currency)
        if code is None:
            code = self._codes[currency] = self._digest(currency)
        return code

    def _digest(self, text: str) -> int:
        digest = xxh3_64_intdigest(text.encode(), self.seed) or 1
        return digest - 2**64 if digest >= 2**63 else digest

    def _array(self, words: int) -> np.ndarray:
        return self._array_of([0] * words)

    def _array_of(self, words: Sequence[int]) -> np.ndarray:
        self._kept.append(np.array([*words, 0], np.int64))
        return self._kept[-1]

    def _point(self) -> None:
        c = self.control
        c[at.INDEX_TABLE], c[at.INDEX_BASE] = self._table.ctypes.data, self._index.ctypes.data
        c[at.INDEX_MAX] = self._index.nbytes
        c[history.ARENA], c[history.ARENA_MAX] = self._arena.ctypes.data, self._arena.nbytes
        c[history.STREAM_TABLE] = self.streams.ctypes.data
        c[history.SCRATCH], c[history.OUT] = self._scratch.ctypes.data, self._out.ctypes.data
        self._address = int(c.ctypes.data)


def reach_us(windows: Iterable[Window]) -> int:
    """How long ago the oldest event is that any of these can still ask for: the past to fill them from."""
    return max((window.span_us for window in windows), default=0) + LATE_US


def _columns(spec: Spec) -> dict[str, int]:
    """Where the keys of entities and categories stand in an encoded event."""
    names = [e.name for e in spec.keyed] + [c.name for c in spec.categories]
    return {name: ROW_HEAD + i for i, name in enumerate(names)}
