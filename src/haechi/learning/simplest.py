"""Which of few finalists: the simplest that the rehearsals do not show to be worse than the best.

With few frauds a ranking is mostly luck, and of two models that cannot be told apart the simpler one has less to get
wrong tomorrow. Told apart means one standard error: the rule of Breiman, Friedman, Olshen and Stone (Classification and
Regression Trees, 1984) for pruning. What is averaged are frauds: each is found at some precision by one model and at
some precision by the other, and average precision is the mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import TypeVar

import numpy as np

from haechi.learning.metrics import Scores

__all__ = ["behind", "simplest"]

Named = TypeVar("Named")


def simplest(found: Mapping[Named, Sequence[Scores]]) -> tuple[Named, dict[Named, tuple[float, float]]]:
    """The first that lies no further behind the best than its standard error; finalists stand simplest first.

    `found` has one array a rehearsal, the precision at which each of its frauds was found. Returns how far each lies
    behind the best too: the difference of average precision and its standard error.
    """
    means = {name: np.mean([p.mean() for p in each if len(p)]) for name, each in found.items()}
    best = max(found, key=lambda name: means[name])
    apart = {name: behind(found[best], each) for name, each in found.items()}
    return next(name for name, (less, error) in apart.items() if less <= error), apart


def behind(best: Sequence[Scores], other: Sequence[Scores]) -> tuple[float, float]:
    """By how much average precision one lies below another, and the standard error of that: pairs of the same frauds.

    Every rehearsal counts alike. One fraud a rehearsal has no spread that is known, and the error is infinite.
    """
    apart = [b - o for b, o in zip(best, other, strict=True) if len(b)]
    less, free = float(np.mean([d.mean() for d in apart])), sum(len(d) - 1 for d in apart)
    if free < 1:
        return less, inf
    variance = sum(float(((d - d.mean()) ** 2).sum()) for d in apart) / free
    return less, (variance * sum(1.0 / len(d) for d in apart)) ** 0.5 / len(apart)
