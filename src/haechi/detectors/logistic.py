"""Logistic regression, two ways: on all features, and for few labels on the bits of surprise alone.

The first is the baseline that every model is reported beside, and a candidate itself: values are signed logarithms,
unknown ones take the median, columns are standardised, and a flag says where a value was unknown. The second begins
from what is believed before any label, that a bit of rarity is a bit of evidence, and a fifth either way is what its
weights stray by; none is ever negative. With few frauds both have less to get wrong than trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from haechi.detectors.boosting import Labels, Weights, check_trainable
from haechi.detectors.forest import Rows, Scores
from haechi.detectors.linear import Linear, placed
from haechi.detectors.stack import AHEAD, BITS_MAX, INPUTS

__all__ = ["FEW_RIDGE", "few_columns", "fit_few", "fit_logistic"]

RIDGE = 100.0
FEW_RIDGE = 30.0  # of weights of bits: a fifth either way is what somebody would believe before any label
CLIP = 6.0
STEPS_MAX = 200
SPREAD_MIN = 1e-9
FLAGGED_MIN = 0.01  # a flag says something where this share of the rows is unknown, and as many are not


def fit_logistic(rows: Rows, y: Labels, weights: Weights, chosen: npt.NDArray[np.int64] | None = None) -> Linear:
    """Fit the chosen columns (all, left out) by penalised maximum likelihood.

    `weights` says how many events each row stands for. Raises UntrainableSet.
    """
    check_trainable(y)
    chosen = np.arange(rows.shape[1]) if chosen is None else chosen
    values = placed(rows[:, chosen], logged=True)
    unknown = np.isnan(values)
    median, share = _medians(values, unknown), unknown.mean(axis=0)
    np.copyto(values, median.astype(np.float32), where=unknown)
    mean, spread = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
    spread = np.where(spread > SPREAD_MIN, spread, 1.0)
    flagged = (share > FLAGGED_MIN) & (share < 1.0 - FLAGGED_MIN)
    width = len(chosen)
    columns = np.empty((len(values), width + int(flagged.sum()) + 1), dtype=np.float32)
    columns[:, :width] = np.clip((values - mean) / spread, -CLIP, CLIP)
    columns[:, width:-1], columns[:, -1] = unknown[:, flagged], 1.0
    penalty = np.full(columns.shape[1], min(RIDGE, len(y) / 100.0))
    found = _maximise(columns, y, weights, penalty, np.zeros(columns.shape[1]))
    slope, low, high = found[:width] / spread, mean - CLIP * spread, mean + CLIP * spread
    untold = slope * np.clip(median, low, high)
    untold[flagged] += found[width:-1]
    used = (slope != 0.0) | (untold != 0.0)
    return Linear(
        chosen[used], low[used], high[used], slope[used], untold[used], float(found[-1] - slope @ mean), True,
        rows.shape[1],
    )  # fmt: skip


def few_columns(names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Where the columns stand that a regression of few labels weighs; none where the home has no behaviour."""
    there = INPUTS if AHEAD in names else ()
    return np.array([names.index(name) for name in there if name in names], dtype=np.int64)


def fit_few(rows: Rows, y: Labels, weights: Weights, names: Sequence[str]) -> Linear:
    """Fit the bits of surprise and the run, with weights >= 0 that stay near what is believed without labels."""
    check_trainable(y)
    chosen = few_columns(names)
    bits = np.clip(np.nan_to_num(rows[:, chosen], nan=0.0, posinf=0.0, neginf=0.0), 0.0, BITS_MAX)
    columns = np.hstack([bits, np.ones((len(bits), 1))]).astype(np.float32)
    believed = np.array([log(2.0) if names[at] == AHEAD else 0.0 for at in chosen] + [0.0])
    penalty = np.full(len(believed), FEW_RIDGE)
    found = _maximise(columns, y, weights, penalty, believed, low=0.0)
    zero, high = np.zeros(len(chosen)), np.full(len(chosen), BITS_MAX)
    return Linear(chosen, zero, high, found[:-1], zero, float(found[-1]), False, rows.shape[1])


def _maximise(
    columns: Rows, y: Labels, counts: Weights, penalty: Scores, believed: Scores, low: float | None = None
) -> Scores:
    """Weights of the penalised likelihood's maximum; the last column is the constant, unpenalised and unbounded."""
    from scipy.optimize import minimize

    penalty, start = np.append(penalty[:-1], 0.0), believed.copy()
    target = (y == 1).astype(np.float64)
    start[-1] = log(counts @ target / (counts @ (1.0 - target)))

    def loss(w: Scores) -> tuple[float, Scores]:
        gradient, away = np.zeros(len(w)), penalty * (w - believed)
        value = _loss(columns, target, counts, w, gradient)
        return value + 0.5 * float(away @ (w - believed)), gradient + away

    bounds = [(low, None)] * (len(start) - 1) + [(None, None)]
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS_MAX, "ftol": 1e-8}
    )  # fmt: skip
    return cast(Scores, found.x)


# The order of a sum is the compiler's, so that it adds several terms at once: the same on the same kind of processor.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _loss(columns: Any, y: Any, counts: Any, w: Any, gradient: Any) -> float:
    """Negative log likelihood; adds its gradient to `gradient`. One walk through the rows."""
    total: float = 0.0
    for i in range(len(y)):
        z = 0.0
        for j in range(len(w)):
            z += np.float64(columns[i, j]) * w[j]
        tail = np.exp(-abs(z))
        p = 1.0 / (1.0 + tail) if z >= 0.0 else tail / (1.0 + tail)
        total += counts[i] * (max(z, 0.0) + np.log1p(tail) - y[i] * z)
        pull = counts[i] * (p - y[i])
        for j in range(len(w)):
            gradient[j] += pull * np.float64(columns[i, j])
    return total


def _medians(values: Rows, unknown: npt.NDArray[np.bool_]) -> Scores:
    """Median of the known values of each column; 0 where none is known."""
    known = ~unknown.all(axis=0)
    median = np.zeros(values.shape[1])
    median[known] = np.nanmedian(values[:, known], axis=0)
    return median
