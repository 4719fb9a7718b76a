"""Training survives rare events, and the same data and seed give the same bytes."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.detectors.boosting import blend, check_trainable, fit, library_scores, plans, prepare, proof_rows, thin
from haechi.detectors.errors import UntrainableSet

from .making import TINY, rows


def trained(seed: int = 0, plan=TINY) -> str:
    x, y = rows()
    return fit(plan, prepare(x, y, np.ones(len(y)), seed=seed, plan=plan), seed=seed)


def test_same_data_and_seed_give_the_same_bytes() -> None:
    assert trained() == trained()
    assert trained() != trained(seed=1)


@pytest.mark.parametrize(
    ("frauds", "legitimate", "said"),
    [(0, 50, "none of 50 training events is a fraud"), (1, 50, "one fraud in the training set"), (50, 1, "1 of 51")],
)
def test_a_set_that_teaches_nothing_is_refused(frauds, legitimate, said) -> None:
    y = np.repeat(np.array([1, 0], dtype=np.int8), [frauds, legitimate])
    with pytest.raises(UntrainableSet, match=said):
        check_trainable(y)


def test_thinning_keeps_every_fraud_and_the_balance() -> None:
    y = np.zeros(200_000, dtype=np.int8)
    y[::400] = 1
    index, weights = thin(y, seed=0)
    assert (y[index] == 1).sum() == 500
    assert len(index) < 25_000
    assert weights[y[index] == 0].sum() == pytest.approx(199_500, rel=0.02)
    assert set(weights[y[index] == 1]) == {1.0}
    assert np.array_equal(index, thin(y, seed=0)[0])
    assert len(thin(y[:4_000], seed=0)[0]) == 4_000


def test_plans_grow_with_the_frauds_and_offer_fewer_of_many_columns() -> None:
    few, many = plans(600, 17_000, 15), plans(20_000, 500_000, 250)
    assert [p.name for p in few] == ["small", "middle", "large"]
    assert [p.leaves for p in few] == [8, 16, 40]
    assert [p.leaves for p in many] == [8, 32, 80]
    assert {p.column_share for p in few} == {1.0}
    assert {p.column_share for p in many} == {0.2}
    assert plans(5, 80, 4)[0].leaf_rows_min == 2


def test_one_fraud_in_a_thousand_does_not_collapse() -> None:
    r = np.random.default_rng(0)
    x = r.normal(size=(30_000, 6)).astype(np.float32)
    y = (r.random(30_000) < 0.001 * np.exp(1.5 * x[:, 0])).astype(np.int8)
    plan = plans(int(y.sum()), len(y), 6)[0]
    model = blend([fit(plan, prepare(x, y, np.ones(len(y)), seed=0, plan=plan), seed=0)])
    fresh = r.normal(size=(20_000, 6)).astype(np.float32)
    p = 1 / (1 + np.exp(-model.score(fresh)))
    assert np.corrcoef(np.log(p), fresh[:, 0])[0, 1] > 0.8
    assert p.mean() == pytest.approx(0.001 * np.exp(1.5**2 / 2), rel=0.7)


def test_a_blend_is_the_mean_of_the_library() -> None:
    x, _ = rows()
    texts = [trained(), trained(seed=1)]
    odd = proof_rows(x, 2_000, seed=0)
    assert np.abs(blend(texts).score(odd) - library_scores(texts, odd)).max() < 1e-12


def test_proof_rows_hold_real_and_strange_values() -> None:
    x, _ = rows()
    odd = proof_rows(x, 2_000, seed=0)
    assert len(odd) == len(x) + len(x) // 4
    assert np.isinf(odd).any()
    assert (np.abs(odd) == np.float32(1e30)).any()
    assert len(proof_rows(x, 100, seed=0)) == 125
