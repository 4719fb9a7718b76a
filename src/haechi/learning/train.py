"""Train the model of a home: replay, rehearse, choose, fit, calibrate, and seal it with the report of how it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from time import perf_counter
from typing import Any

import numpy as np

from haechi.detectors.artifact import Artifact, seal
from haechi.detectors.boosting import check_trainable
from haechi.detectors.forest import Rows, Scores
from haechi.detectors.stack import Stack
from haechi.learning import figures
from haechi.learning.baseline import CHANCE, LOGISTIC, baseline_of, stood_beside
from haechi.learning.choose import Choice, Rehearser, fit_chosen
from haechi.learning.dataset import Events, Index, Source
from haechi.learning.evaluate import Settings, mean
from haechi.learning.judged import Judged
from haechi.learning.lessons import Lesson, Lessons
from haechi.learning.live import Live
from haechi.learning.memo import Memo
from haechi.learning.protocol import Round, check_honest, stamp
from haechi.learning.stacking import bits_of, stack_if_better

Progress = Callable[[str, float], None]
MODEL = "model"


@dataclass(frozen=True)
class Trained:
    """A sealed model, what the rehearsals say about it, and what each of them judged."""

    artifact: Artifact
    report: dict[str, Any]
    judged: Judged


def train(
    source: Source,
    *,
    until_us: int,
    settings: Settings,
    progress: Progress = lambda stage, share: None,
    memo: Memo | None = None,
    beside: Mapping[str, Artifact] | None = None,
    segments: Mapping[str, str] | None = None,
) -> Trained:
    """Learn from every label known at `until_us`; nothing younger is looked at.

    `memo` keeps what was fitted, so that a training that was broken off goes on. `beside` are models that judge the
    same rehearsals, and `segments` names the columns by which slices are told apart.
    """
    start, events, live = perf_counter(), source.events, Live(until_us, settings.rehearsals_max)
    rows = live.training(events)
    check_trainable(events.y[rows])
    rehearsals = live.rehearsals(events)
    final = Round("final", rows, np.zeros(0, dtype=np.int64), None, None, until_us)
    proof = check_honest(events, final, rehearsals)
    lessons = Lessons(
        source, [final, *rehearsals], seed=settings.seed, recency=settings.recency, plans_max=settings.plans_max
    )
    progress("replaying the history", 0.0)
    rehearsed = [lessons.of(r) for r in rehearsals]
    progress("rehearsing", 0.3)
    rehearser = Rehearser(
        source.columns, settings.seed, memo=memo, label_features=settings.label_features, regressions=settings.baseline
    )
    choice = rehearser.choose(rehearsed, newest_only=False)
    progress("training", 0.8)
    stack, stacking = _stack(rehearsed, rehearser, choice, source)
    taught_us = max(int(events.time_us[np.concatenate([one.train, one.test])].max()) for one in [final, *rehearsals])
    artifact = _seal(choice, lessons.of(final), source, until_us, taught_us, settings, stack)
    scores = [rehearser.score_of(lesson, choice) for lesson in rehearsed]
    others = stood_beside(rehearsed, rehearser, choice)
    folds = [
        _fold(one, lesson, scores[i], {name: each[i] for name, each in others.items()}, choice, events, settings)
        for i, (one, lesson) in enumerate(zip(rehearsals, rehearsed, strict=True))
    ]
    judged = _judged(rehearsals, scores, choice)
    judged.others.update({name: np.concatenate(each) for name, each in others.items()})
    for name, model in (beside or {}).items():
        if model.names == source.columns.names:
            judged.others[name] = np.concatenate([model.model.score(x.test_rows) for x in rehearsed])
    for name, column in (segments or {}).items():
        if column in source.columns.names:
            at = source.columns.names.index(column)
            judged.segments[name] = np.concatenate([x.test_rows[:, at] for x in rehearsed])
    progress("done", 1.0)
    report = _report(events, rows, folds, choice, artifact, until_us)
    report |= {"stacking": stacking, "proof": proof, "seconds": round(perf_counter() - start, 2)}
    return Trained(artifact, report, judged)


def _judged(rehearsals: Sequence[Round], scores: Sequence[Scores], choice: Choice) -> Judged:
    score = np.concatenate(scores)
    return Judged(np.concatenate([one.test for one in rehearsals]), score, choice.calibration.apply(score))


def _stack(
    rehearsed: Sequence[Lesson], rehearser: Rehearser, choice: Choice, source: Source
) -> tuple[Stack | None, dict[str, Any]]:
    """Whether the surprise in the row adds to the model, judged on the rehearsals."""
    probabilities = [choice.calibration.apply(rehearser.score_of(lesson, choice)) for lesson in rehearsed]
    names, bits = bits_of(np.concatenate([lesson.test_rows for lesson in rehearsed]), source.columns)
    groups = np.repeat(np.arange(len(rehearsed)), [len(lesson.test_y) for lesson in rehearsed])
    y = np.concatenate([lesson.test_y for lesson in rehearsed])
    return stack_if_better(y, np.concatenate(probabilities), names, bits, groups)


def _seal(
    choice: Choice, lesson: Lesson, source: Source, until_us: int, taught_us: int, settings: Settings,
    stack: Stack | None,
) -> Artifact:  # fmt: skip
    """Fit the choice on everything known and seal it."""
    return seal(
        fit_chosen(choice, lesson, source.columns, seed=settings.seed),
        lesson.train_rows,
        names=source.columns.names,
        roles=source.columns.roles,
        spec_hash=source.columns.spec_hash,
        reference=reference_row(lesson.train_rows[lesson.train_y == 0]),
        calibration=choice.calibration,
        seed=settings.seed,
        settings={
            "model": str(choice.candidate),
            "seed": settings.seed,
            "threshold": choice.threshold,
            "label_features": choice.label_features,
            "recency_half_life": lesson.recency,
            "until": stamp(until_us),
            "taught_until": stamp(taught_us),
            "frauds": int((lesson.train_y == 1).sum()),
            **({} if choice.candidate.is_linear else {"lightgbm": version("lightgbm")}),
            **({"stack": stack.document()} if stack else {}),
        },
    )


def reference_row(legitimate: Rows) -> Rows:
    """The median legitimate event, column by column; unknown where nothing is ever known."""
    known = ~np.isnan(legitimate).all(axis=0)
    row = np.full(legitimate.shape[1], np.nan, dtype=np.float32)
    row[known] = np.nanmedian(legitimate[:, known], axis=0)
    return row


def _fold(
    one: Round, lesson: Lesson, score: Scores, others: Mapping[str, Scores], choice: Choice, events: Events,
    settings: Settings,
) -> dict[str, Any]:  # fmt: skip
    """How the chosen candidate and what it must beat did in one rehearsal."""
    probability = choice.calibration.apply(score)
    others = {**others, CHANCE: np.zeros(len(score))}
    baseline = baseline_of(choice, others)
    ranked = {
        name: figures.ranking(one, s, events, settings.budgets, settings.alert_entity)
        for name, s in {MODEL: score, **others}.items()
        if name in (MODEL, LOGISTIC, baseline)
    }
    return {
        "name": one.name,
        **ranked[MODEL],
        "f1": figures.f1(lesson.test_y, score, probability, choice.threshold),
        "calibration": figures.calibration(lesson.test_y, score, probability, choice.calibration),
        "cost": figures.cost(one, probability, events, settings.review_costs),
        **({"baseline": {"name": baseline, "ap": ranked[baseline]["ap"]}} if baseline else {}),
        **({"baseline_logistic": ranked[LOGISTIC]} if LOGISTIC in ranked else {}),
    }


def _report(
    events: Events, rows: Index, folds: Sequence[dict[str, Any]], choice: Choice, artifact: Artifact, until_us: int
) -> dict[str, Any]:
    """The model's report: figures are means over its rehearsals, each judged by a model that knew less."""
    figures_mean: dict[str, Any] = mean([{k: v for k, v in f.items() if k != "name"} for f in folds])
    baseline = figures_mean.get("baseline")
    return {
        "events": int((events.time_us <= until_us).sum()),
        "labelled": len(rows),
        "frauds": int((events.y[rows] == 1).sum()),
        "protocol": {"name": "live", "rehearsals": len(folds), "until": stamp(until_us)},
        **figures_mean,
        "beats_baseline": baseline is not None and bool(figures_mean["ap"] > baseline["ap"]),
        "by_fold": list(folds),
        "chosen": artifact.settings,
        "evidence": choice.evidence,
        "version": artifact.version,
        "spec_hash": artifact.spec_hash,
    }
