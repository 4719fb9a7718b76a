"""Warnings: a text before a risky transfer, and whether the customer went on.

The share that cancels is what a warning is worth: it is counted, by what the customer did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from haechi.cases.caution import caution
from haechi.cases.errors import NotAllowed, Unknown
from haechi.cases.office import Office
from haechi.events import Event, Reason
from haechi.stores import Work

OUTCOMES = ("went_on", "cancelled")
RISKY = ("challenge", "hold", "block")


class Judged(NamedTuple):
    """An event, what was done about it, and why; without a decision the action is empty."""

    event: Event
    action: str
    reasons: list[Reason]


class Warned(msgspec.Struct, frozen=True):
    """What to show; `warn` is false, and the text empty, when nothing speaks against the event."""

    id: str
    event_id: str
    warn: bool
    text: dict[str, str]
    outcome: str


class WarningFigures(msgspec.Struct, frozen=True):
    """What customers did after a warning; `cancel_rate` is of those who answered, null when nobody has."""

    shown: int
    went_on: int
    cancelled: int
    cancel_rate: float | None


class Warnings:
    """The warnings of one house; `judged` finds an event with its decision."""

    def __init__(self, office: Office, judged: Callable[[str], Judged | None]) -> None:
        self._office, self._tables, self._judged = office, office.tables, judged

    def show(self, event_id: str) -> Warned:
        """The text to show before a decided event goes through; asked twice, it is the same warning."""
        found = self._judged(event_id)
        if found is None:
            raise Unknown(f"event {event_id[:80]!r} is not known here: POST it to /v1/decide first")
        id_ = f"w-{event_id}"
        if found.action not in RISKY:
            return Warned(id_, event_id, False, {"en": "", "ko": ""}, "")
        text = caution(found.event, found.reasons)
        now = self._office.now_us()
        subject = next((f"{kind}:{name}" for kind, name in found.event.entities.items()), "")

        def task(work: Work) -> None:
            if work.rows("SELECT 1 FROM warnings WHERE id = :id", {"id": id_}):
                return
            work.add("warnings", {
                "id": id_, "event_id": event_id, "subject": subject, "text_en": text["en"], "text_ko": text["ko"],
                "shown_us": now, "outcome": "",
            })  # fmt: skip
            work.tell("warning", id_, "shown", {"event_id": event_id, "action": found.action}, "", now)

        self._tables.do(task)
        return self.warning(id_)

    def answer(self, id_: str, went_on: bool) -> Warned:
        """Record whether the customer went on; the first answer counts."""
        outcome, now = OUTCOMES[not went_on], self._office.now_us()

        def task(work: Work) -> None:
            rows = work.rows("SELECT outcome, event_id FROM warnings WHERE id = :id", {"id": id_})
            if not rows:
                raise Unknown(f"there is no warning {id_[:80]!r}")
            if rows[0][0] == outcome:
                return
            if rows[0][0]:
                raise NotAllowed(f"warning {id_!r} was answered: the customer {rows[0][0].replace('_', ' ')}")
            work.run(
                "UPDATE warnings SET outcome = :outcome, answered_us = :now WHERE id = :id",
                {"outcome": outcome, "now": now, "id": id_},
            )
            work.tell("warning", id_, outcome, {"event_id": rows[0][1]}, "", now)

        self._tables.do(task)
        return self.warning(id_)

    def warning(self, id_: str) -> Warned:
        """One warning."""
        asked = "SELECT id, event_id, text_en, text_ko, outcome FROM warnings WHERE id = :id"
        rows = self._tables.rows(asked, {"id": id_})
        if not rows:
            raise Unknown(f"there is no warning {id_[:80]!r}")
        name, event_id, english, korean, outcome = rows[0]
        return Warned(name, event_id, True, {"en": english, "ko": korean}, outcome)

    def figures(self) -> WarningFigures:
        """What customers did."""
        counts = dict(self._tables.rows("SELECT outcome, COUNT(*) FROM warnings GROUP BY outcome"))
        went_on, cancelled = (int(counts.get(name, 0)) for name in OUTCOMES)
        answered = went_on + cancelled
        rate = cancelled / answered if answered else None
        return WarningFigures(sum(counts.values()), went_on, cancelled, rate)
