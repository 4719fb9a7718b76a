"""The spread of scores and kept promises: what moves them, and what does not."""

from __future__ import annotations

import numpy as np

from haechi.learning.life.scores import Block
from haechi.learning.watch.said import SCORE_BINS, kept, moved, spread


def block(p: np.ndarray) -> Block:
    n = len(p)
    none = np.zeros(n, np.int64)
    small = p.astype(np.float32)
    return Block(np.arange(n), none, small, small, none.astype(np.uint8), none, none, {"m": small})


def test_each_probability_falls_into_its_bin() -> None:
    found = spread(np.array([0.0, 1e-12, 0.5, 0.51, 1.0, np.nan]))
    assert len(found) == SCORE_BINS
    assert found.sum() == 5
    assert (found[0], found[12], found[-1]) == (2, 2, 1)


def test_a_day_of_other_scores_stands_out_and_a_day_without_any_says_nothing() -> None:
    r = np.random.default_rng(0)
    days: list[list[int] | None] = [spread(r.beta(1, 200, 2_000)).tolist() for _ in range(8)]
    days[3] = None
    found = moved([*days, spread(r.beta(3, 50, 2_000)).tolist()])
    assert np.isnan(found[3])
    assert np.nanmax(found[:-1]) < 0.05
    assert found[-1] > 0.5


def test_promises_are_kept_where_probabilities_are_right() -> None:
    r = np.random.default_rng(1)
    p = r.beta(1, 100, 20_000)
    came = dict(enumerate((r.random(len(p)) < p).tolist()))
    twice = dict(enumerate((r.random(len(p)) < 2 * p).tolist()))
    assert abs(kept(block(p), came, "m")) < 3
    assert kept(block(p), twice, "m") > 8
    assert kept(block(p), {}, "m") < -8
    assert np.isnan(kept(block(p), came, "another"))
