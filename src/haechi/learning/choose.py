"""Choosing on rehearsals only: plan, trees, label features or not, calibration and threshold.

A rehearsal is a round whose every label was known when the real training happens, so whatever is read off it was there
to be read. The smallest plan decides first whether label features help where labels will stand as they will in use;
then all plans compete, and the cheapest that is shown to be as good as the mean of all wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from haechi.detectors.boosting import Plan, Sample, blend, fit, prepare
from haechi.detectors.calibration import Calibration, calibrate
from haechi.detectors.forest import Forest, Scores, View, join, plant
from haechi.learning.dataset import Columns, Labels
from haechi.learning.lessons import Lesson
from haechi.learning.memo import Memo
from haechi.learning.metrics import average_precision, best_threshold

LABEL_FAMILY = "label"
STAGES = 3
# A cheaper model may be worse than the blend by this much average precision, its standard error over the rehearsals
# included; on the Handbook data that error is .0002 to .0009 for four rehearsals.
BEARABLE = 0.002
BLEND = "blend"


@dataclass(frozen=True, order=True)
class Candidate:
    """A plan (or the blend of all) with a number of trees, a part of the plan's own."""

    cost: int
    plan: str
    stage: int

    def __str__(self) -> str:
        return f"{self.plan} {self.stage}/{STAGES}"


