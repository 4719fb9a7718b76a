"""Record: the journal's entry of a decision, with all that is needed to prove it and to learn from its label.

What people have to do about it rides in the same entry, and so in the same commit: an alert, a challenge to the
customer, the answer to one.
"""

from __future__ import annotations

from typing import Any

from xxhash import xxh3_64_intdigest

from haechi.decision.decision import Decision
from haechi.decision.house import House
from haechi.events import Event
from haechi.stores import DECIDED, Alert, Answer, Challenge, Entry

RESULTS = ("passed", "failed", "refused")
URGENCY_MAX = 10**12  # thousandths of a review
THOUSANDTHS = 1_000


def record(event: Event, known: Any, body: bytes, decision: Decision, encoded: bytes, house: House) -> Entry:
    """One line of the journal; the digest tells whether a replay sees the same feature row."""
    called = decision.needs_a_person or decision.action == "challenge"
    now_us = event.time_us if house.now_us is None else house.now_us()
    alert = alert_of(event, decision, house, now_us) if called else None
    return Entry(
        type=DECIDED,
        event_id=event.id,
        time_us=event.time_us,
        body=body,
        decision=encoded,
        digest=xxh3_64_intdigest(known.row),
        unexplained=known.unexplained,
        alert=alert if decision.needs_a_person else None,
        challenge=challenge_of(event, alert, house, now_us) if decision.action == "challenge" and alert else None,
        answer=answer_in(event, now_us) if event.kind == "check" else None,
    )


def alert_of(event: Event, decision: Decision, house: House, now_us: int) -> Alert:
    """What a person has to know to choose what to look at first."""
    policy = house.policy
    currency = event.currency if event.currency in policy.prices else policy.currency
    review = policy.prices[currency].friction.hold or 1
    levels = policy.service_minutes
    minutes = levels.block if decision.action == "block" else levels.hold
    return Alert(
        id=f"a-{event.id}",
        action=decision.action,
        created_us=event.time_us,
        subject=subject_of(event),
        amount=event.amount,
        currency=event.currency,
        expected_loss=decision.expected_loss,
        urgency=min(decision.expected_loss * THOUSANDTHS // review, URGENCY_MAX),
        opened_us=now_us,
        service_us=minutes * 60_000_000,
    )


def challenge_of(event: Event, alert: Alert, house: House, now_us: int) -> Challenge:
    """The check that the customer is asked for, on the terms of today's policy."""
    terms = house.policy.challenge
    deadline_us = now_us + terms.deadline_s * 1_000_000
    return Challenge(f"c-{event.id}", deadline_us, terms.attempts, terms.means, alert)


def answer_in(event: Event, now_us: int) -> Answer | None:
    """The answer to a challenge that a `check` event brings: its fields `challenge` (an id) and `result`."""
    about, result = event.fields.get("challenge"), event.categories.get("result", event.fields.get("result"))
    if not isinstance(about, str) or result not in RESULTS:
        return None
    method = event.categories.get("method", event.fields.get("method"))
    return Answer(about, result, method if isinstance(method, str) else "", subject_of(event), now_us)


def subject_of(event: Event) -> str:
    """The one whose behaviour is judged: the first entity, as kind:id; nothing when there is none."""
    first = next(iter(event.entities.items()), None)
    return "" if first is None else f"{first[0]}:{first[1]}"
