"""Probabilities agree with frequencies, keep the order of the scores, and never claim more than the data can show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.detectors.calibration import Calibration, calibrate, fit_kind, log_loss_sum, sigmoid


def drawn(n: int, seed: int, bend) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and outcomes whose log-odds are a bent version of them."""
    r = np.random.default_rng(seed)
    score = r.normal(-4, 2, n)
    return score, (r.random(n) < 1 / (1 + np.exp(-bend(score)))).astype(np.int8)


def test_honest_odds_stay_as_they_are() -> None:
    score, y = drawn(40_000, 0, lambda s: s)
    assert calibrate(score, y).kind == "none"


def test_a_shift_is_mended_by_two_numbers() -> None:
    score, y = drawn(40_000, 1, lambda s: 0.6 * s - 1.0)
    chosen = calibrate(score, y)
    assert chosen.kind == "platt"
    assert chosen.slope == pytest.approx(0.6, abs=0.05)
    assert chosen.shift == pytest.approx(-1.0, abs=0.2)


def test_a_bend_needs_a_staircase_and_enough_frauds() -> None:
    def bend(s: np.ndarray) -> np.ndarray:
        return np.where(s > -3, 1.0, -6.0)

    score, y = drawn(40_000, 2, bend)
    assert calibrate(score, y).kind == "isotonic"
    few = np.flatnonzero(y == 1)[150:]
    kept = np.delete(np.arange(len(y)), few)
    assert calibrate(score[kept], y[kept]).kind != "isotonic"


def test_hardly_any_fraud_means_no_calibration() -> None:
    score, y = drawn(300, 3, lambda s: s)
    assert calibrate(score, y & (np.cumsum(y) < 5)).kind == "none"


@pytest.mark.parametrize("kind", ["none", "platt", "isotonic"])
def test_no_probability_is_more_certain_than_the_cases(kind) -> None:
    score = np.linspace(-30, 30, 200)
    y = (score > 0).astype(np.int8)
    chosen = fit_kind(kind, score, y)
    p = chosen.apply(np.array([-1e6, -30.0, 30.0, 1e6]))
    assert p.min() >= 0.5 / 101
    assert p.max() <= 1 - 0.5 / 101


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=40), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_order_is_kept_and_one_score_is_like_many(scores, seed) -> None:
    r = np.random.default_rng(seed)
    fitted_on = np.concatenate([np.array(scores), r.normal(0, 3, 300)])
    y = (r.random(len(fitted_on)) < 1 / (1 + np.exp(-fitted_on))).astype(np.int8)
    for kind in ("none", "platt", "isotonic"):
        chosen = fit_kind(kind, fitted_on, y)
        asked = np.sort(np.array(scores))
        p = chosen.apply(asked)
        assert (np.diff(p) >= -1e-15).all()
        assert np.allclose([chosen.apply_one(s) for s in asked], p, atol=1e-12)
        assert Calibration.read(chosen.document()) == chosen


def test_groups_are_left_out_whole() -> None:
    # Each fold has its own shift: a map that is fine inside a fold must not be chosen for the others.
    r = np.random.default_rng(4)
    score = r.normal(-2, 2, 4000)
    groups = np.arange(4000) % 2
    y = (r.random(4000) < 1 / (1 + np.exp(-score))).astype(np.int8)
    assert calibrate(score, y, groups).kind == "none"


def test_sigmoid_survives_both_ends() -> None:
    assert sigmoid(-1000.0) == 0.0
    assert sigmoid(1000.0) == 1.0
    assert sigmoid(0.0) == 0.5
    assert log_loss_sum(np.array([1, 0]), np.array([0.5, 0.5])) == pytest.approx(2 * np.log(2))


@pytest.mark.parametrize("kind", ["none", "platt", "isotonic"])
def test_what_is_held_at_an_end_keeps_its_rank(kind) -> None:
    found = fit_kind(kind, *drawn(2_000, 4, lambda s: s))
    far = np.array([9.0, 10.0, 12.0, -19.0, -20.0])
    said = found.apply(far)
    assert said[0] < said[1] < said[2], "alerts of a day are the highest of it"
    assert said[3] > said[4]
    assert [found.apply_one(score) for score in far.tolist()] == pytest.approx(said.tolist(), abs=1e-15)