@dataclass(frozen=True)
class Choice:
    """What the rehearsals said, and the evidence for it."""

    candidate: Candidate
    label_features: bool
    calibration: Calibration
    threshold: float
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass
class Rehearser:
    """Fits plans on rehearsals and remembers their scores, since neighbouring folds share rehearsals."""

    columns: Columns
    seed: int
    scores: dict[tuple[str, str, bool], dict[Candidate, Scores]] = field(default_factory=dict)
    memo: Memo | None = None
    label_features: bool | None = None  # decided already; None: the rehearsals decide
    _texts: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    _binned: tuple[str, bool, Sample] | None = None

    def choose(self, lessons: Sequence[Lesson], *, newest_only: bool) -> Choice:
        """Choose on lessons, newest first; with `newest_only` calibration and threshold come from the newest alone."""
        label_features, label_evidence = self._label_features(lessons)
        table = [self._scores(lesson, label_features) for lesson in lessons]
        precision = {
            c: [average_precision(lesson.test_y, scores[c]) for lesson, scores in zip(lessons, table, strict=True)]
            for c in table[0]
        }
        chosen = cheapest(precision)
        judged = [(lesson.test_y, scores[chosen]) for lesson, scores in zip(lessons, table, strict=True)]
        judged = judged[:1] if newest_only else judged
        evidence = {
            "label_features": label_evidence,
            "average_precision": {str(c): [round(ap, 4) for ap in aps] for c, aps in precision.items()},
        }
        return _concluded(chosen, label_features, judged, evidence)

    def score_of(self, lesson: Lesson, choice: Choice) -> Scores:
        """What the chosen candidate scored in a rehearsal."""
        return self._scores(lesson, choice.label_features)[choice.candidate]

    def forest(self, lesson: Lesson, choice: Choice) -> Forest:
        """What was chosen, trained on a lesson's rows; a lesson that is rehearsed later is not trained again."""
        view, share = view_of(self.columns, choice.label_features), choice.candidate.stage
        wanted = [(i, p) for i, p in enumerate(lesson.plans) if choice.candidate.plan in (p.name, BLEND)]
        texts = [self._text(lesson, p, i, choice.label_features) for i, p in wanted]
        stops = [p.trees * share // STAGES for _, p in wanted]
        grown = [plant(text, 1.0 / len(texts), view) for text in texts]
        return join([forest.cut(stop) for forest, stop in zip(grown, stops, strict=True)])

    def _text(self, lesson: Lesson, plan: Plan, position: int, label_features: bool) -> str:
        key = (lesson.name, plan.name, label_features)
        if key not in self._texts:
            self._texts[key] = fit(plan, self._sample(lesson, label_features), seed=self.seed + position)
        return self._texts[key]

    def _label_features(self, lessons: Sequence[Lesson]) -> tuple[bool, dict[str, list[float]]]:
        """Whether the smallest plan ranks better with label features than without."""
        if LABEL_FAMILY not in self.columns.families:
            return False, {}
        if self.label_features is not None:
            return self.label_features, {}
        found: dict[str, list[float]] = {}
        for name, wanted in (("with", True), ("without", False)):
            for lesson in lessons:
                scores = self._plan_scores(lesson, 0, wanted)
                best = max(average_precision(lesson.test_y, s) for s in scores.values())
                found.setdefault(name, []).append(round(best, 4))
        return bool(np.nanmean(found["with"]) >= np.nanmean(found["without"])), found

    def _scores(self, lesson: Lesson, label_features: bool) -> dict[Candidate, Scores]:
        """Scores of every plan and stage, and of the blend of all plans at each stage."""
        each = [self._plan_scores(lesson, i, label_features) for i in range(len(lesson.plans))]
        found = {c: s for scores in each for c, s in scores.items()}
        for stage in range(1, STAGES + 1):
            members = [(c, s) for c, s in found.items() if c.stage == stage and c.plan != BLEND]
            cost = sum(c.cost for c, _ in members)
            found[Candidate(cost, BLEND, stage)] = np.mean([s for _, s in members], axis=0)
        return found

    def _plan_scores(self, lesson: Lesson, position: int, label_features: bool) -> dict[Candidate, Scores]:
        plan = lesson.plans[position]
        key = (lesson.name, plan.name, label_features)
        if key not in self.scores:
            self.scores[key] = _candidates(plan, self._staged(lesson, plan, position, label_features))
        return self.scores[key]

    def _staged(self, lesson: Lesson, plan: Plan, position: int, label_features: bool) -> Scores:
        """Scores of a plan after each stage, [rows, stages]; taken from the memo when it has them."""
        name = f"{lesson.name} {plan.name} {label_features}"
        found = None if self.memo is None else self.memo.get(name, (len(lesson.test_y), STAGES))
        if found is None:
            text = self._text(lesson, plan, position, label_features)
            forest = blend([text], view_of(self.columns, label_features))
            found = forest.staged(lesson.test_rows, _stops(plan))
            if self.memo is not None:
                self.memo.put(name, found)
        return found

    def _sample(self, lesson: Lesson, label_features: bool) -> Sample:
        """The lesson's training rows, binned once for all plans."""
        if self._binned is None or self._binned[:2] != (lesson.name, label_features):
            sample = _sample(lesson, view_of(self.columns, label_features), seed=self.seed)
            self._binned = (lesson.name, label_features, sample)
        return self._binned[2]


def cheapest(precision: Mapping[Candidate, Sequence[float]]) -> Candidate:
    """The cheapest candidate that the rehearsals show to be as good as the blend; where they cannot tell, the blend.

    A mean of several models is the safe choice: it is hardly ever worse than its best member, and varies least when the
    days that are judged differ from those that were rehearsed. Speed has to be shown to cost nothing.
    """
    means = {c: float(np.nanmean(aps)) for c, aps in precision.items()}
    safe = max((c for c in means if c.plan == BLEND), key=means.__getitem__)
    return min(c for c, aps in precision.items() if _deficit(precision[safe], aps) <= BEARABLE)


def _deficit(safe: Sequence[float], other: Sequence[float]) -> float:
    """How far the other may lie below the safe one: the mean difference and its standard error."""
    difference = np.asarray(safe) - np.asarray(other)
    if not difference.any():
        return 0.0
    error = float(difference.std(ddof=1)) / len(difference) ** 0.5 if len(difference) > 1 else float("inf")
    return float(difference.mean()) + error


def view_of(columns: Columns, label_features: bool) -> View:
    """Every column, or every one that is not made from labels."""
    width = len(columns.names)
    return View.whole(width) if label_features else View(columns.without(LABEL_FAMILY), width)


def fit_chosen(choice: Choice, lesson: Lesson, columns: Columns, *, seed: int) -> tuple[tuple[str, ...], View]:
    """Train what was chosen on a lesson's rows: model texts and the columns they see."""
    view = view_of(columns, choice.label_features)
    wanted = [(i, p) for i, p in enumerate(lesson.plans) if choice.candidate.plan in (p.name, BLEND)]
    sample = _sample(lesson, view, seed=seed)
    texts = [fit(p, sample, seed=seed + i, trees=p.trees * choice.candidate.stage // STAGES) for i, p in wanted]
    return tuple(texts), view


def _concluded(
    chosen: Candidate, label_features: bool, judged: list[tuple[Labels, Scores]], evidence: dict[str, Any]
) -> Choice:
    """Calibration and threshold of the chosen candidate, from rows that its rehearsals judged."""
    y, scores = np.concatenate([y for y, _ in judged]), np.concatenate([s for _, s in judged])
    groups = np.repeat(np.arange(len(judged)), [len(y) for y, _ in judged])
    calibration = calibrate(scores, y, groups)
    return Choice(chosen, label_features, calibration, best_threshold(y, scores), evidence)


def _sample(lesson: Lesson, view: View, *, seed: int) -> Sample:
    """The lesson's training rows as a view sees them, binned; every plan of a lesson takes the same bins."""
    rows = np.ascontiguousarray(lesson.train_rows[:, view.chosen])
    return prepare(rows, lesson.train_y, lesson.weights, seed=seed, plan=lesson.plans[0])


def _stops(plan: Plan) -> list[int]:
    return [plan.trees * stage // STAGES for stage in range(1, STAGES + 1)]


def _candidates(plan: Plan, staged: Scores) -> dict[Candidate, Scores]:
    return {
        Candidate(trees * plan.leaves, plan.name, stage): staged[:, stage - 1]
        for stage, trees in enumerate(_stops(plan), start=1)
    }
