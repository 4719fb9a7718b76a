"""The house as the API sees it: bodies in, answers out, each after the journal's commit.

All calls come from the event loop, and the memory and the journal are changed before the first suspension: so what
happens is the order in which requests came. An event is admitted before the memory learns it (room in the queue, size,
a name the journal takes), because what the memory has learned the journal must not refuse.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec
from xxhash import xxh3_64_intdigest

from haechi.api import BadEvent, Busy, Conflict, Figure, NotReady, Refusal, read_object
from haechi.api.errors import NotFound
from haechi.api.model_shapes import QuestionAnswer, QuestionLine
from haechi.app import STORE_LIMITS, OpenHouse, cases_of
from haechi.cases.desk import Numbers
from haechi.commands.learned import NEWEST, LabelDelays, Learned
from haechi.commands.profiling import profile_of
from haechi.decision import Answer, answer
from haechi.decision import Conflict as Conflicting
from haechi.decision.record import answer_in
from haechi.decision.swift import Swift
from haechi.events import BadRow, Event
from haechi.events.times import TimeRole, moment, time_reader
from haechi.features import MemoryFull
from haechi.learning.asking.questions import EarlyLabel
from haechi.lifecycle.desk import ModelDesk, question_line, refusing
from haechi.lifecycle.room import ModelRoom
from haechi.restore import event_of
from haechi.rulebook.desk import Desk
from haechi.rulebook.jobs import Backtests
from haechi.rulebook.seen import Seen
from haechi.security import StoredKey
from haechi.stores import (
    DECIDED,
    LABEL,
    LABEL_KINDS,
    LEARNED,
    Damaged,
    Entry,
    LabelRow,
    StoreError,
    Ticket,
    body_hash,
)
from haechi.turns import Outcome, Turns, refusal_of

__all__ = ["HouseFront"]

log = logging.getLogger("haechi")

LINE_BYTES_MAX = 1 << 17  # a plain event and its decision, reasons included
_number = attrgetter("entry.seq")
SKEW_US_MAX = 60_000_000  # how far another machine's clock may be ahead of ours


class HouseFront:
    """Answers for one open house."""

    def __init__(self, opened: OpenHouse, now_us: Callable[[], int]) -> None:
        self._opened, self._now_us = opened, now_us
        self._house, self._journal, self._schema = opened.house, opened.store.journal, opened.schema
        self._labels: dict[str, tuple[LabelRow, Ticket]] = {}  # on their way to the disk
        self._decided: dict[str, int] = {}
        self._describing = asyncio.Semaphore(1)  # whole histories are read: one at a time
        self.stopping = False
        self.jobs = Backtests(opened.home.path, opened.store.journal.entries)
        seen = Seen(opened.archive, self._journal, self._schema)
        self.rules = Desk(opened.rulebook, lambda: opened.publisher.state, opened.home.path, self.jobs, seen)
        self.cases = cases_of(opened)
        self.room = ModelRoom(opened, now_us)
        plain = opened.course.plain(opened.schema)
        self._swift = None if plain is None else Swift(self._house, opened.course, plain, self._read)
        self.turns = Turns(self._swift, self._decide, self._may_write, self._count)
        self.learning = Learned(opened.home, self._journal)
        self._delays = LabelDelays(reversed(self._journal.newest_labels(NEWEST)))
        role = opened.schema.time
        self._read_native = time_reader(role)
        self._read_iso = time_reader(TimeRole("known_at", timezone=role.timezone))
        self._clock = not role.ordinal

    async def decide(self, body: bytes) -> bytes:
        """Decide one event and answer once it is on disk."""
        (outcome,) = await self._taken([body])
        if isinstance(outcome, Refusal):
            raise outcome
        if outcome.written is not None:
            await _durable(outcome.written)
        return outcome.body

    def decide_together(self, bodies: Sequence[bytes], then: Callable[[list[bytes | Refusal]], None]) -> None:
        """Decide events in their order; `then` hears of all of them once they are on disk."""

        def taken(outcomes: list[Outcome]) -> None:
            last = _last([None if isinstance(o, Refusal) else o.written for o in outcomes])
            if last is None:
                then(_settled(outcomes))
            else:
                last.then(lambda _: then(_settled(outcomes)))

        self.turns.take(bodies, taken)

    async def decide_batch(self, lines: Sequence[bytes]) -> list[bytes | Refusal]:
        """Decide events in their order; a bad line harms no other."""
        outcomes = await self._taken(lines)
        await _all_durable([None if isinstance(o, Refusal) else o.written for o in outcomes])
        return _settled(outcomes)

    async def _taken(self, lines: Sequence[bytes]) -> list[Outcome]:
        """What becomes of these events, on disk or not."""
        done: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self.turns.take(lines, lambda outcomes: None if done.cancelled() else done.set_result(outcomes))
        return await done

    async def learn(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        """Learn from events without deciding them."""
        return await self._each(lines, self._learn)

    async def label(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        """Take labels as they become known."""
        return await self._each(lines, self._label)

    async def decision(self, event_id: str) -> bytes | None:
        """Find a stored decision; one on its way to the disk is waited for."""
        entry = self._find(event_id)
        if entry is None or entry.decision is None:
            return None
        ticket = self._journal.ticket(event_id)
        if ticket is not None:
            await _durable(ticket)
        return entry.decision

    async def alerts(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """List calls to a person, folded ones too, in the order of their decisions."""
        rows = self.cases.alerts.feed(after, limit)
        return [(row.seq, msgspec.json.encode(row)) for row in rows]

    async def profile(self, customer: str) -> bytes | None:
        """Describe a customer from the archive and the journal, in a thread beside the decisions."""
        async with self._describing:
            found = await asyncio.to_thread(self._profile, customer)
        return None if found is None else msgspec.json.encode(found)

    def _profile(self, customer: str) -> dict[str, Any] | None:
        opened = self._opened
        try:
            return profile_of(opened.archive, self._journal, self._schema, opened.spec, customer)
        except (StoreError, Damaged) as error:
            raise refusal_of(error) from error

    async def check(self, challenge: str, body: bytes) -> None:
        """Take a `check` event that answers this challenge, and learn from it."""
        event = self._admit(body)
        answer = answer_in(event, self._now_us()) if event.kind == "check" else None
        if answer is None or answer.challenge != challenge:
            raise BadEvent(
                f"send an event of kind check with challenge {challenge[:80]!r} and result passed, failed or refused"
            )
        (refusal,) = await self.learn([body])
        if refusal is not None:
            raise refusal

    async def tell_lessons(self) -> int:
        """Make labels of the verdicts that nobody can take back any more; says how many verdicts were told.

        A verdict stays untold until its labels are on disk. One whose event is gone can teach nothing: it is logged
        and told, so that it does not hold up the others.
        """
        desk = self.cases.verdicts
        lessons = await asyncio.to_thread(desk.lessons)
        lines = [
            msgspec.json.encode(
                {
                    "event_id": one.event_id,
                    "fraud": one.fraud,
                    "known_at": moment(one.known_at_us),
                    "source": one.source,
                    "typology": one.typology if one.fraud else "",
                }
            )
            for one in lessons
        ]
        refusals = await self.label(lines)
        for one, refusal in zip(lessons, refusals, strict=True):
            if isinstance(refusal, Busy):
                raise refusal
            if refusal is not None:
                log.error("verdict %d on event %r is no label: %s", one.verdict, one.event_id, refusal)
        if await asyncio.to_thread(desk.untold):
            await asyncio.to_thread(desk.told, sorted({one.verdict for one in lessons}))
        return len(lessons)

    async def tell_checks(self) -> int:
        """Make labels of what customers said to step-up checks; says how many were told."""
        found = await asyncio.to_thread(self.room.early_labels)
        if found:
            await self._tell_early(found)
            await asyncio.to_thread(self.room.told)
        return len(found)

    async def _tell_early(self, found: Sequence[EarlyLabel]) -> None:
        """Labels of what customers said; one whose event is gone can teach nothing, and is logged."""
        lines = [
            msgspec.json.encode(
                {"event_id": one.event_id, "fraud": one.fraud, "known_at": moment(one.known_at_us), "kind": one.kind,
                 "source": one.source}
            )
            for one in found
        ]  # fmt: skip
        for one, refusal in zip(found, await self.label(lines), strict=True):
            if isinstance(refusal, Busy):
                raise refusal
            if refusal is not None:
                log.error("what the customer said of event %r is no label: %s", one.event_id, refusal)

    @property
    def models(self) -> ModelDesk:
        """Where people lead models through their lives."""
        return self.room.desk

    async def answer_question(self, number: int, answer: QuestionAnswer) -> QuestionLine:
        """Take a customer's answer; it is a label, on disk, once this returns."""
        with refusing():
            held, label = await asyncio.to_thread(self.room.questions.answer, number, answer.answer, answer.channel)
        await self._tell_early([label])
        return question_line(held)

    def ready(self) -> str | None:
        """Say why this house cannot decide."""
        if self._journal.broken is not None:
            return f"the journal takes nothing more ({self._journal.broken}): mend the disk, then start again"
        return "the server is stopping: ask another one" if self.stopping else None

    def figures(self) -> Iterable[Figure]:
        """The house's own numbers."""
        for action, count in sorted(self._decided.items()):
            yield Figure("haechi_decisions", "Decisions taken.", "counter", count, (("action", action),))
        journal, snapshots = self._journal, self._opened.snapshots
        yield Figure("haechi_journal_waiting", "Entries that wait for the disk.", "gauge", journal.waiting)
        yield Figure("haechi_journal_seq", "The last number of the journal.", "gauge", journal.last_seq)
        yield Figure("haechi_labels_waiting", "Labels not known yet.", "gauge", self._opened.course.waiting)
        yield Figure("haechi_snapshot_seq", "What the newest snapshot knows.", "gauge", snapshots.last_seq)
        yield Figure("haechi_snapshots_failed", "Snapshots that failed.", "counter", snapshots.failed)
        for (name, why), count in sorted(self._house.left_out.items()):
            labels = (("detector", name), ("why", why))
            yield Figure("haechi_detectors_left_out", "Detectors left out.", "counter", count, labels)
        yield from case_figures(self.cases.numbers)
        yield from self.room.figures()
        yield from self._delays.figures()
        for name, counts in self._opened.course.memory.counts().items():
            yield Figure("haechi_records", "Records known.", "gauge", counts["known"], (("shelf", name),))

    def key(self, digest: bytes) -> StoredKey | None:
        """Find an API key by its hash."""
        return self._opened.key(digest)

    def _decide(self, body: bytes) -> Answer:
        self._may_write()
        try:
            swift = self._swift
            decided = (swift and swift.answer(body)) or answer(self._read(body), self._house, body)
        except Conflicting as error:
            raise Conflict(str(error)) from None
        except MemoryFull as error:
            raise Busy(str(error)) from None
        except (StoreError, Damaged) as error:
            raise refusal_of(error) from error
        if decided.written is not None:
            self._count((decided,))
        return decided

    def _count(self, answers: Sequence[Answer]) -> None:
        for decided in answers:
            self._decided[decided.action] = self._decided.get(decided.action, 0) + 1

    def _learn(self, line: bytes) -> Ticket | None:
        event = self._admit(line)
        held = self._find(event.id)
        if held is not None:
            if held.body_hash != body_hash(line):
                raise Conflict(f"event {event.id!r} is already known with another body; send it under a new id")
            return self._journal.ticket(event.id)
        if self._schema.label(read_object(line)) is not None:
            raise BadEvent("this event carries its label: send it without, and the label to /v1/labels")
        try:
            known = self._opened.course.look_and_learn(event)
        except MemoryFull as error:
            raise Busy(str(error)) from None
        row: Any = known.row
        entry = Entry(
            type=LEARNED,
            event_id=event.id,
            time_us=event.time_us,
            body=line,
            digest=xxh3_64_intdigest(row),
            unexplained=known.unexplained,
            answer=answer_in(event, self._now_us()) if event.kind == "check" else None,
        )
        return self._journal.write(entry)

    def _label(self, line: bytes) -> Ticket | None:
        self._may_write()
        said = self._read_label(line)
        event_id, fraud = said.event_id, said.fraud
        entry = self._find(event_id)
        if entry is None or entry.type not in (DECIDED, LEARNED):
            raise NotFound(f"event {event_id!r} is not in the journal: send it first; imports bring their labels")
        label = msgspec.structs.replace(
            said, known_at_us=max(said.known_at_us, entry.time_us), told_us=self._now_us(), event_us=entry.time_us
        )
        repeated, ticket, is_first = self._said_before(label)
        if repeated:
            return ticket
        event = event_of(self._schema, entry.body)
        self._opened.course.learn_label(event, fraud, label.known_at_us, entry.unexplained)
        body = msgspec.json.encode(label)
        told = Entry(type=LABEL, event_id=event_id, time_us=label.known_at_us, body=body, unexplained=entry.unexplained)
        ticket = self._journal.write(told, self._label_settled)
        if entry.type == DECIDED:
            self.room.label(entry.seq, entry.time_us, fraud, label.known_at_us, label.source)
        if is_first:
            self._delays.add(label)
        self._labels[event_id] = label, ticket
        return ticket

    def _said_before(self, label: LabelRow) -> tuple[bool, Ticket | None, bool]:
        """Whether the last word about an event was the same, for it counts once; and whether this is the first word."""
        under_way = self._labels.get(label.event_id)
        if under_way is not None:
            return under_way[0].says(label), under_way[1], False
        said = self._journal.labels_of(label.event_id)
        return bool(said) and said[-1].says(label), None, not said

    def _label_settled(self, ticket: Ticket) -> None:
        held = self._labels.get(ticket.entry.event_id)
        if held is not None and held[1] is ticket:
            del self._labels[ticket.entry.event_id]

    def _read_label(self, line: bytes) -> LabelRow:
        """What a line says, as it says it."""
        told = read_object(line)
        event_id, fraud = told.get("event_id"), told.get("fraud")
        if not isinstance(event_id, str) or not isinstance(fraud, bool):
            raise BadEvent("a label needs event_id (text), fraud (true or false) and known_at; source is text")
        words = {name: told.get(name, "") for name in ("source", "kind", "typology")}
        for name, word in words.items():
            if not isinstance(word, str) or len(word) > STORE_LIMITS.id_chars_max:
                raise BadEvent(f"a label's {name} is text of at most {STORE_LIMITS.id_chars_max} characters")
        if words["kind"] not in ("", *LABEL_KINDS):
            raise BadEvent(f"a label's kind is one of {', '.join(LABEL_KINDS)}, not {words['kind'][:40]!r}")
        if words["typology"] and not fraud:
            raise BadEvent("only a fraud has a typology: leave it out")
        known_at = told.get("known_at")
        try:
            is_iso = self._clock and isinstance(known_at, str) and "-" in known_at
            known_at_us = (self._read_iso if is_iso else self._read_native)(known_at)
        except BadRow as error:
            raise BadEvent(f"known_at: {error}") from None
        if known_at_us is None:
            raise BadEvent("a label needs known_at, the moment from which anybody could know it")
        if self._clock and known_at_us > self._now_us() + SKEW_US_MAX:
            raise BadEvent(f"known_at {known_at!r} is in the future: send the label when it is known")
        return LabelRow(event_id, fraud, known_at_us, **words)

    def _admit(self, body: bytes) -> Event:
        """Read an event and make sure that the journal will take it, before anybody learns from it."""
        self._may_write()
        return self._read(body)

    def _read(self, body: bytes) -> Event:
        try:
            event: Event = self._schema.event(read_object(body))
        except BadRow as error:
            raise BadEvent(str(error)) from None
        name = event.id
        if len(name) > STORE_LIMITS.id_chars_max or "\0" in name:
            raise BadEvent(f"an event id has at most {STORE_LIMITS.id_chars_max} characters, none of them NUL")
        return event

    def _may_write(self, entries: int = 1) -> None:
        if self.stopping:
            raise NotReady("the server is stopping: ask another one")
        try:
            self._journal.admit(STORE_LIMITS.entry_bytes_max + (entries - 1) * LINE_BYTES_MAX, entries)
        except StoreError as error:
            raise refusal_of(error) from None

    def _find(self, event_id: str) -> Entry | None:
        if "\0" in event_id or not _encodable(event_id):
            return None
        try:
            return self._journal.find(event_id)
        except StoreError as error:
            raise refusal_of(error) from error

    async def _each(self, lines: Sequence[bytes], take: Callable[[bytes], Ticket | None]) -> list[Refusal | None]:
        self.turns.settle()
        outcomes: list[Refusal | None] = []
        tickets: list[Ticket | None] = []
        for line in lines:
            refusal: Refusal | None = None
            ticket: Ticket | None = None
            try:
                ticket = take(line)
            except Refusal as error:
                refusal = error
            except StoreError as error:
                refusal = refusal_of(error)
            outcomes.append(refusal)
            tickets.append(ticket)
        broken = await _all_durable(tickets)
        return [outcome or failure for outcome, failure in zip(outcomes, broken, strict=True)]


