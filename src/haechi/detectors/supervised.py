"""The supervised detector: a forest learned from confirmed frauds, calibrated, with reasons that sum to its score.

A reason answers "compared with what?". The reference is the median legitimate event, but whatever describes the
history itself is taken from the event at hand, and its usual amount is the subject's own: what remains is how this
event differs from the same customer's ordinary one.
"""

from __future__ import annotations

import math

import numpy as np

from haechi.detectors.artifact import Artifact
from haechi.detectors.errors import ForeignFeatures
from haechi.detectors.forest import Rows, Scores
from haechi.detectors.shapley import shapley
from haechi.events import Event, Reason, Signal
from haechi.events.wording import CUSTOMER, Text, comparison, value
from haechi.features import Feature, Known, Spec

__all__ = ["Supervised"]

NAME = "supervised"
ANYBODY: Text = {"en": "the usual", "ko": "보통"}
# A median of these says nothing to a reader.
WITHOUT_USUAL = {"hour", "weekday", "code"}


class Supervised:
    """Judges by a trained model; the model's own features must be those of the memory."""

    def __init__(self, artifact: Artifact, spec: Spec) -> None:
        """Load a model for a memory that emits the features of `spec`."""
        if artifact.names != spec.names:
            raise ForeignFeatures(_difference(artifact, spec))
        self.name = NAME
        self.version = artifact.version
        self._artifact = artifact
        self._calibration = artifact.calibration
        self._forest = artifact.forest
        self._score_one = self._forest.score_one
        self._level = np.array([role == "level" for role in artifact.roles], dtype=bool)
        self._amount, self._own_amount = _amount_positions(spec)

    def judge(self, event: Event, known: Known) -> Signal:
        """The calibrated probability of fraud."""
        return Signal(self.name, self._calibration.apply_one(self._score_one(known.row)), self.version)

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """The features that raise the score most, each compared with its usual value."""
        reference = self.reference(known.row)
        credit = shapley(self._forest, known.row, reference)
        strongest = np.argsort(-credit, kind="stable")[:top]
        return tuple(
            self._reason(known.spec.features[i], float(known.row[i]), float(reference[i]), float(credit[i]), event)
            for i in strongest.tolist()
            if credit[i] > 0.0
        )

    def contributions(self, known: Known) -> Scores:
        """What every feature adds to the log-odds compared with the reference row; exact Shapley values."""
        return shapley(self._forest, known.row, self.reference(known.row))

    def reference(self, row: Rows) -> Rows:
        """The ordinary event of the same history."""
        reference = np.where(self._level, row, self._artifact.reference)
        if self._amount >= 0 and math.isfinite(row[self._own_amount]):
            reference[self._amount] = row[self._own_amount]
        return reference

    def _reason(self, feature: Feature, seen: float, usual: float, weight: float, event: Event) -> Reason:
        shown = math.nan if feature.unit in WITHOUT_USUAL else usual
        whose = CUSTOMER if feature.name == "amount" and self._amount >= 0 else ANYBODY
        return Reason(
            code=f"{self.name}.{feature.name}",
            value=value(seen, feature.unit, event.currency)["en"],
            usual=value(shown, feature.unit, event.currency)["en"],
            weight=weight,
            text=comparison(feature.phrase, seen, shown, feature.unit, event.currency, whose=whose),
        )


def _amount_positions(spec: Spec) -> tuple[int, int]:
    """Where the amount stands and where its subject's usual amount; -1 where there is none."""
    subject = spec.subject
    own = f"{subject.name}.median50" if subject else ""
    if "amount" in spec.positions and own in spec.positions:
        return spec.index("amount"), spec.index(own)
    return -1, -1


def _difference(artifact: Artifact, spec: Spec) -> str:
    """One line on how the model's features and the memory's differ."""
    gone = sorted(set(artifact.names) - set(spec.names))
    new = sorted(set(spec.names) - set(artifact.names))
    told = f"it misses {gone[0]!r}" if gone else f"it adds {new[0]!r}" if new else "their order differs"
    return f"the memory's features are not the model's ({told}): train a model for this home with `haechi train`"
