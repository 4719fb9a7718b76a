"""Small training sets for the tests of this room."""

from __future__ import annotations

import lightgbm
import numpy as np

from haechi.detectors.boosting import Plan

STRANGE = np.array(
    [
        0.0,
        -0.0,
        np.nan,
        np.inf,
        -np.inf,
        1e-36,
        -1e-36,
        1e-35,
        -1e-35,
        1e30,
        -1e30,
        3.0,
        7.5,
        -1.0,
        -0.5,
        2.0**31,
        2.0**40,
    ],
    dtype=np.float32,
)
TINY = Plan("tiny", 20, 8, 0.1, 5)


def rows(n: int = 1500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows with unknown values, a category (column 3), a small count (4), many zeros (5) and an outcome."""
    r = np.random.default_rng(seed)
    x = r.normal(size=(n, 8)).astype(np.float32)
    x[r.random(x.shape) < 0.2] = np.nan
    x[:, 3] = r.integers(0, 50, n)
    x[:, 4] = r.integers(0, 3, n)
    x[r.random(n) < 0.4, 5] = 0.0
    drive = (
        np.nan_to_num(x[:, 0]) + 2.0 * np.isin(x[:, 3], [3, 7, 9, 40]) + 0.5 * x[:, 4] + 0.7 * np.nan_to_num(x[:, 5])
    )
    return x, (drive + r.normal(size=n) > 2.0).astype(np.int8)


def strange_rows(x: np.ndarray, seed: int = 1) -> np.ndarray:
    """Real rows, and rows of unknown, zero, extreme and absurd values."""
    r = np.random.default_rng(seed)
    return np.concatenate([x, r.choice(STRANGE, (1500, x.shape[1]))])


def booster(x: np.ndarray, y: np.ndarray, *, trees: int = 20, categories: list[int] | None = None, **settings):
    """A LightGBM model with whatever settings a test wants."""
    parameters = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1, "seed": 3} | settings
    data = lightgbm.Dataset(x, y, categorical_feature=categories or [], params=parameters)
    return lightgbm.train(parameters, data, trees)
