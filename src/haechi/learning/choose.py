"""Choosing on rehearsals only: trees or a line, plan, trees, label features or not, calibration and threshold.

A rehearsal is a round whose every label was known when the real training happens, so whatever is read off it was there
to be read. The smallest plan decides first whether label features help where labels will stand as they will in use;
then all plans compete, and the cheapest that is shown to be as good as the mean of all wins. Last, the trees that won
stand beside two logistic regressions, and the simplest that is not shown to be worse than the best decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from haechi.detectors.artifact import Fitted
from haechi.detectors.boosting import Plan, Sample, blend, fit, prepare
from haechi.detectors.calibration import Calibration, calibrate
from haechi.detectors.forest import Forest, Scores, View, join, plant
from haechi.detectors.linear import Linear
from haechi.detectors.logistic import few_columns, fit_few, fit_logistic
from haechi.learning.dataset import Columns, Labels
from haechi.learning.lessons import Lesson
from haechi.learning.memo import Memo
from haechi.learning.metrics import average_precision, best_threshold, fraud_precisions
from haechi.learning.simplest import simplest

LABEL_FAMILY = "label"
STAGES = 3
# A cheaper model may be worse than the blend by this much average precision, its standard error over the rehearsals
# included; on the Handbook data that error is .0002 to .0009 for four rehearsals.
BEARABLE = 0.002
BLEND = "blend"
LINEAR, FEW = "linear", "few labels"


@dataclass(frozen=True, order=True)
class Candidate:
    """A plan (or the blend of all) with a number of trees, a part of the plan's own; or a regression, without any."""

    cost: int
    plan: str
    stage: int = 0

    @property
    def is_linear(self) -> bool:
        """Whether it is a regression."""
        return not self.stage

    def __str__(self) -> str:
        return f"{self.plan} {self.stage}/{STAGES}" if self.stage else self.plan


@dataclass(frozen=True)
class Choice:
    """What the rehearsals said, and the evidence for it."""

    candidate: Candidate
    label_features: bool
    calibration: Calibration
    threshold: float
    evidence: dict[str, Any] = field(default_factory=dict)
    finalists: tuple[Candidate, ...] = ()  # simplest first; the one chosen is among them


