"""Notes: what people write down about an alert, a case or a refund; templates fill in what is known already."""

from __future__ import annotations

import msgspec

from haechi.cases.errors import BadAsk, Unknown
from haechi.cases.office import Office, checked
from haechi.events.wording import money
from haechi.stores import Work

ABOUT = {"alert": "alerts", "case": "cases", "refund": "refunds"}


class Note(msgspec.Struct, frozen=True):
    """One note; it never changes."""

    number: int
    about: str
    id: str
    text: str
    person: str
    at_us: int


class Notes:
    """The notes of one house."""

    def __init__(self, office: Office) -> None:
        self._office, self._tables = office, office.tables

    def of(self, about: str, id_: str, after: int = 0, limit: int = 1_000) -> list[Note]:
        """The notes about one thing, oldest first."""
        rows = self._tables.rows(
            "SELECT number, about, id, text, person, at_us FROM notes"
            " WHERE about = :about AND id = :id AND number > :after ORDER BY number LIMIT :limit",
            {"about": about, "id": id_, "after": after, "limit": limit},
        )
        return [Note(*row) for row in rows]

    def add(self, about: str, id_: str, text: str, person: str) -> Note:
        """Write something down."""
        checked("a note", text, needed=True)
        now = self._office.now_us()

        def task(work: Work) -> Note:
            self._known(work, about, id_)
            note = Note(work.next("notes"), about, id_, text, person, now)
            work.add("notes", msgspec.structs.asdict(note))
            work.tell(about, id_, "note", {"note": note.number}, person, now)
            return note

        return self._tables.do(task)

    def draft(self, id_: str, template: str) -> str:
        """A template, filled in from an alert: the person goes on from there."""
        text = self._office.practice.notes.get(template)
        if text is None:
            raise BadAsk(f"there is no template {template[:40]!r}; there are {', '.join(self._office.practice.notes)}")
        columns = "subject, amount, currency, action, events"
        rows = self._tables.rows(f"SELECT {columns} FROM alerts WHERE id = :id", {"id": id_})  # noqa: S608
        if not rows:
            raise Unknown(f"there is no alert {id_[:80]!r}")
        subject, amount, currency, action, events = rows[0]
        said = money(amount, currency)["en"] if currency and amount is not None else "an unknown amount"
        known = {"subject": subject, "amount": said, "action": action, "events": str(events)}
        for name, value in known.items():
            text = text.replace("{" + name + "}", value)
        return text

    def _known(self, work: Work, about: str, id_: str) -> None:
        key = "id" if about == "alert" else "CAST(id AS TEXT)"
        asked = f"SELECT 1 FROM {ABOUT[about]} WHERE {key} = :id"  # noqa: S608
        if not work.rows(asked, {"id": id_}):
            raise Unknown(f"there is no {about} {id_[:80]!r}")
