"""How good a ranking is, and how honest a probability: every figure of the evaluation, from arrays alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from haechi.learning.dataset import Index, Labels

Scores = npt.NDArray[np.float64]

ECE_BINS = 15
RESAMPLES = 200


def auc(y: Labels, score: Scores) -> float:
    """The chance that a fraud scores above a legitimate event; ties count half."""
    frauds = int((y == 1).sum())
    others = len(y) - frauds
    if not frauds or not others:
        return float("nan")
    _, at, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2.0
    return float((ranks[at][y == 1].sum() - frauds * (frauds + 1) / 2.0) / (frauds * others))


def average_precision(y: Labels, score: Scores) -> float:
    """Precision averaged over recall, equal scores taken as one step."""
    hits, alerts = _steps(y, score)
    if not len(hits) or hits[-1] == 0:
        return float("nan")
    gained = np.diff(hits, prepend=0)
    return float((gained * (hits / alerts)).sum() / hits[-1])


def fraud_precisions(y: Labels, score: Scores) -> Scores:
    """The precision of the alerts down to each fraud's score; their mean is average precision."""
    own = score[y == 1]
    hits, alerts = (len(s) - np.searchsorted(np.sort(s), own) for s in (own, score))
    return np.asarray(hits / alerts, np.float64)


def recall_at_fpr(y: Labels, score: Scores, rate: float) -> float:
    """Share of frauds found when this share of legitimate events may be stopped."""
    hits, alerts = _steps(y, score)
    frauds, others = int((y == 1).sum()), int((y != 1).sum())
    allowed = (alerts - hits) <= rate * others
    return float(hits[allowed].max(initial=0) / frauds) if frauds else float("nan")


def _steps(y: Labels, score: Scores) -> tuple[Index, Index]:
    """Frauds found and alerts raised after each distinct score, from the highest down."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1) if len(order) else order
    return np.cumsum(y[order] == 1)[ends], ends + 1


def precision_at_budget(y: Labels, score: Scores, day: Index, budget: int) -> float:
    """Share of frauds among the `budget` highest scores of each day, averaged over days."""
    shares = []
    for rows in _days(day):
        top = rows[np.argsort(-score[rows], kind="stable")[:budget]]
        shares.append(float((y[top] == 1).mean()))
    return float(np.mean(shares)) if shares else float("nan")


def card_precision(
    y: Labels, score: Scores, day: Index, entity: Index, budget: int, *, drop_found: bool
) -> float:  # fmt: skip
    """Per day, the share truly defrauded among the `budget` entities with the highest score, averaged over days.

    With `drop_found` an entity whose fraud was among an earlier day's alerts is left out from then on.
    """
    shares = card_shares(y, score, day, entity, budget, drop_found=drop_found)
    return float(np.mean(shares)) if len(shares) else float("nan")


def card_shares(
    y: Labels, score: Scores, day: Index, entity: Index, budget: int, *, drop_found: bool
) -> Scores:  # fmt: skip
    """What `card_precision` averages: one share for each day there is, in order."""
    found: set[int] = set()
    shares = []
    for rows in _days(day):
        rows = rows[entity[rows] >= 0]
        if drop_found and found:
            rows = rows[~np.isin(entity[rows], np.fromiter(found, dtype=np.int64))]
        entities, at = np.unique(entity[rows], return_inverse=True)
        best = np.full(len(entities), -np.inf)
        np.maximum.at(best, at, score[rows])
        defrauded = np.zeros(len(entities), dtype=bool)
        np.logical_or.at(defrauded, at, y[rows] == 1)
        top = np.argsort(-best, kind="stable")[:budget]
        shares.append(defrauded[top].sum() / budget)
        found |= set(entities[top][defrauded[top]].tolist())
    return np.array(shares)


def _days(day: Index) -> list[Index]:
    """Positions of each day's rows, days in order."""
    order = np.argsort(day, kind="stable")
    starts = np.flatnonzero(np.diff(day[order], prepend=day[order[:1]] - 1))
    return np.split(order, starts[1:]) if len(order) else []


def ece(y: Labels, p: Scores, bins: int = ECE_BINS) -> float:
    """Mean distance between probability and frequency over bins of equal mass."""
    order = np.argsort(p, kind="stable")
    gaps = [abs(p[b].mean() - (y[b] == 1).mean()) * len(b) for b in np.array_split(order, bins) if len(b)]
    return float(sum(gaps) / len(y)) if len(y) else float("nan")


def brier(y: Labels, p: Scores) -> float:
    """Mean squared distance between probability and outcome."""
    return float(np.mean((p - (y == 1)) ** 2)) if len(y) else float("nan")


def f1(y: Labels, alert: npt.NDArray[np.bool_], positive: int = 1) -> float:
    """Harmonic mean of precision and recall of one class."""
    said, truly = (alert, y == 1) if positive else (~alert, y != 1)
    both = int((said & truly).sum())
    total = int(said.sum()) + int(truly.sum())
    return 2.0 * both / total if total else 0.0


def macro_f1(y: Labels, alert: npt.NDArray[np.bool_]) -> float:
    """Mean of both classes' F1."""
    return (f1(y, alert, 1) + f1(y, alert, 0)) / 2.0


def best_threshold(y: Labels, score: Scores) -> float:
    """The score from which on alerting gives the highest F1: half-way to the next lower score."""
    order = np.argsort(-score, kind="stable")
    hits, alerts = _steps(y, score)
    frauds = int((y == 1).sum())
    if not frauds:
        return float(np.inf)
    at = int(np.argmax(2.0 * hits / (alerts + frauds)))
    ranked = score[order]
    low = ranked[alerts[at]] if alerts[at] < len(ranked) else ranked[-1] - 1.0
    return float((ranked[alerts[at] - 1] + low) / 2.0)


def cost_per_1000(y: Labels, amount: Index, alert: npt.NDArray[np.bool_], review_cost: float) -> float:
    """What frauds that got through and reviews cost together, per thousand events, in minor units."""
    lost = float(amount[(y == 1) & ~alert].sum())
    return (lost + review_cost * float(alert.sum())) * 1000.0 / max(len(y), 1)


def spread(y: Labels, score: Scores, *, seed: int, resamples: int = RESAMPLES) -> dict[str, float]:
    """Standard deviation of AUC and AP over bootstrap samples of the rows."""
    rng = np.random.default_rng(seed)
    figures = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(y), len(y))
        figures.append((auc(y[drawn], score[drawn]), average_precision(y[drawn], score[drawn])))
    deviations = np.nanstd(np.array(figures), axis=0)
    return {"auc": float(deviations[0]), "ap": float(deviations[1])}
