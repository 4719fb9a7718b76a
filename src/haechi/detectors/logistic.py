"""Logistic regression on the same features: the baseline that every model is reported beside.

Values are signed logarithms, unknown ones take the median, columns are standardised, and a flag says where a value was
unknown. It fits in seconds, so it also stops a total collapse: a forest that does not beat it is not promoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from haechi.detectors.boosting import Labels, Weights, check_trainable
from haechi.detectors.forest import Rows, Scores

RIDGE = 100.0
CLIP = 6.0
STEPS_MAX = 200
BLOCK_ROWS = 50_000


@dataclass(frozen=True)
class Logistic:
    """A fitted baseline."""

    median: Scores
    mean: Scores
    spread: Scores
    flagged: npt.NDArray[np.bool_]
    weights: Scores

    def score(self, rows: Rows) -> Scores:
        """Log-odds of every row."""
        out = np.empty(len(rows))
        for start in range(0, len(rows), BLOCK_ROWS):
            out[start : start + BLOCK_ROWS] = self._columns(rows[start : start + BLOCK_ROWS]) @ self.weights
        return out

    def _columns(self, rows: Rows) -> npt.NDArray[np.float64]:
        return _columns(rows, self.median, self.mean, self.spread, self.flagged)


def fit_logistic(rows: Rows, y: Labels, weights: Weights) -> Logistic:
    """Fit the baseline by penalised maximum likelihood; `weights` says how many events each row stands for."""
    check_trainable(y)
    logs = _signed_log(rows)
    unknown = np.isnan(logs)
    median = _medians(logs, unknown)
    filled = np.where(unknown, median, logs)
    spread = filled.std(axis=0)
    share = unknown.mean(axis=0)
    flagged = (share > 0.01) & (share < 0.99)
    mean, spread = filled.mean(axis=0), np.where(spread > 1e-9, spread, 1.0)
    columns = _columns(rows, median, mean, spread, flagged)
    return Logistic(median, mean, spread, flagged, _maximise(columns, y.astype(np.float64), weights))


def _maximise(columns: npt.NDArray[np.float64], y: Scores, counts: Weights) -> Scores:
    """Weights of the penalised likelihood's maximum; the last column is the constant and goes unpenalised."""
    from scipy.optimize import minimize
    from scipy.special import expit

    penalty = np.full(columns.shape[1], min(RIDGE, len(y) / 100.0))
    penalty[-1] = 0.0

    def loss(w: Scores) -> tuple[float, Scores]:
        z = columns @ w
        value = counts @ (np.logaddexp(0.0, z) - y * z) + 0.5 * (penalty * w) @ w
        return float(value), columns.T @ (counts * (expit(z) - y)) + penalty * w

    start = np.zeros(columns.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS_MAX, "ftol": 1e-8})
    return cast(Scores, found.x)


def _signed_log(rows: Rows) -> npt.NDArray[np.float64]:
    values = rows.astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return cast(npt.NDArray[np.float64], np.sign(values) * np.log1p(np.abs(values)))


def _medians(logs: npt.NDArray[np.float64], unknown: npt.NDArray[np.bool_]) -> Scores:
    """Median of the known values of each column; 0 where none is known."""
    known = ~unknown.all(axis=0)
    median = np.zeros(logs.shape[1])
    median[known] = np.nanmedian(logs[:, known], axis=0)
    return median


def _columns(
    rows: Rows, median: Scores, mean: Scores, spread: Scores, flagged: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Standardised values, flags for unknown ones, and a constant."""
    logs = _signed_log(rows)
    unknown = np.isnan(logs)
    values = (np.where(unknown, median, logs) - mean) / spread
    flags = unknown[:, flagged].astype(np.float64)
    return np.hstack([np.clip(values, -CLIP, CLIP), flags, np.ones((len(rows), 1))])
