"""What haechi.toml says about models: who must agree, which gates must hold, what is watched, when to train again."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3_650)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Approvers = Annotated[int, msgspec.Meta(ge=0, le=10)]
Step = Literal["gates", "shadow", "canary"]

__all__ = ["Agreeing", "AskingPart", "GatePart", "ModelsPart", "RetrainPart", "WatchPart"]


class Agreeing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many others must agree to each step; 0: the policy agrees, and that is written down."""

    shadow: Approvers = 0
    canary: Approvers = 1
    champion: Approvers = 1


class GatePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a challenger must show."""

    alert_budget_per_day: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 100
    confidence: Annotated[float, msgspec.Meta(ge=0.5, le=0.999)] = 0.9  # that it is not worse at the budget
    worse_max: Share = 0.01  # recall at the budget that may be lost and still counts as equal
    slice_worse_max: Share = 0.1  # recall at the budget that a protected slice may lose
    slice_frauds_min: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 20
    latency_ratio_max: Annotated[float, msgspec.Meta(gt=0.0, le=100.0)] = 3.0  # of the champion's time for one event
    latency_us_max: Annotated[float, msgspec.Meta(gt=0.0, le=1e6)] = 500.0
    calibration_error_max: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] = 0.005
    stability_psi_max: Annotated[float, msgspec.Meta(gt=0.0, le=10.0)] = 0.25  # of scores between halves of the time
    frauds_min: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 20  # fewer frauds to judge with prove nothing
    days: Days = 28  # of history that judge
    slices: tuple[str, ...] = ("age", "sex", "region")


class ModelsPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a model comes to decide."""

    approvers: Agreeing = Agreeing()
    before_champion: tuple[Step, ...] = ("gates", "shadow", "canary")
    shadow_decisions_min: Count = 1_000  # that a shadow must have scored before it gets a say
    shadows_max: Annotated[int, msgspec.Meta(ge=1, le=16)] = 4
    canary_share_max: Share = 0.5
    rollback_on_alarm: bool = True
    gates: GatePart = GatePart()


class WatchPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is watched, and how long it is kept."""

    hours_kept: Annotated[int, msgspec.Meta(ge=1, le=744)] = 72
    days_kept: Days = 180
    scores_days: Days = 45  # what every model said of every decision
    quiet_days: Annotated[int, msgspec.Meta(ge=7, le=365)] = 14  # of history from which alarms learn what is quiet
    false_alarms_per_month: Annotated[float, msgspec.Meta(gt=0.0, le=30.0)] = 0.25
    mature_days: Days = 14  # after which most frauds are known
    never_reported: Annotated[float, msgspec.Meta(ge=0.0, le=0.9)] = (
        0.45  # or only after months, of frauds not looked for
    )
    queue_events_max: Annotated[int, msgspec.Meta(ge=64, le=1_000_000)] = 16_384


class RetrainPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a home trains again; [learning] says on how much of the machine."""

    every_days: Annotated[int, msgspec.Meta(ge=0, le=3_650)] = 0  # 0: not by the calendar
    new_labels: Count = 0  # frauds that became known since the champion was trained; 0: not by number
    on_drift: bool = False
    niceness: Annotated[int, msgspec.Meta(ge=0, le=19)] = 10
    hours_max: Annotated[int, msgspec.Meta(ge=1, le=168)] = 12
    archive_every_entries: Annotated[int, msgspec.Meta(ge=100, le=1_000_000_000)] = 100_000


class AskingPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to ask "was this you?", and how often a customer may be bothered."""

    per_day: Count = 0  # 0: nobody is asked
    days_between: Days = 30  # for one customer
    hours_open: Annotated[int, msgspec.Meta(ge=1, le=720)] = 48
    double_review_share: Share = 0.05  # of decided alerts that a second person looks at
