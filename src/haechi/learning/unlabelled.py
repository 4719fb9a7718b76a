"""How well detection without labels judges: rankings, calibration, what a policy's views would ask about, few labels.

Everything is worked out from arrays of judged events; labels only count hits here and teach nobody, except where a row
says how many of them a logistic regression was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.detectors.logistic import FEW_RIDGE
from haechi.learning.dataset import Index, Mask, Rows
from haechi.learning.metrics import average_precision, recall_at_fpr

__all__ = [
    "KINDS",
    "STATE",
    "VIEWS",
    "Judged",
    "alerts",
    "calibration",
    "few_labels",
    "few_labels_mean",
    "rankings",
    "recall_at",
]

VIEWS = ("all", "run", "habit", "counterpart", "burst", "drain")
KINDS = (
    "hour", "amount", "small", "category", "gap", "tempo", "party", "place", "travel", "device", "outflow", "heard",
    "passed",
)  # fmt: skip
# What an isolation forest sees of a customer's state: contrasts of this event with her past, and nothing of the bits.
STATE = (
    "amount", "z_all", "ratio_median50", "rank50", "gap_s", "gap5_s", "hour_share", "hour3_share", "km_per_hour",
    "count_1d", "merchant.new", "payee.new", "device.new", "merchant_category.share",
)  # fmt: skip
CELL_EXPECTED_MIN = 30.0  # events that a cell of the calibration table must expect: fewer stray by a fifth by chance
TRANSFER = 1.0
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """Events that were judged before anything was known about them, in order of time."""

    time_us: Index
    subject: Index  # codes
    fraud: Mask
    bits: Rows  # [n, KINDS], NaN where a kind does not apply
    views: dict[str, Scores]  # by name, bits; NaN where a view does not apply
    transfer: Mask
    state: Rows  # [n, STATE]
    month: npt.NDArray[np.str_] | None = None
    group: Index | None = None
    typology: npt.NDArray[np.str_] | None = None  # of frauds; empty for all else
    asked: Mask | None = None  # what a policy would not simply allow

    def of(self, chosen: Mask | Index) -> Judged:
        """Some of them."""
        return Judged(
            self.time_us[chosen], self.subject[chosen], self.fraud[chosen], self.bits[chosen],
            {name: view[chosen] for name, view in self.views.items()}, self.transfer[chosen], self.state[chosen],
            None if self.month is None else self.month[chosen], None if self.group is None else self.group[chosen],
            None if self.typology is None else self.typology[chosen],
            None if self.asked is None else self.asked[chosen],
        )  # fmt: skip

    @property
    def y(self) -> npt.NDArray[np.int8]:
        """1 for a fraud."""
        return self.fraud.astype(np.int8)


def rankings(judged: Judged, baselines: Mapping[str, Scores], prior_bits: float = 0.0) -> dict[str, dict[str, float]]:
    """AP, and recall where one event in a hundred is asked about, of every score; bits, views and baselines."""
    scores = {f"{name} (view)" if name not in ("all", "run") else name: np.nan_to_num(v, nan=0.0)
              for name, v in judged.views.items()}  # fmt: skip
    if prior_bits:
        scores["run, policy's prior for transfers"] = judged.views["run"] + prior_bits * judged.transfer
    columns = np.nan_to_num(judged.bits, nan=0.0).astype(np.float64)
    scores |= {f"{kind} alone": columns[:, i] for i, kind in enumerate(KINDS) if columns[:, i].any()}
    scores["plain sum of the bits"] = columns.sum(axis=1)
    scores |= baselines
    return {
        name: {"ap": average_precision(judged.y, s), "recall_at_1_percent": recall_at_fpr(judged.y, s, 0.01)}
        for name, s in scores.items()
    }


def calibration(judged: Judged, by: str = "month") -> list[dict[str, Any]]:
    """Observed / nominal at 1 % and 0.1 % on events that are no fraud, by view and month, group, or "month/group".

    A view of transfers is asked about transfers. A cell that expects fewer than thirty such events is left out. The
    standard error at 1 % is that of customers: their events are not independent of each other.
    """
    assert judged.month is not None
    found = []
    for name, bits in judged.views.items():
        here = ~judged.fraud & (judged.transfer if name == "drain" else ~np.isnan(bits))
        keys = judged.month.astype(object)
        if by != "month":
            assert judged.group is not None
            groups = judged.group.astype(str).astype(object)
            keys = groups if by == "group" else keys + "/" + groups
        cells, at = np.unique(keys[here].astype(str), return_inverse=True)
        counts = np.bincount(at, minlength=len(cells))
        far = {p: np.bincount(at, bits[here] >= log2(1.0 / p), len(cells)) for p in (0.01, 0.001)}
        errors = _errors(bits[here] >= log2(100.0), at, judged.subject[here]) / 0.01
        for i, cell in enumerate(cells):
            row: dict[str, Any] = {"view": name, "cell": str(cell), "events": int(counts[i])}
            for p, label in ((0.01, "at_1_percent"), (0.001, "at_0.1_percent")):
                expected = p * counts[i]
                row[label] = float(far[p][i] / expected) if expected >= CELL_EXPECTED_MIN else None
            found.append(row | {"error_at_1_percent": float(errors[i])})
    return found


def _errors(far: Mask, cell: Index, subject: Index) -> Scores:
    """The standard error of each cell's share of far events, when it is customers that were drawn."""
    pairs, who = np.unique(cell * (int(subject.max(initial=0)) + 1) + subject, return_inverse=True)
    cell_of = pairs // (int(subject.max(initial=0)) + 1)
    events, hits = np.bincount(who), np.bincount(who, far)
    totals = np.bincount(cell_of, events)
    share = np.bincount(cell_of, hits) / totals
    return np.asarray(np.sqrt(np.bincount(cell_of, (hits - events * share[cell_of]) ** 2)) / totals, np.float64)


