"""The report's figures of one round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from haechi.detectors import Calibration
from haechi.learning import figures
from haechi.learning.protocol import TimeSplit

from .making import events


def test_ranking_has_budgets_where_there_are_days_and_entities() -> None:
    e = events()
    [one] = TimeSplit(0.7).rounds(e)
    score = np.random.default_rng(0).normal(size=len(one.test))
    full = figures.ranking(one, score, e, (5, 10), None)
    assert set(full) == {"auc", "ap", "recall_at_fpr", "precision_at_budget", "card_precision"}
    assert set(full["card_precision"]) == set(full["precision_at_budget"]) == {"5", "10"}
    assert full["card_precision"] != figures.ranking(one, score, e, (5, 10), "merchant")["card_precision"]
    assert figures.ranking(one, score, replace(e, subject=None), (5,), None)["card_precision"] is None
    assert figures.ranking(replace(one, day=None), score, e, (5,), None)["precision_at_budget"] is None


def test_a_perfect_score_has_perfect_figures() -> None:
    e = events()
    [one] = TimeSplit(0.7).rounds(e)
    y = e.y[one.test]
    score = np.where(y == 1, 5.0, -5.0)
    probability = (y == 1).astype(np.float64)
    assert figures.ranking(one, score, e, (5,), None)["ap"] == 1.0
    assert figures.f1(y, score, probability, 0.0) == {
        "threshold": 0.0, "f1": 1.0, "macro_f1": 1.0, "f1_at_half": 1.0, "macro_f1_at_half": 1.0,
    }  # fmt: skip
    assert figures.calibration(y, score, probability, Calibration())["ece"] == 0.0
    cost = figures.cost(one, probability, e, (200.0,))
    assert cost["by_review_cost"]["200"] == pytest.approx(200.0 * (y == 1).mean() * 1000, rel=0.05)
    assert cost["by_review_cost"]["200"] < cost["no_system"]
    assert set(figures.cost(one, probability, e, ())["by_review_cost"]) == {
        "0.04 of the mean amount", "0.2 of the mean amount",
    }  # fmt: skip
    assert figures.cost(one, probability, replace(e, amount=None), ()) == {}


def folds(*pairs: tuple[float, float]) -> dict:
    return {"by_fold": [{"ap": ap, "baseline_logistic": {"ap": other}} for ap, other in pairs]}


def test_a_difference_comes_with_its_error() -> None:
    more, error = figures.over_baseline(folds((0.396, 0.576), (0.251, 0.209), (0.141, 0.043)))
    assert (round(more, 3), round(error, 3)) == (-0.013, 0.085)
    assert figures.over_baseline(folds((0.5, 0.4), (float("nan"), 0.2))) == (pytest.approx(0.1), float("inf"))
    assert figures.over_baseline(folds((float("nan"), 0.2))) == (0.0, float("inf"))
