"""Gates: a better challenger passes, a worse one fails with the gate that says why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from haechi.learning.life.gates import Proof, gates, latency_us, rows_of
from haechi.learning.life.judged import Judged, alerted, recall_gap
from haechi.learning.life.policy import GatePart

SOUND = Proof(20.0, 25.0, 0)
PART = GatePart(alert_budget_per_day=10, calibration_error_max=0.02)


def judged(seed: int = 0, gain: float = 0.0, n: int = 20_000, share: float = 0.005) -> Judged:
    """Two calibrated models on the same events; the challenger sees `gain` more of what fraud is."""
    r = np.random.default_rng(seed)
    y = (r.random(n) < share).astype(np.int8)
    common = r.normal(size=n)

    def score(strength: float) -> np.ndarray:
        x = common + r.normal(size=n) * 0.3 + strength * y
        z = strength * x / 1.09 - strength**2 / 2.18 + np.log(share / (1 - share))
        return 1 / (1 + np.exp(-z))

    age = r.integers(0, 3, n)
    return Judged(
        score(3.0), score(3.0 + gain), y, r.integers(0, 2_000, n), np.sort(r.integers(0, 28, n)), np.ones(n),
        {"age": (age, ("young", "middle", "old"))},
    )  # fmt: skip


def verdicts(found) -> dict[str, bool]:
    return {gate.name: gate.passed for gate in found}


def test_a_better_challenger_passes_every_gate() -> None:
    found = gates(judged(gain=1.5), SOUND, PART)
    assert all(verdicts(found).values()), [g for g in found if not g.passed]
    assert {"frauds", "recall_at_budget", "slice_age", "latency_us", "latency_ratio", "calibration_error",
            "stability_psi", "replay_differences"} == verdicts(found).keys()  # fmt: skip
    assert all(len(row) == 5 for row in rows_of(found))


def test_a_worse_challenger_fails_at_the_budget() -> None:
    found = verdicts(gates(judged(gain=-1.5), SOUND, PART))
    assert not found["recall_at_budget"]


def test_a_slice_that_loses_fails_though_the_whole_gains() -> None:
    one = judged(gain=1.0)
    young = one.slices["age"][0] == 0
    challenger = np.where(young & (one.y == 1), 1e-6, one.challenger)
    gate = next(g for g in gates(replace(one, challenger=challenger), SOUND, PART) if g.name == "slice_age")
    assert not gate.passed
    assert gate.told["slices"]["young"]["difference"] == gate.value


def test_slices_with_few_frauds_are_told_and_not_judged() -> None:
    found = next(g for g in gates(judged(n=2_000), SOUND, PART) if g.name == "slice_age")
    assert found.passed
    assert found.told["few"] == ["young", "middle", "old"]


@pytest.mark.parametrize(
    ("proof", "name"),
    [(Proof(20, 900, 0), "latency_us"), (Proof(20, 90, 0), "latency_ratio"), (Proof(20, 20, 1), "replay_differences")],
)
def test_what_a_model_must_show_besides_its_ranking(proof: Proof, name: str) -> None:
    found = verdicts(gates(judged(gain=1.0), proof, PART))
    assert [gate for gate, passed in found.items() if not passed and gate.startswith(name)] == [name]


def test_trees_may_follow_a_line_that_no_forest_is_as_quick_as() -> None:
    assert verdicts(gates(judged(gain=1.0), Proof(4, 70, 0), PART))["latency_ratio"]
    assert not verdicts(gates(judged(gain=1.0), Proof(4, 80, 0), PART))["latency_ratio"]


def test_uncalibrated_unstable_and_unproven_models_fail() -> None:
    one = judged(gain=1.0)
    half = np.arange(len(one.y)) >= len(one.y) // 2
    found = verdicts(gates(replace(one, challenger=np.where(half, one.challenger**0.3, one.challenger)), SOUND, PART))
    assert not found["calibration_error"]
    assert not found["stability_psi"]
    assert not verdicts(gates(judged(n=1_000), SOUND, PART))["frauds"]


def test_alerts_are_the_highest_of_each_day_by_the_events_they_stand_for() -> None:
    score, day = np.array([0.1, 0.9, 0.5, 0.8, 0.7]), np.array([1, 1, 1, 2, 2])
    assert alerted(score, day, np.ones(5), 1).tolist() == [False, True, False, True, False]
    assert alerted(score, day, np.full(5, 10.0), 11).tolist() == [False, True, True, True, True]


def test_the_bootstrap_draws_customers_and_covers_the_truth() -> None:
    inside = 0
    for seed in range(30):
        one = judged(seed, gain=0.8, n=6_000, share=0.02)
        gap = recall_gap(one, 10, confidence=0.9, seed=seed)
        assert gap.low <= gap.value <= gap.high
        inside += gap.low > -0.2
    assert inside >= 27
    again = recall_gap(judged(3), 10, confidence=0.9, seed=1)
    assert again == recall_gap(judged(3), 10, confidence=0.9, seed=1), "the same seed, the same interval"


def test_latency_is_a_median() -> None:
    ticks = iter(range(0, 10_000_000, 1_000))
    assert latency_us(lambda row: 0.0, np.zeros((5, 1)), lambda: next(ticks)) == 1.0
    assert latency_us(lambda row: 0.0, np.zeros((0, 1)), lambda: 0) == 0.0
