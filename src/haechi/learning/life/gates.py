"""Gates: what a challenger must show, each a value, a threshold and a verdict that is kept with the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from haechi.learning.life.judged import Judged, Mask, Scores, recall_gap
from haechi.learning.life.policy import GatePart
from haechi.learning.metrics import average_precision, ece

__all__ = ["Gate", "Proof", "gates", "latency_us", "rows_of"]

STABLE_BINS = 10
# A line scores in a few microseconds, and no forest could follow one: below this nobody waits for a model.
FAST_US = 25.0
TIMED_ROWS = 2_000


@dataclass(frozen=True)
class Gate:
    """One condition: `passed` says whether the value is on the right side of the threshold."""

    name: str
    value: float
    threshold: float
    passed: bool
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proof:
    """What the models showed besides their ranking: microseconds an event, and whether replays agree."""

    champion_us: float
    challenger_us: float
    differences: int  # of scores that came out otherwise one by one, in a batch, or from the file read again


def gates(judged: Judged, proof: Proof, part: GatePart, *, seed: int = 0) -> list[Gate]:
    """Hold a challenger against every gate; too few frauds to judge with is a gate of its own, and fails."""
    enough = Gate("frauds", judged.frauds, part.frauds_min, judged.frauds >= part.frauds_min, {
        "means": "confirmed frauds among the judged events", "events": round(float(judged.weight.sum())),
    })  # fmt: skip
    found = [enough, *_ranking(judged, part, seed), *_slices(judged, part, seed), *_latency(proof, part)]
    found += [_calibration(judged, part), _stability(judged, part)]
    means = "scores that differ one by one, in a batch, or from the file read again"
    return [*found, Gate("replay_differences", proof.differences, 0, proof.differences == 0, {"means": means})]


def _ranking(judged: Judged, part: GatePart, seed: int) -> list[Gate]:
    gap = recall_gap(judged, part.alert_budget_per_day, confidence=part.confidence, seed=seed)
    whole = _whole(judged)
    precision = [
        average_precision(np.repeat(judged.y, whole), np.repeat(score, whole))
        for score in (judged.champion, judged.challenger)
    ]
    told = {
        "means": f"recall at {part.alert_budget_per_day} alerts a day, challenger less champion: the low end of a "
        f"paired bootstrap by customer at {part.confidence:.0%}",
        "difference": gap.value, "high": gap.high, "ap_champion": precision[0], "ap_challenger": precision[1],
    }  # fmt: skip
    return [Gate("recall_at_budget", gap.low, -part.worse_max, bool(gap.low >= -part.worse_max), told)]


def _whole(judged: Judged) -> npt.NDArray[np.int64]:
    """How often each row has to be repeated to be all that it stands for."""
    return np.round(np.maximum(judged.stands_for, 1)).astype(np.int64)


def _slices(judged: Judged, part: GatePart, seed: int) -> list[Gate]:
    """One gate a protected property: the slice that loses most; slices with too few frauds are told, not judged."""
    found = []
    for name, (codes, words) in judged.slices.items():
        gaps: dict[str, dict[str, float]] = {}
        few: list[str] = []
        for code, word in enumerate(words):
            among: Mask = codes == code
            frauds = int((judged.y[among] == 1).sum())
            if frauds < part.slice_frauds_min:
                few.append(word)
                continue
            gap = recall_gap(judged, part.alert_budget_per_day, confidence=part.confidence, seed=seed, among=among)
            gaps[word] = {"difference": gap.value, "low": gap.low, "high": gap.high, "frauds": frauds}
        worst = min((one["difference"] for one in gaps.values()), default=0.0)
        means = f"what recall at the budget changed by in the slice by {name} that fared worst"
        told = {"means": means, "slices": gaps, "few": few}
        passed = worst >= -part.slice_worse_max
        found.append(Gate(f"slice_{name}", worst, -part.slice_worse_max, passed, told))
    return found


def _latency(proof: Proof, part: GatePart) -> list[Gate]:
    ratio = proof.challenger_us / max(proof.champion_us, FAST_US)
    told = {"means": "median microseconds of one score", "champion_us": proof.champion_us}
    return [
        Gate("latency_us", proof.challenger_us, part.latency_us_max, proof.challenger_us <= part.latency_us_max, told),
        Gate("latency_ratio", ratio, part.latency_ratio_max, ratio <= part.latency_ratio_max, {
            "means": f"the challenger's time over the champion's, or over {FAST_US:g} us if that is quicker",
            "champion_us": proof.champion_us,
        }),
    ]  # fmt: skip


def _calibration(judged: Judged, part: GatePart) -> Gate:
    whole = _whole(judged)
    errors = [ece(np.repeat(judged.y, whole), np.repeat(s, whole)) for s in (judged.champion, judged.challenger)]
    told = {"means": "distance of probability and frequency over 15 bins of equal mass", "champion": errors[0]}
    return Gate(
        "calibration_error", errors[1], part.calibration_error_max, errors[1] <= part.calibration_error_max, told
    )


def _stability(judged: Judged, part: GatePart) -> Gate:
    """Scores of the first half of the time against the second: a model that drifts while it is judged is not ready."""
    half = len(judged.y) // 2
    moved = _moved(judged.challenger[:half], judged.challenger[half:])
    told = {"means": "PSI of the challenger's scores between both halves of the judged time"}
    return Gate("stability_psi", moved, part.stability_psi_max, moved <= part.stability_psi_max, told)


def _moved(before: Scores, after: Scores) -> float:
    from haechi.learning.watch.drift import psi

    edges = np.unique(np.quantile(before, np.arange(1, STABLE_BINS) / STABLE_BINS)) if len(before) else np.zeros(0)
    counts = [np.bincount(np.searchsorted(edges, s, "right"), minlength=len(edges) + 1) for s in (before, after)]
    return psi(counts[0].astype(np.float64), counts[1].astype(np.float64))


def latency_us(score_one: Callable[[Any], float], rows: Any, clock: Callable[[], int]) -> float:
    """Median microseconds of one score, over some rows; `clock` counts nanoseconds."""
    taken = []
    for row in rows[:TIMED_ROWS]:
        start = clock()
        score_one(row)
        taken.append(clock() - start)
    return float(np.median(taken)) / 1_000 if taken else 0.0


def rows_of(found: Sequence[Gate]) -> list[tuple[str, float | None, float, bool, str]]:
    """Gates as rows to keep: (name, value, threshold, passed, JSON)."""
    return [
        (
            gate.name, None if np.isnan(gate.value) else float(gate.value), float(gate.threshold), gate.passed,
            msgspec.json.encode(gate.told).decode(),
        )
        for gate in found
    ]  # fmt: skip
