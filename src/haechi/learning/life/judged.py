"""Two models on the same events: what both said, what came out, who it was about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

__all__ = ["Judged", "Range", "alerted", "recall_gap"]


@dataclass(frozen=True)
class Judged:
    """Events in time order with the probabilities of both models; y is 1 for fraud, 0 else.

    subject: a number for each customer. slices: for each protected property a code an event, -1 where unknown, with the
    words for the codes. weight: how many events each row stands for. seen: the chance that a fraud among such events is
    known by now, 1 where somebody looked; a known fraud stands for 1 / seen frauds (Horvitz and Thompson, A
    generalization of sampling without replacement from a finite universe, JASA 47, 1952).
    """

    champion: Scores
    challenger: Scores
    y: Labels
    subject: Index
    day: Index
    weight: Scores
    slices: Mapping[str, tuple[Index, tuple[str, ...]]] = field(default_factory=dict)
    seen: Scores | None = None

    @property
    def stands_for(self) -> Scores:
        """How many events each row stands for, frauds that nobody has told yet among them."""
        return self.weight if self.seen is None else np.where(self.y == 1, self.weight / self.seen, self.weight)

    @property
    def frauds(self) -> int:
        """How many frauds both are judged by."""
        return int((self.y == 1).sum())


@dataclass(frozen=True)
class Range:
    """A figure with the interval that a bootstrap gives it."""

    value: float
    low: float
    high: float


def alerted(score: Scores, day: Index, weight: Scores, budget: int) -> Mask:
    """Which events are among the `budget` highest of their day; rows stand for as many events as they weigh."""
    order = np.lexsort((-score, day))
    before = np.cumsum(weight[order]) - weight[order]
    starts = np.flatnonzero(np.diff(day[order], prepend=day[order[:1]] - 1)) if len(order) else order
    base = np.repeat(before[starts], np.diff(np.append(starts, len(order))))
    out = np.zeros(len(score), bool)
    out[order] = before - base < budget
    return out


def recall_gap(
    judged: Judged, budget: int, *, confidence: float, seed: int, among: Mask | None = None, resamples: int = 2_000
) -> Range:
    """By how much the challenger finds a larger share of frauds within the budget than the champion does.

    Paired: both are judged on the same draw. By customer: one victim's frauds come together, so whole customers are
    drawn (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 8). The low end is one-sided.
    """
    fraud = judged.y == 1 if among is None else (judged.y == 1) & among
    counts = judged.stands_for[fraud]
    caught = [
        alerted(score, judged.day, judged.weight, budget)[fraud] * counts
        for score in (judged.champion, judged.challenger)
    ]
    if not fraud.any():
        return Range(float("nan"), float("nan"), float("nan"))
    who, at = np.unique(judged.subject[fraud], return_inverse=True)
    gained = np.bincount(at, caught[1] - caught[0], len(who))
    frauds = np.bincount(at, counts, len(who))
    drawn = np.random.default_rng(seed).multinomial(len(who), np.full(len(who), 1 / len(who)), resamples)
    gaps = (drawn @ gained) / np.maximum(drawn @ frauds, 1e-9)
    low, high = np.quantile(gaps, [1 - confidence, confidence])
    return Range(float(gained.sum() / frauds.sum()), float(low), float(high))
