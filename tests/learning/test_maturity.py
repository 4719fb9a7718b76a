"""The share of frauds known after n days, where a plain count would be too hopeful."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.learning.dataset import DAY_US, Events
from haechi.learning.maturity import base_rate, estimate, maturity_of

N = 20_000


def reported(rate: float = 2.0, seed: int = 0):
    """Frauds of the last 60 days, more of them every day, with exponential delays; only reported ones are seen."""
    r = np.random.default_rng(seed)
    age = (60 * DAY_US * (1 - np.sqrt(r.random(N)))).astype(np.int64)
    delay = (r.exponential(rate * 3 * DAY_US, N)).astype(np.int64)
    seen = delay <= age
    return age, delay, seen


def test_the_estimate_sees_through_the_frauds_that_are_not_reported_yet() -> None:
    age, delay, seen = reported()
    curve = estimate(delay[seen], age[seen])
    naive = float((delay[seen] <= 6 * DAY_US).mean())
    true = 1 - np.exp(-1)  # one mean delay
    assert curve.known(np.array([6 * DAY_US]))[0] == pytest.approx(true, abs=0.015)
    assert naive > true + 0.05, "the plain share flatters"
    assert curve.gap_us(0.95) / DAY_US == pytest.approx(6 * np.log(20), rel=0.07)


def test_without_truncation_it_is_the_plain_distribution() -> None:
    delay = np.array([1, 2, 2, 5]) * DAY_US
    curve = estimate(delay, np.full(4, 100 * DAY_US))
    assert curve.known(np.array([0, 1, 2, 4, 5, 99]) * DAY_US).tolist() == [0, 0.25, 0.75, 0.75, 1, 1]
    assert [curve.gap_us(q) // DAY_US for q in (0.1, 0.5, 0.75, 0.8, 1.0)] == [1, 2, 2, 5, 5]


def test_nothing_reported_is_an_empty_curve() -> None:
    curve = estimate(np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert (curve.frauds, curve.gap_us(0.9), curve.known(np.array([DAY_US]))[0]) == (0, 0, 0)
    assert not curve.document()["enough"]
    assert base_rate(0, np.full(10, DAY_US), curve) == 0


def test_the_base_rate_counts_the_frauds_that_are_still_hidden() -> None:
    age, delay, seen = reported()
    every = np.concatenate([age, np.random.default_rng(1).permutation(age), age])  # one event in three is a fraud
    curve = estimate(delay[seen], age[seen])
    assert base_rate(int(seen.sum()), every, curve) == pytest.approx(1 / 3, abs=0.01)
    assert seen.sum() / len(every) < 0.29


def test_only_what_was_known_at_the_moment_counts() -> None:
    time = np.arange(10) * DAY_US
    events = Events(time_us=time, y=np.ones(10, np.int8), known_at_us=time + 3 * DAY_US)
    curve = maturity_of(events, 6 * DAY_US)
    assert curve.frauds == 4
    assert curve.gap_us(0.5) == 3 * DAY_US
    with pytest.raises(AssertionError, match="after the moment"):
        estimate(np.array([2 * DAY_US]), np.array([DAY_US]))
