"""Judge a stream: each training's choice, and what it would have been worth to train more seldom or never again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.detectors.calibration import Calibration
from haechi.detectors.forest import Forest
from haechi.detectors.linear import Linear
from haechi.learning import metrics
from haechi.learning.choose import LINEAR, Choice, Rehearser
from haechi.learning.dataset import Events, Index, Labels, Mask, Source
from haechi.learning.evaluate import Settings
from haechi.learning.lessons import Lesson, Lessons
from haechi.learning.metrics import Scores
from haechi.learning.protocol import Round, check_honest
from haechi.learning.stream import Retrain

Progress = Callable[[str, float], None]
SELDOM = 4
RETRAINED, SELDOM_NAME, FROZEN, LOGISTIC = "retrained", "four_times_as_seldom", "frozen", "logistic"


@dataclass(frozen=True)
class Standing:
    """A model as it stands between two trainings."""

    model: Forest | Linear
    calibration: Calibration
    threshold: float

    def judge(self, lesson: Lesson) -> _Judged:
        """Scores, probabilities and alerts of a round's rows."""
        score = self.model.score(lesson.test_rows)
        return _Judged(score, self.calibration.apply(score), score >= self.threshold)


@dataclass
class _Judged:
    score: Scores
    probability: Scores
    alert: Mask

    def take(self, of: Mask) -> _Judged:
        """Some of the rows."""
        return _Judged(self.score[of], self.probability[of], self.alert[of])


@dataclass
class Told:
    """What each way of training said, block by block."""

    rows: list[Index] = field(default_factory=list)
    said: dict[str, list[_Judged]] = field(default_factory=dict)

    def add(self, name: str, judged: _Judged) -> None:
        """One more block of one way."""
        self.said.setdefault(name, []).append(judged)


def judge_stream(
    source: Source, protocol: Retrain, settings: Settings, progress: Progress = lambda stage, share: None
) -> dict[str, Any]:
    """Run a stream and return its report: by month, over all, and by round, with the proof of each round."""
    start, events = perf_counter(), source.events
    rounds = protocol.rounds(events)
    rehearsals = [protocol.rehearsals(events, r) for r in rounds]
    proofs = [check_honest(events, r, rs) for r, rs in zip(rounds, rehearsals, strict=True)]
    every = {r.name: r for r in [*rounds, *(r for rs in rehearsals for r in rs)]}
    lessons = Lessons(
        source, list(every.values()), seed=settings.seed, recency=settings.recency, plans_max=settings.plans_max
    )
    rehearser, told, standing = _rehearser(source, settings), Told(), dict[str, Standing]()
    by_round = []
    for i, (one, earlier) in enumerate(zip(rounds, rehearsals, strict=True)):
        progress(f"training of {one.name}", i / len(rounds))
        choice = rehearser.choose([lessons.of(r) for r in earlier], newest_only=False)
        lesson = lessons.of(one)
        standing[RETRAINED] = Standing(rehearser.model(lesson, choice), choice.calibration, choice.threshold)
        standing.setdefault(FROZEN, standing[RETRAINED])
        if i % SELDOM == 0:
            standing[SELDOM_NAME] = standing[RETRAINED]
        if settings.baseline:
            standing[LOGISTIC] = _baseline(rehearser.line(lesson, LINEAR, choice.label_features))
        by_round.append(_round(one, lesson, choice, standing, told, events) | {"proof": proofs[i]})
    progress("done", 1.0)
    return _report(events, protocol, settings, told, by_round) | {
        "seconds": {"replay": round(lessons.seconds, 2), "all": round(perf_counter() - start, 2)}
    }


def _rehearser(source: Source, settings: Settings) -> Rehearser:
    return Rehearser(source.columns, settings.seed, regressions=settings.baseline)


def _baseline(line: Linear) -> Standing:
    """A regression's own odds, and alerts from even ones on."""
    return Standing(line, Calibration(), 0.0)


def _round(
    one: Round, lesson: Lesson, choice: Choice, standing: dict[str, Standing], told: Told, events: Events
) -> dict[str, Any]:
    """Judge one block by every way of training."""
    told.rows.append(one.test)
    for name, model in standing.items():
        told.add(name, model.judge(lesson))
    judged = told.said[RETRAINED][-1]
    return {
        "name": one.name,
        "train": {"events": len(one.train), "frauds": int((events.y[one.train] == 1).sum())},
        "test": {"events": len(one.test), "frauds": int((lesson.test_y == 1).sum())},
        "ap": metrics.average_precision(lesson.test_y, judged.score),
        "ece": metrics.ece(lesson.test_y, judged.probability),
        "mean_probability": float(judged.probability.mean()) if len(one.test) else None,
        "fraud_rate": float((lesson.test_y == 1).mean()) if len(one.test) else None,
        "chosen": {
            "model": str(choice.candidate),
            "label_features": choice.label_features,
            "recency_half_life": lesson.recency,
            "calibration": choice.calibration.kind,
        },
    }


