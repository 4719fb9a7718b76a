"""A challenger against the champion in force: a worse one is refused, a better one passes, no slice may lose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from haechi.detectors import Artifact, Calibration, View
from haechi.detectors.artifact import Fitted, seal
from haechi.detectors.boosting import Plan, fit, prepare
from haechi.learning.dataset import DAY_US
from haechi.learning.life.errors import NotAllowed
from haechi.learning.life.gates import Proof, gates
from haechi.learning.life.policy import GatePart
from haechi.lifecycle.judging import judge, taught_until_of
from haechi.lifecycle.loop.ground import Ground, Known
from lifecycle.test_loop import NAMES, START_US, world

PART = GatePart(alert_budget_per_day=12, calibration_error_max=0.02, frauds_min=5, slice_frauds_min=10, days=60)
PLAN = Plan("test", 60, 8, 0.1, 20)
END_US = START_US + 60 * DAY_US


def taught(ground: Ground, day: int, blind_below: int = 0) -> Artifact:
    """A model of all that happened before a day, one that takes frauds on the young for harmless if so wished."""
    before = np.flatnonzero(ground.events.time_us < START_US + day * DAY_US)
    y = (ground.truth & (ground.age >= blind_below))[before].astype(np.int8)
    rows, weights = ground.matrix[before], np.where(ground.age < blind_below, 20.0, 1.0)[before]
    text = fit(PLAN, prepare(rows, y, weights, seed=0, plan=PLAN), seed=0)
    until = str(np.datetime64(START_US + day * DAY_US, "us").astype("datetime64[s]")) + "Z"
    return seal(
        Fitted((text,), View.whole(len(NAMES))), rows, names=NAMES, roles=("contrast",) * len(NAMES), spec_hash="s",
        reference=rows[0], calibration=Calibration(), settings={"until": until, "taught_until": until}, seed=0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ground() -> Ground:
    return world(5, 16_000)


@pytest.fixture(scope="module")
def models(ground: Ground) -> dict[str, Artifact]:
    """Only `new` was there when the second kind of fraud began; `unfair` learned that the young are never robbed."""
    return {"old": taught(ground, 30), "new": taught(ground, 47), "unfair": taught(ground, 47, blind_below=40)}


def held(
    ground: Ground, challenger: Artifact, champion: Artifact, part: GatePart = PART
) -> tuple[dict[str, bool], Any]:
    looked = np.zeros(len(ground.events), bool)
    judged = judge(known(ground), ground.spec, challenger, champion, part, looked=looked)
    return {gate.name: gate.passed for gate in gates(judged, Proof(1.0, 1.0, 0), part)}, judged


def known(ground: Ground) -> Known:
    return Known(ground, END_US, ground.events.y, ground.events.known_at_us)


def test_a_better_challenger_passes_and_a_worse_one_is_refused(ground: Ground, models: dict[str, Artifact]) -> None:
    better, _ = held(ground, models["new"], models["old"])
    assert better["recall_at_budget"]
    assert better["slice_age"]
    worse, _ = held(ground, models["old"], models["new"])
    assert not worse["recall_at_budget"]


def test_a_slice_that_gets_worse_refuses_what_is_better_on_the_whole(
    ground: Ground, models: dict[str, Artifact]
) -> None:
    found, judged = held(ground, models["unfair"], models["old"])
    assert not found["slice_age"]
    codes, words = judged.slices["age"]
    gate = next(g for g in gates(judged, Proof(1.0, 1.0, 0), PART) if g.name == "slice_age")
    assert gate.told["slices"]["20 to 39"]["difference"] == gate.value
    assert words[codes[0]] in words


def test_only_days_judge_that_neither_model_has_learned_from(ground: Ground, models: dict[str, Artifact]) -> None:
    source, looked = known(ground), np.zeros(len(ground.events), bool)
    given: dict[str, Any] = {"looked": looked, "say": lambda model, rows: rows[:, 0].astype(np.float64)}
    for one, other in (("old", "new"), ("new", "old")):
        judged = judge(source, ground.spec, models[one], models[other], PART, **given)
        assert judged.day.min() >= 47, "the younger of both decides"
    assert judge(source, ground.spec, models["old"], models["old"], PART, **given).day.min() == 30
    few = judge(source, ground.spec, models["old"], models["old"], replace_days(20), **given)
    assert few.day.min() == 40, "and no more days than the policy says"
    with pytest.raises(NotAllowed, match="no known fraud yet"):
        judge(source, ground.spec, taught(ground, 59), models["old"], PART, **given)


def test_a_label_that_nobody_can_know_yet_does_not_move_the_present(
    ground: Ground, models: dict[str, Artifact]
) -> None:
    """History that is imported says what will be known of its youngest events."""
    source, looked = known(ground), np.zeros(len(ground.events), bool)
    known_us = source.events.known_at_us.copy()
    known_us[np.flatnonzero(source.events.y == 1)[0]] = END_US + 90 * DAY_US
    source.events = replace(source.events, known_at_us=known_us)
    given: dict[str, Any] = {"looked": looked, "say": lambda model, rows: rows[:, 0].astype(np.float64)}
    with pytest.raises(NotAllowed, match="no known fraud yet"):
        judge(source, ground.spec, models["new"], models["old"], PART, **given)
    assert judge(source, ground.spec, models["new"], models["old"], PART, now_us=END_US, **given).frauds > 5


def replace_days(days: int) -> GatePart:
    import msgspec

    return msgspec.structs.replace(PART, days=days)


def test_a_reported_fraud_stands_for_those_of_its_age_that_will_be(ground: Ground, models: dict[str, Artifact]) -> None:
    """What the champion's alerts brought to light is known soon; it must not outweigh what waits for a report."""
    events, looked = ground.events, ground.truth & (ground.matrix[:, 0] > 3)  # the champion's own kind
    waits = np.random.default_rng(1).exponential(5 * DAY_US, len(events)).astype(np.int64)
    told = events.time_us + np.where(looked, 0, waits)
    source = Known(ground, END_US, events.y, told)
    judged = judge(source, ground.spec, models["new"], models["old"], PART, looked=looked)
    assert judged.seen is not None
    reported = (judged.y == 1) & (judged.seen < 1)
    there = ground.truth & ~looked & (events.time_us >= START_US + 47 * DAY_US) & (events.time_us < END_US - DAY_US)
    assert judged.stands_for[reported].sum() == pytest.approx(there.sum(), rel=0.2)
    assert reported.sum() < 0.8 * there.sum(), "many are not reported yet"
    assert (judged.stands_for[judged.seen == 1] == 1).all()


def test_an_older_model_learned_until_it_was_trained() -> None:
    one = taught(world(6, 3_000), 30)
    assert taught_until_of(one) == START_US + 30 * DAY_US + 1_000_000
    assert taught_until_of(replace(one, settings={"until": "2024-01-01T00:00:00Z"})) == 1_704_067_201_000_000
