"""What a decision asks of people, written in its own commit: an alert, a challenge, the answer to one.

An alert folds into the open alert of its subject: one person, one place in the queue. The queue's order is a number
that never has to be counted again: an alert counts for its urgency (expected loss), doubled for each DOUBLES_US that it
is older than its service level allows. Comparing `urgency * 2 ** ((now - due) / DOUBLES_US)` of two alerts is the same
at any `now` as comparing `log2(urgency) * DOUBLES_US - due`, and that number can stand in an index.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Any, Protocol

import msgspec

from haechi.stores.entry import Alert, Answer, Challenge, Entry

DOUBLES_US = 4 * 3_600_000_000
THOUSANDTHS = 1_000
URGENCY_MAX = 10**15
OPEN = ("new", "taken", "snoozed")
Row = tuple[Any, ...]


class Work(Protocol):
    """One open transaction, whatever its engine."""

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows of a shared statement."""

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> int:
        """Change rows, and say how many."""

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        """Add one row."""

    def next(self, table: str, column: str = "number") -> int:
        """The number behind the newest one."""

    def tell(self, about: str, id_: str, what: str, content: Mapping[str, Any], person: str, at_us: int) -> int:
        """Put a line into the desk's history."""


def rank_of(urgency: int, due_us: int) -> int:
    """The place in the queue, the highest first; `urgency` is in thousandths of a review."""
    return round(log2(1 + urgency / THOUSANDTHS) * DOUBLES_US) - due_us


def write_calls(work: Work, entry: Entry) -> None:
    """Write what this entry asks of people."""
    if entry.alert is not None:
        open_alert(work, entry.seq, entry.event_id, entry.alert)
    if entry.challenge is not None:
        open_challenge(work, entry.seq, entry.event_id, entry.challenge)
    if entry.answer is not None:
        take_answer(work, entry.event_id, entry.answer)


def open_alert(work: Work, seq: int, event_id: str, alert: Alert) -> None:
    """Put an alert into the queue, or fold it into the open one of its subject."""
    head = _open_of(work, alert.subject) if alert.subject else None
    due_us = alert.opened_us + alert.service_us
    work.add("alerts", {
        "seq": seq, "id": alert.id, "event_id": event_id, "action": alert.action, "created_us": alert.created_us,
        "state": "new" if head is None else "folded", "head": 0 if head is None else head[0],
        "subject": alert.subject, "amount": alert.amount, "currency": alert.currency,
        "expected_loss": alert.expected_loss, "urgency": alert.urgency, "rank": rank_of(alert.urgency, due_us),
        "opened_us": alert.opened_us, "due_us": due_us,
    })  # fmt: skip
    told = {"event_id": event_id, "action": alert.action, "subject": alert.subject}
    if head is None:
        work.tell("alert", alert.id, "opened", told, "", alert.opened_us)
        return
    _fold(work, head, alert, due_us)
    work.tell("alert", head[1], "folded", {**told, "alert": alert.id}, "", alert.opened_us)


def _open_of(work: Work, subject: str) -> Row | None:
    found = work.rows(
        "SELECT seq, id, urgency, due_us FROM alerts WHERE subject = :subject"
        " AND state IN ('new', 'taken', 'snoozed') ORDER BY seq LIMIT 1",
        {"subject": subject},
    )
    return found[0] if found else None


def _fold(work: Work, head: Row, alert: Alert, due_us: int) -> None:
    """The open alert takes up what came: more at stake, due as early as the earlier of both; a snooze ends."""
    urgency, due_us = min(head[2] + alert.urgency, URGENCY_MAX), min(head[3], due_us)
    work.run(
        "UPDATE alerts SET urgency = :urgency, due_us = :due, rank = :rank, events = events + 1, version = version + 1,"
        " amount = CASE WHEN currency = :currency THEN COALESCE(amount, 0) + :amount ELSE amount END,"
        " expected_loss = CASE WHEN currency = :currency THEN expected_loss + :loss ELSE expected_loss END,"
        " state = CASE WHEN state = 'snoozed' THEN 'new' ELSE state END WHERE seq = :seq",
        {
            "urgency": urgency, "due": due_us, "rank": rank_of(urgency, due_us), "currency": alert.currency,
            "amount": alert.amount or 0, "loss": alert.expected_loss, "seq": head[0],
        },
    )  # fmt: skip


