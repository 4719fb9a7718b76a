"""A sight: what is kept of one decision for those who watch how the house decides, without holding it up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from haechi.decision.decision import Action, Decision
from haechi.events import Event, Signal


class Sight(NamedTuple):
    """One decision: its number in the journal, its event, the row that was judged, and what came of it."""

    seq: int
    event_id: str
    kind: str
    time_us: int
    amount: int | None
    subject: int | None  # the subject's key in the memory; None: whoever wants it takes it from the event
    row: Any  # float32 [features]
    action: Action
    risk: float
    signals: Sequence[Signal]
    took_us: int
    event: Callable[[], Event]  # made when somebody asks for it


def sight_of(event: Event, known: Any, decision: Decision, seq: int) -> Sight:
    """What is to be seen of a decision that was just handed to the journal under this number."""
    return Sight(
        seq, event.id, event.kind, event.time_us, event.amount, None, known.row, decision.action, decision.score,
        decision.signals, sum(decision.timings_us.values()), lambda: event,
    )  # fmt: skip
