"""Rows for rounds: one replay for rounds that see the same labels, thinning, and weights for recent rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from haechi.detectors import UntrainableSet
from haechi.learning import lessons as lessons_file
from haechi.learning.dataset import DAY_US
from haechi.learning.lessons import Lessons, drift_half_life, recency_weights
from haechi.learning.protocol import Folds, RandomSplit, TimeSplit

from .making import START_US, Simple, events

FOLDS = Folds(2, START_US + 30 * DAY_US, 5 * DAY_US, 3 * DAY_US, 4 * DAY_US)


def test_rounds_with_the_same_visible_labels_share_one_replay() -> None:
    source = Simple(events())
    rounds = FOLDS.rounds(source.events)
    fetched = Lessons(source, rounds, seed=0, recency=None)
    whole = source.rows(np.arange(len(source.events)), None)
    source.asked.clear()
    for one in rounds:
        lesson = fetched.of(one)
        assert np.array_equal(lesson.train_rows, whole[one.train], equal_nan=True)
        assert np.array_equal(lesson.test_rows, whole[one.test], equal_nan=True)
        assert np.array_equal(lesson.test_y, source.events.y[one.test])
    assert len(source.asked) == 1


def test_rounds_with_their_own_labels_are_replayed_apart_and_again_when_forgotten(monkeypatch) -> None:
    source = Simple(events())
    [outer] = TimeSplit(0.6).rounds(source.events)
    rounds = [outer, *TimeSplit(0.6).rehearsals(source.events, outer)]
    fetched = Lessons(source, rounds, seed=0, recency=None)
    first = fetched.of(rounds[0])
    assert fetched.of(rounds[0]).name == first.name
    assert len(source.asked) == 1
    monkeypatch.setattr(lessons_file, "BYTES_MAX", 1)
    fetched.of(rounds[1])
    again = fetched.of(rounds[0])
    assert len(source.asked) == 3
    assert np.array_equal(first.train_rows, again.train_rows, equal_nan=True)


def test_recent_rows_weigh_more_where_the_rate_moved() -> None:
    e = events(share=0.05)
    [one] = TimeSplit(0.8).rounds(e)
    assert drift_half_life(e, one.train) == 0.0
    late = e.time_us > e.time_us[len(e) // 2]
    r = np.random.default_rng(0)
    moved = replace(e, y=np.where(late & (r.random(len(e)) < 0.2) & (e.y >= 0), np.int8(1), e.y))
    assert drift_half_life(moved, one.train) == 0.3
    lesson = Lessons(Simple(moved), [one], seed=0, recency=None).of(one)
    assert lesson.recency == 0.3
    assert lesson.weights[-1] > 5 * lesson.weights[0]
    # A random split has no direction of time: nothing to weigh.
    [drawn] = RandomSplit(0.5, 0).rounds(moved)
    assert Lessons(Simple(moved), [drawn], seed=0, recency=None).of(drawn).recency is None
    assert drift_half_life(e, one.train[:0]) == 0.0


def test_weights_halve_with_every_half_life() -> None:
    weights = recency_weights(np.array([0, 30, 60, 90]), 1 / 3)
    assert np.allclose(weights[1:] / weights[:-1], 2.0)
    assert weights.mean() == pytest.approx(1.0)


def test_a_round_without_frauds_is_refused() -> None:
    e = events()
    honest = replace(e, y=np.where(e.y == 1, np.int8(0), e.y))
    with pytest.raises(UntrainableSet, match="is a fraud"):
        Lessons(Simple(honest), FOLDS.rounds(honest), seed=0, recency=None)
