"""How hard a simulated source is: too easy for raw fields and it is a toy, impossible for history and it is noise.

Two models learn from the same events and judge the same later ones. One sees raw fields alone, the other Haechi's
features. Both are trained on labels as they were known at the border, and judged on the truth, those frauds included
that nobody ever found: the claim is about the world, and nobody may learn from what nobody knew.

Events may be a sample: `weight` says how many events each one stands for, and every figure counts it so often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from haechi.detectors.boosting import blend, fit, plans, prepare
from haechi.learning.dataset import Index, Mask, Rows
from haechi.learning.errors import BadProtocol

Weights = npt.NDArray[np.float64]
Scores = npt.NDArray[np.float64]

FRAUD_SHARE = (0.0005, 0.003)
RAW_AUC = (0.70, 0.85)
RAW_AP_MAX = 0.35
FIELD_AUC_MAX = 0.75
GAIN_MIN = 2.0
FRAUDS_MIN = 30  # fewer on either side tell nothing


@dataclass(frozen=True)
class Sampled:
    """Events of one source: which ones teach, which are judged, what was known of them and what is true."""

    fields: Mapping[str, Rows]  # raw fields, each [rows, numbers]
    ids: frozenset[str]  # those of them that are ids
    features: Rows
    known: Mask  # known as fraud at the border
    true: Mask
    weight: Weights
    teach: Index
    judge: Index
    kinds: npt.NDArray[np.object_] | None = None  # of the frauds: what each one is


@dataclass(frozen=True)
class Ranking:
    """How well some scores put frauds first."""

    auc: float
    ap: float


@dataclass(frozen=True)
class Check:
    """One condition of the gate."""

    name: str
    value: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the value lies between its limits; a value that is no number does not."""
        return bool(self.low <= self.value <= self.high)


@dataclass(frozen=True)
class Difficulty:
    """What was measured, and whether the source may be used to show anything."""

    raw: Ranking
    haechi: Ranking
    by_field: dict[str, float]
    by_plan: dict[str, Ranking]
    counts: dict[str, int]
    checks: tuple[Check, ...] = field(default=())
    by_kind: dict[str, float] = field(default_factory=dict)  # AUC of Haechi's score, frauds of one kind alone

    @property
    def holds(self) -> bool:
        """Whether every condition holds."""
        return all(check.holds for check in self.checks)


def measure(
    sampled: Sampled, fraud_share: float, *, seed: int = 0, progress: Callable[[str, float], None] = lambda *_: None
) -> Difficulty:
    """Train both models, judge both, and hold every figure against its limits."""
    counts = _counts(sampled)
    by_field: dict[str, float] = {}
    for n, (name, rows) in enumerate(sampled.fields.items()):
        progress("each field alone", n / len(sampled.fields))
        by_field[name] = _alone(sampled, rows, seed)
    progress("all raw fields", 0.0)
    by_plan = _raw_models(sampled, seed)
    # Whichever is best, picked on the judged events themselves: the gate must be hard for the luckiest raw model too.
    raw = Ranking(max(r.auc for r in by_plan.values()), max(r.ap for r in by_plan.values()))
    progress("Haechi's features", 0.0)
    score = _blended(sampled, sampled.features, seed)["blend"]
    haechi = _ranked(sampled, score)
    progress("done", 1.0)
    checks = _checks(fraud_share, raw, haechi, by_field)
    ordered = dict(sorted(by_field.items(), key=lambda item: -item[1]))
    return Difficulty(raw, haechi, ordered, by_plan, counts, checks, _by_kind(sampled, score))


def _counts(sampled: Sampled) -> dict[str, int]:
    counts = {
        "taught": round(float(sampled.weight[sampled.teach].sum())),
        "taught_rows": len(sampled.teach),
        "taught_frauds": int(sampled.known[sampled.teach].sum()),
        "judged": round(float(sampled.weight[sampled.judge].sum())),
        "judged_rows": len(sampled.judge),
        "judged_frauds": int(sampled.true[sampled.judge].sum()),
    }
    for name in ("taught_frauds", "judged_frauds"):
        if counts[name] < FRAUDS_MIN:
            raise BadProtocol(f"{counts[name]} {name.replace('_', ' ')} are too few to measure anything: at least "
                              f"{FRAUDS_MIN} are needed, so take a larger or longer town")  # fmt: skip
    return counts


