"""A protocol's rounds judged without labels: what the bits, their sum and an isolation forest rank first.

No label is visible to any feature, and none is used but to count hits; the rows of a logistic regression with few
labels say how many frauds it was given from the round's own training span.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from haechi.learning.apart import forests
from haechi.learning.dataset import Index, Rows, Source
from haechi.learning.errors import BadProtocol
from haechi.learning.protocol import Protocol
from haechi.learning.unlabelled import KINDS, STATE, TRANSFER, VIEWS, Judged, few_labels, few_labels_mean, rankings

__all__ = ["judge_blind"]

FEW = (20, 50, 200, None)
TAUGHT_MAX = 150_000  # rows of a training span that a logistic regression with few labels draws from
P = "behaviour.surprise_"


def judge_blind(source: Source, protocol: Protocol, *, seed: int = 0, prior_bits: float = 0.0) -> dict[str, Any]:
    """Means over the protocol's rounds; BadProtocol when the features lack behaviour."""
    names = source.columns.names
    if f"{P}run" not in names:
        raise BadProtocol("these features have no behaviour: say `behaviour = true` in features.toml, or leave it out")
    events, rounds = source.events, protocol.rounds(source.events)
    rng = np.random.default_rng([seed, 52])
    taught = [_some(r.train, events.y, rng) for r in rounds]
    keep = np.unique(np.concatenate([*(r.test for r in rounds), *taught]))
    rows = source.rows(keep, np.zeros(len(events), bool))
    ranked, few = [], []
    for one, some in zip(rounds, taught, strict=True):
        judged, before = (_judged(source, rows, keep, which) for which in (one.test, some))
        ranked.append(rankings(judged, forests(judged, seed), prior_bits))
        few.append(few_labels(before, judged, FEW, seed))
    return {
        "rounds": len(rounds),
        "judged": int(sum(len(r.test) for r in rounds)),
        "frauds": int(sum((events.y[r.test] == 1).sum() for r in rounds)),
        "ranking": {
            name: {what: float(np.mean([part[name][what] for part in ranked])) for what in ranked[0][name]}
            for name in ranked[0]
            if all(name in part for part in ranked)
        },
        "few_labels": few_labels_mean(few),
    }


def _some(train: Index, y: np.ndarray, rng: np.random.Generator) -> Index:
    """All frauds of a training span and a draw of the rest."""
    frauds, others = train[y[train] == 1], train[y[train] == 0]
    drawn = rng.choice(others, min(TAUGHT_MAX, len(others)), replace=False)
    return np.sort(np.concatenate([frauds, drawn]))


def _judged(source: Source, rows: Rows, keep: Index, which: Index) -> Judged:
    events, names = source.events, source.columns.names
    found = rows[np.searchsorted(keep, which)]

    def column(name: str) -> np.ndarray:
        return found[:, names.index(name)] if name in names else np.full(len(found), np.nan, np.float32)

    subject = events.subject or ""
    return Judged(
        time_us=events.time_us[which],
        subject=events.entities[subject][which] if subject else np.zeros(len(which), np.int64),
        fraud=events.y[which] == 1,
        bits=np.column_stack([column(f"{P}{kind}") for kind in KINDS]),
        views={view: np.nan_to_num(column(f"{P}{view}").astype(np.float64)) for view in VIEWS},
        transfer=column("behaviour.direction") == TRANSFER,
        state=np.column_stack([column(name if name == "amount" else f"{subject}.{name}") for name in STATE]),
    )
