"""What a model says of rows that it had not learned from, and every figure of the report that follows from it.

Intervals come from a bootstrap that draws customers, not events, since one customer's events stand or fall together
(Field and Welsh, Bootstrapping clustered data, JRSS B 2007): each resample gives every customer a number of times that
he counts, and all figures are weighted sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.learning import metrics
from haechi.learning.dataset import Events, Index, Labels
from haechi.learning.metrics import Scores

RESAMPLES = 200
FRAUDS_MIN = 20
LEVELS = (2.5, 97.5)
FALSE_POSITIVE_RATES = (0.001, 0.01, 0.05)
CURVE_POINTS = 60
CALIBRATION_BINS = 10
TOO_FEW = "too few"
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """Rows of the history, and what one model and others beside it say of each."""

    rows: Index
    score: Scores
    probability: Scores
    others: dict[str, Scores] = field(default_factory=dict)
    segments: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True)
class Draws:
    """How often each row counts in each resample."""

    counts: npt.NDArray[np.int32]  # [resamples, customers]
    customer: Index  # of each row

    @classmethod
    def of(cls, customer: Index, *, seed: int, resamples: int = RESAMPLES) -> Draws:
        """Draw customers with replacement; rows without one are customers of their own."""
        alone = np.flatnonzero(customer < 0)
        own = customer.copy()
        own[alone] = customer.max(initial=0) + 1 + np.arange(len(alone))
        codes = np.unique(own, return_inverse=True)[1]
        n = int(codes.max(initial=0)) + 1
        rng = np.random.default_rng(seed)
        drawn = rng.integers(0, n, (resamples, n))
        counts = np.stack([np.bincount(one, minlength=n) for one in drawn]).astype(np.int32)
        return cls(counts, codes)

    def sums(self, *values: Floats) -> list[Floats]:
        """The sum of some values over the rows, in every resample: one array [resamples] for each."""
        n = self.counts.shape[1]
        by_customer = np.stack([np.bincount(self.customer, weights=v, minlength=n) for v in values], axis=1)
        return list((self.counts @ by_customer).T)


def share(part: Mask, whole: Mask, draws: Draws) -> dict[str, Any]:
    """What share of a whole a part is, with its interval; "too few" where the whole has fewer than 20 rows."""
    n = int(whole.sum())
    if n < FRAUDS_MIN:
        return {"value": TOO_FEW, "of": n}
    top, bottom = draws.sums((part & whole).astype(np.float64), whole.astype(np.float64))
    return {"value": float((part & whole).sum() / n), "interval": _interval(top, bottom), "of": n}


def gap(part: Mask, whole: Mask, of: Mask, draws: Draws) -> dict[str, Any]:
    """How much larger the share is inside a segment than outside, with its interval."""
    inside, outside = whole & of, whole & ~of
    if min(int(inside.sum()), int(outside.sum())) < FRAUDS_MIN:
        return {"value": TOO_FEW}
    sums = draws.sums(*[m.astype(np.float64) for m in (part & inside, inside, part & outside, outside)])
    with np.errstate(invalid="ignore", divide="ignore"):
        differences = sums[0] / sums[1] - sums[2] / sums[3]
    value = float((part & inside).sum() / inside.sum() - (part & outside).sum() / outside.sum())
    return {"value": value, "interval": [float(v) for v in np.nanpercentile(differences, LEVELS)]}


def ap_draws(y: Labels, score: Scores, draws: Draws) -> Floats:
    """Average precision in every resample."""
    order = np.argsort(-score, kind="stable")
    fraud, customer = (y[order] == 1), draws.customer[order]
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    found = np.empty(len(draws.counts))
    for i, counts in enumerate(draws.counts):
        weight = counts[customer].astype(np.float64)
        hits, alerts = np.cumsum(weight * fraud)[ends], np.cumsum(weight)[ends]
        gained = np.diff(hits, prepend=0.0)
        found[i] = (gained * hits / np.maximum(alerts, 1e-12)).sum() / hits[-1] if hits[-1] else np.nan
    return found


def _interval(top: Floats, bottom: Floats) -> list[float]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return [float(v) for v in np.nanpercentile(top / bottom, LEVELS)]


def alerts_at(score: Scores, day: Index | None, budget: int) -> Mask:
    """The rows with the highest scores of each day, so many a day; without a calendar, of all as many as a day has."""
    alert = np.zeros(len(score), dtype=bool)
    if day is None:
        alert[np.argsort(-score, kind="stable")[:budget]] = True
        return alert
    order = np.lexsort((-score, day))
    ranked = day[order]
    starts = np.flatnonzero(np.diff(ranked, prepend=ranked[:1] - 1)) if len(ranked) else np.zeros(0, np.int64)
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    alert[order[place < budget]] = True
    return alert


def figures(
    events: Events, judged: Judged, typology: npt.NDArray[np.object_], ruled: Mask, budgets: Sequence[int], seed: int
) -> dict[str, Any]:
    """Every figure of a model on rows that it had not seen; all intervals are 95 %.

    `typology` is a word for each judged row, "" where nobody said; `ruled` says where a live rule had hit.
    """
    if not len(judged.rows):
        return {}
    rows = judged.rows
    y = events.y[rows]
    customer = events.entities[events.subject][rows] if events.subject else np.full(len(rows), -1, np.int64)
    draws = Draws.of(customer, seed=seed)
    day = events.day[rows] if events.day is not None else None
    budget = budgets[0]
    alert = alerts_at(judged.score, day, budget)
    amount = events.amount[rows] if events.amount is not None else None
    return {
        "judged": {"events": len(rows), "frauds": int((y == 1).sum()), "customers": int(draws.counts.shape[1])},
        "budget": budget,
        "against": _against(y, judged, day, ruled, budgets, draws),
        "recall_at_fpr": {f"{f:g}": metrics.recall_at_fpr(y, judged.score, f) for f in FALSE_POSITIVE_RATES},
        "money": _money(y, amount, alert, draws),
        "typologies": _typologies(y, alert, typology, draws),
        "segments": {name: _segment(name, values, y, alert, draws) for name, values in judged.segments.items()},
        "months": _months(events, rows, judged, alert),
        "curves": {
            "precision_recall": _curve(y, judged.score),
            "calibration": _calibration(y, judged.probability),
            "gain": _gain(y, judged.score, day),
        },
        "thresholds": {str(k): _threshold(judged.probability, day, k) for k in budgets},
    }


def _against(
    y: Labels, judged: Judged, day: Index | None, ruled: Mask, budgets: Sequence[int], draws: Draws
) -> dict[str, Any]:
    """The model beside everything else that was rehearsed, and the rules; differences are paired by resample.

    Beside the rules stands what the model finds with as many alerts.
    """
    own = ap_draws(y, judged.score, draws)
    found: dict[str, Any] = {}
    for name, score in {"model": judged.score, **judged.others}.items():
        drawn = own if name == "model" else ap_draws(y, score, draws)
        recall = {str(k): share(alerts_at(score, day, k), y == 1, draws) for k in budgets}
        found[name] = {
            "ap": metrics.average_precision(y, score),
            "ap_interval": [float(v) for v in np.nanpercentile(drawn, LEVELS)],
            "auc": metrics.auc(y, score),
            "recall_at_budget": recall,
        }
        if name != "model":
            better = np.nanpercentile(own - drawn, LEVELS)
            found[name]["model_is_better_by"] = {
                "ap": found["model"]["ap"] - found[name]["ap"], "interval": [float(v) for v in better],
            }  # fmt: skip
    if ruled.any():
        as_many = alerts_at(judged.score, None, int(ruled.sum()))
        found["rules"] = {
            "recall": share(ruled, y == 1, draws), "precision": share(y == 1, ruled, draws),
            "model": share(as_many, y == 1, draws),
        }  # fmt: skip
    else:
        found["rules"] = {"recall": {"value": "no evidence"}, "precision": {"value": "no evidence"}}
    return found


def _money(y: Labels, amount: Index | None, alert: Mask, draws: Draws) -> dict[str, Any]:
    """What the alerts of the budget would have saved, of all that was taken, in minor units."""
    if amount is None:
        return {}
    taken, saved = amount * (y == 1), amount * ((y == 1) & alert)
    top, bottom = draws.sums(saved.astype(np.float64), taken.astype(np.float64))
    whole = float(taken.sum())
    return {
        "taken": int(taken.sum()),
        "saved": int(saved.sum()),
        "share": float(saved.sum() / whole) if whole else None,
        "interval": _interval(top, bottom) if whole else None,
    }


def _typologies(y: Labels, alert: Mask, typology: npt.NDArray[np.object_], draws: Draws) -> dict[str, Any]:
    names = sorted({str(t) for t in typology[y == 1]})
    return {name or "unnamed": share(alert, (y == 1) & (typology == name), draws) for name in names}


def _segment(
    name: str, values: npt.NDArray[np.float32], y: Labels, alert: Mask, draws: Draws
) -> dict[str, dict[str, Any]]:
    """Recall and false alarms in each band of a segment, and how far each lies from the rest."""
    bands = age_bands(values) if name == "age" else np.array([_word(v) for v in values], dtype=object)
    found = {}
    for band in sorted(set(bands.tolist())):
        of = bands == band
        found[band] = {
            "events": int(of.sum()),
            "frauds": int((of & (y == 1)).sum()),
            "recall": share(alert, (y == 1) & of, draws),
            "false_alarms": share(alert, (y == 0) & of, draws),
            "recall_gap": gap(alert, y == 1, of, draws),
            "false_alarm_gap": gap(alert, y == 0, of, draws),
        }
    return found


def age_bands(years: npt.NDArray[np.float32]) -> npt.NDArray[np.object_]:
    """A word for each age: minors, then by twenties, then from 65 on."""
    words = np.array(["unknown", "under 19", "19-34", "35-49", "50-64", "65 and over"], dtype=object)
    at = np.where(np.isnan(years), 0, 1 + np.searchsorted([19, 35, 50, 65], np.nan_to_num(years), side="right"))
    return words[at]


def _word(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{value:g}"


def _months(events: Events, rows: Index, judged: Judged, alert: Mask) -> list[dict[str, Any]]:
    """How steady it is: the same figures by calendar month."""
    if events.day is None:
        return []
    month = events.day[rows].astype("datetime64[D]").astype("datetime64[M]")
    found = []
    for one in np.unique(month):
        of = month == one
        y = events.y[rows][of]
        frauds = int((y == 1).sum())
        found.append(
            {
                "month": str(one), "events": int(of.sum()), "frauds": frauds,
                "ap": metrics.average_precision(y, judged.score[of]) if frauds >= FRAUDS_MIN else TOO_FEW,
                "recall": float((alert[of] & (y == 1)).sum() / frauds) if frauds >= FRAUDS_MIN else TOO_FEW,
                "ece": metrics.ece(y, judged.probability[of]),
                "mean_probability": float(judged.probability[of].mean()), "fraud_rate": float((y == 1).mean()),
            }
        )  # fmt: skip
    return found


def _curve(y: Labels, score: Scores) -> list[list[float]]:
    """Recall and precision at evenly spread recalls."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(y[order] == 1)
    if not len(hits) or not hits[-1]:
        return []
    wanted = np.unique(np.linspace(1, hits[-1], CURVE_POINTS).astype(np.int64))
    at = np.searchsorted(hits, wanted)
    return [[float(h / hits[-1]), float(h / (i + 1))] for h, i in zip(wanted, at, strict=True)]


def _calibration(y: Labels, p: Scores) -> list[list[float]]:
    """Mean probability, share of frauds and number of events in bins of equal mass."""
    order = np.argsort(p, kind="stable")
    parts = [b for b in np.array_split(order, CALIBRATION_BINS) if len(b)]
    return [[float(p[b].mean()), float((y[b] == 1).mean()), float(len(b))] for b in parts]


def _gain(y: Labels, score: Scores, day: Index | None) -> list[list[float]]:
    """Share of frauds caught by so many alerts a day."""
    frauds = max(int((y == 1).sum()), 1)
    budgets = (5, 10, 20, 50, 100, 200, 500, 1_000)
    return [[float(k), float((alerts_at(score, day, k) & (y == 1)).sum() / frauds)] for k in budgets]


def _threshold(probability: Scores, day: Index | None, budget: int) -> float:
    """The probability above which this many alerts a day came, over all judged days."""
    days = 1 if day is None else len(np.unique(day))
    count = min(budget * days, len(probability))
    return float(np.sort(probability)[::-1][count - 1])
