"""What is watched, as one document for the console: features now and over the days, alarms, estimated performance."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from haechi.api import model_shapes as shapes
from haechi.events.times import moment
from haechi.learning.life.policy import WatchPart
from haechi.learning.life.standing import Standing
from haechi.learning.watch.quiet import DAYS_MIN
from haechi.learning.watch.weeks import weeks

if TYPE_CHECKING:
    from haechi.learning.watch.keeper import Keeper
    from haechi.learning.watch.windows import Window
    from haechi.lifecycle.watching import Watching

__all__ = ["report", "suspects"]

DAY_US = 86_400_000_000
FEATURES_MAX = 1_000


def report(watching: Watching, standing: Standing, part: WatchPart, days: int, feature: str) -> shapes.WatchReport:
    """Everything at once; `feature` keeps those whose name begins so."""
    keeper = watching.keeper
    found = keeper.windows("day", days) if keeper.reference is not None else []
    alarms = [
        shapes.WatchAlarm(
            a.number, a.name, a.value, a.threshold, a.state, moment(a.raised_us),
            None if a.over_us is None else moment(a.over_us), a.content,
        )
        for a in keeper.alarms.last()
    ]  # fmt: skip
    return shapes.WatchReport(
        champion=standing.champion,
        reference="" if keeper.reference is None else keeper.reference.since,
        learning_days=min(len(keeper.windows("day", part.days_kept)), part.quiet_days),
        quiet_days=max(part.quiet_days, DAYS_MIN),
        missed=watching.missed,
        scored=watching.scored,
        features=_features(keeper, found, feature) if found else [],
        days=[_day(keeper, window) for window in found],
        alarms=alarms,
        performance=_performance(watching, standing, part),
        suspects=suspects(watching),
    )


def suspects(watching: Watching) -> list[shapes.SuspectLine]:
    """Payees, merchants, devices and addresses at which suspicious events of several customers meet."""
    return [
        shapes.SuspectLine(name, one.expected, len(one.subjects), [met.event_id for met in tuple(one.events)])
        for name, one in watching.suspicion.suspects()
    ]


def _features(keeper: Keeper, days: list[Window], feature: str) -> list[shapes.FeatureDrift]:
    assert keeper.reference is not None
    hour = keeper.windows("hour", 1)[-1]
    now, here = keeper.drift(hour), keeper.drift(days[-1])
    series = np.array([keeper.drift(window)[0] for window in days])
    missing = days[-1].missing()
    trained = keeper.reference.counts[:, -1] / np.maximum(keeper.reference.counts.sum(1), 1)
    found: list[shapes.FeatureDrift] = []
    for at, name in enumerate(keeper.reference.names):
        if name.startswith(feature) and len(found) < FEATURES_MAX:
            hours, day = [_or_none(one[at]) for one in now], [_or_none(one[at]) for one in here]
            shares = _or_none(missing[at]), _or_none(trained[at])
            days_of = [_or_none(value) for value in series[:, at]]
            found.append(shapes.FeatureDrift(name, hours[0], hours[1], day[0], day[1], *shares, days_of))
    return found


def _day(keeper: Keeper, window: Window) -> shapes.WatchDay:
    psi = keeper.drift(window)[0]
    highest = None if np.isnan(psi).all() else float(np.nanmax(psi))
    return shapes.WatchDay(
        moment(window.start_us), window.events, window.alert_rate, window.latency_us(0.99), highest, window.figures
    )


def _performance(watching: Watching, standing: Standing, part: WatchPart) -> list[shapes.Performance]:
    newest = watching.scores.newest_us()
    if newest is None or standing.champion is None:
        return []
    since = newest - part.scores_days * DAY_US
    block, frauds = watching.scores.between(since, newest + 1), watching.scores.frauds(since, newest + 1)
    found = weeks(
        block, frauds, standing.champion, now_us=newest, mature_us=part.mature_days * DAY_US,
        never_reported=part.never_reported,
    )  # fmt: skip
    return [
        shapes.Performance(
            moment(w.start_us), w.events, _or_none(w.estimated_ap), _or_none(w.known_ap), w.estimated_frauds,
            w.known_frauds, w.mature,
        )
        for w in found
    ]  # fmt: skip


def _or_none(value: Any) -> float | None:
    return None if isnan(value) else round(float(value), 6)
