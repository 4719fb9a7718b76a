"""Weigh: many signals become one risk, and the risk becomes the action with the lowest expected cost.

Why the highest signal counts, and why costs rather than thresholds: docs/decisions/003-weighing-by-expected-cost.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from haechi.decision.decision import ACTIONS, Action
from haechi.decision.policy import Policy
from haechi.decision.rarity import alarm, all_are_rarities, harder, risk_of_rarity
from haechi.events import Event, Signal

NO_FLOOR: Mapping[str, Action] = {}


class Weighed(NamedTuple):
    """The outcome of weighing; `urgency` is the expected loss in reviews, so that currencies can be ranked together."""

    action: Action
    risk: float
    expected_loss: int
    urgency: float


def weigh(
    event: Event,
    signals: Sequence[Signal],
    policy: Policy,
    *,
    may_hold: bool = True,
    floor: Mapping[str, Action] = NO_FLOOR,
) -> Weighed:
    """Choose the action with the lowest expected cost for an event; see `weigh_stake`."""
    return weigh_stake(signals, policy, event.kind, event.currency, event.amount, may_hold=may_hold, floor=floor)


def weigh_stake(
    signals: Sequence[Signal],
    policy: Policy,
    kind: str,
    currency: str,
    amount: int | None,
    *,
    may_hold: bool = True,
    floor: Mapping[str, Action] = NO_FLOOR,
) -> Weighed:
    """Choose the action with the lowest expected cost when so much is at stake; on a tie the mildest.

    A fraud that passes costs the unrecovered share of what is at stake; an action costs its friction, and bothers the
    customer when there was no fraud. A view of behaviour that is rarer than its budget asks for its own action at
    least. The choice never gets milder when a signal, the amount or the risk rises.
    An event without an amount, or in a currency without prices, is weighed with the policy's assumed amount.
    `floor` is what the rules agreed on; it stands above costs, and above `may_hold`.
    """
    risk = combined_risk(signals, policy, kind)
    priced = currency if currency in policy.steps else policy.currency
    prices = policy.prices[priced]
    foreign = currency not in ("", priced)
    loss = policy.expected_loss(risk, prices.assumed_amount if amount is None or foreign else amount, kind)
    action, lowest = alarm(signals, policy), loss
    action = "challenge" if action == "hold" and not may_hold else action
    guessed = all_are_rarities(signals)
    for step in policy.steps[priced][1:]:
        cost = loss * step.passes + step.friction + (1 - risk) * step.bother
        if guessed and step.action == "block":
            continue  # what is only unusual is never blocked
        least = max(step.from_risk, policy.guess_from_risk) if guessed else step.from_risk
        if cost < lowest and risk >= least and (may_hold or step.action != "hold"):
            action, lowest = harder(step.action, action), cost
    return Weighed(agreed_action(action, floor), risk, round(loss), loss / (prices.friction.hold or 1))


def agreed_action(action: Action, floor: Mapping[str, Action]) -> Action:
    """The action when weighing alone chooses `action`: a fixed one stands for it, and none is below the minimum."""
    if not floor:
        return action
    action, least = floor.get("fixed", action), floor.get("minimum", "allow")
    return action if ACTIONS.index(action) >= ACTIONS.index(least) else least


def combined_risk(signals: Sequence[Signal], policy: Policy, kind: str = "") -> float:
    """The highest risk that any trusted signal sees, or the policy's risk when there is none.

    Without a probability, signals that are only rarities count together, as the risk that their common rarity can carry
    (rarity.py). A detector that gives probabilities has learned what rarity means here, and its word stands.
    """
    if not signals:
        return policy.risk_without_signals
    trust = policy.trust
    risks = [s.score * trust.get(s.detector, 1.0) for s in signals if s.one_in == 0.0]
    rare = [s for s in signals if s.one_in > 0.0]
    if rare and not risks:
        risks.append(risk_of_rarity(rare, policy, kind))
    return max(risks)
