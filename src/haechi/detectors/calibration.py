"""From a ranking score to a probability that can be multiplied with money.

Three kinds, chosen by the data: none (the model's own odds), Platt (two numbers) and isotonic (a staircase, only where
more than 200 frauds support it). Whatever the kind, nobody is called more certain than the calibration data allow: the
ends are held where n cases can prove them. What is held still has a rank, by a millionth of the model's own odds: on a
town where the highest hundred of a day were all held at one probability, average precision by it was .12 and by the
score .37.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from haechi.detectors.boosting import Labels
from haechi.detectors.forest import Scores

Kind = Literal["none", "platt", "isotonic"]
KINDS: tuple[Kind, ...] = ("none", "platt", "isotonic")
ISOTONIC_FRAUDS_MIN = 200
PLATT_FRAUDS_MIN = 20
# A richer kind must lower the held-out loss by this share of it, or the simpler one stays.
GAIN_MIN = 0.002
RANK = 1e-6  # of the model's own odds in every probability, so that equal ends and steps keep their order


@dataclass(frozen=True)
class Calibration:
    """A monotone map from log-odds to probability."""

    kind: Kind = "none"
    slope: float = 1.0
    shift: float = 0.0
    knots: tuple[float, ...] = ()
    levels: tuple[float, ...] = ()
    floor: float = 1e-6
    ceiling: float = 1.0 - 1e-6

    def apply(self, scores: Scores) -> Scores:
        """Probabilities of many scores."""
        from scipy.special import expit

        if self.kind == "isotonic":
            raw = np.interp(scores, self.knots, self.levels)
        else:
            raw = expit(self.slope * scores + self.shift)
        held = np.clip(raw, self.floor, self.ceiling)
        return cast(Scores, held + RANK * (self.floor + (self.ceiling - self.floor) * expit(scores) - held))

    def apply_one(self, score: float) -> float:
        """Probability of one score: the hot path."""
        raw = self._between_knots(score) if self.kind == "isotonic" else sigmoid(self.slope * score + self.shift)
        held = min(max(raw, self.floor), self.ceiling)
        return held + RANK * (self.floor + (self.ceiling - self.floor) * sigmoid(score) - held)

    def _between_knots(self, score: float) -> float:
        at = bisect_right(self.knots, score)
        if at == 0:
            return self.levels[0]
        if at == len(self.knots):
            return self.levels[-1]
        low, high = self.knots[at - 1], self.knots[at]
        slope = (self.levels[at] - self.levels[at - 1]) / (high - low)
        return slope * (score - low) + self.levels[at - 1]

    def document(self) -> dict[str, Any]:
        """Plain values for the artifact."""
        return {
            "kind": self.kind, "slope": self.slope, "shift": self.shift, "knots": list(self.knots),
            "levels": list(self.levels), "floor": self.floor, "ceiling": self.ceiling,
        }  # fmt: skip

    @classmethod
    def read(cls, document: dict[str, Any]) -> Calibration:
        """The inverse of `document`."""
        plain = {**document, "knots": tuple(document["knots"]), "levels": tuple(document["levels"])}
        return cls(**plain)


def sigmoid(score: float) -> float:
    """Probability of one log-odds, without overflow at either end."""
    if score >= 0.0:
        return 1.0 / (1.0 + math.exp(-score))
    odds = math.exp(score)
    return odds / (1.0 + odds)


def calibrate(scores: Scores, y: Labels, groups: npt.NDArray[np.int64] | None = None) -> Calibration:
    """Choose and fit a calibration on scores that the model gave to rows it had not seen.

    `groups` says which rows belong together in time (one number a fold); kinds are compared by leaving one group out.
    """
    frauds = int((y == 1).sum())
    if frauds < PLATT_FRAUDS_MIN or frauds == len(y):
        return _bounded(Calibration(), y)
    kinds = KINDS if frauds > ISOTONIC_FRAUDS_MIN else KINDS[:2]
    if groups is None or len(np.unique(groups)) < 2:
        groups = np.arange(len(y)) * 5 // len(y)
    losses = {kind: _held_out_loss(kind, scores, y, groups) for kind in kinds}
    best: Kind = "none"
    for kind in kinds[1:]:
        if losses[kind] < losses[best] * (1.0 - GAIN_MIN):
            best = kind
    return fit_kind(best, scores, y)


def fit_kind(kind: Kind, scores: Scores, y: Labels) -> Calibration:
    """Fit one kind of calibration."""
    if kind == "platt":
        slope, shift = _platt(scores, y)
        return _bounded(Calibration("platt", slope=slope, shift=shift), y)
    if kind == "isotonic":
        knots, levels = _isotonic(scores, y)
        return _bounded(Calibration("isotonic", knots=knots, levels=levels), y)
    return _bounded(Calibration(), y)


def _bounded(calibration: Calibration, y: Labels) -> Calibration:
    """Hold both ends: with n cases of a kind, a probability nearer than about 1/n to certainty is not supported."""
    frauds, legitimate = int((y == 1).sum()), int((y == 0).sum())
    document = calibration.document()
    document["floor"] = 0.5 / (legitimate + 1.0)
    document["ceiling"] = 1.0 - 0.5 / (frauds + 1.0)
    return Calibration.read(document)


def _held_out_loss(kind: Kind, scores: Scores, y: Labels, groups: npt.NDArray[np.int64]) -> float:
    """Mean log loss of a kind, each group judged by a map that has not seen it."""
    total = 0.0
    for group in np.unique(groups):
        out = groups == group
        total += log_loss_sum(y[out], fit_kind(kind, scores[~out], y[~out]).apply(scores[out]))
    return total / len(y)


def log_loss_sum(y: Labels, p: Scores) -> float:
    """Summed negative log likelihood."""
    from scipy.special import xlogy

    return float(-(xlogy(y == 1, p) + xlogy(y != 1, 1.0 - p)).sum())


def _platt(scores: Scores, y: Labels) -> tuple[float, float]:
    """Slope and shift of maximum likelihood; targets are pulled in as Platt did, so perfect separation stays finite."""
    from scipy.optimize import minimize
    from scipy.special import expit

    frauds, legitimate = float((y == 1).sum()), float((y != 1).sum())
    target = np.where(y == 1, (frauds + 1.0) / (frauds + 2.0), 1.0 / (legitimate + 2.0))

    def loss(w: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        z = w[0] * scores + w[1]
        slack = expit(z) - target
        return float((np.logaddexp(0.0, z) - target * z).sum()), np.array([slack @ scores, slack.sum()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(1e-3, None), (None, None)])
    return float(found.x[0]), float(found.x[1])


def _isotonic(scores: Scores, y: Labels) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Pool adjacent violators; each step stands at the mean score of its rows, shrunk by one case at the base rate."""
    order = np.argsort(scores, kind="stable")
    blocks = _pool(scores[order], (y[order] == 1).astype(np.float64))
    base = float((y == 1).mean())
    knots: list[float] = []
    levels: list[float] = []
    for count, total, score_sum in blocks:
        knot, level = score_sum / count, (total + base) / (count + 1.0)
        if knots and knot <= knots[-1]:
            continue
        knots.append(knot)
        levels.append(max(level, levels[-1]) if levels else level)
    return tuple(knots), tuple(levels)


def _pool(scores: Scores, y: Scores) -> Sequence[tuple[float, float, float]]:
    """Blocks of (rows, frauds, sum of scores) whose fraud share never falls; equal scores start in one block."""
    _, starts = np.unique(scores, return_index=True)
    counts = np.diff(np.append(starts, len(scores))).astype(np.float64)
    sums, score_sums = np.add.reduceat(y, starts), np.add.reduceat(scores, starts)
    blocks: list[tuple[float, float, float]] = []
    for block in zip(counts.tolist(), sums.tolist(), score_sums.tolist(), strict=True):
        current = block
        while blocks and blocks[-1][1] * current[0] >= current[1] * blocks[-1][0]:
            last = blocks.pop()
            current = (last[0] + current[0], last[1] + current[1], last[2] + current[2])
        blocks.append(current)
    return blocks
