"""What the rules say of one event: the verdicts worth keeping, and what they ask of the decision."""

from __future__ import annotations

from typing import Any, NamedTuple

from haechi.rules.rule import ACTIONS, Action

__all__ = ["HIT", "MISS", "OUT", "RESULTS", "UNDECIDED", "Outcome", "harder"]

# Results as bytes; a rule is out of the question when the event is of another kind or outside its time.
MISS, HIT, UNDECIDED, OUT = 0, 1, 2, 3
RESULTS = ("miss", "hit", "undecided", "out")


class Outcome(NamedTuple):
    """`lines` name each rule that hit or was undecided; every other rule of the version was asked and missed.

    A line is {"rule", "version", "result", "lane"}; a hit that is snoozed for an entity of this event adds
    "snoozed": true. A canary rule is in lane "shadow" for subjects outside its share. Only live and canary lines act.
    """

    version: str  # of the whole rule set: equal versions are equal rules
    lines: list[dict[str, Any]]
    score: float | None  # the joined weights of hits; None when no live rule for such an event gives a weight
    minimum: Action  # no milder action than this
    fixed: Action | None  # this action, whatever the models say
    typologies: list[dict[str, Any]]  # {"typology", "version", "sum", "reached": "alert" | "block", "lane"}
    approximate: tuple[str, ...] = ()  # windows that were too full to be counted to the end: "at least"

    def resolve(self, action: Action) -> Action:
        """The action when the models alone would take `action`."""
        return harder(self.fixed if self.fixed is not None else action, self.minimum)


def harder(one: Action, other: Action) -> Action:
    """The harder of two actions."""
    return one if ACTIONS.index(one) >= ACTIONS.index(other) else other
