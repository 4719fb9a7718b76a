"""Figures agree with scikit-learn and with their definitions counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, roc_auc_score, roc_curve

from haechi.learning import metrics as m


@given(st.integers(0, 2**32), st.integers(2, 200), st.sampled_from([0, 1, 3]))
@settings(max_examples=60, deadline=None)
def test_rank_figures_equal_scikit_learn(seed: int, n: int, digits: int) -> None:
    r = np.random.default_rng(seed)
    y = np.concatenate([[0, 1], r.integers(0, 2, n)]).astype(np.int8)
    score = np.round(r.normal(size=len(y)) + y, digits)  # rounded: ties
    assert m.auc(y, score) == pytest.approx(roc_auc_score(y, score))
    assert m.average_precision(y, score) == pytest.approx(average_precision_score(y, score))
    alert = score > 0.5
    assert m.f1(y, alert) == pytest.approx(f1_score(y, alert))
    assert m.macro_f1(y, alert) == pytest.approx(f1_score(y, alert, average="macro"))
    fpr, tpr, _ = roc_curve(y, score, drop_intermediate=False)
    assert m.recall_at_fpr(y, score, 0.1) == pytest.approx(tpr[fpr <= 0.1].max())
    p = 1 / (1 + np.exp(-score))
    assert m.brier(y, p) == pytest.approx(brier_score_loss(y, p))


def test_without_frauds_there_is_no_figure() -> None:
    y, score = np.zeros(5, dtype=np.int8), np.arange(5.0)
    assert np.isnan(m.auc(y, score))
    assert np.isnan(m.average_precision(y, score))
    assert np.isnan(m.recall_at_fpr(y, score, 0.1))
    assert m.best_threshold(y, score) == np.inf
    assert np.isnan(m.ece(y[:0], score[:0]))


@given(st.integers(0, 2**32), st.integers(2, 60))
@settings(max_examples=100, deadline=None)
def test_the_threshold_has_the_highest_f1_of_all(seed: int, n: int) -> None:
    r = np.random.default_rng(seed)
    y = np.concatenate([[1], r.integers(0, 2, n)]).astype(np.int8)
    score = np.round(r.normal(size=len(y)), 1)
    best = max(m.f1(y, score >= t) for t in np.unique(score))
    assert m.f1(y, score >= m.best_threshold(y, score)) == pytest.approx(best)


def test_card_precision_takes_the_highest_score_of_each_entity_a_day() -> None:
    #                 day 0: a a b c      day 1: a b c d
    entity = np.array([0, 0, 1, 2, 0, 1, 2, 3])
    day = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    score = np.array([0.1, 0.9, 0.5, 0.2, 0.9, 0.8, 0.7, 0.6])
    y = np.array([1, 0, 0, 1, 0, 0, 0, 1], dtype=np.int8)
    # Day 0: a (defrauded, though by its lower payment) and b; day 1 then has b and c, or a and b if nobody is dropped.
    assert m.card_precision(y, score, day, entity, 2, drop_found=False) == pytest.approx((0.5 + 0.0) / 2)
    assert m.card_precision(y, score, day, entity, 3, drop_found=True) == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert m.card_precision(y, score, day, np.full(8, -1), 3, drop_found=True) == 0.0


def test_precision_at_budget_is_a_rank_per_day() -> None:
    day = np.array([1, 1, 1, 2, 2, 2])
    score = np.array([0.9, 0.1, 0.2, 3.0, 2.0, 1.0])
    y = np.array([1, 0, 0, 0, 1, 1], dtype=np.int8)
    assert m.precision_at_budget(y, score, day, 1) == 0.5
    assert m.precision_at_budget(y, score, day, 2) == 0.5
    assert np.isnan(m.precision_at_budget(y[:0], score[:0], day[:0], 2))


def test_ece_of_honest_and_of_wrong_probabilities() -> None:
    r = np.random.default_rng(0)
    p = r.random(60_000)
    y = (r.random(60_000) < p).astype(np.int8)
    assert m.ece(y, p) < 0.01
    assert m.ece(y, np.clip(p + 0.2, 0, 1)) == pytest.approx(0.18, abs=0.02)


def test_cost_counts_lost_amounts_and_reviews() -> None:
    y, amount = np.array([1, 1, 0, 0], dtype=np.int8), np.array([100, 50, 70, 10])
    assert m.cost_per_1000(y, amount, np.array([True, False, True, False]), 5.0) == (50 + 2 * 5) * 250


def test_spread_is_the_same_for_the_same_seed() -> None:
    r = np.random.default_rng(0)
    y, score = (r.random(300) < 0.3).astype(np.int8), r.normal(size=300)
    assert m.spread(y, score, seed=1, resamples=20) == m.spread(y, score, seed=1, resamples=20)
    assert 0 < m.spread(y, score, seed=1)["auc"] < 0.1
