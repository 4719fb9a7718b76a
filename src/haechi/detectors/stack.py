"""The last layer of a supervised model: its probability and the surprise in the row become one probability.

A logistic sum with weights that are never negative, so that no signal's rise can lower the outcome; both ends are held
where the labels it was fitted on can prove them. What it weighs, and whether it is used at all, is learned in
learning/stacking.py on events that the model had not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, log
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.detectors.calibration import RANK, sigmoid

__all__ = ["AHEAD", "INPUTS", "Stack"]

Floats = npt.NDArray[np.float64]

# The columns that it may weigh beside the model's own probability.
KINDS = ("run", "hour", "amount", "small", "category", "gap", "tempo", "party", "place", "device", "outflow", "heard",
         "passed")  # fmt: skip
INPUTS = tuple(f"behaviour.surprise_{kind}" for kind in KINDS)
AHEAD = "behaviour.surprise_run"  # what is believed before any label: a bit of its rarity is a bit of evidence
BITS_MAX = 20.0
P_MIN = 1e-9


@dataclass(frozen=True)
class Stack:
    """Weights of the model's log-odds and of some columns of bits."""

    columns: tuple[str, ...]
    weights: tuple[float, ...]  # the first belongs to the model's log-odds
    shift: float
    floor: float
    ceiling: float

    def apply_one(self, probability: float, bits: list[float]) -> float:
        """One event's probability from the model's and the bits of `columns` (unknown counts as none)."""
        z = self.shift + self.weights[0] * log_odds(probability)
        for weight, x in zip(self.weights[1:], bits, strict=True):
            z += weight * (0.0 if isnan(x) else min(x, BITS_MAX))
        p = sigmoid(z)
        held = min(max(p, self.floor), self.ceiling)
        return held + RANK * (self.floor + (self.ceiling - self.floor) * p - held)

    def apply(self, probabilities: Floats, bits: Floats) -> Floats:
        """The same for many events; bits [n, columns]."""
        pairs = zip(probabilities.tolist(), bits.tolist(), strict=True)
        return np.array([self.apply_one(p, row) for p, row in pairs])

    def document(self) -> dict[str, Any]:
        """Plain values for the artifact."""
        return {
            "columns": list(self.columns), "weights": list(self.weights), "shift": self.shift, "floor": self.floor,
            "ceiling": self.ceiling,
        }  # fmt: skip

    @classmethod
    def read(cls, document: dict[str, Any]) -> Stack:
        """The inverse of `document`."""
        return cls(**{**document, "columns": tuple(document["columns"]), "weights": tuple(document["weights"])})


def log_odds(probability: float) -> float:
    """Log-odds of a probability, finite at both ends."""
    p = min(max(probability, P_MIN), 1.0 - P_MIN)
    return log(p / (1.0 - p))
