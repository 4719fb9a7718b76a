"""What rarity alone may do: detectors that never saw a label say how unusual an event is, not that it is fraud.

Two things follow from rarity, both policy's. A view rarer than its budget asks for an action (a challenge, a hold;
never a block). And rarity is evidence: signals of whole events are combined by ranks and raise the risk as far as a
rarity can.

The combination is the geometric mean of the tail probabilities times e, which stays a valid tail probability under any
dependence (Vovk and Wang, Combining p-values via averaging, Biometrika 2020). What a tail probability p can say about
odds is at most -1 / (e p ln p) (Sellke, Bayarri and Berger, Calibration of p values, The American Statistician 2001).
Both are monotone, and neither is ever surer than the ranks it was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import e, exp, log

from haechi.decision.decision import ACTIONS, Action
from haechi.decision.policy import Policy
from haechi.events import Signal

__all__ = ["alarm", "all_are_rarities", "harder", "risk_of_rarity"]


def alarm(signals: Sequence[Signal], policy: Policy) -> Action:
    """The hardest action that any view asks for because it is rarer than its budget."""
    asked: Action = "allow"
    for signal in signals:
        view = policy.views.get(signal.detector)
        if view is not None and signal.one_in >= view.one_in:
            asked = harder(view.action, asked)
    return asked


def harder(one: Action, other: Action) -> Action:
    """The harder of two actions."""
    return max(one, other, key=ACTIONS.index)


def all_are_rarities(signals: Sequence[Signal]) -> bool:
    """Whether nobody gave a probability: then all that is known is that the event is unusual."""
    return any(s.one_in > 0.0 for s in signals) and not any(s.one_in == 0.0 and s.score > 0.0 for s in signals)


def risk_of_rarity(signals: Sequence[Signal], policy: Policy, kind: str) -> float:
    """The risk that rarities can carry, from the policy's prior odds for this kind of event."""
    whole = [s for s in signals if "." not in s.detector] or signals  # a view is a part of what the whole has counted
    p = min(e * exp(-sum(log(s.one_in) for s in whole) / len(whole)), 1.0) if len(whole) > 1 else 1.0 / whole[0].one_in
    evidence = -1.0 / (e * p * log(p)) if p < 1.0 / e else 1.0
    prior = policy.risk_without_signals
    odds = prior / max(1.0 - prior, 1e-12) * 2.0 ** policy.prior_bits.get(kind, 0.0) * evidence
    trust: float = min(policy.trust.get(s.detector, 1.0) for s in whole)
    return trust * float(odds / (1.0 + odds))
