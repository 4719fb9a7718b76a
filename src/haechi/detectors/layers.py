"""The last layers of a supervised model for many rows at once: calibration and stack in one compiled walk.

It computes what `Calibration.apply_one` and `Stack.apply_one` do, term by term in their order and with the same library
of mathematics, so that many rows are judged bit for bit as one by one (tests/contracts/test_detectors.py). Row by row
in the interpreter these layers cost more than forest and views together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

import haechi.features  # noqa: F401  its door says where compiled code is kept
from haechi.detectors.calibration import RANK, Calibration
from haechi.detectors.forest import Rows, Scores
from haechi.detectors.stack import BITS_MAX, P_MIN, Stack

__all__ = ["Layers"]


class Layers:
    """From a model's log-odds to probabilities."""

    def __init__(self, calibration: Calibration, stack: Stack | None, columns: Sequence[int]) -> None:
        """`columns`: where the stack's bits stand in a row."""
        c, s = calibration, stack or Stack((), (), 0.0, 0.0, 0.0)
        knots, levels = _floats(c.knots), _floats(c.levels)
        self._calibration = c.kind == "isotonic", c.slope, c.shift, knots, levels, c.floor, c.ceiling
        self._stack = np.array(columns, np.int64), _floats(s.weights), s.shift, s.floor, s.ceiling

    def apply(self, scores: Scores, rows: Rows) -> Scores:
        """Probabilities of many rows with these log-odds; float64 [n]."""
        out = np.empty(len(scores))
        rows = np.ascontiguousarray(rows, np.float32)
        _apply(scores, rows, *self._calibration, *self._stack, out)
        return out


def _floats(values: Sequence[float]) -> npt.NDArray[np.float64]:
    return np.array(values, np.float64)


@njit(cache=True, inline="always")
def _sigmoid(score: Any) -> Any:
    if score >= 0.0:
        return 1.0 / (1.0 + math.exp(-score))
    odds = math.exp(score)
    return odds / (1.0 + odds)


@njit(cache=True, inline="always")
def _bounded(p: Any, free: Any, floor: Any, ceiling: Any) -> Any:
    """A probability between its ends, which keeps its rank by what it were without them."""
    held = min(max(p, floor), ceiling)
    return held + RANK * (floor + (ceiling - floor) * free - held)


@njit(cache=True, inline="always")
def _step(score: Any, knots: Any, levels: Any) -> Any:
    """Where a score stands on the staircase."""
    at = np.searchsorted(knots, score, side="right")
    if at == 0:
        return levels[0]
    if at == len(knots):
        return levels[-1]
    slope = (levels[at] - levels[at - 1]) / (knots[at] - knots[at - 1])
    return slope * (score - knots[at - 1]) + levels[at - 1]


@njit(cache=True)  # microseconds: it keeps the interpreter's lock (see haechi.features.jit)
def _apply(
    scores: Any, rows: Any, is_staircase: Any, slope: Any, shift: Any, knots: Any, levels: Any, floor: Any,
    ceiling: Any, columns: Any, weights: Any, then_shift: Any, then_floor: Any, then_ceiling: Any, out: Any,
) -> None:  # fmt: skip
    for i in range(len(scores)):
        score = scores[i]
        raw = _step(score, knots, levels) if is_staircase else _sigmoid(slope * score + shift)
        p = _bounded(raw, _sigmoid(score), floor, ceiling)
        if len(weights):
            p = min(max(p, P_MIN), 1.0 - P_MIN)
            z = then_shift + weights[0] * math.log(p / (1.0 - p))
            for j in range(len(columns)):
                x = np.float64(rows[i, columns[j]])
                z += weights[j + 1] * (0.0 if math.isnan(x) else min(x, BITS_MAX))
            p = _sigmoid(z)
            p = _bounded(p, p, then_floor, then_ceiling)
        out[i] = p
