"""Release: a small share of what would be stopped is let through by chance, so that its outcome becomes known.

Who stops every event that looks like fraud never learns which of them was none, and a model trained on what is left
grows surer of its own mistakes (Little and Rubin, Statistical Analysis with Missing Data, chapter 15, 2019: outcomes
missing not at random). The chance is a function of the event's id and the policy, so that a replay decides the same.
What rules ask for is never released, nor what may cost more than the policy bears.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from xxhash import xxh3_64_intdigest

from haechi.decision.policy import Policy
from haechi.decision.weigh import Weighed
from haechi.events import Event

Stopped = Literal["", "hold", "block"]


def released(event: Event, weighed: Weighed, floor: Mapping[str, object], policy: Policy) -> Stopped:
    """The action that chance leaves untaken though the event would be stopped; empty for all others."""
    if not policy.release_share or floor or weighed.expected_loss > policy.release_loss_max:
        return ""
    if weighed.action != "hold" and weighed.action != "block":
        return ""
    drawn = xxh3_64_intdigest(event.id.encode(), seed=int(policy.version, 16))
    return weighed.action if drawn < policy.release_share * 2.0**64 else ""
