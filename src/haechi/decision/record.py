"""Record: the journal's entry of a decision, with all that is needed to prove it and to learn from its label."""

from __future__ import annotations

from typing import Any

from xxhash import xxh3_64_intdigest

from haechi.decision.decision import Decision
from haechi.events import Event
from haechi.stores import DECIDED, Alert, Entry


def record(event: Event, known: Any, body: bytes, decision: Decision, encoded: bytes) -> Entry:
    """One line of the journal; the digest tells whether a replay sees the same feature row."""
    alert = Alert(id=f"a-{event.id}", action=decision.action, created_us=event.time_us)
    return Entry(
        type=DECIDED,
        event_id=event.id,
        time_us=event.time_us,
        body=body,
        decision=encoded,
        digest=xxh3_64_intdigest(known.row),
        unexplained=known.unexplained,
        alert=alert if decision.needs_a_person else None,
    )
