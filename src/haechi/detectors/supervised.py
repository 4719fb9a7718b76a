"""The supervised detector: a model learned from confirmed frauds, calibrated, with reasons that sum to its score.

A reason answers "compared with what?". The reference is the median legitimate event, but whatever describes the
history itself is taken from the event at hand, and its usual amount is the subject's own: what remains is how this
event differs from the same customer's ordinary one. Features that tell one story (this customer's amounts, frauds
confirmed at this merchant) are one reason: Shapley values add up, so its weight is their sum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from haechi.detectors.artifact import Artifact
from haechi.detectors.errors import ForeignFeatures
from haechi.detectors.forest import Forest, Rows, Scores
from haechi.detectors.layers import Layers
from haechi.detectors.shapley import shapley
from haechi.detectors.stack import Stack
from haechi.detectors.stories import Stories, amount_positions
from haechi.events import Event, Reason, Signal
from haechi.events.shops import shop
from haechi.events.wording import CUSTOMER, Text, comparison
from haechi.features import Feature, Known, Spec
from haechi.features.jit import brief

__all__ = ["Supervised"]

NAME = "supervised"
ANYBODY: Text = {"en": "the usual", "ko": "보통"}
# The middle of these says nothing to a reader, or is in the phrase already (a ratio to the average is about 1).
WITHOUT_USUAL = {"hour", "weekday", "code", "ratio", "sd"}
# A linear model spreads a score over hundreds of columns; a story that does not raise the odds by half is no reason.
LEAST_OF_MANY = math.log(1.5)


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
        self._model = artifact.model
        self._score_one = self._model.score_one
        self._ordinary = artifact.reference
        told = artifact.settings.get("stack")
        self._stack = Stack.read(told) if told else None
        self._bits = [spec.index(n) for n in self._stack.columns] if self._stack else []
        self._layers = Layers(self._calibration, self._stack, self._bits)
        self._level = np.array([role == "level" for role in artifact.roles], dtype=bool)
        self._amount, self._own_amount = amount_positions(spec)
        grown = isinstance(self._model, Forest)
        self._stories, self._least = Stories(spec, speak_codes=grown), 0.0 if grown else LEAST_OF_MANY

    def judge(self, event: Event, known: Known) -> Signal:
        """The calibrated probability of fraud."""
        return self.judge_row(known)

    def judge_row(self, known: Known) -> Signal:
        """The same: the row is all that it looks at."""
        probability = self._calibration.apply_one(self._score_one(known.row))
        if self._stack is not None:
            probability = self._stack.apply_one(probability, known.row[self._bits].tolist())
        return Signal(self.name, probability, self.version)

    def judge_rows(self, rows: Rows, scores: Scores, one_in: Scores) -> None:
        """The same of many rows at once, written into columns."""
        scores[:], one_in[:] = self._layers.apply(self._model.score(rows), rows), 0.0

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """The stories that raise the score most, each told by its clearest feature compared with its usual value."""
        return self._told(event, known, top, once=True)

    def in_full(self, event: Event, known: Known, top: int) -> tuple[Reason, ...]:
        """Every story that raises the score, also those that sound like another: for who looks closely."""
        return self._told(event, known, top, once=False)

    def _told(self, event: Event, known: Known, top: int, *, once: bool) -> tuple[Reason, ...]:
        row, reference = known.row, self.reference(known.row)
        credit = shapley(self._model, row, reference)
        features = known.spec.features
        told = (
            self._reason(features[at], row.item(at), reference.item(at), weight, event)
            for at, weight in self._stories.strongest(credit, top, row, reference, once=once, least=self._least)
        )
        return tuple(reason for reason in told if reason.value != reason.usual)  # both may be less than 0.1 %

    def contributions(self, known: Known) -> Scores:
        """What every feature adds to the log-odds compared with the reference row; exact Shapley values."""
        return shapley(self._model, known.row, self.reference(known.row))

    def reference(self, row: Rows) -> Rows:
        """The ordinary event of the same history."""
        reference = np.empty_like(self._ordinary)
        _choose(row, self._ordinary, self._level, reference)
        if self._amount >= 0 and math.isfinite(row[self._own_amount]):
            reference[self._amount] = row[self._own_amount]
        return reference

    def _reason(self, feature: Feature, seen: float, usual: float, weight: float, event: Event) -> Reason:
        unit = feature.unit
        if unit == "code" and (word := _word(feature, event)):
            said = comparison(feature.phrase, word.replace("_", " "), None, unit)
            korean = comparison(feature.phrase, shop(word).ko, None, unit).text["ko"]
            return Reason(f"{self.name}.{feature.name}", said.value, "", weight, {"en": said.text["en"], "ko": korean})
        whose = CUSTOMER if feature.name == "amount" and self._amount >= 0 else ANYBODY
        normal = None if unit in WITHOUT_USUAL else usual
        said = comparison(feature.phrase, seen, normal, unit, event.currency, whose=whose)
        return Reason(f"{self.name}.{feature.name}", said.value, said.usual, weight, said.text)


@brief
def _choose(row: Any, ordinary: Any, is_level: Any, out: Any) -> None:
    """What numpy would do too, but it would let go of the interpreter's lock, and win it back a millisecond later."""
    for i in range(len(row)):
        out[i] = row[i] if is_level[i] else ordinary[i]


def _word(feature: Feature, event: Event) -> str:
    """What a code stands for in the event; nothing when the event does not say."""
    if feature.entity == "kind":
        return event.kind
    return str(event.categories.get(feature.entity) or event.attributes.get(feature.entity) or "")


def _difference(artifact: Artifact, spec: Spec) -> str:
    """One line on how the model's features and the memory's differ."""
    gone = sorted(set(artifact.names) - set(spec.names))
    new = sorted(set(spec.names) - set(artifact.names))
    told = f"it misses {gone[0]!r}" if gone else f"it adds {new[0]!r}" if new else "their order differs"
    return f"the memory's features are not the model's ({told}): train a model for this home with `haechi train`"
