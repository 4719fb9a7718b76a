"""A linear model says what its formula says, one row or many, and its reasons are exact."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.detectors.linear import Linear, placed
from haechi.detectors.shapley import shapley

from .making import STRANGE, rows, strange_rows

HUGE = np.float32(3e38)


def model(*, logged: bool = True) -> Linear:
    """A sum over five of eight columns."""
    return Linear(
        columns=np.array([0, 1, 3, 4, 7]), low=np.array([-1.0, -0.5, 0.0, -9.0, -2.0]),
        high=np.array([1.0, 2.0, 5.0, 9.0, 2.0]), slope=np.array([0.7, -1.1, 0.3, 2.0, 0.01]),
        unknown=np.array([0.2, -0.3, 0.0, 4.0, 0.5]), shift=-3.0, logged=logged, feature_count=8,
    )  # fmt: skip


def test_values_are_placed_by_a_logarithm_that_never_falls() -> None:
    x = np.sort(np.concatenate([np.geomspace(1e-30, HUGE, 9_999), [0.0, 1.0, 3.0, 7.0]])).astype(np.float32)
    place = placed(np.stack([x, -x]), logged=True)
    true = np.log2(1.0 + x.astype(np.float64))
    assert (np.diff(place[0]) >= 0).all()
    assert (place[0] == -place[1]).all()
    assert np.abs(place[0] - true).max() < 0.0861
    assert place[0][np.isin(x, [0.0, 1.0, 3.0, 7.0])].tolist() == [0.0, 1.0, 2.0, 3.0]
    odd = placed(np.array([[np.nan, np.inf, -np.inf]], np.float32), logged=True)
    assert np.isnan(odd).all()
    assert placed(STRANGE[None, 10:15], logged=False).tolist() == STRANGE[None, 10:15].tolist()


@pytest.mark.parametrize("logged", [True, False])
def test_a_row_scores_by_the_formula_alone_as_among_many(logged) -> None:
    one, x = model(logged=logged), strange_rows(rows()[0])
    place = placed(x, logged=logged)[:, one.columns].astype(np.float64)
    terms = np.where(np.isnan(place), one.unknown, one.slope * np.clip(place, one.low, one.high))
    found = one.score(x)
    np.testing.assert_allclose(found, one.shift + terms.sum(axis=1), rtol=1e-12, atol=1e-12)
    assert np.array_equal(found, [one.score_one(row) for row in x])
    assert np.abs(found).max() <= one.size
    with pytest.raises(ValueError, match="8 features"):
        one.score(x[:, :7])


def test_credits_are_the_terms_and_sum_to_the_difference() -> None:
    one, x = model(), strange_rows(rows()[0])
    for row, reference in zip(x[:50], x[50:100], strict=True):
        credit = shapley(one, row, reference)
        assert credit.sum() == pytest.approx(one.score_one(row) - one.score_one(reference), abs=1e-12)
        assert not credit[[2, 5, 6]].any(), "columns that the model does not look at"
    same = x[0].copy()
    same[0] = 5.0
    assert shapley(one, same, x[0])[0] == pytest.approx(0.7 * (1.0 - np.clip(placed(x[:1], logged=True)[0, 0], -1, 1)))


def test_a_model_reads_back_as_it_was_written() -> None:
    one, x = model(), rows()[0]
    again = Linear.read(one.document(), 8)
    assert np.array_equal(again.score(x), one.score(x))
    assert again.document() == one.document()
