"""Sights: what is kept of decisions for those who watch how the house decides, without holding it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from haechi.decision.decision import Action, Decision
from haechi.decision.heard import Heard, heard_of
from haechi.events import Event
from haechi.features.plain import NO_AMOUNT, NOT_LOOKED_UP, Spoken, packed
from haechi.stores import Entry


class Sights(NamedTuple):
    """Decisions by column: their entries in the journal, what their events say, the rows that were judged, the outcome.

    Made for nearly every event by the deciding thread, so it holds what is at hand there and works out nothing.
    """

    entries: Sequence[Entry]
    said: Spoken
    rows: Any  # float32 [decisions, features]
    action: Action  # the same for all of them
    risks: Sequence[float]
    heard: Heard
    took_us: int  # each of them
    event: Event | None = None  # of a single one; else whoever wants it reads it from the entry's body


def sight_of(event: Event, known: Any, decision: Decision, entry: Entry) -> Sights:
    """What is to be seen of a decision that was just handed to the journal."""
    units = NO_AMOUNT if event.amount is None else event.amount
    said = Spoken.one(event.id.encode(), event.time_us, units, packed(event.currency), event.kind, NOT_LOOKED_UP)
    took_us = sum(decision.timings_us.values())
    return Sights(
        (entry,), said, known.row[None], decision.action, (decision.score,), heard_of(decision.signals), took_us,
        event,
    )  # fmt: skip