@dataclass
class Rehearser:
    """Fits plans on rehearsals and remembers their scores, since neighbouring folds share rehearsals."""

    columns: Columns
    seed: int
    scores: dict[tuple[str, str, bool], dict[Candidate, Scores]] = field(default_factory=dict)
    memo: Memo | None = None
    label_features: bool | None = None  # decided already; None: the rehearsals decide
    regressions: bool = True  # whether they compete; on wide rows the one on all columns takes longest of all
    _lines: dict[tuple[str, str, bool], Linear] = field(default_factory=dict)
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
        grown = cheapest({c: aps for c, aps in precision.items() if not c.is_linear})
        finalists = (*sorted(c for c in precision if c.is_linear), grown)
        chosen, behind = simplest({
            c: [fraud_precisions(lesson.test_y, scores[c]) for lesson, scores in zip(lessons, table, strict=True)]
            for c in finalists
        })  # fmt: skip
        judged = [(lesson.test_y, scores[chosen]) for lesson, scores in zip(lessons, table, strict=True)]
        judged = judged[:1] if newest_only else judged
        evidence = {
            "label_features": label_evidence,
            "average_precision": {str(c): [round(ap, 4) for ap in aps] for c, aps in precision.items()},
            "finalists": {
                str(c): {"ap": float(np.nanmean(precision[c])), "behind": less, "noise": noise}
                for c, (less, noise) in behind.items()
            },
        }
        return _concluded(chosen, label_features, judged, evidence, finalists)

    def score_of(self, lesson: Lesson, choice: Choice, candidate: Candidate | None = None) -> Scores:
        """What the chosen candidate, or another, scored in a rehearsal."""
        return self._scores(lesson, choice.label_features)[candidate or choice.candidate]

    def model(self, lesson: Lesson, choice: Choice) -> Forest | Linear:
        """What was chosen, trained on a lesson's rows; a lesson that is rehearsed later is not trained again."""
        if choice.candidate.is_linear:
            return self.line(lesson, choice.candidate.plan, choice.label_features)
        view, share = view_of(self.columns, choice.label_features), choice.candidate.stage
        wanted = [(i, p) for i, p in enumerate(lesson.plans) if choice.candidate.plan in (p.name, BLEND)]
        texts = [self._text(lesson, p, i, choice.label_features) for i, p in wanted]
        stops = [p.trees * share // STAGES for _, p in wanted]
        grown = [plant(text, 1.0 / len(texts), view) for text in texts]
        return join([forest.cut(stop) for forest, stop in zip(grown, stops, strict=True)])

    def line(self, lesson: Lesson, plan: str, label_features: bool) -> Linear:
        """A regression on a lesson's rows, fitted once."""
        key = (lesson.name, plan, label_features)
        if key not in self._lines:
            self._lines[key] = fit_line(plan, lesson, self.columns, label_features)
        return self._lines[key]

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
        return found | {c: self._line_scores(lesson, c, label_features) for c in self._regressions(label_features)}

    def _regressions(self, label_features: bool) -> list[Candidate]:
        """Those that compete: the small one needs surprise in the rows."""
        if not self.regressions:
            return []
        few, width = len(few_columns(self.columns.names)), len(view_of(self.columns, label_features).chosen)
        return [*([Candidate(few, FEW)] if few else []), Candidate(width, LINEAR)]

    def _line_scores(self, lesson: Lesson, candidate: Candidate, label_features: bool) -> Scores:
        key = (lesson.name, candidate.plan, label_features)
        if key not in self.scores:
            self.scores[key] = {candidate: self._kept(lesson, candidate.plan, label_features)}
        return self.scores[key][candidate]

    def _kept(self, lesson: Lesson, plan: str, label_features: bool) -> Scores:
        """Scores of a regression; taken from the memo when it has them."""
        name = f"{lesson.name} {plan} {label_features}"
        found = None if self.memo is None else self.memo.get(name, (len(lesson.test_y),))
        if found is None:
            found = self.line(lesson, plan, label_features).score(lesson.test_rows)
            if self.memo is not None:
                self.memo.put(name, found)
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


def fit_line(plan: str, lesson: Lesson, columns: Columns, label_features: bool) -> Linear:
    """Fit a regression on a lesson's rows."""
    rows, y, weights = lesson.train_rows, lesson.train_y, lesson.weights
    if plan == FEW:
        return fit_few(rows, y, weights, columns.names)
    return fit_logistic(rows, y, weights, view_of(columns, label_features).chosen)


def fit_chosen(choice: Choice, lesson: Lesson, columns: Columns, *, seed: int) -> Fitted:
    """Train what was chosen on a lesson's rows."""
    view = view_of(columns, choice.label_features)
    if choice.candidate.is_linear:
        return Fitted((), view, fit_line(choice.candidate.plan, lesson, columns, choice.label_features))
    wanted = [(i, p) for i, p in enumerate(lesson.plans) if choice.candidate.plan in (p.name, BLEND)]
    sample = _sample(lesson, view, seed=seed)
    texts = [fit(p, sample, seed=seed + i, trees=p.trees * choice.candidate.stage // STAGES) for i, p in wanted]
    return Fitted(tuple(texts), view)


def _concluded(
    chosen: Candidate, label_features: bool, judged: list[tuple[Labels, Scores]], evidence: dict[str, Any],
    finalists: tuple[Candidate, ...],
) -> Choice:  # fmt: skip
    """Calibration and threshold of the chosen candidate, from rows that its rehearsals judged."""
    y, scores = np.concatenate([y for y, _ in judged]), np.concatenate([s for _, s in judged])
    groups = np.repeat(np.arange(len(judged)), [len(y) for y, _ in judged])
    calibration = calibrate(scores, y, groups)
    return Choice(chosen, label_features, calibration, best_threshold(y, scores), evidence, finalists)


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
