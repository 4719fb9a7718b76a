"""Cases: several alerts and people in one story, with a checklist; large ones are closed by two pairs of eyes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from haechi.cases import agreeing
from haechi.cases.alerts import Alert, Alerts
from haechi.cases.errors import BadAsk, NotAllowed, Unknown
from haechi.cases.notes import Note, Notes
from haechi.cases.office import HistoryLine, Office, checked, history, same_version
from haechi.stores import Work

STATES = ("open", "closing", "closed")
OUTCOMES = ("fraud", "legitimate", "unsure")
ALERTS_MAX = 500
PEOPLE_MAX = 500
TITLE_CHARS_MAX = 200
_ALL = "SELECT id, title, state, holder, outcome, person, opened_us, closed_us, version FROM cases"
_ALERTS = "SELECT a.id FROM case_alerts c JOIN alerts a ON a.seq = c.alert_seq WHERE c.case_id = :id ORDER BY a.seq"
_SUMS = (
    "SELECT e.currency, SUM(e.amount) FROM (SELECT a.currency AS currency, a.amount AS amount FROM case_alerts c"
    " JOIN alerts a ON a.seq = c.alert_seq WHERE c.case_id = :id) e"
    " WHERE e.amount IS NOT NULL GROUP BY e.currency ORDER BY e.currency"
)


class Case(msgspec.Struct, frozen=True):
    """One case."""

    id: int
    title: str
    state: str
    holder: str
    outcome: str
    person: str
    opened_us: int
    closed_us: int | None
    version: int


class CasePerson(msgspec.Struct, frozen=True):
    """Somebody in a case: an entity as kind:id, and the part that it plays."""

    entity: str
    role: str


class CaseStep(msgspec.Struct, frozen=True):
    """One line of the checklist."""

    number: int
    text: str
    required: bool
    done_by: str
    done_us: int | None


class Attached(msgspec.Struct, frozen=True):
    """A file of a case; it is only ever given out as a download."""

    number: int
    case_id: int
    name: str
    media_type: str
    bytes: int
    sha256: str
    person: str
    at_us: int


class CaseInFull(Case, frozen=True):
    """A case with all that belongs to it; `amounts` is what its alerts are about, by currency in minor units."""

    alerts: list[Alert]
    people: list[CasePerson]
    checklist: list[CaseStep]
    notes: list[Note]
    attachments: list[Attached]
    refunds: list[int]
    amounts: dict[str, int]
    waiting: agreeing.Agreement | None
    history: list[HistoryLine]


class CasePage(msgspec.Struct, frozen=True):
    """Cases, the newest first; `next` is the cursor of the following page."""

    cases: list[Case]
    next: str | None


class Cases:
    """The cases of one house."""

    def __init__(self, office: Office, alerts: Alerts, notes: Notes) -> None:
        self._office, self._tables, self._alerts, self._notes = office, office.tables, alerts, notes

    def case(self, id_: int) -> CaseInFull:
        """One case in full."""
        read, where = self._tables.rows, {"id": id_}
        found = self._found(self._tables, id_)
        columns = ", ".join(Attached.__struct_fields__)
        attached = f"SELECT {columns} FROM attachments WHERE case_id = :id ORDER BY number"  # noqa: S608
        return CaseInFull(
            **msgspec.structs.asdict(found),
            alerts=[self._alerts.plain(row[0]) for row in read(_ALERTS, where)],
            people=[
                CasePerson(*row)
                for row in read("SELECT entity, role FROM case_people WHERE case_id = :id ORDER BY entity", where)
            ],
            checklist=self._steps(self._tables, id_),
            notes=self._notes.of("case", str(id_)),
            attachments=[Attached(*row) for row in read(attached, where)],
            refunds=[row[0] for row in read("SELECT id FROM refunds WHERE case_id = :id ORDER BY id", where)],
            amounts=self._amounts(self._tables, id_),
            waiting=agreeing.waiting(self._tables, "case", id_),
            history=history(self._office, "case", str(id_)),
        )

    def open_count(self) -> int:
        """How many cases are not closed."""
        return int(self._tables.rows("SELECT COUNT(*) FROM cases WHERE state IN ('open', 'closing')")[0][0])

    def page(self, state: str, before: int | None = None, limit: int = 100, holder: str = "") -> CasePage:
        """Cases in one state, of one holder if she is named."""
        if state not in STATES:
            raise BadAsk(f"state is {', '.join(STATES)}, not {state[:40]!r}")
        of = " AND holder = :holder" if holder else ""
        sql = _ALL + f" WHERE state = :state AND id < :before{of} ORDER BY id DESC LIMIT :limit"
        last = 2**62 if before is None else before
        rows = self._tables.rows(sql, {"state": state, "before": last, "limit": limit, "holder": holder})
        return CasePage([Case(*row) for row in rows], str(rows[-1][0]) if len(rows) == limit else None)

    def open(self, title: str, person: str, alerts: list[str] | None = None) -> CaseInFull:
        """Open a case, with its alerts and their customers in it and the house's checklist to work through."""
        checked("a title", title, TITLE_CHARS_MAX, needed=True)
        now = self._office.now_us()

        def task(work: Work) -> int:
            id_ = work.next("cases", "id")
            work.add("cases", {
                "id": id_, "title": title, "state": "open", "holder": person, "outcome": "", "person": person,
                "opened_us": now, "version": 1,
            })  # fmt: skip
            self._list(work, id_, self._office.practice.checklist)
            work.tell("case", str(id_), "opened", {"title": title}, person, now)
            self._bring(work, id_, alerts or [], person, now)
            return id_

        return self.case(self._tables.do(task))

    def add_alerts(self, id_: int, alerts: list[str], person: str) -> CaseInFull:
        """Bring more alerts into a case; those that are in it already stay."""
        return self._change(id_, lambda work, now: self._bring(work, id_, alerts, person, now))

    def add_person(self, id_: int, entity: str, role: str, person: str) -> CaseInFull:
        """Name somebody who plays a part: payee:p-3 as the mule, customer:c-2 as another victim."""
        kind, colon, name = checked("an entity", entity, 600, needed=True).partition(":")
        if not (kind and colon and name):
            raise BadAsk("an entity reads kind:id, as in payee:p-3")
        checked("a role", role, 100)

        def change(work: Work, now: int) -> None:
            self._name(work, id_, entity, role)
            work.tell("case", str(id_), "person", {"entity": entity, "role": role}, person, now)

        return self._change(id_, change)

    def add_step(self, id_: int, text: str, person: str) -> CaseInFull:
        """Add a line to the checklist that need not be done before the case is closed."""
        checked("a step", text, 2_000, needed=True)

        def change(work: Work, now: int) -> None:
            asked = "SELECT COALESCE(MAX(number), 0) FROM case_steps WHERE case_id = :id"
            number = work.rows(asked, {"id": id_})[0][0] + 1
            work.add("case_steps", {"case_id": id_, "number": number, "text": text, "required": 0, "done_by": ""})
            work.tell("case", str(id_), "step_added", {"number": number, "text": text}, person, now)

        return self._change(id_, change)

    def tick(self, id_: int, number: int, person: str, *, done: bool = True) -> CaseInFull:
        """Tick a line of the checklist, or untick it."""

        def change(work: Work, now: int) -> None:
            changed = work.run(
                "UPDATE case_steps SET done_by = :by, done_us = :at WHERE case_id = :id AND number = :number",
                {"by": person if done else "", "at": now if done else None, "id": id_, "number": number},
            )
            if not changed:
                raise Unknown(f"the checklist of case {id_} has no line {number}")
            work.tell("case", str(id_), "ticked" if done else "unticked", {"number": number}, person, now)

        return self._change(id_, change)

    def assign(self, id_: int, to: str, person: str, version: int | None = None) -> CaseInFull:
        """Hand a case over."""
        checked("the name of a person", to, 200, needed=True)

        def change(work: Work, now: int) -> None:
            same_version(f"case {id_}", self._found(work, id_).version, version)
            work.run("UPDATE cases SET holder = :to WHERE id = :id", {"to": to, "id": id_})
            work.tell("case", str(id_), "assigned", {"to": to}, person, now)

        return self._change(id_, change)

    def close(self, id_: int, outcome: str, person: str, comment: str = "") -> CaseInFull:
        """Close a case; above the limit of any currency it is closed once others agree."""
        if outcome not in OUTCOMES:
            raise BadAsk(f"an outcome is {', '.join(OUTCOMES)}, not {outcome[:40]!r}")
        checked("a comment", comment)

        def change(work: Work, now: int) -> None:
            missing = [step.number for step in self._steps(work, id_) if step.required and not step.done_by]
            if missing:
                raise NotAllowed(f"the checklist of case {id_} is not done: line {', '.join(map(str, missing))}")
            practice = self._office.practice
            amounts = self._amounts(work, id_).items()
            needs = max((practice.others_needed(amount, currency) for currency, amount in amounts), default=0)
            asked = agreeing.ask(work, "case", id_, {"outcome": outcome}, needs, person, now)
            told = {"outcome": outcome, "comment": comment, "needs": needs}
            work.tell("case", str(id_), "closing", told, person, now)
            if asked.is_agreed:
                self._closed(work, id_, asked, person, now)
            else:
                work.run("UPDATE cases SET state = 'closing' WHERE id = :id", {"id": id_})

        return self._change(id_, change)

    def answer(self, id_: int, said: str, person: str, comment: str = "") -> CaseInFull:
        """Agree that a case is closed, or send it back."""
        checked("a comment", comment)
        now = self._office.now_us()

        def task(work: Work) -> None:
            self._found(work, id_)
            asked = agreeing.answer(work, "case", id_, person, said, comment, now)
            work.tell("case", str(id_), said, {"comment": comment}, person, now)
            if asked.is_agreed:
                self._closed(work, id_, asked, person, now)
            elif asked.is_rejected:
                again = "UPDATE cases SET state = 'open', version = version + 1 WHERE id = :id"
                work.run(again, {"id": id_})

        self._tables.do(task)
        return self.case(id_)

    def _change(self, id_: int, change: Any) -> CaseInFull:
        """Change an open case, in one commit."""
        now = self._office.now_us()

        def task(work: Work) -> None:
            found = self._found(work, id_)
            if found.state != "open":
                raise NotAllowed(f"case {id_} is {found.state}: only an open one is changed")
            change(work, now)
            if self._found(work, id_).state != "closed":
                work.run("UPDATE cases SET version = version + 1 WHERE id = :id", {"id": id_})

        self._tables.do(task)
        return self.case(id_)

    def _closed(self, work: Work, id_: int, asked: agreeing.Agreement, person: str, now: int) -> None:
        work.run(
            "UPDATE cases SET state = 'closed', outcome = :outcome, agreement = :agreement, closed_us = :now,"
            " version = version + 1 WHERE id = :id",
            {"outcome": asked.content["outcome"], "agreement": asked.number, "now": now, "id": id_},
        )
        work.tell("case", str(id_), "closed", asked.content, person, now)

    def _bring(self, work: Work, id_: int, alerts: list[str], person: str, now: int) -> None:
        for name in alerts:
            found = work.rows(
                "SELECT h.seq, h.id, h.subject, h.action, h.level FROM alerts a"
                " JOIN alerts h ON h.seq = CASE a.head WHEN 0 THEN a.seq ELSE a.head END WHERE a.id = :id",
                {"id": name},
            )
            if not found:
                raise Unknown(f"there is no alert {name[:80]!r}")
            seq, alert, subject, action, level = found[0]
            other = work.rows("SELECT case_id FROM case_alerts WHERE alert_seq = :seq", {"seq": seq})
            if other and other[0][0] != id_:
                raise NotAllowed(f"alert {alert!r} is in case {other[0][0]} already")
            if not other:
                count = work.rows("SELECT COUNT(*) FROM case_alerts WHERE case_id = :id", {"id": id_})[0][0]
                if count >= ALERTS_MAX:
                    raise NotAllowed(f"a case holds {ALERTS_MAX} alerts: open another one")
                work.add("case_alerts", {"alert_seq": seq, "case_id": id_})
                work.tell("case", str(id_), "alert", {"alert": alert}, person, now)
                self._list(work, id_, self._office.practice.lines_for(action, level))
                if subject:
                    self._name(work, id_, subject, "subject")

    def _list(self, work: Work, id_: int, texts: Sequence[str]) -> None:
        """Put lines on the checklist that must be done; one that stands there already stands there once."""
        known = self._steps(work, id_)
        number = max((step.number for step in known), default=0)
        for text in texts:
            if text not in {step.text for step in known}:
                number += 1
                work.add("case_steps", {"case_id": id_, "number": number, "text": text, "required": 1, "done_by": ""})

    def _name(self, work: Work, id_: int, entity: str, role: str) -> None:
        named = {"id": id_, "entity": entity}
        if work.rows("SELECT 1 FROM case_people WHERE case_id = :id AND entity = :entity", named):
            changed = "UPDATE case_people SET role = :role WHERE case_id = :id AND entity = :entity"
            work.run(changed, {**named, "role": role})
            return
        if work.rows("SELECT COUNT(*) FROM case_people WHERE case_id = :id", {"id": id_})[0][0] >= PEOPLE_MAX:
            raise NotAllowed(f"a case names {PEOPLE_MAX} people: open another one")
        work.add("case_people", {"case_id": id_, "entity": entity, "role": role})

    def _steps(self, reader: Any, id_: int) -> list[CaseStep]:
        asked = "SELECT number, text, required, done_by, done_us FROM case_steps WHERE case_id = :id ORDER BY number"
        return [
            CaseStep(n, text, bool(required), *done) for n, text, required, *done in reader.rows(asked, {"id": id_})
        ]

    def _amounts(self, reader: Any, id_: int) -> dict[str, int]:
        return {currency: int(amount) for currency, amount in reader.rows(_SUMS, {"id": id_})}

    def _found(self, reader: Any, id_: int) -> Case:
        rows = reader.rows(_ALL + " WHERE id = :id", {"id": id_})
        if not rows:
            raise Unknown(f"there is no case {id_}: GET /v1/cases lists them")
        return Case(*rows[0])
