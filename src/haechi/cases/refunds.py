"""Refunds: the victim is made whole, and every step has a legal clock.

    reported -> frozen -> evidence -> decided -> paid
                                   -> refused

Money is whole minor units in a book to which rows are only added: what came back from the receiving account, and what
was paid to the victim. A booking's reference counts once. The tables refuse a step back, a payment beyond what was
agreed on, and a decision above the limit of four eyes that nobody else agreed to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from haechi.cases import agreeing
from haechi.cases.errors import BadAsk, NotAllowed, Unknown
from haechi.cases.office import DAY_US, HistoryLine, Office, checked, history, same_version
from haechi.cases.practice import Step
from haechi.cases.warnings import Judged
from haechi.stores import Work

STATES = ("reported", "frozen", "evidence", "decided", "paid", "refused")
STEPS = {"frozen": "reported", "evidence": "frozen"}  # a step, and the state it starts from
ENDED = ("paid", "refused")
REFERENCE_CHARS_MAX = 200
KINDS = ("recovered", "paid")

_COLUMNS = (
    "r.id, r.event_id, r.subject, r.case_id, r.currency, r.claimed, r.agreed, r.state, r.person, r.reported_us,"
    " r.frozen_us, r.evidence_us, r.decided_us, r.paid_us, r.frozen_due_us, r.evidence_due_us, r.decided_due_us,"
    " r.paid_due_us, r.version,"
    " (SELECT COALESCE(SUM(m.amount), 0) FROM refund_money m WHERE m.refund_id = r.id AND m.kind = 'recovered'),"
    " (SELECT COALESCE(SUM(m.amount), 0) FROM refund_money m WHERE m.refund_id = r.id AND m.kind = 'paid')"
)
_ALL = f"SELECT {_COLUMNS} FROM refunds r"  # noqa: S608
_MONEY = "SELECT number, kind, amount, reference, person, at_us FROM refund_money"


class Refund(msgspec.Struct, frozen=True):
    """One refund; money in minor units of `currency`, times in microseconds since 1970."""

    id: int
    event_id: str
    subject: str
    case_id: int | None
    currency: str
    claimed: int
    agreed: int | None
    state: str
    person: str
    reported_us: int
    frozen_us: int | None
    evidence_us: int | None
    decided_us: int | None
    paid_us: int | None
    frozen_due_us: int
    evidence_due_us: int
    decided_due_us: int
    paid_due_us: int
    version: int
    recovered: int
    paid: int


class Booked(msgspec.Struct, frozen=True):
    """Money that moved, as it was booked."""

    number: int
    kind: str
    amount: int
    reference: str
    person: str
    at_us: int


class RefundInFull(Refund, frozen=True):
    """A refund with its book, what waits for agreement, and its history; `loss` is what nobody gave back to us."""

    money: list[Booked]
    waiting: agreeing.Agreement | None
    history: list[HistoryLine]
    loss: int


class RefundPage(msgspec.Struct, frozen=True):
    """Refunds, oldest first; `next` is the cursor of the following page."""

    refunds: list[Refund]
    next: str | None


class RefundMeasure(msgspec.Struct, frozen=True):
    """How fast victims are made whole: paid refunds, seconds from report to payment in all, and open ones too late."""

    paid: int
    seconds: float
    open: int
    late: int


class Refunds:
    """The refunds of one house; `judged` finds the event that a victim reports."""

    def __init__(self, office: Office, judged: Callable[[str], Judged | None]) -> None:
        self._office, self._tables, self._judged = office, office.tables, judged

    def refund(self, id_: int) -> RefundInFull:
        """One refund in full."""
        found = self._found(self._tables, id_)
        money = self._tables.rows(_MONEY + " WHERE refund_id = :id ORDER BY number", {"id": id_})
        return RefundInFull(
            **msgspec.structs.asdict(found),
            money=[Booked(*row) for row in money],
            waiting=agreeing.waiting(self._tables, "refund", id_),
            history=history(self._office, "refund", str(id_)),
            loss=found.paid - found.recovered,
        )

    def page(self, state: str, after: int = 0, limit: int = 100, subject: str = "") -> RefundPage:
        """Refunds in one state, of one subject if it is named; `open` is every one that has not ended."""
        if state != "open" and state not in STATES:
            raise BadAsk(f"state is open, {', '.join(STATES)}, not {state[:40]!r}")
        where = "r.state NOT IN ('paid', 'refused')" if state == "open" else "r.state = :state"
        where += " AND r.subject = :subject" if subject else ""
        values = {"after": after, "limit": limit, "state": state, "subject": subject}
        rows = self._tables.rows(_ALL + f" WHERE {where} AND r.id > :after ORDER BY r.id LIMIT :limit", values)
        return RefundPage([Refund(*row) for row in rows], str(rows[-1][0]) if len(rows) == limit else None)

    def about(self, subject: str, limit: int = 100) -> list[Refund]:
        """A subject's refunds, the newest first."""
        where = " WHERE r.subject = :subject ORDER BY r.id DESC LIMIT :limit"
        return [Refund(*row) for row in self._tables.rows(_ALL + where, {"subject": subject, "limit": limit})]

    def report(
        self, event_id: str, person: str, *, claimed: int | None = None, case_id: int | None = None, comment: str = ""
    ) -> RefundInFull:
        """A victim reports an event; the clocks start. The same report again is the same refund."""
        checked("a comment", comment)
        found = self._judged(event_id)
        if found is None:
            raise Unknown(f"event {event_id[:80]!r} is not known here: send it first, then report it")
        event = found.event
        if event.amount is None or not event.currency or not event.entities:
            raise BadAsk(f"event {event_id!r} moved no money of anybody: there is nothing to refund")
        wanted = event.amount if claimed is None else claimed
        if not 0 < wanted <= event.amount:
            raise BadAsk(f"claimed is 1 to {event.amount} minor units of {event.currency}, the amount of the event")
        subject = "{}:{}".format(*next(iter(event.entities.items())))
        now = self._office.now_us()

        def task(work: Work) -> int:
            known = work.rows("SELECT id, claimed FROM refunds WHERE event_id = :id", {"id": event_id})
            if known and known[0][1] == wanted:
                return int(known[0][0])
            if known:
                raise NotAllowed(f"refund {known[0][0]} is about event {event_id!r} already, with another amount")
            if case_id is not None and not work.rows("SELECT 1 FROM cases WHERE id = :id", {"id": case_id}):
                raise Unknown(f"there is no case {case_id}")
            return self._open(work, event_id, subject, event.currency, wanted, case_id, person, comment, now)

        return self.refund(self._tables.do(task))

    def step(self, id_: int, step: str, person: str, *, comment: str = "", version: int | None = None) -> RefundInFull:
        """The receiving account is frozen, or the evidence is complete."""
        if step not in STEPS:
            raise BadAsk(f"a step is {' or '.join(STEPS)}, not {step[:40]!r}")
        checked("a comment", comment)
        now = self._office.now_us()

        def task(work: Work) -> None:
            found = self._found(work, id_)
            same_version(f"refund {id_}", found.version, version)
            if found.state != STEPS[step]:
                raise NotAllowed(f"refund {id_} is {found.state}; {step} follows {STEPS[step]}")
            self._move(work, id_, step, f"{step}_us = :now", {"now": now})
            work.tell("refund", str(id_), step, {"comment": comment}, person, now)

        self._tables.do(task)
        return self.refund(id_)

    def decide(self, id_: int, amount: int, person: str, *, comment: str = "") -> RefundInFull:
        """Say how much is refunded, 0 for nothing; above the limit it counts once others agree."""
        checked("a comment", comment, needed=True)
        now = self._office.now_us()

        def task(work: Work) -> None:
            found = self._found(work, id_)
            if found.state != "evidence":
                raise NotAllowed(f"refund {id_} is {found.state}; it is decided when the evidence is complete")
            if not 0 <= amount <= found.claimed:
                raise BadAsk(f"a refund is 0 to {found.claimed} minor units of {found.currency}, what was claimed")
            if agreeing.waiting(work, "refund", id_) is not None:
                raise NotAllowed(f"a decision on refund {id_} waits for others: have it rejected to make another one")
            # Both roads are guarded: paying much, and refusing somebody who claims much.
            needs = self._office.practice.others_needed(found.claimed, found.currency)
            asked = agreeing.ask(work, "refund", id_, {"agreed": amount}, needs, person, now)
            told = {"agreed": amount, "comment": comment, "needs": needs}
            work.tell("refund", str(id_), "asked", told, person, now)
            if asked.is_agreed:
                self._decided(work, id_, asked, person, now)

        self._tables.do(task)
        return self.refund(id_)

    def answer(self, id_: int, said: str, person: str, comment: str = "") -> RefundInFull:
        """Agree to a decision of somebody else, or reject it."""
        checked("a comment", comment)
        now = self._office.now_us()

        def task(work: Work) -> None:
            self._found(work, id_)
            asked = agreeing.answer(work, "refund", id_, person, said, comment, now)
            work.tell("refund", str(id_), said, {"comment": comment}, person, now)
            if asked.is_agreed:
                self._decided(work, id_, asked, person, now)

        self._tables.do(task)
        return self.refund(id_)

    def book(self, id_: int, kind: str, amount: int, reference: str, person: str) -> RefundInFull:
        """Book money that moved: recovered from the receiving account, or paid to the victim, in parts if need be."""
        if kind not in KINDS:
            raise BadAsk(f"money is {' or '.join(KINDS)}, not {kind[:40]!r}")
        checked("a reference", reference, REFERENCE_CHARS_MAX, needed=True)
        if amount <= 0:
            raise BadAsk("an amount is a whole number of minor units above 0")
        now = self._office.now_us()

        def task(work: Work) -> None:
            found = self._found(work, id_)
            where = {"id": id_, "kind": kind, "reference": reference}
            same = " WHERE refund_id = :id AND kind = :kind AND reference = :reference"
            before = work.rows(_MONEY + same, where)
            if before:
                if before[0][2] != amount:
                    raise NotAllowed(f"{reference!r} is booked already, with {before[0][2]} minor units")
                return
            self._book(work, found, kind, amount, reference, person, now)

        self._tables.do(task)
        return self.refund(id_)

    def measure(self) -> RefundMeasure:
        """How fast victims are made whole."""
        paid, us = self._tables.rows(
            "SELECT COUNT(*), COALESCE(SUM(paid_us - reported_us), 0) FROM refunds WHERE state = 'paid'"
        )[0]
        late = (
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN :now > CASE state WHEN 'reported' THEN frozen_due_us"
            " WHEN 'frozen' THEN evidence_due_us WHEN 'evidence' THEN decided_due_us ELSE paid_due_us END"
            " THEN 1 ELSE 0 END), 0) FROM refunds WHERE state IN ('reported', 'frozen', 'evidence', 'decided')"
        )
        open_, overdue = self._tables.rows(late, {"now": self._office.now_us()})[0]
        return RefundMeasure(paid, us / 1e6, open_, overdue)

    def _open(
        self, work: Work, event_id: str, subject: str, currency: str, claimed: int, case_id: int | None, person: str,
        comment: str, now: int,
    ) -> int:  # fmt: skip
        id_, days = work.next("refunds", "id"), self._office.practice.refund_days
        due = {f"{step}_due_us": days.due_us(step, now) for step in get_args(Step)}
        work.add("refunds", {
            "id": id_, "event_id": event_id, "subject": subject, "case_id": case_id, "currency": currency,
            "claimed": claimed, "state": "reported", "person": person, "reported_us": now, "version": 1, **due,
        })  # fmt: skip
        told = {"event_id": event_id, "claimed": claimed, "currency": currency, "comment": comment}
        work.tell("refund", str(id_), "reported", told, person, now)
        return id_

    def _decided(self, work: Work, id_: int, asked: agreeing.Agreement, person: str, now: int) -> None:
        amount = asked.content["agreed"]
        state = "decided" if amount else "refused"
        values = {"now": now, "agreed": amount, "agreement": asked.number}
        self._move(work, id_, state, "decided_us = :now, agreed = :agreed, agreement = :agreement", values)
        work.tell("refund", str(id_), state, {"agreed": amount}, person, now)

    def _book(self, work: Work, found: Refund, kind: str, amount: int, reference: str, person: str, now: int) -> None:
        work.add("refund_money", {
            "number": work.next("refund_money"), "refund_id": found.id, "kind": kind, "amount": amount,
            "reference": reference, "person": person, "at_us": now,
        })  # fmt: skip
        work.tell("refund", str(found.id), f"money_{kind}", {"amount": amount, "reference": reference}, person, now)
        if kind == "paid" and found.paid + amount == found.agreed:
            self._move(work, found.id, "paid", "paid_us = :now", {"now": now})
            days = (now - found.reported_us) / DAY_US
            work.tell("refund", str(found.id), "paid", {"paid": found.agreed, "days": round(days, 2)}, person, now)

    def _move(self, work: Work, id_: int, state: str, change: str, values: dict[str, Any]) -> None:
        work.run(
            f"UPDATE refunds SET state = :state, {change}, version = version + 1 WHERE id = :id",  # noqa: S608
            {**values, "state": state, "id": id_},
        )

    def _found(self, reader: Any, id_: int) -> Refund:
        rows = reader.rows(_ALL + " WHERE r.id = :id", {"id": id_})
        if not rows:
            raise Unknown(f"there is no refund {id_}: GET /v1/refunds lists them")
        return Refund(*rows[0])
