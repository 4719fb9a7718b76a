"""Step-up: a decision to challenge waits for an answer, until its deadline; then the policy's word for that holds.

The challenge is written in the decision's own commit, and so is the answer in that of the `check` event which brings it
(stores/calls.py). What is left for this desk is to look, and to end what nobody answered.
"""

from __future__ import annotations

from typing import Any

import msgspec

from haechi.cases.errors import BadAsk, Unknown
from haechi.cases.office import Office
from haechi.stores import Alert, Work, end_challenge, open_alert

STATES = ("waiting", "passed", "failed", "refused", "timeout")
RESULTS = ("passed", "failed", "refused")
PART = 500
_COLUMNS = (
    "seq, id, event_id, subject, amount, currency, opened_us, deadline_us, attempts, attempts_max, means, state,"
    " action, method, closed_us"
)
_ALL = f"SELECT {_COLUMNS} FROM challenges"  # noqa: S608


class Challenge(msgspec.Struct, frozen=True):
    """A challenge; `action` is the final decision, empty while it waits; `means` says what each outcome leads to."""

    seq: int
    id: str
    event_id: str
    subject: str
    amount: int | None
    currency: str
    opened_us: int
    deadline_us: int
    attempts: int
    attempts_max: int
    means: dict[str, str]
    state: str
    action: str
    method: str
    closed_us: int | None


class ChallengePage(msgspec.Struct, frozen=True):
    """Challenges, oldest first; `next` is the cursor of the following page."""

    challenges: list[Challenge]
    next: str | None


class Challenges:
    """The challenges of one house."""

    def __init__(self, office: Office) -> None:
        self._office, self._tables = office, office.tables

    def challenge(self, id_: str) -> Challenge:
        """One challenge, by its id or by the id of the event that it is about."""
        rows = self._tables.rows(_ALL + " WHERE id = :id OR id = :of", {"id": id_, "of": f"c-{id_}"})
        if not rows:
            raise Unknown(f"there is no challenge {id_[:80]!r}: the decision on this event was another")
        return _challenge(rows[0])

    def page(self, state: str, after: int = 0, limit: int = 100, subject: str = "") -> ChallengePage:
        """Challenges in one state, of one subject if it is named."""
        if state not in STATES:
            raise BadAsk(f"state is {', '.join(STATES)}, not {state[:40]!r}")
        of = " AND subject = :subject" if subject else ""
        rows = self._tables.rows(
            _ALL + f" WHERE state = :state AND seq > :after{of} ORDER BY seq LIMIT :limit",
            {"state": state, "after": after, "limit": limit, "subject": subject},
        )
        return ChallengePage([_challenge(row) for row in rows], str(rows[-1][0]) if len(rows) == limit else None)

    def about(self, subject: str, limit: int = 20) -> list[Challenge]:
        """A subject's challenges, the newest first."""
        where = " WHERE subject = :subject ORDER BY seq DESC LIMIT :limit"
        return [_challenge(row) for row in self._tables.rows(_ALL + where, {"subject": subject, "limit": limit})]

    def counts(self) -> dict[str, int]:
        """How many are in each state."""
        return dict(self._tables.rows("SELECT state, COUNT(*) FROM challenges GROUP BY state"))

    def look_into(self, id_: str, person: str) -> str:
        """Let a person look before the deadline does: an alert on a challenged event; gives the alert's id.

        The challenge goes on. Whoever asks twice gets the same alert.
        """
        now = self._office.now_us()
        columns = "seq, event_id, subject, amount, currency, expected_loss, urgency, service_us, created_us"

        def task(work: Work) -> str:
            rows = work.rows(f"SELECT {columns} FROM challenges WHERE id = :id", {"id": id_})  # noqa: S608
            if not rows:
                raise Unknown(f"there is no challenge {id_[:80]!r}")
            seq, event_id, subject, amount, currency, loss, urgency, service_us, created_us = rows[0]
            alert = Alert(
                id=f"a-{event_id}", action="challenge", created_us=created_us, subject=subject, amount=amount,
                currency=currency, expected_loss=loss, urgency=urgency, opened_us=now, service_us=service_us,
            )  # fmt: skip
            if not work.rows("SELECT 1 FROM alerts WHERE seq = :seq", {"seq": seq}):
                open_alert(work, seq, event_id, alert)
                work.tell("challenge", id_, "looked_into", {"alert": alert.id}, person, now)
            return alert.id

        return self._tables.do(task)

    def sweep(self) -> int:
        """End the challenges whose deadline has passed, and say how many."""
        now = self._office.now_us()
        due = "SELECT seq FROM challenges WHERE state = 'waiting' AND deadline_us < :now LIMIT :part"
        if not self._tables.rows(due, {"now": now, "part": 1}):
            return 0

        def task(work: Work) -> int:
            rows = work.rows(due, {"now": now, "part": PART})
            for (seq,) in rows:
                end_challenge(work, seq, "timeout", now)
            return len(rows)

        return self._tables.do(task)


def _challenge(row: tuple[Any, ...]) -> Challenge:
    told = dict(zip(Challenge.__struct_fields__, row, strict=True))
    return Challenge(**{**told, "means": msgspec.json.decode(told["means"])})
