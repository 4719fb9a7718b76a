"""A regression ranks what a line can rank, whatever is unknown, constant or absurd in the columns."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from haechi.detectors.errors import UntrainableSet
from haechi.detectors.linear import placed
from haechi.detectors.logistic import few_columns, fit_few, fit_logistic

from .making import rows

BITS = ("amount", "behaviour.surprise_hour", "behaviour.surprise_run", "behaviour.surprise_amount")


def test_agrees_with_scikit_learn_where_nothing_is_odd() -> None:
    from sklearn.linear_model import LogisticRegression

    r = np.random.default_rng(0)
    x = r.normal(size=(12_000, 4)).astype(np.float32)
    y = (r.random(12_000) < 1 / (1 + np.exp(2 - x[:, 0] + 0.5 * x[:, 2]))).astype(np.int8)
    ours = fit_logistic(x, y, np.ones(len(y)))
    z = placed(x, logged=True).astype(np.float64)
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
    assert not {6, 7} & set(model.columns.tolist()), "they tell nothing"


def test_a_value_that_is_often_unknown_has_a_worth_of_its_own() -> None:
    x, y = rows()
    x[:, 2] = np.where(y == 1, np.nan, 1.0)
    model = fit_logistic(x, y, np.ones(len(y)))
    told, untold = x[:1].copy(), x[:1].copy()
    told[0, 2], untold[0, 2] = 1.0, np.nan
    assert model.score(untold)[0] > model.score(told)[0] + 1.0


def test_only_chosen_columns_are_looked_at() -> None:
    x, y = rows()
    model = fit_logistic(x, y, np.ones(len(y)), np.array([1, 4]))
    other = x.copy()
    other[:, [0, 2, 3, 5, 6, 7]] = 9.0
    assert np.array_equal(model.score(x), model.score(other))
    assert model.feature_count == 8


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
    with pytest.raises(UntrainableSet):
        fit_few(x, np.zeros_like(y), np.ones(len(y)), BITS)


def bits(frauds: int, n: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    """Frauds that are as surprising as one in a hundred by their amount, and less surprising by their hour."""
    r = np.random.default_rng(0)
    y = (np.arange(n) < frauds).astype(np.int8)
    x = np.abs(r.exponential(1.44, (n, 4))).astype(np.float32)
    x[y == 1, 3] += 7.0
    x[y == 1, 1] *= 0.3
    x[5, 3], x[6, 1] = np.nan, np.inf
    return x, y


def test_few_labels_begin_from_what_is_believed_and_end_with_what_they_show() -> None:
    assert few_columns(BITS).tolist() == [2, 1, 3]
    assert not len(few_columns(("amount", "behaviour.surprise_hour"))), "a home without the run"
    few, many = (fit_few(*bits(n), np.ones(4_000), BITS) for n in (2, 400))
    run, hour, amount = few.slope
    assert log(2.0) / 2 < run < log(2.0), "two frauds that are no more surprising in all cannot say much"
    assert many.slope[0] < run / 2
    assert hour == many.slope[1] == 0.0
    assert 0.0 < amount < many.slope[2]
    assert many.slope[2] > 0.5
    assert (many.slope >= 0.0).all(), "no rise of a surprise lowers the outcome"
    assert many.unknown.tolist() == [0.0] * 3
    assert many.feature_count == 4
