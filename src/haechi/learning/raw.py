"""Raw fields of events as numbers, with no memory of any other event: what a model sees that knows no history.

A moment becomes its hour, weekday and day of the month; a number stays; a word becomes the fraud rate of that word
among the events learned from. An id is not a word: remembering which account was in a fraud is memory. But an id can
betray how it was made, so its length, its shape (letters kept, digits as 9) and its number are fields too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from haechi.learning.dataset import Index, Mask, Rows

WORDS_MAX = 200  # a text column with more different values than this holds ids
PRIOR_EVENTS = 50.0  # a word is rated as if it had been seen in so many more events of the mean rate
MISSING = "\0missing"
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RawFields:
    """How the columns of a source become numbers, learned from some of its rows."""

    rates: Mapping[str, Mapping[str, float]]
    ids: frozenset[str]
    mean_rate: float

    @classmethod
    def learn(cls, frame: pl.DataFrame, y: Mask, weights: Weights, ids: Sequence[str]) -> RawFields:
        """Rate the words of the rows that teach; `ids` are columns that hold ids whatever they look like."""
        mean_rate = float(weights[y].sum() / weights.sum())
        found, rates = set(ids), {}
        for name in _texts(frame):
            if name in found or frame[name].n_unique() > WORDS_MAX:
                found.add(name)
                values = _shape(frame[name])
            else:
                values = frame[name]
            rates[name] = _rates(values, y, weights, mean_rate)
        return cls(rates, frozenset(found), mean_rate)

    def fields(self, frame: pl.DataFrame, time_us: Index, offset_us: int) -> dict[str, Rows]:
        """The numbers of every field, float32 [rows, numbers of that field]; NaN where it is missing."""
        local = time_us + offset_us
        days = local // DAY_US
        dates = pl.Series(days.astype(np.int32)).cast(pl.Date)
        found = {"time": _stacked(local % DAY_US / HOUR_US, (days + 3) % 7, dates.dt.day().to_numpy())}
        for name in frame.columns:
            values = frame[name]
            if values.dtype.is_numeric() or values.dtype == pl.Boolean:
                found[name] = _stacked(values.cast(pl.Float64).to_numpy())
            elif name in self.rates:
                found[name] = self._text(name, values)
        return found

    def _text(self, name: str, values: pl.Series) -> Rows:
        if name not in self.ids:
            return _stacked(self._rated(name, values))
        digits = values.str.extract(r"(\d{1,15})\D*$").cast(pl.Float64)
        first = values.str.extract(r"^\D*(\d{1,15})").cast(pl.Float64)
        lengths = values.str.len_chars().cast(pl.Float64)
        return _stacked(
            lengths.to_numpy(), self._rated(name, _shape(values)), digits.to_numpy(), first.to_numpy()
        )  # fmt: skip

    def _rated(self, name: str, values: pl.Series) -> npt.NDArray[np.float64]:
        rates = self.rates[name]
        known = values.fill_null(MISSING)
        table = pl.Series(list(rates.values()), dtype=pl.Float64)
        words = pl.Series(list(rates), dtype=pl.String)
        return known.replace_strict(words, table, default=self.mean_rate, return_dtype=pl.Float64).to_numpy()


def _texts(frame: pl.DataFrame) -> list[str]:
    return [name for name, dtype in frame.schema.items() if dtype == pl.String]


def _shape(values: pl.Series) -> pl.Series:
    """Letters as they are, digits as 9, and no more than the first dozen characters."""
    return values.str.slice(0, 12).str.replace_all(r"\d", "9").alias(values.name)


def _rates(values: pl.Series, y: Mask, weights: Weights, mean_rate: float) -> dict[str, float]:
    table = pl.DataFrame({"word": values.fill_null(MISSING), "fraud": weights * y, "events": weights})
    sums = table.group_by("word", maintain_order=True).agg(pl.col("fraud", "events").sum())
    rated = (sums["fraud"] + PRIOR_EVENTS * mean_rate) / (sums["events"] + PRIOR_EVENTS)
    return dict(zip(sums["word"].to_list(), rated.to_list(), strict=True))


def _stacked(*columns: npt.NDArray[np.generic]) -> Rows:
    return np.column_stack([np.asarray(column, np.float32) for column in columns])
