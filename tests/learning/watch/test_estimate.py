"""Performance without labels: right where probabilities are right, put right where labels say that they are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from haechi.learning.dataset import DAY_US
from haechi.learning.metrics import average_precision
from haechi.learning.watch.estimate import Correction, Said, correct, estimate, estimated_ap, estimated_recall


def week(seed: int, shift: float = 0.0, slope: float = 1.0, n: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    """Scores of a calibrated model, and outcomes whose log-odds are moved."""
    r = np.random.default_rng(seed)
    z = r.normal(-7.5, 1.5, n) + np.where(r.random(n) < 0.004, r.normal(6, 2, n), 0)
    return expit(z), r.random(n) < expit(slope * z + shift)


def test_calibrated_probabilities_promise_what_comes_true() -> None:
    off = [estimated_ap(p, p) - average_precision(y.astype(np.int8), p) for p, y in (week(s) for s in range(20))]
    assert np.mean(np.abs(off) <= 0.05) >= 0.8
    assert abs(np.mean(off)) < 0.01, "no bias"


@pytest.mark.parametrize(("shift", "slope"), [(1.2, 1.0), (-1.5, 1.0), (0.0, 0.7)])
def test_matured_labels_put_aged_probabilities_right(shift: float, slope: float) -> None:
    before, after = week(1, shift, slope), week(2, shift, slope)
    found = correct(*before)
    assert found.frauds == before[1].sum()
    truth = average_precision(after[1].astype(np.int8), after[0])
    assert abs(estimated_ap(after[0], found.apply(after[0])) - truth) < 0.05
    assert abs(estimated_ap(after[0], found.apply(after[0])) - truth) < abs(estimated_ap(*[after[0]] * 2) - truth)
    assert abs(found.shift - shift) < 0.6


def test_hardly_any_fraud_leaves_probabilities_as_they_are() -> None:
    p = np.full(100, 0.01)
    assert correct(p, np.zeros(100, bool)) == Correction()
    assert correct(p, np.arange(100) < 3) == Correction(frauds=3)
    assert np.allclose(Correction().apply(p), p)


def test_weights_stand_for_events() -> None:
    p, _ = week(3, n=2_000)
    twice = estimated_ap(np.repeat(p, 2), np.repeat(p, 2))
    assert estimated_ap(p, p, np.full(len(p), 2.0)) == pytest.approx(twice, abs=0.02)
    assert np.isnan(estimated_ap(p[:0], p[:0]))


def test_recall_is_the_share_of_probability() -> None:
    p = np.array([0.9, 0.5, 0.1])
    assert estimated_recall(p, np.array([True, False, False])) == pytest.approx(0.6)
    assert np.isnan(estimated_recall(p * 0, p > 1))


def lived(seed: int, weeks: int = 8, n: int = 60_000) -> tuple[Said, np.ndarray]:
    """Weeks of a model whose alerts are looked at within a day; what it misses is reported after ten on average."""
    r = np.random.default_rng(seed)
    p, y = zip(*(week(seed * 100 + at, n=n) for at in range(weeks)), strict=True)
    time_us = np.concatenate([np.sort(r.integers(at * 7 * DAY_US, (at + 1) * 7 * DAY_US, n)) for at in range(weeks)])
    score, fraud = np.concatenate(p), np.concatenate(y)
    looked = score > 0.2
    waits = np.where(looked, DAY_US, r.exponential(10 * DAY_US, len(score)).astype(np.int64))
    return Said(time_us, score, fraud, time_us + waits, looked, np.ones(len(score))), fraud


def test_a_week_is_told_long_before_its_labels_are_in() -> None:
    off, plain = [], []
    for seed in range(3):
        said, fraud = lived(seed)
        for n in range(3, 8):
            start, end = n * 7 * DAY_US, (n + 1) * 7 * DAY_US
            inside = (said.time_us >= start) & (said.time_us < end)
            truth = average_precision(fraud[inside].astype(np.int8), said.p[inside])
            now = end + DAY_US
            found = estimate(said, start, end, now)
            assert found is not None
            off.append(found.ap - truth)
            by_then = fraud[inside] & (said.known_us[inside] <= now)
            plain.append(average_precision(by_then.astype(np.int8), said.p[inside]) - truth)
    assert np.mean(np.abs(off) <= 0.05) >= 0.8
    assert abs(np.mean(off)) < 0.03, "hardly a bias"
    assert np.mean(plain) > 0.08, "known frauds are the easy ones"


def test_frauds_that_nobody_reports_are_assumed_where_nobody_looks() -> None:
    off: dict[float, list[float]] = {0.0: [], 0.3: []}
    for seed in range(3):
        said, fraud = lived(seed)
        hidden = ~said.looked & (np.random.default_rng(seed).random(len(fraud)) < 0.3)
        for n in range(3, 8):
            start, end = n * 7 * DAY_US, (n + 1) * 7 * DAY_US
            inside = (said.time_us >= start) & (said.time_us < end)
            truth = average_precision(fraud[inside].astype(np.int8), said.p[inside])
            for never, found in off.items():
                told = estimate(replace(said, fraud=fraud & ~hidden), start, end, end + 14 * DAY_US, never)
                assert told is not None
                found.append(told.ap - truth)
    assert np.mean(off[0.0]) > 0.04
    assert abs(np.mean(off[0.3])) < 0.02


def test_without_known_frauds_nothing_is_told() -> None:
    said, _ = lived(9, weeks=2)
    assert estimate(said, 7 * DAY_US, 14 * DAY_US, 7 * DAY_US) is None
