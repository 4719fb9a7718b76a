"""Four eyes: above an amount, what one person asks for counts only when others have agreed.

The tables refuse what must never happen (migrations/sqlite/0004_cases.sql): approving what is one's own, a second
answer, an end that too few agreed to.
"""

from __future__ import annotations

from typing import Any

import msgspec

from haechi.cases.errors import NotAllowed
from haechi.stores import Work


class Agreed(msgspec.Struct, frozen=True):
    """What one person answered."""

    person: str
    answer: str
    comment: str
    at_us: int


class Agreement(msgspec.Struct, frozen=True):
    """What somebody asked for; it counts once `needs` others have approved."""

    number: int
    content: dict[str, Any]
    needs: int
    person: str
    at_us: int
    answers: list[Agreed]

    @property
    def is_rejected(self) -> bool:
        """Whether somebody said no."""
        return any(said.answer == "reject" for said in self.answers)

    @property
    def is_agreed(self) -> bool:
        """Whether enough others said yes, and nobody no."""
        return not self.is_rejected and len(self.answers) >= self.needs


def ask(work: Work, about: str, id_: int, content: dict[str, Any], needs: int, person: str, now: int) -> Agreement:
    """Ask others to agree; with `needs` 0 it counts at once."""
    number = work.next("agreements")
    text = msgspec.json.encode(content).decode()
    work.add("agreements", {
        "number": number, "about": about, "id": str(id_), "content": text, "needs": needs, "person": person,
        "at_us": now,
    })  # fmt: skip
    return Agreement(number, content, needs, person, now, [])


def waiting(reader: Any, about: str, id_: int | str) -> Agreement | None:
    """What was asked for last and neither agreed on nor rejected; `reader` has `rows`."""
    rows = reader.rows(
        "SELECT number, content, needs, person, at_us FROM agreements"
        " WHERE about = :about AND id = :id ORDER BY number DESC LIMIT 1",
        {"about": about, "id": str(id_)},
    )
    if not rows:
        return None
    number, content, needs, person, at_us = rows[0]
    said = reader.rows(
        "SELECT person, answer, comment, at_us FROM agreement_answers WHERE agreement = :number ORDER BY at_us, person",
        {"number": number},
    )
    found = Agreement(number, msgspec.json.decode(content), needs, person, at_us, [Agreed(*row) for row in said])
    return None if found.is_rejected or found.is_agreed else found


class Waiting(msgspec.Struct, frozen=True):
    """Something about a case or a refund that waits for others."""

    about: str
    id: str
    agreement: Agreement


def all_waiting(tables: Any, limit: int = 100) -> list[Waiting]:
    """All that waits for agreement, oldest first."""
    rows = tables.rows(
        "SELECT a.about, a.id FROM agreements a WHERE a.needs > 0"
        " AND a.number = (SELECT MAX(b.number) FROM agreements b WHERE b.about = a.about AND b.id = a.id)"
        " AND (SELECT COUNT(*) FROM agreement_answers s WHERE s.agreement = a.number AND s.answer = 'approve')"
        " < a.needs"
        " AND NOT EXISTS (SELECT 1 FROM agreement_answers s WHERE s.agreement = a.number AND s.answer = 'reject')"
        " ORDER BY a.number LIMIT :limit",
        {"limit": limit},
    )
    found = [(about, id_, waiting(tables, about, id_)) for about, id_ in rows]
    return [Waiting(about, str(id_), asked) for about, id_, asked in found if asked is not None]


def answer(work: Work, about: str, id_: int, person: str, said: str, comment: str, now: int) -> Agreement:
    """Take down what a person answers to what waits; the agreement as it stands then."""
    asked = waiting(work, about, id_)
    if asked is None:
        raise NotAllowed(f"nothing about {about} {id_} waits for an answer")
    work.add("agreement_answers", {
        "agreement": asked.number, "person": person, "answer": said, "comment": comment, "at_us": now,
    })  # fmt: skip
    return msgspec.structs.replace(asked, answers=[*asked.answers, Agreed(person, said, comment, now)])