def case_figures(numbers: Numbers) -> Iterable[Figure]:
    """What people do, in numbers."""
    for state, count in msgspec.structs.asdict(numbers.alerts).items():
        yield Figure("haechi_alerts", "Open alerts, and those past their time.", "gauge", count, (("state", state),))
    refunds, warnings = numbers.refunds, numbers.warnings
    yield Figure("haechi_refunds_paid", "Refunds paid in full.", "counter", refunds.paid)
    yield Figure("haechi_refund_seconds", "From report to payment, summed over them.", "counter", refunds.seconds)
    yield Figure("haechi_refunds_open", "Refunds under way.", "gauge", refunds.open)
    yield Figure("haechi_refunds_late", "Refunds past a legal clock.", "gauge", refunds.late)
    for outcome, shown in (("went_on", warnings.went_on), ("cancelled", warnings.cancelled)):
        yield Figure("haechi_warnings", "Answered warnings to customers.", "counter", shown, (("outcome", outcome),))
    yield Figure("haechi_warnings_shown", "Warnings to customers.", "counter", warnings.shown)
    yield Figure("haechi_deliveries_waiting", "Webhook messages not delivered.", "gauge", numbers.deliveries)


def _encodable(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


async def _durable(ticket: Ticket) -> None:
    try:
        await ticket
    except StoreError as error:
        raise refusal_of(error) from None


def _last(tickets: Sequence[Ticket | None]) -> Ticket | None:
    """The ticket that is settled last: they settle in the order of their numbers."""
    return max((t for t in tickets if t is not None and not t.settled), key=_number, default=None)


def _settled(outcomes: Sequence[Outcome]) -> list[bytes | Refusal]:
    """What callers hear once everything is on disk, or refused by it."""
    return [
        o if isinstance(o, Refusal)
        else o.body if o.written is None or o.written.error is None
        else refusal_of(o.written.error)
        for o in outcomes
    ]  # fmt: skip


async def _all_durable(tickets: Sequence[Ticket | None]) -> list[Refusal | None]:
    """Wait until all are settled."""
    last = _last(tickets)
    if last is not None:
        try:
            await last
        except StoreError as error:
            log.error("entries were not written: %s", error)
    return [None if t is None or t.error is None else refusal_of(t.error) for t in tickets]
