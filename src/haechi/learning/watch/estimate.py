"""How good a model is before labels arrive: what its own probabilities promise, corrected by the labels that are in.

If probabilities are right, the number of frauds among any events is the sum of theirs, and so is every figure that
counts frauds: confidence-based performance estimation. Probabilities age, so they are put right first: the newest
events whose outcome has matured say how much too high or low they were, as a slope and a shift of the log-odds
(Platt's two numbers), held near the identity by a prior where they are few.

Soon after a span more is known: what the alerts brought to light, and what was reported early. By these alone a model
looks better than it is, for whatever it missed is known last. So each reported fraud stands for all of its age that
will be reported, while one that somebody looked for stands for itself (Horvitz and Thompson, JASA 47, 1952).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import cast

import numpy as np
import numpy.typing as npt

from haechi.learning.dataset import Index, Mask
from haechi.learning.maturity import estimate as maturity

__all__ = ["Correction", "Estimate", "Said", "correct", "estimate", "estimated_ap", "estimated_recall"]

Scores = npt.NDArray[np.float64]
P_MIN = 1e-7
FRAUDS_MIN = 5
PRIOR_SD = (0.25, 1.0)  # of slope and shift around 1 and 0
SEEN_MIN = 0.15  # a reported fraud stands for so many of its age at most


@dataclass(frozen=True)
class Correction:
    """What matured labels say about the probabilities: new log-odds = slope times old ones plus shift."""

    slope: float = 1.0
    shift: float = 0.0
    frauds: int = 0

    def apply(self, p: Scores) -> Scores:
        """Probabilities put right."""
        from scipy.special import expit, logit

        return cast(Scores, expit(self.slope * logit(np.clip(p, P_MIN, 1 - P_MIN)) + self.shift))


def correct(p: Scores, fraud: npt.NDArray[np.bool_], weight: Scores | None = None) -> Correction:
    """Fit the correction on events whose outcome has matured; with hardly any fraud the probabilities stand."""
    frauds = int(fraud.sum())
    if frauds < FRAUDS_MIN or frauds == len(p):
        return Correction(frauds=frauds)
    from scipy.optimize import minimize
    from scipy.special import expit, logit

    x, y = logit(np.clip(p, P_MIN, 1 - P_MIN)), fraud.astype(np.float64)
    w = np.ones(len(p)) if weight is None else weight

    def loss(v: Scores) -> tuple[float, Scores]:
        z = v[0] * x + v[1]
        off = w * (expit(z) - y)
        prior = ((v[0] - 1.0) / PRIOR_SD[0]) ** 2 / 2 + (v[1] / PRIOR_SD[1]) ** 2 / 2
        gradient = [off @ x + (v[0] - 1.0) / PRIOR_SD[0] ** 2, off.sum() + v[1] / PRIOR_SD[1] ** 2]
        return float((w * (np.logaddexp(0.0, z) - y * z)).sum() + prior), np.array(gradient)

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.1, 5.0), (-6.0, 6.0)])
    return Correction(float(found.x[0]), float(found.x[1]), frauds)


def estimated_ap(score: Scores, p: Scores, weight: Scores | None = None) -> float:
    """The average precision that probabilities promise for a ranking by `score`; NaN without events.

    Each event is a fraud with probability p, whatever the others are: precision at its rank is expected to be the mean
    probability down to there, the event itself counted as the fraud that it has to be.
    """
    if not len(p):
        return float("nan")
    order = np.argsort(-score, kind="stable")
    q = p[order]
    w = np.ones(len(q)) if weight is None else weight[order]
    rank = np.cumsum(w)
    before = np.cumsum(w * q) - q
    gained = w * q
    return float((gained * (before + 1.0) / rank).sum() / gained.sum())


def estimated_recall(p: Scores, alerts: npt.NDArray[np.bool_]) -> float:
    """The share of frauds that probabilities promise to be among the alerts."""
    total = float(p.sum())
    return float(p[alerts].sum()) / total if total > 0 else float("nan")


@dataclass(frozen=True)
class Said:
    """What a model said of events, and what is known of them; arrays of one length.

    known_us: when a fraud became known. looked: its outcome is known because somebody looked or asked. weight: how many
    events each stands for.
    """

    time_us: Index
    p: Scores
    fraud: Mask
    known_us: Index
    looked: Mask
    weight: Scores

    def take(self, which: Mask) -> Said:
        """Some of the events."""
        return Said(*(getattr(self, one.name)[which] for one in fields(self)))


@dataclass(frozen=True)
class Estimate:
    """Average precision of a span as far as it can be told, and how many frauds there must be."""

    ap: float
    frauds: float


def estimate(said: Said, since_us: int, until_us: int, now_us: int, never_reported: float = 0.0) -> Estimate | None:
    """How good a model was in a span, by what is known at `now_us`; None while hardly any of its frauds is known.

    never_reported: of the frauds for which nobody looks, the share that is never reported. Labels cannot tell it, so it
    is assumed, and what is reported stands for it too.
    """
    fraud = said.fraud & (said.known_us <= now_us) & (said.time_us < now_us)
    told = np.flatnonzero(fraud & ~said.looked)
    curve = maturity(said.known_us[told] - said.time_us[told], now_us - said.time_us[told])
    inside = (said.time_us >= since_us) & (said.time_us < until_us)
    known = inside & fraud
    if known.sum() < FRAUDS_MIN:
        return None
    reported = curve.known(now_us - said.time_us[known]).clip(SEEN_MIN, 1.0)
    weight = said.weight.copy()
    weight[known] = 1 / np.where(said.looked[known], 1.0, reported * (1.0 - never_reported))
    found = estimated_ap(said.p[inside], known[inside].astype(np.float64), weight[inside])
    return Estimate(found, float(weight[known].sum()))
