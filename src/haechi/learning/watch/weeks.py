"""The champion week by week: what its probabilities promise, and what the labels say once they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from haechi.learning.life.scores import Block
from haechi.learning.metrics import average_precision
from haechi.learning.watch.estimate import correct, estimated_ap

__all__ = ["Week", "weeks"]

DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US


@dataclass(frozen=True)
class Week:
    """One week of event time; `mature` says that nearly all its labels are in."""

    start_us: int
    events: int
    estimated_ap: float
    estimated_frauds: float
    known_ap: float
    known_frauds: int
    mature: bool


def weeks(block: Block, labels: Mapping[int, bool], model: str, *, now_us: int, mature_us: int) -> list[Week]:
    """Each week of a block, oldest first; an estimate uses only labels that had matured when its week was over."""
    said = block.scores.get(model)
    if said is None or not len(block):
        return []
    p = said.astype(np.float64)
    judged = ~np.isnan(p)
    fraud = np.fromiter((labels.get(seq, False) for seq in block.seq.tolist()), bool, len(block))
    first = int(block.time_us.min()) // DAY_US * DAY_US
    found = []
    for start in range(first, int(block.time_us.max()) + 1, WEEK_US):
        inside = judged & (block.time_us >= start) & (block.time_us < start + WEEK_US)
        if not inside.any():
            continue
        ripe = judged & (block.time_us < min(start + WEEK_US, now_us) - mature_us)
        fitted = correct(p[ripe], fraud[ripe]).apply(p[inside])
        found.append(Week(
            start, int(inside.sum()), estimated_ap(p[inside], fitted), float(fitted.sum()),
            average_precision(fraud[inside].astype(np.int8), p[inside]), int(fraud[inside].sum()),
            start + WEEK_US + mature_us <= now_us,
        ))  # fmt: skip
    return found
