"""Stories: features that tell the same thing about an event are one reason, told by the clearest of them.

Shapley values add up, so a story weighs the sum of its features' credits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from haechi.detectors.forest import Rows, Scores
from haechi.events.wording import TIMES_MIN
from haechi.features import Feature, Spec

__all__ = ["Stories", "amount_positions", "story"]

# A story that weighs less than this share of the strongest is no reason.
WORTH_TELLING = 0.15
# Units in which "about as much" means something.
SIZED = ("money", "count", "number", "seconds", "days", "share", "km", "km/h")
BITS_OF_AMOUNT = ("amount", "small", "outflow", "drain", "habit")


class Stories:
    """Which features belong together, and which of them speaks."""

    def __init__(self, spec: Spec, *, speak_codes: bool = True) -> None:
        """Sort the features of a memory; the codes of categories are silent for a model that takes them for amounts."""
        told = [story(feature, spec) for feature in spec.features]
        names = sorted(set(told))
        self._story = np.array([names.index(s) for s in told])
        self._count = len(names)
        heard = {told_as: i for i, told_as in enumerate(dict.fromkeys(f.told_as for f in spec.features))}
        self._heard = np.array([heard[f.told_as] for f in spec.features])
        self._amount = amount_positions(spec)[0]
        self._silent = np.array([
            not f.is_telling or (f.unit == "code" and not speak_codes) for f in spec.features
        ])  # fmt: skip
        self._sized = np.array([f.unit in SIZED and f.family != "raw" for f in spec.features])

    def strongest(
        self, credit: Scores, top: int, row: Rows, reference: Rows, *, once: bool = True, least: float = 0.0
    ) -> list[tuple[int, float]]:
        """The heaviest stories first: the feature that tells each, and the weight of the whole story.

        What is unknown, or about as big as usual (`reference`), tells nothing, whatever its credit.
        once: of those that a person would hear as the same (Feature.told_as) only the heaviest; least: lighter ones
        are no reason at all.
        """
        heard = self._heard if once else self._story
        tellers, weights = np.empty(top, np.int64), np.empty(top)
        found = _strongest(
            credit, self._story, self._count, self._amount, heard, self._silent, self._sized, row, reference,
            WORTH_TELLING, least, tellers, weights,
        )  # fmt: skip
        return list(zip(tellers[:found].tolist(), weights[:found].tolist(), strict=True))


def story(feature: Feature, spec: Spec) -> str:
    """What a feature is about: features of one story are one reason.

    Bits speak to no person: what they know of hour and amount is told by hour and amount, and the rest by the detector
    that made them.
    """
    subject = spec.subject.name if spec.subject else ""
    if feature.family == "behaviour":
        kind = feature.name.rpartition("_")[2]
        return f"hour.{subject}" if kind == "hour" else f"own.{subject}" if kind in BITS_OF_AMOUNT else "behaviour"
    if feature.unit == "money" and feature.family == "raw":
        return f"own.{subject}"
    if feature.unit in ("hour", "weekday"):
        return f"hour.{subject}"
    return feature.name if feature.family == "raw" else f"{feature.family}.{feature.entity}"


def amount_positions(spec: Spec) -> tuple[int, int]:
    """Where the amount stands and where its subject's usual amount; -1 where there is none."""
    subject = spec.subject
    own = f"{subject.name}.median50" if subject else ""
    if "amount" in spec.positions and own in spec.positions:
        return spec.index("amount"), spec.index(own)
    return -1, -1


@njit(cache=True, inline="always")
def _is_usual(seen: float, usual: float) -> bool:
    return seen == usual or (usual > 0 and usual / TIMES_MIN < seen < usual * TIMES_MIN)


@njit(cache=True)
def _strongest(
    credit: Any,
    story_of: Any,
    count: int,
    amount: int,
    heard_as: Any,
    silent: Any,
    sized: Any,
    row: Any,
    reference: Any,
    worth_telling: float,
    least: float,
    tellers: Any,
    weights: Any,
) -> int:
    """Fill tellers and weights, heaviest first; returns how many stories are worth telling."""
    weight = np.zeros(count)
    teller = np.full(count, -1)
    for i in range(len(credit)):
        s = story_of[i]
        weight[s] += credit[i]
        if credit[i] <= 0.0 or silent[i] or np.isnan(row[i]) or (sized[i] and _is_usual(row[i], reference[i])):
            continue
        if teller[s] < 0 or credit[i] > credit[teller[s]]:
            teller[s] = i
    for s in range(count):
        if teller[s] < 0:
            weight[s] = -np.inf
    # The amount itself says it best, wherever it had a part.
    if amount >= 0 and credit[amount] > 0.0 and not np.isnan(row[amount]):
        teller[story_of[amount]] = amount
    found = 0
    while found < len(tellers):
        best = int(np.argmax(weight))
        if found == 0:
            least = max(least, worth_telling * weight[best])
        if not weight[best] > 0.0 or weight[best] < least:
            break
        heard = False
        for i in range(found):
            heard = heard or heard_as[tellers[i]] == heard_as[teller[best]]
        if not heard:
            tellers[found], weights[found] = teller[best], weight[best]
            found += 1
        weight[best] = -np.inf
    return found
