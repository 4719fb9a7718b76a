"""Which of few finalists: the simplest that the rehearsals do not show to be worse, or trees shown to be as good.

With few frauds a ranking is mostly luck, and of two models that cannot be told apart the simpler one has less to get
wrong tomorrow: the idea of the rule by which Breiman, Friedman, Olshen and Stone prune (Classification and Regression
Trees, 1984). Told apart are two that would differ so far by chance less than one time in twenty, by Student's t over
the judged frauds: each is found at some precision by one model and at some precision by the other, and average
precision is the mean.

That is care while little is known. Where so many frauds were judged that the last finalist, the trees, is shown to be
as good, nothing is left to be careful about and it decides: rehearsals learn from less than the model that is made
after them, and trees still gain from more where a regression has levelled off (Perlich, Provost and Simonoff, Tree
induction vs. logistic regression: a learning-curve analysis, JMLR 2003).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import TypeVar

import numpy as np

from haechi.learning.metrics import Scores

__all__ = ["behind", "simplest"]

Named = TypeVar("Named")
LUCK_MAX = 0.05
# Two average precisions that lie nearer than this are one and the same to who works with them.
SAME = 0.01


def simplest(found: Mapping[Named, Sequence[Scores]]) -> tuple[Named, dict[Named, tuple[float, float]]]:
    """The first that lies no further behind the best than noise explains; the last where that is shown to be as good.

    Finalists stand simplest first. `found` has one array a rehearsal, the precision at which each of its frauds was
    found. Returns how far each lies behind the best too: the difference of average precision, and what chance alone
    makes of it.
    """
    means = {name: np.mean([p.mean() for p in each if len(p)]) for name, each in found.items()}
    best = max(found, key=lambda name: means[name])
    apart = {name: behind(found[best], each) if name != best else (0.0, 0.0) for name, each in found.items()}
    first = next(name for name, (less, noise) in apart.items() if less <= noise)
    *_, last = found
    return last if sum(behind(found[first], found[last])) <= SAME else first, apart


def behind(best: Sequence[Scores], other: Sequence[Scores]) -> tuple[float, float]:
    """By how much average precision one lies below another, and what is noise of that: pairs of the same frauds.

    Every rehearsal counts alike. One fraud a rehearsal has no spread that is known, and the noise is infinite. It is
    never less than what one fraud weighs: a handful may agree by chance.
    """
    from scipy.special import stdtrit

    apart = [b - o for b, o in zip(best, other, strict=True) if len(b)]
    less, free = float(np.mean([d.mean() for d in apart])), sum(len(d) - 1 for d in apart)
    if free < 1:
        return less, inf
    variance = sum(float(((d - d.mean()) ** 2).sum()) for d in apart) / free
    error = (variance * sum(1.0 / len(d) for d in apart)) ** 0.5 / len(apart)
    weight = 1.0 / (len(apart) * min(len(d) for d in apart))
    return less, max(float(stdtrit(free, 1.0 - LUCK_MAX)) * error, weight)
