"""Recall: an event that was decided before gets the answer it got then."""

from __future__ import annotations

from typing import NamedTuple

from haechi.decision.decision import Action, Decision, decode
from haechi.decision.errors import Conflict
from haechi.decision.house import House
from haechi.stores import Broken, Ticket, body_hash


class Answer(NamedTuple):
    """What is done, the decision as JSON, and the journal's ticket to wait for; None when it is on disk already.

    The swift way writes its answers without a Decision in between (swift.py).
    """

    action: Action
    body: bytes
    written: Ticket | None
    decision: Decision | None = None


def recall(event_id: str, body: bytes, house: House) -> Answer | None:
    """The stored answer of an event; None when its id is new; Conflict when it came with another body.

    A new event is refused while the journal is broken, before the memory learns what could not be written down.
    """
    entry = house.journal.find(event_id)
    if entry is None:
        if house.journal.broken is not None:
            raise Broken(house.journal.broken)
        return None
    if entry.body_hash != body_hash(body):
        raise Conflict(f"event {event_id!r} is already known with another body; send changed events under a new id")
    if entry.decision is None:
        raise Conflict(f"event {event_id!r} was learned without a decision; send it under a new id to have it decided")
    decision = decode(entry.decision)
    return Answer(decision.action, entry.decision, house.journal.ticket(event_id), decision)
