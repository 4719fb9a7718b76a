"""The figures of one judged round, in the words of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from haechi.detectors.calibration import Calibration
from haechi.learning import metrics
from haechi.learning.dataset import Events, Labels
from haechi.learning.metrics import Scores
from haechi.learning.protocol import Round

FALSE_POSITIVE_RATES = (0.001, 0.01, 0.05, 0.1)
# Review costs when none are given: these shares of the mean amount.
REVIEW_SHARES = (0.04, 0.2)


def ranking(
    one: Round, score: Scores, events: Events, budgets: Sequence[int], alert_entity: str | None
) -> dict[str, Any]:
    """Figures that depend on the order of the scores alone."""
    y, entity = events.y[one.test], alert_entity or events.subject
    found: dict[str, Any] = {
        "auc": metrics.auc(y, score),
        "ap": metrics.average_precision(y, score),
        "recall_at_fpr": {f"{f:g}": metrics.recall_at_fpr(y, score, f) for f in FALSE_POSITIVE_RATES},
    }
    # Without a calendar there is no day, and without an entity there is no card.
    found |= {"precision_at_budget": None, "card_precision": None}
    if one.day is None:
        return found
    day = one.day
    found["precision_at_budget"] = {str(k): metrics.precision_at_budget(y, score, day, k) for k in budgets}
    if entity is not None:
        codes = events.entities[entity][one.test]
        found["card_precision"] = {
            str(k): metrics.card_precision(y, score, day, codes, k, drop_found=one.drop_found) for k in budgets
        }
    return found


def f1(y: Labels, score: Scores, probability: Scores, threshold: float) -> dict[str, float]:
    """F1 at the threshold that the rehearsals chose, and at a probability of one half."""
    own, half = score >= threshold, probability >= 0.5
    return {
        "threshold": threshold,
        "f1": metrics.f1(y, own),
        "macro_f1": metrics.macro_f1(y, own),
        "f1_at_half": metrics.f1(y, half),
        "macro_f1_at_half": metrics.macro_f1(y, half),
    }


def calibration(y: Labels, score: Scores, probability: Scores, chosen: Calibration) -> dict[str, Any]:
    """How far probabilities and frequencies lie apart, before and after calibration."""
    return {
        "kind": chosen.kind,
        "ece": metrics.ece(y, probability),
        "ece_uncalibrated": metrics.ece(y, Calibration().apply(score)),
        "brier": metrics.brier(y, probability),
        "mean_probability": float(probability.mean()),
        "fraud_rate": float((y == 1).mean()),
    }


def cost(one: Round, probability: Scores, events: Events, review_costs: Sequence[float]) -> dict[str, Any]:
    """What the policy "alert where probability x amount exceeds the review cost" costs, against no system at all."""
    if events.amount is None:
        return {}
    y, amount = events.y[one.test], events.amount[one.test]
    mean = float(events.amount[one.train].mean())
    costs = {f"{c:g}": c for c in review_costs} or {f"{s:g} of the mean amount": s * mean for s in REVIEW_SHARES}
    never = np.zeros(len(y), dtype=bool)
    return {
        "unit": "minor units per 1,000 events",
        "no_system": metrics.cost_per_1000(y, amount, never, 0.0),
        "by_review_cost": {
            name: metrics.cost_per_1000(y, amount, probability * amount > c, c) for name, c in costs.items()
        },
    }


def over_baseline(report: Mapping[str, Any]) -> tuple[float, float]:
    """How far a model's average precision lies above its baseline's on its rehearsals: the mean and its standard error.

    A difference within its error tells nothing; one rehearsal has no error that is known, and it is infinite. Reports
    of before there were several baselines hold the logistic regression's.
    """
    folds = report["by_fold"]
    name = "baseline" if "baseline" in folds[0] else "baseline_logistic"
    apart = np.array([fold["ap"] - fold[name]["ap"] for fold in folds], np.float64)
    apart = apart[~np.isnan(apart)]
    if len(apart) < 2:
        return float(apart.mean()) if len(apart) else 0.0, float("inf")
    return float(apart.mean()), float(apart.std(ddof=1) / len(apart) ** 0.5)


def spread(y: Labels, score: Scores, *, seed: int) -> dict[str, Any]:
    """How far chance alone moves the ranking figures: standard deviations over bootstrap samples."""
    return {"over": "bootstrap"} | metrics.spread(y, score, seed=seed)
