"""What the champion says, day by day: the spread of its scores, and whether its promises were kept as labels ripen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from haechi.learning.life.scores import Block
from haechi.learning.watch.drift import psi_each

__all__ = ["SCORE_BINS", "kept", "moved", "spread"]

Floats = npt.NDArray[np.float64]
SCORE_BINS = 16
ODDS_FROM = -12.0  # log-odds of the lowest bin; each is one wide
P_MIN = 1e-9


def spread(probability: Floats) -> npt.NDArray[np.int64]:
    """How many probabilities fall into each bin of log-odds, from 1 in 160,000 to 19 in 20 and above."""
    p = np.clip(probability[~np.isnan(probability)], P_MIN, 1 - P_MIN)
    at = np.clip(np.floor(np.log(p / (1 - p)) - ODDS_FROM), 0, SCORE_BINS - 1).astype(np.int64)
    return np.bincount(at, minlength=SCORE_BINS)


def moved(days: Sequence[Sequence[int] | None]) -> Floats:
    """PSI of each day's spread against all other days before the last; NaN for days of which there is none."""
    counts = np.array([day if day is not None else [0] * SCORE_BINS for day in days], np.float64)
    before = counts[:-1].sum(0)
    others = np.vstack([before - counts[:-1], before])
    return cast(Floats, np.where(others.sum(1) > 0, psi_each(others, counts), np.nan))


def kept(block: Block, labels: Mapping[int, bool], model: str) -> float:
    """By how many standard deviations the known frauds of a span exceed what a model promised; NaN if it was not asked.

    If probabilities are right and independent, frauds are a sum of unequal coins: mean sum(p), variance sum(p(1-p)).
    Frauds that are never reported make it negative at all times; that level belongs to what is quiet.
    """
    said = block.scores.get(model)
    if said is None or np.isnan(said).all():
        return float("nan")
    asked = ~np.isnan(said)
    p = said[asked].astype(np.float64)
    frauds = np.fromiter((seq for seq, fraud in labels.items() if fraud), np.int64)
    known = int(np.isin(block.seq[asked], frauds).sum())
    return float((known - p.sum()) / np.sqrt(max(float((p * (1 - p)).sum()), 1.0)))
