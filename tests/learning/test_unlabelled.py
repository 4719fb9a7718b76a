"""Judging without labels: what is counted, and what a planted signal must show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from haechi.commands.behaviour_command import strays
from haechi.learning.apart import forests
from haechi.learning.unlabelled import KINDS, STATE, VIEWS, Judged, alerts, calibration, few_labels, rankings, recall_at

N, FRAUDS = 60_000, 120


def judged(seed: int = 1, **changes: Any) -> Judged:
    """Honest events with bits as calibration promises them, and frauds that are odd in amount and device."""
    r = np.random.default_rng(seed)
    bits = r.exponential(1 / np.log(2), (N, len(KINDS))).astype(np.float32)
    fraud = np.zeros(N, bool)
    fraud[r.choice(N, FRAUDS, replace=False)] = True
    for kind in ("amount", "device"):
        bits[fraud, KINDS.index(kind)] += 7.0
    total = bits.sum(axis=1)
    rank = np.empty(N)
    rank[np.argsort(-total)] = -np.log2((np.arange(N) + 1) / N)
    state = r.normal(size=(N, len(STATE))).astype(np.float32)
    state[fraud, 0] += 3.0
    told = {
        "time_us": np.arange(N) * 60_000_000, "subject": r.integers(0, 500, N), "fraud": fraud, "bits": bits,
        "views": {view: rank.copy() for view in VIEWS}, "transfer": r.random(N) < 0.2, "state": state,
        "month": np.where(np.arange(N) < N // 2, "2024-08", "2024-09"), "group": r.integers(0, 2, N),
        "typology": np.where(fraud, np.where(r.random(N) < 0.5, "late", "early"), ""),
    }  # fmt: skip
    return Judged(**{**told, **changes})


def test_a_planted_signal_is_ranked_above_chance_and_noise() -> None:
    found = rankings(judged(), {"noise": np.random.default_rng(2).random(N)}, prior_bits=1.0)
    assert found["amount alone"]["ap"] > 10 * found["noise"]["ap"]
    assert found["run"]["ap"] == found["all"]["ap"] > found["hour alone"]["ap"]
    assert "run, policy's prior for transfers" in found
    assert 0.0 < found["run"]["recall_at_1_percent"] <= 1.0


def test_honest_ranks_are_calibrated_in_every_month_and_small_cells_say_nothing() -> None:
    rows = calibration(judged())
    assert {row["cell"] for row in rows} == {"2024-08", "2024-09"}
    run = [row for row in rows if row["view"] == "run"]
    assert all(0.6 < row["at_1_percent"] < 1.2 for row in run), "a little below 1: the frauds are the rarest"
    assert all((row["at_0.1_percent"] is None) == (0.001 * row["events"] < 30) for row in rows)
    assert {row["cell"] for row in calibration(judged(), "group")} == {"0", "1"}
    assert {row["cell"] for row in calibration(judged(), "month/group")} == {
        "2024-08/0", "2024-08/1", "2024-09/0", "2024-09/1"
    }  # fmt: skip


def test_the_error_of_a_cell_is_that_of_its_customers() -> None:
    one = judged()
    every = next(row for row in calibration(one, "group") if row["view"] == "run")
    by_chance = 0.1 / (every["events"] * 0.01) ** 0.5 / 0.1
    assert every["error_at_1_percent"] == pytest.approx(by_chance, rel=0.3), "where events are independent"
    views = {view: np.where(one.subject % 100 == 0, 9.0, 0.0) for view in VIEWS}
    clustered = next(row for row in calibration(judged(views=views), "group") if row["view"] == "run")
    assert clustered["error_at_1_percent"] > 3 * by_chance, "where a few customers make all of them"
    assert strays(clustered | {"at_1_percent": 0.69}, 0.7, 1.4) is False
    assert strays({"at_1_percent": 2.0, "error_at_1_percent": 0.1}, 0.7, 1.4)


def test_a_policys_alerts_are_counted_once_each() -> None:
    one = judged()
    found = alerts(one, {"run": 100.0, "habit": 100.0})
    assert found["share_of_all"] == pytest.approx(0.01, abs=0.002), "both views ask about the same events"
    assert set(found["recall_by_typology"]) == {"early", "late"}
    assert found["recall_by_typology"]["late"]["frauds"] + found["recall_by_typology"]["early"]["frauds"] == FRAUDS
    recall = recall_at(one, one.views["run"], 0.01)
    assert recall["all frauds"] == pytest.approx(found["recall"], abs=0.05)


def test_few_labels_find_the_kinds_that_carry_the_signal() -> None:
    found = few_labels(judged(3), judged(4), (20, 50, 5_000, None), seed=0)
    assert set(found) == {"20", "50", "all"}, "more frauds than there are cannot be given"
    assert found["50"] > 0.9 * found["all"]
    assert found["20"] > 0.5


def test_the_baseline_is_a_forest_on_the_state_and_heat_helps_where_frauds_come_in_runs() -> None:
    one = judged()
    scores = forests(one.of(np.arange(8_000)), seed=0)
    assert set(scores) == {
        "isolation forest on the state", "isolation forest on the state + heat", "isolation forest on the bits"
    }  # fmt: skip
    assert all(len(s) == 8_000 and np.isfinite(s).all() for s in scores.values())
    bare, hot = scores["isolation forest on the state"], scores["isolation forest on the state + heat"]
    assert (hot >= bare).all()
    assert (hot > bare).any()
