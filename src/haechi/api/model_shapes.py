"""What the calls about models take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a call takes: a field that nobody knows is refused."""


class ModelLine(msgspec.Struct, frozen=True):
    """One model: where it stands, who had it trained, and whether it passed its gates (null: never held to them)."""

    version: str
    place: str
    share: float
    author: str
    at: str
    passed: bool | None
    beats_baseline: bool
    cause: str


class ModelLines(msgspec.Struct, frozen=True):
    """Every model; `before` is what a rollback goes to."""

    models: list[ModelLine]
    champion: str | None
    canary: str | None
    before: str | None


class GateLine(msgspec.Struct, frozen=True):
    """One gate: value, threshold and verdict; `told` says what it means."""

    name: str
    value: float | None
    threshold: float
    passed: bool
    at: str
    told: dict[str, Any]


class Gates(msgspec.Struct, frozen=True):
    """What the gates said the last time."""

    model: str
    passed: bool | None
    gates: list[GateLine]


class ModelAnswer(msgspec.Struct, frozen=True):
    """What one person answered."""

    person: str
    answer: str
    comment: str
    at: str


class ModelChange(msgspec.Struct, frozen=True):
    """A step that somebody asks for; `needs` others must agree."""

    id: int
    model: str
    step: str
    share: float
    author: str
    created: str
    needs: int
    comment: str
    state: str
    answers: list[ModelAnswer]


class ModelChanges(msgspec.Struct, frozen=True):
    """Changes, the newest first; `next` is the cursor of the following page."""

    changes: list[ModelChange]
    next: str | None


class ModelEvent(msgspec.Struct, frozen=True):
    """Something that took effect."""

    number: int
    what: str
    model: str
    step: str
    share: float
    person: str
    at: str
    change: int | None
    why: str
    agreed: list[ModelAnswer]
    policy: Annotated[str, Meta(description="The version of what haechi.toml asked of models then.")] = ""
    undone: Annotated[str | None, Meta(description="The model that a rollback took the decision from.")] = None


class ModelHistory(msgspec.Struct, frozen=True):
    """What took effect, the newest first; ask on with `next`."""

    events: list[ModelEvent]
    next: str | None


class MadeOf(msgspec.Struct, frozen=True):
    """What a model was made from: its data set by name and by the hashes of what is in it, and who told the labels."""

    made: str
    until: str
    parent: str
    dataset: str
    events_hash: str
    labels_hash: str
    label_sources: Annotated[dict[str, dict[str, int]], Meta(description="Frauds and legitimate by kind of label.")]
    told_by: Annotated[dict[str, int], Meta(description="Labels by who told them, the most first.")]


class ModelInFull(msgspec.Struct, frozen=True):
    """Everything about one model; `made_of` is null for one from before there were manifests."""

    model: ModelLine
    gates: Gates
    history: list[ModelEvent]
    made_of: MadeOf | None
    report: dict[str, Any]


class Step(Body, frozen=True):
    """The step that is asked for; a canary decides for `share` of subjects."""

    step: Literal["shadow", "canary", "champion"]
    share: float = 0.05
    comment: str = ""


class ModelWhy(Body, frozen=True):
    """Why."""

    comment: str = ""


class AnswerStep(Body, frozen=True):
    """What you answer."""

    answer: Literal["approve", "reject", "withdraw"]
    comment: str = ""


class TrainWish(Body, frozen=True):
    """How to train: `until` uses nothing that was known later, `quick` tries only the smallest plan."""

    seed: int = 0
    quick: bool = False
    until: str | None = None


class OneTraining(msgspec.Struct, frozen=True):
    """One training."""

    number: int
    cause: str
    person: str
    state: str
    started: str
    ended: str | None
    model: str
    told: dict[str, Any]


class TrainingList(msgspec.Struct, frozen=True):
    """Trainings, the newest first."""

    trainings: list[OneTraining]


class ModelSide(msgspec.Struct, frozen=True):
    """How one side did on the same decisions."""

    name: str
    role: str
    events: int
    alerts: int
    frauds_known: int
    frauds_found: int
    recall: float | None
    precision_known: float | None
    average_precision: float | None
    money_found: int
    agreement: float | None
    mean_score: float | None


class Comparison(msgspec.Struct, frozen=True):
    """Champion, challengers, rules and what was done, side by side."""

    since: str
    until: str
    events: int
    labelled: int
    frauds: int
    alert_budget_per_day: int
    sides: list[ModelSide]


class FeatureDrift(msgspec.Struct, frozen=True):
    """One feature: how far today and this hour lie from the training set, and the days before; null: too few events."""

    name: str
    psi_hour: float | None
    js_hour: float | None
    psi_day: float | None
    js_day: float | None
    missing_day: float | None
    missing_reference: float | None
    psi_days: list[float | None]


class WatchDay(msgspec.Struct, frozen=True):
    """One day: events, rates, and each alarm's value and threshold."""

    day: str
    events: int
    alert_rate: float
    p99_us: float
    psi_max: float | None
    figures: dict[str, float]


class WatchAlarm(msgspec.Struct, frozen=True):
    """One alarm."""

    number: int
    name: str
    value: float
    threshold: float
    state: str
    raised: str
    over: str | None
    told: dict[str, Any]


class Performance(msgspec.Struct, frozen=True):
    """One week of the champion: what its probabilities promise, and what is known by now."""

    week: str
    events: int
    estimated_ap: float | None
    known_ap: float | None
    estimated_frauds: float
    known_frauds: int
    mature: bool


class SuspectLine(msgspec.Struct, frozen=True):
    """An entity at which suspicious events of several customers meet: it asks for one early review together."""

    entity: str
    expected_frauds: float
    customers: int
    events: list[str]


class WatchReport(msgspec.Struct, frozen=True):
    """What is watched, now and over the last days."""

    champion: str | None
    reference: str
    learning_days: int
    quiet_days: int
    missed: int
    scored: int
    features: list[FeatureDrift]
    days: list[WatchDay]
    alarms: list[WatchAlarm]
    performance: list[Performance]
    suspects: list[SuspectLine]
    decides: Annotated[ModelEvent | None, Meta(description="Since when, how and why the champion decides.")] = None


class QuestionLine(msgspec.Struct, frozen=True):
    """One customer to ask about one event."""

    number: int
    event_id: str
    subject: str
    why: str
    score: float
    state: str
    asked: str
    until: str
    channel: str


class Questions(msgspec.Struct, frozen=True):
    """Whom to ask."""

    questions: list[QuestionLine]


class QuestionAnswer(Body, frozen=True):
    """What the customer says, and how she was asked."""

    answer: Literal["mine", "not_mine"]
    channel: str = "app"


class LookWish(msgspec.Struct, frozen=True):
    """An alert that waits for your opinion; the first one's verdict is not shown."""

    alert: str | None
    event_id: str | None
    subject: str | None


class Look(Body, frozen=True):
    """What you think it was."""

    verdict: Literal["fraud", "legitimate", "unsure"]


class MyQuality(msgspec.Struct, frozen=True):
    """Your own figures, for you alone: how your verdicts compare with what became known, and with second opinions."""

    person: str
    verdicts: int
    matured: int
    right: int
    missed_frauds: int
    false_alarms: int
    second_looks: int
    agreed: int
    wrong_events: list[str]


class AgreementFigures(msgspec.Struct, frozen=True):
    """AgreementFigures on alerts that two people looked at: Cohen's kappa, without names."""

    looked: int
    agreed: int
    share: float | None
    kappa: float | None
