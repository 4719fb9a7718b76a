"""Champion, challengers and rules side by side, on the same decisions of the same day."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from haechi.learning.life.judged import alerted
from haechi.learning.life.scores import Block
from haechi.learning.metrics import average_precision

__all__ = ["Compared", "Side", "compare"]

DAY_US = 86_400_000_000
RULES, DECISIONS = "rules", "decisions"


class Side(msgspec.Struct, frozen=True):
    """How one side did: found and saved are counts and minor units of the frauds known by now among its alerts."""

    name: str
    role: str
    events: int
    alerts: int
    frauds_known: int
    frauds_found: int
    recall: float | None
    precision_known: float | None
    average_precision: float | None
    money_found: int
    agreement: float | None  # share of the champion's alerts that this side raises too
    mean_score: float | None


class Compared(msgspec.Struct, frozen=True):
    """One span of time; `labelled` says of how many decisions the outcome is known."""

    since_us: int
    until_us: int
    events: int
    labelled: int
    frauds: int
    alert_budget_per_day: int
    sides: list[Side]


def compare(
    block: Block, labels: Mapping[int, bool], roles: Mapping[str, str], span: tuple[int, int], budget: int
) -> Compared:
    """Let each model raise `budget` alerts a day, the rules those that hit, and count what they found.

    What nobody has reported counts as no fraud: figures of the last days rise while labels come in.
    """
    fraud = np.fromiter((labels.get(seq, False) for seq in block.seq.tolist()), bool, len(block))
    day = block.time_us // DAY_US
    ones = np.ones(len(block))
    raised: dict[str, npt.NDArray[np.bool_]] = {}
    silent = np.full(len(block), np.nan, np.float32)  # of a model that is watched and has scored nothing here
    said = dict.fromkeys((n for n, role in roles.items() if role in ("shadow", "canary")), silent) | {**block.scores}
    for name, scores in said.items():
        known = ~np.isnan(scores)
        ranked = np.where(known, scores, -1.0).astype(np.float64)
        raised[name] = alerted(ranked, day, ones, budget) & known
    champion = next((name for name, role in roles.items() if role == "champion"), "")
    sides = [
        _side(name, roles.get(name, "retired"), block, alerts, fraud, said[name], raised.get(champion))
        for name, alerts in raised.items()
    ]
    sides.append(_side(RULES, RULES, block, block.rules > 0, fraud, block.rules, raised.get(champion)))
    sides.append(_side(DECISIONS, "what was done", block, block.action >= 2, fraud, block.risk, raised.get(champion)))
    order = {"champion": 0, "canary": 1, "shadow": 2, "challenger": 3, "retired": 4, RULES: 5}
    sides.sort(key=lambda side: (order.get(side.role, 6), side.name))
    return Compared(*span, len(block), len(labels), int(fraud.sum()), budget, sides)


def _side(
    name: str, role: str, block: Block, alerts: npt.NDArray[np.bool_], fraud: npt.NDArray[np.bool_],
    scores: npt.NDArray[np.float32], champion: npt.NDArray[np.bool_] | None,
) -> Side:  # fmt: skip
    known = ~np.isnan(scores)
    frauds, found, count = int((fraud & known).sum()), int((fraud & alerts).sum()), int(alerts.sum())
    precision = average_precision(fraud[known].astype(np.int8), scores[known].astype(np.float64))
    both = None if champion is None or not champion.any() else float((alerts & champion).sum() / champion.sum())
    return Side(
        name, role, int(known.sum()), count, frauds, found, found / frauds if frauds else None,
        found / count if count else None, None if np.isnan(precision) else round(precision, 4),
        int(block.amount[fraud & alerts].sum()), both, float(scores[known].mean()) if known.any() else None,
    )  # fmt: skip