def open_challenge(work: Work, seq: int, event_id: str, challenge: Challenge) -> None:
    """Ask the customer for another check, until the deadline."""
    alert = challenge.alert
    work.add("challenges", {
        "seq": seq, "id": challenge.id, "event_id": event_id, "subject": alert.subject, "amount": alert.amount,
        "currency": alert.currency, "expected_loss": alert.expected_loss, "urgency": alert.urgency,
        "service_us": alert.service_us, "created_us": alert.created_us, "opened_us": alert.opened_us,
        "deadline_us": challenge.deadline_us, "attempts": 0, "attempts_max": challenge.attempts_max,
        "means": msgspec.json.encode(challenge.means).decode(), "state": "waiting", "action": "", "method": "",
    })  # fmt: skip
    told = {"event_id": event_id, "subject": alert.subject, "deadline_us": challenge.deadline_us}
    work.tell("challenge", challenge.id, "opened", told, "", alert.opened_us)


def take_answer(work: Work, event_id: str, answer: Answer) -> None:
    """Take the answer to a challenge that still waits; one that is late or unknown changes nothing, and is told."""
    asked = (
        "SELECT seq, attempts, attempts_max, deadline_us FROM challenges WHERE id = :id AND state = 'waiting'"
        " AND (subject = :subject OR :subject = '')"
    )
    found = work.rows(asked, {"id": answer.challenge, "subject": answer.subject})
    told = {"event_id": event_id, "result": answer.result, "method": answer.method}
    if not found or found[0][3] < answer.at_us:
        if work.rows("SELECT 1 FROM challenges WHERE id = :id", {"id": answer.challenge}):
            work.tell("challenge", answer.challenge, "ignored", told, "", answer.at_us)
        return
    seq, attempts, attempts_max, _ = found[0]
    work.run(
        "UPDATE challenges SET attempts = attempts + 1, method = :method WHERE seq = :seq",
        {"seq": seq, "method": answer.method},
    )
    work.tell("challenge", answer.challenge, "answered", told, "", answer.at_us)
    if answer.result != "failed" or attempts + 1 >= attempts_max:
        end_challenge(work, seq, answer.result, answer.at_us)


def end_challenge(work: Work, seq: int, state: str, at_us: int) -> None:
    """The final decision of a challenge; a hold or a block calls a person."""
    columns = (
        "id, event_id, subject, amount, currency, expected_loss, urgency, service_us, created_us, means, opened_us"
    )
    row = work.rows(f"SELECT {columns} FROM challenges WHERE seq = :seq", {"seq": seq})[0]  # noqa: S608
    id_, event_id, subject, amount, currency, loss, urgency, service_us, created_us, means, _ = row
    action = msgspec.json.decode(means)[state]
    work.run(
        "UPDATE challenges SET state = :state, action = :action, closed_us = :at WHERE seq = :seq",
        {"state": state, "action": action, "at": at_us, "seq": seq},
    )
    work.tell("challenge", id_, "ended", {"event_id": event_id, "state": state, "action": action}, "", at_us)
    known = work.rows("SELECT 1 FROM alerts WHERE seq = :seq", {"seq": seq})
    if action in ("hold", "block") and not known:
        alert = Alert(
            id=f"a-{event_id}", action=action, created_us=created_us, subject=subject, amount=amount,
            currency=currency, expected_loss=loss, urgency=urgency, opened_us=at_us, service_us=service_us,
        )  # fmt: skip
        open_alert(work, seq, event_id, alert)
