"""Read the inputs of a program from one event, or from a whole frame; both give the same numbers."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import nan

import numpy as np
import polars as pl

from haechi.events import Event
from haechi.features import Spec, Window
from haechi.features.blocks.categories import attribute_code
from haechi.rules.calendar import TIMES
from haechi.rules.expression import Input, Word
from haechi.rules.lists import Lists, key_of
from haechi.rules.machine import on_list_rows
from haechi.rules.names import Names
from haechi.rules.patterns import asks

__all__ = ["MOMENT", "Reader"]

MOMENT = Input("moment")
MEMO_MAX = 10_000
OTHER = -1.0  # a text that no rule names
_ORDER = ("moment", "amount", "guard", "number", "lat", "lon", "surprise", "time", "word", "same", "pattern",
          "feature", "attribute", "exact", "floor", "list")  # fmt: skip
SCALARS = _ORDER.index("feature")
TextReader = Callable[[str], tuple[float, ...]]


class Reader:
    """Knows where each input stands: first what is read from the event itself, then features, windows and lists."""

    def __init__(self, inputs: Sequence[Input], words: Sequence[Word], names: Names, seed: int = 0) -> None:
        """Order the inputs of all rules; `words` are the texts that any of them is compared with."""
        wanted = {MOMENT, *inputs}
        if any(i.source == "time" for i in wanted):
            wanted |= {Input("time", name) for name in TIMES}
        self.names, self.seed = names, seed
        self.inputs = tuple(sorted(wanted, key=_place))
        by_source: dict[str, list[Input]] = {source: [] for source in _ORDER}
        for i in self.inputs:
            by_source[i.source].append(i)
        self.guards = tuple(i.name for i in by_source["guard"])
        self.numbers = tuple(i.name for i in by_source["number"])
        self.features = by_source["feature"] + by_source["attribute"]
        self.windows = by_source["exact"] + by_source["floor"]
        self.lists = by_source["list"]
        self.entities = tuple(dict.fromkeys(i.name for i in self.lists))
        self._has = {source: bool(found) for source, found in by_source.items()}
        self._surprises = len(by_source["surprise"])
        self._codes: dict[str, dict[str, float]] = {}
        for word in words:
            codes = self._codes.setdefault(word.input.name, {})
            codes.setdefault(word.text, float(len(codes)))
        fields = [i.name for i in by_source["word"]]
        self._words = [(self._text_of(name), self._codes.get(name, {})) for name in fields]
        self._word_fields = fields
        self._pairs = [(i, self._text_of(i.name), self._text_of(i.text)) for i in by_source["same"]]
        self._patterns = [
            (name, self._text_of(name), self._asking([i for i in by_source["pattern"] if i.name == name]))
            for name in dict.fromkeys(i.name for i in by_source["pattern"])
        ]
        self.scalars = sum(_ORDER.index(i.source) < SCALARS for i in self.inputs)
        self._pack = struct.Struct(f"<{self.scalars}d")
        self.starts = np.array(
            [self.scalars, self.scalars + len(self.features), len(self.inputs) - len(self.lists)], np.int64
        )
        self.scales = np.array([i.scale for i in self.features], np.float64)

    def number(self, word: Word) -> float:
        """What a text is compared as: a running number of its field, or an attribute's code as the memory has it."""
        if word.input.source == "attribute":
            return float(attribute_code(((key_of(word.text, self.seed) % 2**64) >> 1) or 1))
        return self._codes[word.input.name][word.text]

    def places(self, spec: Spec, windows: Mapping[Window, int]) -> tuple[np.ndarray, np.ndarray]:
        """Where features stand in a row of this spec, and windows in what the memory keeps (-1: it does not)."""
        features = [spec.index(self._feature(i)) for i in self.features]
        kept = []
        for i in self.windows:
            place = windows.get(i.window, -1) if i.window is not None else -1
            kept.append(-1 if place < 0 else 2 * place + (i.source == "floor"))
        return np.array(features, np.int64), np.array(kept, np.int64)

    def one(self, event: Event, regs: np.ndarray, keys: np.ndarray) -> None:
        """Write an event's own inputs to the beginning of the registers, and its keys for lists."""
        told: list[float] = [float(event.time_us)]
        has = self._has
        if has["amount"]:
            told.append(nan if event.amount is None else float(event.amount))
        if self.guards:
            currency = event.currency or self.names.currency
            told += [1.0 if currency == wanted else nan for wanted in self.guards]
        if self.numbers:
            numbers = event.numbers
            told += [numbers.get(name, nan) for name in self.numbers]
        if has["lat"]:
            told.append(nan if event.lat is None else event.lat)
        if has["lon"]:
            told.append(nan if event.lon is None else event.lon)
        if self._surprises:
            told += [nan] * self._surprises
        if has["time"]:
            told += self.names.calendar.times(event.time_us)
        for text_of, codes in self._words:
            text = text_of(event)
            told.append(nan if text is None else codes.get(text, OTHER))
        for _, first_of, second_of in self._pairs:
            first, second = first_of(event), second_of(event)
            told.append(nan if first is None or second is None else float(first == second))
        for _, text_of, (ask, unknown) in self._patterns:
            text = text_of(event)
            told += unknown if text is None else ask(text)
        self._pack.pack_into(regs.data, 0, *told)
        for i, name in enumerate(self.entities):
            entity = event.entities.get(name)
            keys[i] = 0 if entity is None else key_of(entity, self.seed)

    def text(self, event: Event, name: str) -> str | None:
        """A field of an event that is compared as a text."""
        return self._text_of(name)(event)

    def columns(
        self, frame: pl.DataFrame, features: np.ndarray, spec: Spec, windows: np.ndarray | None,
        kept: Mapping[Window, int], lists: Lists,
    ) -> np.ndarray:  # fmt: skip
        """All inputs of many events, float64 [inputs, events].

        features: float32 [events, features of spec]; windows: float64 [events, windows, 2] in the order of `kept`.
        """
        n = frame.height
        out = np.full((len(self.inputs), n), np.nan)
        times = frame["time_us"].to_numpy()
        told = [times.astype(np.float64)[None], *self._fields(frame, n)]
        if self._has["time"]:
            told.append(self.names.calendar.columns(times))
        told += [
            self._texts(frame, name, partial(_code, codes), (nan,))
            for name, (_, codes) in zip(self._word_fields, self._words, strict=True)
        ]
        told += [self._same(frame, pair) for pair, _, _ in self._pairs]
        told += [self._texts(frame, name, ask, unknown) for name, _, (ask, unknown) in self._patterns]
        out[: self.scalars] = np.concatenate(told)
        feature_at, window_at = self.places(spec, kept)
        for i, at in enumerate(feature_at):
            scaled = features[:, at].astype(np.float64) * self.scales[i]
            out[self.starts[0] + i] = np.where(np.isfinite(scaled), scaled, nan)
        for i, at in enumerate(window_at):
            if at >= 0 and windows is not None:
                out[self.starts[1] + i] = windows[:, at // 2, at % 2]
        self._listed(frame, times, lists, out[self.starts[2] :])
        return out

    def _fields(self, frame: pl.DataFrame, n: int) -> list[np.ndarray]:
        found = []
        if self._has["amount"]:
            found.append(_floats(frame, "amount", n))
        for wanted in self.guards:
            currency = frame["currency"] if "currency" in frame.columns else pl.Series([""]).new_from_index(0, n)
            same = currency.replace({"": self.names.currency}).fill_null(self.names.currency) == wanted
            found.append(np.where(same.to_numpy(), 1.0, nan))
        found += [_floats(frame, f"number:{name}", n) for name in self.numbers]
        found += [_floats(frame, name, n) for name in ("lat", "lon") if self._has[name]]
        found += [np.full(n, nan)] * self._surprises
        return [column[None] for column in found]

    def _texts(self, frame: pl.DataFrame, name: str, ask: TextReader, unknown: tuple[float, ...]) -> np.ndarray:
        """Ask each different text once."""
        column = self._column(frame, name)
        different = column.drop_nulls().unique()
        answers = np.array([*(ask(text) for text in different.to_list()), unknown], np.float64)
        if different.is_empty():
            return np.repeat(answers.T, len(column), axis=1)
        numbers = pl.Series(np.arange(len(different)))
        where = column.replace_strict(different, numbers, default=None, return_dtype=pl.Int64)
        return np.ascontiguousarray(answers[where.fill_null(len(different)).to_numpy()].T)

    def _same(self, frame: pl.DataFrame, pair: Input) -> np.ndarray:
        """Whether two texts are one; unknown where one is missing."""
        same = self._column(frame, pair.name) == self._column(frame, pair.text)
        return same.cast(pl.Float64).fill_null(nan).to_numpy()[None]

    def _listed(self, frame: pl.DataFrame, times: np.ndarray, lists: Lists, out: np.ndarray) -> None:
        keys: dict[str, np.ndarray] = {}
        for name in self.entities:
            column = self._column(frame, name)
            different = column.drop_nulls().unique()
            known = pl.Series([key_of(t, self.seed) for t in different.to_list()], dtype=pl.Int64)
            found = column.replace_strict(different, known, default=None, return_dtype=pl.Int64)
            keys[name] = found.fill_null(0).to_numpy()
        for i, wanted in enumerate(self.lists):
            on_list_rows(*lists.table(wanted.text), keys[wanted.name], times.astype(np.float64), out[i])

    def _column(self, frame: pl.DataFrame, name: str) -> pl.Series:
        kind = "entity" if name in self.names.entities else "category"
        wanted = name if name in ("kind", "currency") else f"{kind}:{name}"
        if wanted not in frame.columns:
            told = self.names.currency if name == "currency" else None
            return pl.Series(name, [told], dtype=pl.String).new_from_index(0, frame.height)
        column = frame[wanted].cast(pl.String)
        if name != "currency":
            return column
        return column.replace({"": self.names.currency}).fill_null(self.names.currency)

    def _text_of(self, name: str) -> Callable[[Event], str | None]:
        # None of these knows the reader: a set that is replaced has to go at once, without the collector of garbage.
        if name == "kind":
            return lambda event: event.kind
        if name == "currency":
            own = self.names.currency
            return lambda event: event.currency or own
        if name in self.names.entities:
            return lambda event: event.entities.get(name)
        return lambda event: event.categories.get(name)

    @staticmethod
    def _asking(patterns: Sequence[Input]) -> tuple[TextReader, tuple[float, ...]]:
        """All questions to one field, answered together; answers are remembered, for values come again."""
        questions = [asks(p.operation, p.text) for p in patterns]
        memo: dict[str, tuple[float, ...]] = {}

        def ask(text: str) -> tuple[float, ...]:
            found = memo.get(text)
            if found is None:
                if len(memo) >= MEMO_MAX:
                    memo.clear()
                found = memo[text] = tuple(1.0 if question(text) else 0.0 for question in questions)
            return found

        return ask, (nan,) * len(questions)

    def _feature(self, wanted: Input) -> str:
        return f"{self.names.subject}.{wanted.name}" if wanted.source == "attribute" else wanted.name


def _place(wanted: Input) -> tuple[int, int, str, str, str, str]:
    time = TIMES.index(wanted.name) if wanted.source == "time" else 0
    window = repr(wanted.window)
    return _ORDER.index(wanted.source), time, wanted.name, wanted.operation, wanted.text, window


def _code(codes: Mapping[str, float], text: str) -> tuple[float, ...]:
    return (codes.get(text, OTHER),)


def _floats(frame: pl.DataFrame, name: str, n: int) -> np.ndarray:
    if name not in frame.columns:
        return np.full(n, nan)
    return frame[name].cast(pl.Float64).fill_null(nan).to_numpy()