def _report(
    events: Events, protocol: Retrain, settings: Settings, told: Told, by_round: list[dict[str, Any]]
) -> dict[str, Any]:
    rows = np.concatenate(told.rows)
    entity = settings.alert_entity or events.subject
    months = _months(events, rows)
    block = np.repeat(np.arange(len(told.rows)), [len(part) for part in told.rows])
    ways = {}
    for name, blocks in told.said.items():
        judged, cards = _joined(blocks), None
        if events.day is not None and entity is not None:
            cards = _Cards.count(
                events.y[rows], judged.score, events.day[rows], events.entities[entity][rows], block, settings.budgets,
                drop_found=protocol.drop_known,
            )  # fmt: skip

        def told_of(of: Mask, judged: _Judged = judged, cards: _Cards | None = cards) -> dict[str, Any]:
            return _figures(events, rows[of], judged.take(of), cards)

        each = [told_of(months == m) for m in np.unique(months)]
        ways[name] = {
            "over_all": told_of(np.ones(len(rows), bool)),
            "mean_of_months": _mean([f for f in each if f["frauds"]]),
            "by_month": [{"month": str(m), **f} for m, f in zip(np.unique(months), each, strict=True)],
        }
    return {
        "events": len(events),
        "labelled": len(events.labelled),
        "frauds": int((events.y == 1).sum()),
        "protocol": {
            "name": protocol.name,
            "every_days": protocol.every_us / 86_400e6,
            "trainings": len(by_round),
            "train_days": None if protocol.train_us is None else protocol.train_us / 86_400e6,
            "drop_known": protocol.drop_known,
        },
        "ways": ways,
        "by_round": by_round,
    }


def _months(events: Events, rows: Index) -> npt.NDArray[np.object_]:
    """The calendar month of each judged row; without a calendar all rows are one."""
    if events.day is None:
        return np.full(len(rows), "all", dtype=object)
    return events.day[rows].astype("datetime64[D]").astype("datetime64[M]").astype(str).astype(object)


def _joined(blocks: Sequence[_Judged]) -> _Judged:
    return _Judged(
        np.concatenate([b.score for b in blocks]),
        np.concatenate([b.probability for b in blocks]),
        np.concatenate([b.alert for b in blocks]),
    )


@dataclass(frozen=True)
class _Cards:
    """Day by day, the share defrauded among the cards with the highest scores, by budget.

    A card that was found is left out until the next training, which knows of it, though a month may end before; a day
    on which a model is replaced has two shares.
    """

    day: Index
    shares: dict[int, Scores]

    @classmethod
    def count(
        cls, y: Labels, score: Scores, day: Index, entity: Index, block: Index, budgets: Sequence[int], *,
        drop_found: bool,
    ) -> _Cards:  # fmt: skip
        """Of all judged rows, each of a `block` that one model judged."""
        parts = [block == one for one in np.unique(block)]
        shares = {
            budget: np.concatenate([
                metrics.card_shares(y[of], score[of], day[of], entity[of], budget, drop_found=drop_found)
                for of in parts
            ])
            for budget in budgets
        }  # fmt: skip
        return cls(np.concatenate([np.unique(day[of]) for of in parts]), shares)

    def precision(self, day: Index) -> dict[str, float]:
        """Averaged over some days."""
        of = np.isin(self.day, day)
        return {str(budget): float(shares[of].mean()) for budget, shares in self.shares.items()}


def _figures(events: Events, rows: Index, judged: _Judged, cards: _Cards | None) -> dict[str, Any]:
    """Figures of some judged rows.

    Scores of different trainings are put side by side, so they are ranked by log-odds as they came: a model that is
    refitted must keep its scale, or it loses here.
    """
    y: Labels = events.y[rows]
    found: dict[str, Any] = {
        "events": len(rows),
        "frauds": int((y == 1).sum()),
        "ap": metrics.average_precision(y, judged.score),
        "auc": metrics.auc(y, judged.score),
        "f1_at_half": metrics.f1(y, judged.probability >= 0.5),
        "f1": metrics.f1(y, judged.alert),
        "macro_f1_at_half": metrics.macro_f1(y, judged.probability >= 0.5),
        "macro_f1": metrics.macro_f1(y, judged.alert),
        "ece": metrics.ece(y, judged.probability),
        "brier": metrics.brier(y, judged.probability),
    }
    if events.day is not None and cards is not None:
        found["card_precision"] = cards.precision(events.day[rows])
    return found


def _mean(each: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over months that had frauds; every month counts once."""
    if not each:
        return {}
    found: dict[str, Any] = {"months": len(each)}
    for name, value in each[0].items():
        if isinstance(value, dict):
            found[name] = {k: float(np.mean([f[name][k] for f in each])) for k in value}
        elif name not in ("events", "frauds"):
            found[name] = float(np.nanmean([f[name] for f in each]))
    return found
