"""The supervised detector: a forest learned from confirmed frauds, calibrated, with reasons that sum to its score.

A reason answers "compared with what?". The reference is the median legitimate event, but whatever describes the
history itself is taken from the event at hand, and its usual amount is the subject's own: what remains is how this
event differs from the same customer's ordinary one. Features that tell one story (this customer's amounts, frauds
confirmed at this merchant) are one reason: Shapley values add up, so its weight is their sum.
"""

from __future__ import annotations

import math

import numpy as np

from haechi.detectors.artifact import Artifact
from haechi.detectors.errors import ForeignFeatures
from haechi.detectors.forest import Rows, Scores
from haechi.detectors.shapley import shapley
from haechi.detectors.stack import Stack
from haechi.events import Event, Reason, Signal
from haechi.events.wording import CUSTOMER, Text, comparison, value
from haechi.features import Feature, Known, Spec

__all__ = ["Supervised"]

NAME = "supervised"
ANYBODY: Text = {"en": "the usual", "ko": "보통"}
# A story that weighs less than this share of the strongest is no reason.
WORTH_TELLING = 0.05
# The middle of these says nothing to a reader, or is in the phrase already (a ratio to the average is about 1).
WITHOUT_USUAL = {"hour", "weekday", "code", "ratio", "sd"}


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
        told = artifact.settings.get("stack")
        self._stack = Stack.read(told) if told else None
        self._bits = [spec.index(n) for n in self._stack.columns] if self._stack else []
        self._level = np.array([role == "level" for role in artifact.roles], dtype=bool)
        self._amount, self._own_amount = _amount_positions(spec)
        stories = [story(feature, spec) for feature in spec.features]
        names = sorted(set(stories))
        self._story = np.array([names.index(s) for s in stories])
        self._members = [np.flatnonzero(self._story == i).tolist() for i in range(len(names))]
        self._amount_story = int(self._story[self._amount]) if self._amount >= 0 else -1

    def judge(self, event: Event, known: Known) -> Signal:
        """The calibrated probability of fraud."""
        probability = self._calibration.apply_one(self._score_one(known.row))
        if self._stack is not None:
            probability = self._stack.apply_one(probability, known.row[self._bits].tolist())
        return Signal(self.name, probability, self.version)

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """The stories that raise the score most, each told by its clearest feature compared with its usual value."""
        reference = self.reference(known.row)
        credit = shapley(self._forest, known.row, reference)
        weight = np.bincount(self._story, credit, minlength=len(self._members))
        least = WORTH_TELLING * float(weight.max())
        strongest = [i for i in np.argsort(-weight, kind="stable")[:top].tolist() if 0.0 < weight[i] >= least]
        each, row, usual = credit.tolist(), known.row.tolist(), reference.tolist()
        reasons = []
        for number in strongest:
            at = self._teller(number, each)
            reasons.append(self._reason(known.spec.features[at], row[at], usual[at], float(weight[number]), event))
        return tuple(reasons)

    def contributions(self, known: Known) -> Scores:
        """What every feature adds to the log-odds compared with the reference row; exact Shapley values."""
        return shapley(self._forest, known.row, self.reference(known.row))

    def reference(self, row: Rows) -> Rows:
        """The ordinary event of the same history."""
        reference = np.where(self._level, row, self._artifact.reference)
        if self._amount >= 0 and math.isfinite(row[self._own_amount]):
            reference[self._amount] = row[self._own_amount]
        return reference

    def _teller(self, number: int, credit: list[float]) -> int:
        """The feature that tells a story: the amount itself where it had a part, else the weightiest."""
        if number == self._amount_story and credit[self._amount] > 0.0:
            return self._amount
        return max(self._members[number], key=credit.__getitem__)

    def _reason(self, feature: Feature, seen: float, usual: float, weight: float, event: Event) -> Reason:
        usual = math.nan if feature.unit in WITHOUT_USUAL else usual
        whose = CUSTOMER if feature.name == "amount" and self._amount >= 0 else ANYBODY
        return Reason(
            code=f"{self.name}.{feature.name}",
            value=value(seen, feature.unit, event.currency)["en"],
            usual="" if math.isnan(usual) else value(usual, feature.unit, event.currency)["en"],
            weight=weight,
            text=comparison(feature.phrase, seen, usual, feature.unit, event.currency, whose=whose),
        )


def story(feature: Feature, spec: Spec) -> str:
    """What a feature is about: features of one story are one reason."""
    subject = spec.subject.name if spec.subject else ""
    if feature.unit == "money" and feature.family == "raw":
        return f"own.{subject}"
    if feature.unit in ("hour", "weekday"):
        return f"hour.{subject}"
    return feature.name if feature.family == "raw" else f"{feature.family}.{feature.entity}"


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
