"""The baseline that behaviour must beat: an isolation forest on the same customer's state, without and with heat."""

from __future__ import annotations

import numpy as np

from haechi.detectors.isolation import grow
from haechi.learning.unlabelled import Judged, Scores

__all__ = ["forests"]

GROWN_ON = 100_000
TREES, HALF_LIFE_US = 100, 3 * 3_600e6
HEAT_FLOOR, HEAT_MAX = 3.0, 30.0


def forests(judged: Judged, seed: int) -> dict[str, Scores]:
    """Scores of a forest on the state, of the same with the heat of the last hours, and of one on the bits."""
    logs = np.sign(judged.state) * np.log1p(np.abs(judged.state))
    found = {"isolation forest on the state": _rarity(logs.astype(np.float32), seed)}
    bare = found["isolation forest on the state"]
    found["isolation forest on the state + heat"] = bare + np.minimum(_heat(judged, bare), 2.0 * bare)
    found["isolation forest on the bits"] = _rarity(np.nan_to_num(judged.bits, nan=0.0), seed)
    return found


def _rarity(rows: np.ndarray, seed: int) -> Scores:
    """How rare the forest's score is among all, in bits: scores alone have no scale that could be added up."""
    rows = np.ascontiguousarray(np.nan_to_num(rows, nan=0.0), np.float32)
    rng = np.random.default_rng([seed, 51])
    some = rows[np.sort(rng.choice(len(rows), min(GROWN_ON, len(rows)), replace=False))]
    score = grow(some, np.arange(rows.shape[1]), seed=seed, trees=TREES).score(rows)
    ranks = np.searchsorted(np.sort(score), score, "left")
    bits: Scores = -np.log2((len(score) - ranks) / len(score))
    return bits


def _heat(judged: Judged, bits: Scores) -> Scores:
    """What was rare in the last hours for the same customer, halving in three."""
    order = np.lexsort((judged.time_us, judged.subject))
    out, heat, last, subject = np.zeros(len(bits)), 0.0, 0, -1
    for i in order.tolist():
        if judged.subject[i] != subject:
            heat, subject = 0.0, int(judged.subject[i])
        else:
            heat *= 0.5 ** ((int(judged.time_us[i]) - last) / HALF_LIFE_US)
        out[i] = heat
        heat = min(heat + max(float(bits[i]) - HEAT_FLOOR, 0.0), HEAT_MAX)
        last = int(judged.time_us[i])
    return out