def alerts(judged: Judged, budgets: Mapping[str, float]) -> dict[str, Any]:
    """What a policy asks about: by views with these budgets (one in so many), by risk, and the frauds among it."""
    asked = {name: judged.views[name] >= log2(one_in) for name, one_in in budgets.items()}
    any_of = np.logical_or.reduce(list(asked.values()))
    if judged.asked is not None:
        asked["risk alone"] = judged.asked & ~any_of
        any_of = any_of | judged.asked
    found: dict[str, Any] = {
        "share_of_honest": float(any_of[~judged.fraud].mean()),
        "share_of_all": float(any_of.mean()),
        "share_of_honest_by_view": {name: float(a[~judged.fraud].mean()) for name, a in asked.items()},
        "recall": float(any_of[judged.fraud].mean()) if judged.fraud.any() else None,
    }
    if judged.typology is not None:
        found["recall_by_typology"] = {
            str(t): {"frauds": int((judged.typology == t).sum()), "recall": float(any_of[judged.typology == t].mean())}
            for t in np.unique(judged.typology[judged.fraud])
        }
    return found


def recall_at(judged: Judged, score: Scores, share: float) -> dict[str, float]:
    """Recall of each typology, and of all frauds, among the highest-scored events: this share of all events."""
    assert judged.typology is not None
    asked = score >= np.quantile(score, 1.0 - share)
    kinds = [str(t) for t in np.unique(judged.typology[judged.fraud])]
    found = {t: float(asked[judged.typology == t].mean()) for t in kinds}
    return found | {"all frauds": float(asked[judged.fraud].mean()) if judged.fraud.any() else float("nan")}


def few_labels(taught: Judged, judged: Judged, frauds: Sequence[int | None], seed: int) -> dict[str, float]:
    """AP of a logistic regression on bits and run that was given so many frauds (None: all), four draws each."""
    from haechi.learning.stacking import fit_stack

    rng = np.random.default_rng([seed, 50])
    columns = [_columns(j) for j in (taught, judged)]
    names = (*KINDS, "run")
    bad, good = np.flatnonzero(taught.fraud), np.flatnonzero(~taught.fraud)
    found: dict[str, float] = {}
    for count in frauds:
        if count is not None and count > len(bad):
            continue
        draws = []
        for _ in range(1 if count is None else 4):
            some = bad if count is None else rng.choice(bad, count, replace=False)
            # Honest labels in proportion: as many as come with so many frauds.
            others = rng.choice(good, min(max(len(some) * 200, 5_000), 100_000, len(good)), replace=False)
            rows = np.concatenate([some, others])
            flat = np.full(len(rows), len(some) / len(rows))
            stack = fit_stack(taught.y[rows], flat, names, columns[0][rows], ahead="run", ridge=FEW_RIDGE)
            draws.append(average_precision(judged.y, columns[1] @ np.array(stack.weights[1:])))
        found["all" if count is None else str(count)] = float(np.mean(draws))
    return found


def few_labels_mean(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean over rounds, of what every round has."""
    shared = [name for name in parts[0] if all(name in part for part in parts)]
    return {name: float(np.mean([part[name] for part in parts])) for name in shared}


def _columns(judged: Judged) -> Scores:
    bits = np.column_stack([np.nan_to_num(judged.bits, nan=0.0), judged.views["run"]])
    clipped: Scores = np.clip(bits, 0.0, 20.0).astype(np.float64)
    return clipped
