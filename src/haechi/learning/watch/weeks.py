"""The champion week by week: how good it was as far as can be told, and what the labels say once they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from haechi.learning.labels import LOOKED
from haechi.learning.life.scores import Block
from haechi.learning.metrics import average_precision
from haechi.learning.watch.estimate import Estimate, Said, correct, estimate, estimated_ap
from haechi.stores import kind_of

__all__ = ["Week", "weeks"]

DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US
NEVER_US = 2**62


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


def weeks(
    block: Block, frauds: Mapping[int, tuple[int, str]], model: str, *, now_us: int, mature_us: int,
    never_reported: float = 0.0,
) -> list[Week]:  # fmt: skip
    """Each week of a block, oldest first; of the newest, of which hardly a fraud is known, what was promised counts.

    frauds: since when each known one is known, and by whom, by number of its decision.
    """
    said = block.scores.get(model)
    if said is None or not len(block):
        return []
    p = said.astype(np.float64)
    judged = ~np.isnan(p)
    never = (NEVER_US, "")
    told = [frauds.get(seq, never) for seq in block.seq.tolist()]
    known_us = np.array([known for known, _ in told], np.int64)
    fraud = known_us < NEVER_US
    looked = np.array([kind_of(source) in LOOKED for _, source in told], bool)
    whole = Said(block.time_us, p, fraud & judged, known_us, looked, np.ones(len(p)))
    first = int(block.time_us.min()) // DAY_US * DAY_US
    found = []
    for start in range(first, int(block.time_us.max()) + 1, WEEK_US):
        inside = judged & (block.time_us >= start) & (block.time_us < start + WEEK_US)
        if not inside.any():
            continue
        ripe = judged & (block.time_us < min(start + WEEK_US, now_us) - mature_us)
        fitted = correct(p[ripe], fraud[ripe]).apply(p[inside])
        promised = Estimate(estimated_ap(p[inside], fitted), float(fitted.sum()))
        best = estimate(whole.take(judged), start, start + WEEK_US, now_us, never_reported) or promised
        found.append(Week(
            start, int(inside.sum()), best.ap, best.frauds,
            average_precision(fraud[inside].astype(np.int8), p[inside]), int(fraud[inside].sum()),
            start + WEEK_US + mature_us <= now_us,
        ))  # fmt: skip
    return found