def _checks(share: float, raw: Ranking, haechi: Ranking, by_field: Mapping[str, float]) -> tuple[Check, ...]:
    return (
        Check("fraud_share", share, *FRAUD_SHARE),
        Check("raw_auc", raw.auc, *RAW_AUC),
        Check("raw_ap", raw.ap, 0.0, np.nextafter(RAW_AP_MAX, 0)),
        Check("field_auc_max", max(by_field.values()), 0.0, FIELD_AUC_MAX),
        Check("gain", haechi.ap / raw.ap, GAIN_MIN, np.inf),
    )


def _raw_models(sampled: Sampled, seed: int) -> dict[str, Ranking]:
    """Every plan on all raw fields, and on those that are no ids: a running number misleads where it runs on."""
    views = {"all": list(sampled.fields), "no ids": [name for name in sampled.fields if name not in sampled.ids]}
    return {
        f"{view}, {plan}": _ranked(sampled, score)
        for view, names in views.items()
        for plan, score in _blended(sampled, np.hstack([sampled.fields[name] for name in names]), seed).items()
    }


def _blended(sampled: Sampled, rows: Rows, seed: int) -> dict[str, Scores]:
    """Scores of every plan on the judged rows, and of the blend of all."""
    taught, y = np.ascontiguousarray(rows[sampled.teach]), sampled.known[sampled.teach].astype(np.int8)
    candidates = plans(int(y.sum()), len(y), rows.shape[1])
    data = prepare(taught, y, sampled.weight[sampled.teach], seed=seed, plan=candidates[0])
    texts = [fit(plan, data, seed=seed + n) for n, plan in enumerate(candidates)]
    judged = np.ascontiguousarray(rows[sampled.judge])
    scores = {plan.name: blend([text]).score(judged) for plan, text in zip(candidates, texts, strict=True)}
    return scores | {"blend": blend(texts).score(judged)}


def _alone(sampled: Sampled, rows: Rows, seed: int) -> float:
    """The best AUC that one field reaches: through a model of it, or as it stands, in either direction."""
    taught, y = np.ascontiguousarray(rows[sampled.teach]), sampled.known[sampled.teach].astype(np.int8)
    judged = np.ascontiguousarray(rows[sampled.judge])
    plan = plans(int(y.sum()), len(y), rows.shape[1])[0]
    data = prepare(taught, y, sampled.weight[sampled.teach], seed=seed, plan=plan)
    best = _ranked(sampled, blend([fit(plan, data, seed=seed)]).score(judged)).auc
    for column in judged.T:
        as_it_stands = _ranked(sampled, np.nan_to_num(column.astype(np.float64), nan=-1.0)).auc
        best = max(best, as_it_stands, 1.0 - as_it_stands)
    return best


def _by_kind(sampled: Sampled, score: Scores) -> dict[str, float]:
    """How well the frauds of each kind are told from what is no fraud, the hardest kind first."""
    if sampled.kinds is None:
        return {}
    true, kinds = sampled.true[sampled.judge], sampled.kinds[sampled.judge]
    found = {}
    for kind in sorted(set(kinds[true].tolist())):
        part = np.flatnonzero(~true | (kinds == kind))
        found[kind] = _ranked(replace(sampled, judge=sampled.judge[part]), score[part]).auc
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _ranked(sampled: Sampled, score: Scores) -> Ranking:
    from sklearn.metrics import average_precision_score, roc_auc_score

    y, weight = sampled.true[sampled.judge], sampled.weight[sampled.judge]
    return Ranking(
        float(roc_auc_score(y, score, sample_weight=weight)),
        float(average_precision_score(y, score, sample_weight=weight)),
    )
