"""Figures of rows that a model had not seen: intervals over customers, slices that say when they are too small."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.learning import metrics
from haechi.learning.judged import Draws, Judged, age_bands, alerts_at, ap_draws, figures, gap, share

from .making import events

N = 6_000


def judged(noise: float = 1.0):
    e = events(N)
    rows = np.flatnonzero(e.y >= 0)
    r = np.random.default_rng(3)
    score = 2.0 * (e.y[rows] == 1) + noise * r.normal(size=len(rows))
    age = r.choice([15, 30, 70, np.nan], len(rows)).astype(np.float32)
    probability = np.clip(0.05 + 0.1 * score, 0.001, 0.999)
    return e, Judged(rows, score, probability, {"logistic": r.normal(size=len(rows))}, {"age": age})


def test_the_interval_covers_the_figure_and_shrinks_with_more_customers() -> None:
    e, one = judged()
    y = e.y[one.rows]
    wide = Draws.of(e.entities["customer"][one.rows] % 10, seed=0)
    narrow = Draws.of(e.entities["customer"][one.rows], seed=0)
    aps = [ap_draws(y, one.score, draws) for draws in (wide, narrow)]
    ap = metrics.average_precision(y, one.score)
    for drawn in aps:
        low, high = np.percentile(drawn, [2.5, 97.5])
        assert low < ap < high
    assert aps[1].std() == pytest.approx(metrics.spread(y, one.score, seed=1)["ap"], rel=0.35)


def test_counting_every_row_once_gives_the_plain_figure() -> None:
    e, one = judged()
    y = e.y[one.rows]
    customers = len(np.unique(e.entities["customer"][one.rows]))
    once = Draws(np.ones((1, customers), np.int32), np.unique(e.entities["customer"][one.rows], return_inverse=True)[1])
    assert ap_draws(y, one.score, once)[0] == pytest.approx(metrics.average_precision(y, one.score))
    assert once.sums((y == 1).astype(float))[0][0] == (y == 1).sum()


def test_rows_without_a_customer_are_customers_of_their_own() -> None:
    draws = Draws.of(np.array([-1, -1, 4, 4]), seed=0, resamples=3)
    assert draws.counts.shape == (3, 3)
    assert draws.customer[2] == draws.customer[3] != draws.customer[0] != draws.customer[1]


def test_alerts_are_the_highest_of_each_day() -> None:
    score, day = np.array([1.0, 3, 2, 9, 8, 7]), np.array([0, 0, 0, 1, 1, 1])
    assert alerts_at(score, day, 2).tolist() == [False, True, True, True, True, False]
    assert alerts_at(score, None, 1).tolist() == [False, False, False, True, False, False]
    assert alerts_at(np.zeros(0), np.zeros(0, np.int64), 2).tolist() == []


def test_a_small_slice_gets_no_figure() -> None:
    draws = Draws.of(np.arange(100), seed=0)
    part, whole = np.arange(100) < 10, np.arange(100) < 19
    assert share(part, whole, draws) == {"value": "too few", "of": 19}
    assert gap(part, whole, np.arange(100) % 2 == 0, draws) == {"value": "too few"}


def test_a_planted_gap_between_segments_is_found() -> None:
    r = np.random.default_rng(0)
    young, fraud = r.random(4_000) < 0.5, r.random(4_000) < 0.2
    caught = fraud & (r.random(4_000) < np.where(young, 0.5, 0.8))
    found = gap(caught, fraud, young, Draws.of(np.arange(4_000), seed=0))
    low, high = found["interval"]
    assert low < found["value"] < high < 0
    assert found["value"] == pytest.approx(-0.3, abs=0.08)


def test_every_figure_of_a_report() -> None:
    e, one = judged()
    typology = np.where(np.arange(len(one.rows)) % 2, "a", "b").astype(object)
    ruled = np.arange(len(one.rows)) % 7 == 0
    found = figures(e, one, typology, ruled, (5, 20), seed=0)
    assert found["against"]["logistic"]["model_is_better_by"]["interval"][0] > 0
    assert found["against"]["rules"]["recall"]["value"] == pytest.approx(1 / 7, abs=0.05)
    assert set(found["segments"]["age"]) == {"under 19", "19-34", "65 and over", "unknown"}
    assert found["thresholds"]["5"] > found["thresholds"]["20"]
    gains = [share for _, share in found["curves"]["gain"]]
    assert gains == sorted(gains)
    assert found["money"]["saved"] <= found["money"]["taken"]
    assert found["months"][0]["frauds"] > 20
    assert figures(e, Judged(one.rows[:0], one.score[:0], one.probability[:0]), typology[:0], ruled[:0], (5,), 0) == {}


def test_ages_fall_into_bands() -> None:
    assert age_bands(np.array([np.nan, 18, 19, 64.9, 65], np.float32)).tolist() == [
        "unknown", "under 19", "19-34", "50-64", "65 and over",
    ]  # fmt: skip
