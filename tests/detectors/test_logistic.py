"""The baseline ranks what a line can rank, whatever is unknown, constant or absurd in the columns."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.detectors.errors import UntrainableSet
from haechi.detectors.logistic import fit_logistic

from .making import rows


def test_agrees_with_scikit_learn_where_nothing_is_odd() -> None:
    from sklearn.linear_model import LogisticRegression

    r = np.random.default_rng(0)
    x = r.normal(size=(12_000, 4)).astype(np.float32)
    y = (r.random(12_000) < 1 / (1 + np.exp(2 - x[:, 0] + 0.5 * x[:, 2]))).astype(np.int8)
    ours = fit_logistic(x, y, np.ones(len(y)))
    z = np.sign(x) * np.log1p(np.abs(x.astype(np.float64)))
    z = (z - z.mean(0)) / z.std(0)
    theirs = LogisticRegression(C=0.01).fit(z, y).decision_function(z)
    assert np.abs(ours.score(x) - theirs).max() < 0.02


def test_unknown_constant_and_infinite_values_do_no_harm() -> None:
    x, y = rows()
    x[:, 6], x[:, 7] = np.nan, 5.0
    x[3, 0], x[4, 1] = np.inf, -np.inf
    model = fit_logistic(x, y, np.ones(len(y)))
    score = model.score(x)
    assert np.isfinite(score).all()
    assert score[y == 1].mean() > score[y == 0].mean() + 0.5


def test_weights_stand_for_events() -> None:
    x, y = rows()
    twice = fit_logistic(np.concatenate([x, x]), np.concatenate([y, y]), np.ones(2 * len(y)))
    heavy = fit_logistic(x, y, np.full(len(y), 2.0))
    # The penalty depends on the number of rows; beyond that a weight of two is the row twice.
    assert np.corrcoef(twice.score(x), heavy.score(x))[0, 1] > 0.999


def test_nothing_to_learn_is_refused() -> None:
    x, y = rows()
    with pytest.raises(UntrainableSet):
        fit_logistic(x, np.zeros_like(y), np.ones(len(y)))
