"""The honest evaluation: run a protocol's rounds, judge each by what its own rehearsals chose, report the proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, cast

import numpy as np

from haechi.detectors.forest import Forest
from haechi.learning import figures
from haechi.learning.choose import LINEAR, Choice, Rehearser, fit_chosen, fit_line
from haechi.learning.dataset import Events, Source
from haechi.learning.errors import BadProtocol
from haechi.learning.lessons import Lesson, Lessons
from haechi.learning.protocol import Folds, Protocol, Round, TimeSplit, check_honest, usable

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Settings:
    """What the caller may set; nothing here is tuned on judged events."""

    seed: int = 0
    budgets: tuple[int, ...] = (100,)
    alert_entity: str | None = None
    recency: float | None = None
    review_costs: tuple[float, ...] = ()
    plans_max: int = 3  # how many plans compete, the smallest first; one is enough for a first look
    label_features: bool | None = None  # whether label features are used; None: the rehearsals say
    rehearsals_max: int = 3  # of a home's training; one is enough where models are only made to be compared
    baseline: bool = True  # whether logistic regressions are fitted, to compete and to be shown beside


@dataclass
class _Clock:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Count the time of a block towards a stage."""
        start = perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - start


def evaluate(
    source: Source, protocol: Protocol, settings: Settings, progress: Progress = lambda stage, share: None
) -> dict[str, Any]:
    """Run the protocol and return the report of INTERFACES.md; raises rather than reporting a dishonest figure."""
    events, clock = source.events, _Clock()
    _check_entity(events, settings)
    rounds = protocol.rounds(events)
    rehearsals = [usable(events, r, protocol.rehearsals(events, r)) for r in rounds]
    proofs = [check_honest(events, r, rs) for r, rs in zip(rounds, rehearsals, strict=True)]
    every = {r.name: r for r in [*rounds, *(r for rs in rehearsals for r in rs)]}
    lessons = Lessons(
        source, list(every.values()), seed=settings.seed, recency=settings.recency, plans_max=settings.plans_max
    )
    rehearser = Rehearser(source.columns, settings.seed)
    folds = []
    for i, (one, earlier, proof) in enumerate(zip(rounds, rehearsals, proofs, strict=True)):
        progress(f"round {one.name}: rehearsing", i / len(rounds))
        with clock.running("train"):
            newest_only = isinstance(protocol, TimeSplit)
            choice = rehearser.choose([lessons.of(r) for r in earlier], newest_only=newest_only)
        progress(f"round {one.name}: training and judging", (i + 0.7) / len(rounds))
        folds.append(_judge(one, lessons.of(one), choice, source, settings, clock) | {"proof": proof})
    progress("done", 1.0)
    clock.seconds["replay"] = lessons.seconds
    clock.seconds["train"] = max(clock.seconds["train"] - lessons.seconds, 0.0)
    return _report(events, protocol, folds, clock.seconds)


def _check_entity(events: Events, settings: Settings) -> None:
    if settings.alert_entity is not None and settings.alert_entity not in events.entities:
        raise BadProtocol(
            f"there is no entity {settings.alert_entity!r} to count alerts by; there are: {', '.join(events.entities)}"
        )


def _judge(
    one: Round, lesson: Lesson, choice: Choice, source: Source, settings: Settings, clock: _Clock
) -> dict[str, Any]:  # fmt: skip
    """Train what was chosen, score the judged rows once, and take every figure of the round."""
    with clock.running("train"):
        model = fit_chosen(choice, lesson, source.columns, seed=settings.seed).model
        chosen = choice.candidate.plan == LINEAR
        baseline = model if chosen else fit_line(LINEAR, lesson, source.columns, choice.label_features)
    with clock.running("score"):
        score = model.score(lesson.test_rows)
        baseline_score = baseline.score(lesson.test_rows)
    y, probability = lesson.test_y, choice.calibration.apply(score)
    return {
        "name": one.name,
        "train": {"events": len(one.train), "frauds": int((source.events.y[one.train] == 1).sum())},
        "test": {"events": len(one.test), "frauds": int((y == 1).sum())},
        **figures.ranking(one, score, source.events, settings.budgets, settings.alert_entity),
        "f1": figures.f1(y, score, probability, choice.threshold),
        "calibration": figures.calibration(y, score, probability, choice.calibration),
        "cost": figures.cost(one, probability, source.events, settings.review_costs),
        "chosen": {
            "model": str(choice.candidate),
            "trees": len(model.roots) if isinstance(model, Forest) else 0,
            "label_features": choice.label_features,
            "recency_half_life": lesson.recency,
        },
        "evidence": choice.evidence,
        "spread": figures.spread(y, score, seed=settings.seed),
        "baseline_logistic": figures.ranking(
            one, baseline_score, source.events, settings.budgets, settings.alert_entity
        ),
    }


def _report(
    events: Events, protocol: Protocol, folds: list[dict[str, Any]], seconds: dict[str, float]
) -> dict[str, Any]:
    """The rounds put together: means over rounds, and how far they lie apart."""
    report: dict[str, Any] = {
        "events": len(events),
        "labelled": len(events.labelled),
        "frauds": int((events.y == 1).sum()),
        "protocol": describe(protocol),
    }
    shown = ("auc", "ap", "recall_at_fpr", "precision_at_budget", "card_precision", "f1", "calibration", "cost")
    report |= {name: mean([f[name] for f in folds]) for name in shown if name in folds[0]}
    report["baseline_logistic"] = mean([f["baseline_logistic"] for f in folds])
    report["spread"] = _spread(folds)
    report["by_fold"] = folds
    report["seconds"] = {name: round(value, 2) for name, value in sorted(seconds.items())}
    return report


def mean(values: list[Any]) -> Any:
    """Mean of equal structures; what is no number stays when all agree, else it is listed."""
    first = values[0]
    if isinstance(first, dict):
        keys = [k for k in first if all(k in v for v in values)]
        return {k: mean([v[k] for v in values]) for k in keys}
    if first is None or isinstance(first, str | bool):
        return first if all(v == first for v in values) else list(values)
    return float(np.mean(values))


def _spread(folds: list[dict[str, Any]]) -> dict[str, Any]:
    """Standard deviation over folds; of a single round, over bootstrap samples of its judged rows."""
    if len(folds) == 1:
        return cast(dict[str, Any], folds[0]["spread"])
    return {"over": "folds"} | {m: float(np.std([f[m] for f in folds])) for m in ("auc", "ap")}


def describe(protocol: Protocol) -> dict[str, Any]:
    """The protocol in plain values."""
    if not isinstance(protocol, Folds):
        return {"name": protocol.name}
    return {
        "name": protocol.name,
        "folds": protocol.count,
        "train_days": protocol.train_us / 86_400e6,
        "delay_days": protocol.delay_us / 86_400e6,
        "test_days": protocol.test_us / 86_400e6,
        "drop_known": protocol.drop_known,
    }
