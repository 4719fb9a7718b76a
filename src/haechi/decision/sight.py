"""A sight: what is kept of one decision for those who watch how the house decides, without holding it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from haechi.decision.decision import Action, Decision
from haechi.events import Event, Signal
from haechi.stores import Entry


class Sight(NamedTuple):
    """One decision: its entry in the journal, what its event says, the row that was judged, and what came of it.

    Made for nearly every event by the deciding thread, so it holds what is at hand there and works out nothing.
    """

    entry: Entry
    kind: str
    amount: int | None
    subject: int | None  # the subject's key in the memory; None: whoever wants it takes it from the event
    row: Any  # float32 [features]
    action: Action
    risk: float
    signals: Sequence[Signal]
    took_us: int
    event: Event | None = None  # None: whoever wants it reads it from the entry's body


def sight_of(event: Event, known: Any, decision: Decision, entry: Entry) -> Sight:
    """What is to be seen of a decision that was just handed to the journal."""
    took_us = sum(decision.timings_us.values())
    return Sight(
        entry, event.kind, event.amount, None, known.row, decision.action, decision.score, decision.signals, took_us,
        event,
    )  # fmt: skip
