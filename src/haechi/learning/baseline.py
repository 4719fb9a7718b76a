"""What stands beside a model on the same rehearsals, and which of it the model must beat before it decides.

Trees have to beat a logistic regression: a forest that does not is a collapse that nobody noticed. A regression that
was chosen instead of them has beaten them already, and to hold it against itself says nothing. It is held against what
it replaces: the surprise that decides in a home without a model, or chance where the rows know of none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from haechi.detectors.logistic import few_columns
from haechi.detectors.stack import AHEAD
from haechi.learning.choose import FEW, LINEAR, Choice, Rehearser
from haechi.learning.lessons import Lesson
from haechi.learning.metrics import Scores

__all__ = ["CHANCE", "LOGISTIC", "SURPRISE", "TREES", "baseline_of", "stood_beside"]

LOGISTIC, FEW_LABELS, TREES, SURPRISE, CHANCE = "logistic", "few_labels", "trees", "surprise", "chance"
Beside = dict[str, list[Scores]]


def stood_beside(lessons: Sequence[Lesson], rehearser: Rehearser, choice: Choice) -> Beside:
    """What else was rehearsed, by name: scores of each rehearsal. The logistic regression is shown even if chosen."""
    names = {LINEAR: LOGISTIC, FEW: FEW_LABELS}
    found = {
        names.get(one.plan, TREES): [rehearser.score_of(lesson, choice, one) for lesson in lessons]
        for one in choice.finalists
        if one != choice.candidate or one.plan == LINEAR
    }
    if rehearser.regressions and len(few_columns(rehearser.columns.names)):
        at = rehearser.columns.names.index(AHEAD)
        found[SURPRISE] = [np.nan_to_num(lesson.test_rows[:, at].astype(np.float64)) for lesson in lessons]
    return found


def baseline_of(choice: Choice, beside: Collection[str]) -> str:
    """The name of what the model must beat; empty where it was not rehearsed."""
    if choice.candidate.is_linear:
        return SURPRISE if SURPRISE in beside else CHANCE
    return LOGISTIC if LOGISTIC in beside else ""
