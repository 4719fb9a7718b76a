"""What would have let an event pass: the smallest change after which the same policy allows it.

Only what weighing looks at is turned, one thing at a time: the amount, the risk, a detector's word, what the rules ask
for. Each answer is found by weighing again, so it is what would have been decided, and no guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from haechi.decision.decision import Decision
from haechi.decision.policy import Policy
from haechi.decision.weigh import weigh
from haechi.events import Event, Signal

__all__ = ["Otherwise", "otherwise"]


class Otherwise(NamedTuple):
    """One change that lets the event pass; `amount` is the largest in minor units, `risk` the highest."""

    what: Literal["amount", "risk", "rules", "detector"]
    amount: int = 0
    risk: float = 0.0
    name: str = ""


def otherwise(event: Event, decision: Decision, policy: Policy) -> list[Otherwise]:
    """Every single change that would have allowed this event; empty when it was allowed, or when no one change does."""
    if decision.action == "allow":
        return []
    floor, signals, found = decision.floor, decision.signals, list[Otherwise]()
    is_floor = floor.get("fixed", floor.get("minimum", "allow")) != "allow"

    def allows(signals: Sequence[Signal], amount: int | None = event.amount, floor: Any = floor) -> bool:
        changed = msgspec.structs.replace(event, amount=amount)
        return weigh(changed, signals, policy, floor=floor).action == "allow"

    if is_floor and allows(signals, floor={}):
        found.append(Otherwise("rules", name=", ".join(_asking(decision))))
    found += [
        Otherwise("detector", name=signal.detector, risk=signal.score)
        for signal in signals
        if allows([other for other in signals if other is not signal])
    ]
    if event.amount and allows(signals, 0):
        found.append(Otherwise("amount", amount=_largest(event.amount, lambda amount: allows(signals, amount))))
    share = _largest(10**6, lambda millionth: allows(_calmer(signals, millionth / 10**6))) / 10**6
    if decision.score and share and allows(_calmer(signals, share)):
        found.append(Otherwise("risk", risk=decision.score * share))
    return found


def _asking(decision: Decision) -> list[str]:
    return [str(line["rule"]) for line in decision.rules if line.get("result") == "hit" and line.get("lane") == "live"]


def _calmer(signals: Sequence[Signal], share: float) -> list[Signal]:
    """The same signals, their probabilities lower; rarities have none."""
    return [s if s.one_in else msgspec.structs.replace(s, score=s.score * share) for s in signals]


def _largest(high: int, holds: Any) -> int:
    """The largest number below `high` for which something holds that holds up to some point; 0 when it never does."""
    low = 0
    while high - low > 1:  # an amount of 64 bits is halved 64 times at most
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
