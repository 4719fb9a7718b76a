"""Verdicts: what a person says of an alert. For some seconds it may be taken back; then it becomes labels, for good.

A verdict is on disk before its author gets an answer. Labels follow from it by a walk that can be repeated: a crash in
between costs nothing, for the journal takes the same label twice as one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from haechi.cases.alerts import REASON_CHARS_MAX, SAID, Alert, Alerts, Said, said_of
from haechi.cases.errors import BadAsk, NotAllowed, Unknown
from haechi.cases.office import Office, checked
from haechi.stores import Work

VERDICTS = ("fraud", "legitimate", "unsure")
TYPOLOGY_CHARS_MAX = 64
PART = 200


class Lesson(NamedTuple):
    """A label that follows from a verdict."""

    verdict: int
    event_id: str
    fraud: bool
    known_at_us: int
    source: str
    typology: str = ""


class Verdicts:
    """What people say of alerts."""

    def __init__(self, office: Office, alerts: Alerts) -> None:
        self._office, self._tables, self._alerts = office, office.tables, alerts

    def say(
        self, id_: str, person: str, verdict: str, *, typology: str = "", comment: str = "",
        event_ids: list[str] | None = None, version: int | None = None,
    ) -> Said:  # fmt: skip
        """Say what an alert was; all its events are meant unless some are named. The same again is the same verdict."""
        if verdict not in VERDICTS:
            raise BadAsk(f"a verdict is {', '.join(VERDICTS)}, not {verdict[:40]!r}")
        if typology and verdict != "fraud":
            raise BadAsk("only a fraud has a typology: leave it out")
        checked("a typology", typology, TYPOLOGY_CHARS_MAX)
        checked("a comment", comment, REASON_CHARS_MAX)
        now = self._office.now_us()

        def task(work: Work) -> int:
            before = _waiting(work, id_)
            if before is not None and (before.person, before.verdict, before.typology) == (person, verdict, typology):
                return before.number
            found = self._alerts.held(work, id_, person, version)
            known = [
                row[0]
                for row in work.rows(
                    "SELECT event_id FROM alerts WHERE seq = :seq OR head = :seq ORDER BY seq", {"seq": found.seq}
                )
            ]
            meant = known if event_ids is None else event_ids
            if not meant or (strange := sorted(set(meant) - set(known))):
                named = f", not {strange[0][:80]!r}" if meant else ""
                raise BadAsk(f"a verdict is about events of alert {found.id!r}{named}")
            return self._keep(work, found, person, verdict, typology, comment, meant, now)

        return self._said(self._tables.do(task))

    def undo(self, id_: str, person: str) -> Alert:
        """Take back what one said a moment ago; the alert is hers again."""
        now = self._office.now_us()

        def task(work: Work) -> None:
            said = _waiting(work, id_)
            if said is None or said.final_us <= now:
                raise NotAllowed(f"a verdict may be taken back for {self._office.practice.undo_s} s: that time is over")
            if said.person != person:
                raise NotAllowed(f"{said.person} said this: nobody else takes it back")
            work.run("UPDATE verdicts SET state = 'undone' WHERE number = :number", {"number": said.number})
            found = self._alerts.plain_in(work, id_)
            until = now + self._office.practice.lock_minutes * 60_000_000
            change = "state = 'taken', holder = :person, until_us = :until"
            values = {"person": person, "until": until}
            self._alerts.put(work, found, change, values, "undone", {"verdict": said.verdict}, person, now)

        self._tables.do(task)
        return self._alerts.plain(id_)

    def sweep(self) -> int:
        """Make verdicts final whose time to be taken back is over, and close their alerts; says how many."""
        now = self._office.now_us()
        due = "SELECT number, alert_seq, verdict, typology, person FROM verdicts WHERE state = 'waiting'"
        due += " AND final_us <= :now LIMIT :part"
        if not self._tables.rows(due, {"now": now, "part": 1}):
            return 0

        def task(work: Work) -> int:
            rows = work.rows(due, {"now": now, "part": PART})
            for number, seq, verdict, typology, person in rows:
                work.run("UPDATE verdicts SET state = 'final' WHERE number = :number", {"number": number})
                change = "UPDATE alerts SET state = 'closed', until_us = 0, closed_us = :now, version = version + 1"
                work.run(change + " WHERE seq = :seq", {"now": now, "seq": seq})
                (id_,) = work.rows("SELECT id FROM alerts WHERE seq = :seq", {"seq": seq})[0]
                work.tell("alert", id_, "closed", {"verdict": verdict, "typology": typology}, person, now)
            return len(rows)

        return self._tables.do(task)

    def lessons(self) -> list[Lesson]:
        """The labels that follow from final verdicts and were not told yet, oldest first."""
        rows = self._tables.rows(
            "SELECT number, verdict, event_ids, person, at_us, typology FROM verdicts WHERE state = 'final'"
            " ORDER BY number LIMIT :part",
            {"part": PART},
        )
        return [
            Lesson(number, event_id, verdict == "fraud", at_us, f"verdict:{person}"[:200], typology)
            for number, verdict, event_ids, person, at_us, typology in rows
            if verdict != "unsure"
            for event_id in msgspec.json.decode(event_ids)
        ]

    def told(self, numbers: list[int]) -> None:
        """These verdicts are labels now."""

        def task(work: Work) -> None:
            for number in numbers:
                work.run("UPDATE verdicts SET state = 'told' WHERE number = :n AND state = 'final'", {"n": number})
            work.run("UPDATE verdicts SET state = 'told' WHERE verdict = 'unsure' AND state = 'final'")

        self._tables.do(task)

    def untold(self) -> int:
        """How many final verdicts are no labels yet, those without one included."""
        return int(self._tables.rows("SELECT COUNT(*) FROM verdicts WHERE state = 'final'")[0][0])

    def _keep(
        self, work: Work, found: Alert, person: str, verdict: str, typology: str, comment: str, meant: list[str],
        now: int,
    ) -> int:  # fmt: skip
        number = work.next("verdicts")
        final_us = now + self._office.practice.undo_s * 1_000_000
        work.add("verdicts", {
            "number": number, "alert_seq": found.seq, "verdict": verdict, "typology": typology, "comment": comment,
            "event_ids": msgspec.json.encode(meant).decode(), "person": person, "at_us": now, "final_us": final_us,
            "state": "waiting",
        })  # fmt: skip
        told: dict[str, Any] = {"verdict": verdict, "typology": typology, "comment": comment, "events": len(meant)}
        change = "state = 'decided', holder = :person, until_us = :final"
        values = {"person": person, "final": final_us}
        self._alerts.put(work, found, change, values, "verdict", told, person, now)
        return number

    def _said(self, number: int) -> Said:
        return said_of(self._tables.rows(SAID + " WHERE number = :number", {"number": number})[0])


def _waiting(work: Work, id_: str) -> Said | None:
    rows = work.rows("SELECT CASE head WHEN 0 THEN seq ELSE head END FROM alerts WHERE id = :id", {"id": id_})
    if not rows:
        raise Unknown(f"there is no alert {id_[:80]!r}")
    found = work.rows(SAID + " WHERE alert_seq = :seq AND state = 'waiting'", {"seq": rows[0][0]})
    return said_of(found[0]) if found else None
