"""A linear model as flat arrays: each column adds its slope times its clipped value, or what "unknown" is worth.

Training and scoring place a value by the same compiled function, so that nothing can be read in two ways. Values with
a long tail are placed by a signed logarithm of base two that is read off the float's own bits: linear between powers of
two, never falling, at most .086 from the true one, and the same bit by bit on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from numba import njit

import haechi.features  # noqa: F401  its door says where compiled code is kept
from haechi.detectors.forest import Rows, Scores

__all__ = ["ARRAYS", "Linear", "placed"]

# What a linear model is made of, column by column, and how each is kept in a file.
ARRAYS = {"columns": "<i8", "low": "<f8", "high": "<f8", "slope": "<f8", "unknown": "<f8"}
ONE_BITS, MANTISSA_BITS = np.int32(0x3F80_0000), 23


@dataclass(frozen=True)
class Linear:
    """A sum over some columns of a whole row, in log-odds."""

    columns: npt.NDArray[np.int64]
    low: Scores  # a placed value is clipped to [low, high] before its slope
    high: Scores
    slope: Scores
    unknown: Scores  # what a value that is not known, or infinite, adds
    shift: float
    logged: bool  # whether values are placed by their logarithm, or as they are
    feature_count: int

    @property
    def size(self) -> float:
        """The largest score that it can give."""
        most = np.maximum(np.maximum(abs(self.slope * self.low), abs(self.slope * self.high)), abs(self.unknown))
        return float(most.sum()) + abs(self.shift)

    def score(self, rows: Rows) -> Scores:
        """Log-odds of every row."""
        if rows.ndim != 2 or rows.shape[1] != self.feature_count:
            raise ValueError(f"rows of {self.feature_count} features are needed, not of shape {rows.shape}")
        out = np.empty(len(rows))
        _sums(*self._parts, np.ascontiguousarray(rows, dtype=np.float32), out)
        return out

    def score_one(self, row: Rows) -> float:
        """Log-odds of one row: the hot path, no checks."""
        return cast(float, _sum(*self._parts, row))

    def credit(self, row: Rows, reference: Rows) -> Scores:
        """What each feature adds compared with a reference row: of a sum, its terms' differences are Shapley values."""
        found = np.zeros(self.feature_count)
        _credit(*self._parts, row, reference, found)
        return found

    @property
    def _parts(self) -> tuple[Any, ...]:
        return self.columns, self.low, self.high, self.slope, self.unknown, self.shift, self.logged

    def document(self) -> dict[str, Any]:
        """Plain values for the artifact."""
        arrays = {name: np.ascontiguousarray(getattr(self, name), kind).tobytes() for name, kind in ARRAYS.items()}
        return {**arrays, "shift": self.shift, "logged": self.logged}

    @classmethod
    def read(cls, document: dict[str, Any], feature_count: int) -> Linear:
        """The inverse of `document`."""
        arrays = {name: np.frombuffer(document[name], kind) for name, kind in ARRAYS.items()}
        return cls(**arrays, shift=document["shift"], logged=document["logged"], feature_count=feature_count)


def placed(rows: Rows, *, logged: bool) -> Rows:
    """Values as a linear model places them; NaN where unknown or infinite."""
    out = np.empty(rows.shape, dtype=np.float32)
    _place_all(np.ascontiguousarray(rows, dtype=np.float32), logged, out)
    return out


@njit(cache=True, nogil=True, inline="always")
def _place(x: Any, logged: Any) -> Any:
    """One finite value's place."""
    if not logged:
        return x
    bits = np.float32(np.float32(1.0) + abs(x)).view(np.int32) - ONE_BITS
    size = np.float32(bits) * np.float32(1.0 / (1 << MANTISSA_BITS))
    return size if x >= 0.0 else -size


@njit(cache=True, nogil=True)
def _place_all(rows: Any, logged: Any, out: Any) -> None:
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            x = rows[i, j]
            out[i, j] = _place(x, logged) if np.isfinite(x) else np.float32(np.nan)


@njit(cache=True, nogil=True, inline="always")
def _term(x: Any, low: Any, high: Any, slope: Any, unknown: Any, logged: Any) -> Any:
    """What one value adds."""
    if not np.isfinite(x):
        return unknown
    return slope * min(max(np.float64(_place(x, logged)), low), high)


@njit(cache=True)  # microseconds: it keeps the interpreter's lock (see haechi.features.jit)
def _sum(
    columns: Any, low: Any, high: Any, slope: Any, unknown: Any, shift: Any, logged: Any, row: Any
) -> float:  # fmt: skip
    total: float = shift
    for j in range(len(columns)):
        total += _term(row[columns[j]], low[j], high[j], slope[j], unknown[j], logged)
    return total


@njit(cache=True, nogil=True)
def _sums(
    columns: Any, low: Any, high: Any, slope: Any, unknown: Any, shift: Any, logged: Any, rows: Any, out: Any
) -> None:  # fmt: skip
    for i in range(len(rows)):
        out[i] = _sum(columns, low, high, slope, unknown, shift, logged, rows[i])


@njit(cache=True)
def _credit(
    columns: Any, low: Any, high: Any, slope: Any, unknown: Any, shift: Any, logged: Any, row: Any, reference: Any,
    credit: Any,
) -> None:  # fmt: skip
    for j in range(len(columns)):
        at = columns[j]
        own = _term(row[at], low[j], high[j], slope[j], unknown[j], logged)
        credit[at] += own - _term(reference[at], low[j], high[j], slope[j], unknown[j], logged)
