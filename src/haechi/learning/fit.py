"""One contract for training: a frozen data set, a config and a seed become a model, always the same one.

Nothing else goes in: no clock, no file but the data set's, no library state. The model carries no pickle, so reading it
runs no code of its maker.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import msgspec
import numpy as np
import polars as pl

from haechi.detectors.artifact import Artifact
from haechi.detectors.shapley import shapley
from haechi.learning.evaluate import Settings
from haechi.learning.frozen import DataSet
from haechi.learning.judged import figures
from haechi.learning.manifest import Manifest
from haechi.learning.memo import Memo
from haechi.learning.protocol import stamp
from haechi.learning.train import Trained, train

Progress = Callable[[str, float], None]
EXPLAINED_ROWS = 100
# A model whose every reason is one and the same feature is one empty field away from blindness.
LONE_REASON_MAX = 0.8
ERROR_MAX = 1e-6


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What may be set about a training; few things, and none of them is tuned on judged events."""

    plans_max: int = 3
    recency: float | None = None
    budgets: tuple[int, ...] = (100,)
    alert_entity: str | None = None
    review_costs: tuple[float, ...] = ()
    segments: dict[str, str] = msgspec.field(default_factory=lambda: {"age": "customer.age_years"})


def fit(
    data: DataSet,
    config: Config,
    seed: int,
    *,
    champion: Artifact | None = None,
    memo: Memo | None = None,
    progress: Progress = lambda stage, share: None,
) -> tuple[Artifact, dict[str, Any]]:
    """Train on a data set; the same data set, config and seed give the same bytes on the same platform.

    Returns the sealed model and its report. `champion` only judges beside it and changes no byte of the model; `memo`
    lets a training that was broken off go on.
    """
    settings = Settings(
        seed, config.budgets, config.alert_entity, config.recency, config.review_costs, plans_max=config.plans_max
    )
    source = data.source(lambda stage, rows: progress("reading" if stage == "read" else "replaying", 0.0))
    trained = train(
        source, until_us=data.until_us, settings=settings, progress=progress, memo=memo,
        beside={} if champion is None else {"champion": champion}, segments=config.segments,
    )  # fmt: skip
    progress("judging", 0.9)
    report = trained.report | _judged(trained, data, source.events, settings)
    report["dataset"] = data.hash
    report["selection"] = data.card["selection"]
    report["base_rate"] = data.card["base_rate"]
    report["maturity"] = data.card["maturity"]
    report["screening"] = data.card.get("screening", [])
    report["shifts"] = data.card["shifts"]
    report["explanation"] = explanation(trained.artifact)
    if champion is not None:
        report["champion"] = champion.version
        # Of days from which the champion learned it may know more than it could have known then.
        report["champion_until"] = champion.settings.get("until", "")
    return trained.artifact, report


def _judged(trained: Trained, data: DataSet, events: Any, settings: Settings) -> dict[str, Any]:
    notes = data.notes()
    rows = trained.judged.rows
    typology = notes["said:typology"].fill_null("").gather(pl.Series(rows)).to_numpy().astype(object)
    ruled = notes["said:ruled"].fill_null(False).gather(pl.Series(rows)).to_numpy().astype(bool)
    return {"slices": figures(events, trained.judged, typology, ruled, settings.budgets, settings.seed)}


def explanation(artifact: Artifact) -> dict[str, Any]:
    """Whether the model's reasons add up to its score, and which features carry it, on the rows sealed with it."""
    model = artifact.model
    rows = artifact.probe[:EXPLAINED_ROWS]
    rows = rows[np.isfinite(rows).any(axis=1)]
    credit = np.stack([shapley(model, row, artifact.reference) for row in rows])
    scores, start = model.score(rows), model.score(artifact.reference[None, :])[0]
    error = float(np.abs(credit.sum(axis=1) - (scores - start)).max(initial=0.0))
    weight = np.abs(credit).mean(axis=0)
    shares = weight / max(float(weight.sum()), 1e-12)
    top = np.argsort(-shares, kind="stable")[:20]
    return {
        "rows": len(rows),
        "error_max": error,
        "adds_up": error <= ERROR_MAX * max(1.0, float(np.abs(scores).max(initial=0.0))),
        "one_feature_carries_it": bool(shares.max(initial=0.0) > LONE_REASON_MAX),
        "features": {artifact.names[i]: float(shares[i]) for i in top if shares[i] > 0},
    }


def lineage(data: DataSet, config: Config, seed: int) -> Manifest:
    """What a model made of these is made of."""
    return Manifest(
        version="",
        made_us=0,
        dataset=data.hash,
        events_hash=_joined(data.card["hashes"]["events"]),
        labels_hash=data.card["hashes"]["labels"],
        until=stamp(data.until_us),
        seed=seed,
        config=msgspec.to_builtins(config),
        libraries={
            "python": platform.python_version(), "lightgbm": version("lightgbm"), "numpy": np.__version__,
            "polars": pl.__version__, "haechi": version("haechi"), "machine": platform.machine(),
        },
    )  # fmt: skip


def _joined(hashes: Mapping[str, str]) -> str:
    import hashlib

    return hashlib.sha256(msgspec.json.encode(hashes, order="deterministic")).hexdigest()
