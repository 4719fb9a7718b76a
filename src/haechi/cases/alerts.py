"""The queue: who looks at what, and nobody at the same thing as somebody else.

Every change is one transaction of the store's one writer, which reads what stands and then writes: two analysts who ask
for the next alert at the same instant get two alerts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from haechi.cases.errors import BadAsk, NotAllowed, Unknown
from haechi.cases.office import DAY_US, MINUTE_US, HistoryLine, Office, checked, history, same_version
from haechi.stores import Work

OPEN = ("new", "taken", "snoozed")
STATES = (*OPEN, "decided", "closed")
LEVEL_MAX = 3
RANK_MAX = 2**62
REASON_CHARS_MAX = 2_000


class Alert(msgspec.Struct, frozen=True):
    """One alert with all that folded into it; money in minor units, times in microseconds since 1970."""

    seq: int
    id: str
    event_id: str
    action: str
    state: str
    subject: str
    amount: int | None
    currency: str
    expected_loss: int
    rank: int
    created_us: int
    opened_us: int
    due_us: int
    holder: str
    until_us: int
    level: int
    events: int
    version: int
    closed_us: int | None
    case_id: int | None


class Called(msgspec.Struct, frozen=True):
    """One event that called a person."""

    seq: int
    alert_id: str
    event_id: str
    action: str
    amount: int | None
    currency: str
    expected_loss: int
    created_us: int


class Said(msgspec.Struct, frozen=True):
    """A verdict on an alert; `state` goes from waiting (it may be undone) to final and then told (it is a label)."""

    number: int
    verdict: str
    typology: str
    comment: str
    event_ids: list[str]
    person: str
    at_us: int
    final_us: int
    state: str


class AlertInFull(Alert, frozen=True):
    """An alert with its events, verdicts and history."""

    called: list[Called]
    verdicts: list[Said]
    history: list[HistoryLine]


class QueuePage(msgspec.Struct, frozen=True):
    """A page of the queue; `next` is the cursor of the following one."""

    alerts: list[Alert]
    next: str | None


class QueueCounts(msgspec.Struct, frozen=True):
    """How many alerts are in each open state, and how many of them are past their service level."""

    new: int
    taken: int
    snoozed: int
    late: int


_COLUMNS = (
    "a.seq, a.id, a.event_id, a.action, a.state, a.subject, a.amount, a.currency, a.expected_loss, a.rank,"
    " a.created_us, a.opened_us, a.due_us, a.holder, a.until_us, a.level, a.events, a.version, a.closed_us,"
    " (SELECT c.case_id FROM case_alerts c WHERE c.alert_seq = a.seq)"
)
_ALERT = f"SELECT {_COLUMNS} FROM alerts a"  # noqa: S608
_HEAD = "SELECT CASE h.head WHEN 0 THEN h.seq ELSE h.head END FROM alerts h WHERE h.id = :id"
_HEAD_OF = f"{_ALERT} WHERE a.seq = ({_HEAD})"
_CALLED = "SELECT seq, id, event_id, action, amount, currency, expected_loss, created_us FROM alerts"
SAID = "SELECT number, verdict, typology, comment, event_ids, person, at_us, final_us, state FROM verdicts"


class Alerts:
    """The queue of one house; every call may come from any thread."""

    def __init__(self, office: Office) -> None:
        self._office, self._tables = office, office.tables

    def feed(self, after: int, limit: int) -> list[Alert]:
        """Every alert there ever was, folded ones too, in the order of their decisions."""
        sql = _ALERT + " WHERE a.seq > :after ORDER BY a.seq LIMIT :limit"
        return [Alert(*row) for row in self._tables.rows(sql, {"after": after, "limit": limit})]

    def queue(
        self,
        states: tuple[str, ...] = OPEN,
        *,
        level: int | None = None,
        holder: str | None = None,
        subject: str | None = None,
        action: str | None = None,
        cursor: str = "",
        limit: int = 100,
    ) -> QueuePage:
        """The most pressing alerts first: expected loss, doubled for every four hours over the service level."""
        rank, seq = _place(cursor)
        given = {"level": level, "holder": holder, "subject": subject, "action": action}
        chosen = {name: value for name, value in given.items() if value is not None}
        where = "".join(f" AND a.{name} = :{name}" for name in chosen)
        # One walk down one index for each state; a filter on several states would sort the whole queue. Of one holder
        # or one subject there are few: a plus keeps the planner from walking down the ranks of everybody.
        by = "+a.rank" if holder is not None or subject is not None else "a.rank"
        parts, values = [], {**chosen, "rank": rank, "seq": seq, "limit": limit}
        for n, state in enumerate(states):
            values[f"state_{'abcde'[n]}"] = state
            parts.append(
                f"SELECT * FROM ({_ALERT} WHERE a.state = :state_{'abcde'[n]}{where} AND {by} <= :rank"  # noqa: S608
                f" AND ({by} < :rank OR a.seq > :seq) ORDER BY {by} DESC, a.seq LIMIT :limit)"
            )
        sql = " UNION ALL ".join(parts) + " ORDER BY 10 DESC, 1 LIMIT :limit"
        found = [Alert(*row) for row in self._tables.rows(sql, values)]
        return QueuePage(found, f"{found[-1].rank}:{found[-1].seq}" if len(found) == limit else None)

    def counts(self) -> QueueCounts:
        """How much is open, for the rail and the metrics."""
        rows = self._tables.rows(
            "SELECT state, COUNT(*), SUM(CASE WHEN due_us < :now THEN 1 ELSE 0 END) FROM alerts"
            " WHERE state IN ('new', 'taken', 'snoozed') GROUP BY state",
            {"now": self._office.now_us()},
        )
        by_state = {state: count for state, count, _ in rows}
        new, taken, snoozed = (int(by_state.get(state, 0)) for state in OPEN)
        return QueueCounts(new, taken, snoozed, sum(row[2] for row in rows))

    def new_since(self, opened_us: int) -> int:
        """How many alerts came into the queue after that moment and still wait."""
        asked = "SELECT COUNT(*) FROM alerts WHERE opened_us > :after AND state = 'new'"
        return int(self._tables.rows(asked, {"after": opened_us})[0][0])

    def about(self, subject: str, limit: int = 50) -> list[Alert]:
        """A subject's alerts, open and closed, the newest first; folded ones are in the one that took them up."""
        where = " WHERE a.subject = :subject AND a.state <> 'folded' ORDER BY a.seq DESC LIMIT :limit"
        return [Alert(*row) for row in self._tables.rows(_ALERT + where, {"subject": subject, "limit": limit})]

    def of_event(self, event_id: str) -> str | None:
        """The id of the alert that an event is in; None when it called nobody."""
        rows = self._tables.rows(_HEAD_OF, {"id": f"a-{event_id}"})
        return Alert(*rows[0]).id if rows else None

    def alert(self, id_: str) -> AlertInFull:
        """One alert in full; a folded one leads to the one that took it up."""
        rows = self._tables.rows(_HEAD_OF, {"id": id_})
        if not rows:
            raise Unknown(f"there is no alert {id_[:80]!r}: GET /v1/queue lists those that are open")
        found = Alert(*rows[0])
        where = {"seq": found.seq}
        called = self._tables.rows(_CALLED + " WHERE seq = :seq OR head = :seq ORDER BY seq LIMIT 1000", where)
        said = self._tables.rows(SAID + " WHERE alert_seq = :seq ORDER BY number", where)
        return AlertInFull(
            **msgspec.structs.asdict(found),
            called=[self._own(Called(*row)) if row[0] == found.seq else Called(*row) for row in called],
            verdicts=[said_of(row) for row in said],
            history=history(self._office, "alert", found.id),
        )

    def at_stake(self, alerts: Sequence[Alert]) -> dict[int, str]:
        """By number of an alert, the event with the most at stake of all that folded into it."""
        several = {one.seq: one for one in alerts if one.events > 1}
        if not several:
            return {one.seq: one.event_id for one in alerts}
        names = ", ".join(f":h{n}" for n in range(len(several)))
        rows = self._tables.rows(
            "SELECT head, event_id, expected_loss, added"  # noqa: S608
            " FROM (SELECT f.head, f.event_id, f.expected_loss,"
            " SUM(CASE WHEN f.currency = a.currency THEN f.expected_loss ELSE 0 END) OVER (PARTITION BY f.head)"
            " AS added, ROW_NUMBER() OVER (PARTITION BY f.head ORDER BY f.expected_loss DESC, f.seq) AS place"
            f" FROM alerts f JOIN alerts a ON a.seq = f.head WHERE f.head IN ({names})) AS folded WHERE place = 1",
            {f"h{n}": seq for n, seq in enumerate(several)},
        )
        found = {one.seq: one.event_id for one in alerts}
        return found | {head: event for head, event, loss, added in rows if loss > several[head].expected_loss - added}

    def _own(self, head: Called) -> Called:
        """The first event of an alert as it came: its row holds what the folded ones brought, too."""
        asked = (
            "SELECT SUM(amount), SUM(expected_loss), COUNT(*) FROM alerts WHERE head = :seq AND currency = :currency"
        )
        amount, loss, count = self._tables.rows(asked, {"seq": head.seq, "currency": head.currency})[0]
        if not count:
            return head
        own = (head.amount or 0) - (amount or 0)
        return msgspec.structs.replace(head, amount=own or None, expected_loss=head.expected_loss - loss)

    def next(self, person: str, level: int = 0) -> Alert | None:
        """Take the most pressing alert that nobody has; None when nothing waits."""
        now = self._office.now_us()

        def task(work: Work) -> str | None:
            self.wake(work, now)
            rows = work.rows(
                "SELECT id FROM alerts WHERE state = 'new' AND level = :level ORDER BY rank DESC, seq LIMIT 1",
                {"level": level},
            )
            if not rows:
                return None
            found = self.held(work, rows[0][0], person, None)
            self._take(work, found, person, now)
            return found.id

        id_ = self._tables.do(task)
        return None if id_ is None else self.plain(id_)

    def take(
        self, id_: str, person: str, version: int | None = None, *, over: bool = False, comment: str = ""
    ) -> Alert:
        """Take one alert; `over` takes it from whoever has it, with a comment that says why."""
        checked("a comment", comment, REASON_CHARS_MAX, needed=over)
        now = self._office.now_us()

        def task(work: Work) -> None:
            found = self.held(work, id_, person, version, over=over)
            self._take(work, found, person, now, comment)

        self._tables.do(task)
        return self.plain(id_)

    def release(self, id_: str, person: str, version: int | None = None) -> Alert:
        """Put an alert back into the queue."""
        return self._set(id_, person, version, "released", {}, "state = 'new', holder = '', until_us = 0", {})

    def assign(self, id_: str, person: str, to: str, comment: str = "", version: int | None = None) -> Alert:
        """Hand an alert over to somebody else."""
        checked("the name of a person", to, 200, needed=True)
        checked("a comment", comment, REASON_CHARS_MAX)
        until = self._office.now_us() + self._office.practice.lock_minutes * MINUTE_US
        return self._set(
            id_, person, version, "assigned", {"to": to, "comment": comment},
            "state = 'taken', holder = :to, until_us = :until", {"to": to, "until": until},
        )  # fmt: skip

    def snooze(self, id_: str, person: str, until_us: int, reason: str, version: int | None = None) -> Alert:
        """Let an alert rest until then; a new event of its subject wakes it at once."""
        checked("a reason", reason, REASON_CHARS_MAX, needed=True)
        now, days = self._office.now_us(), self._office.practice.snooze_days_max
        if not now < until_us <= now + days * DAY_US:
            raise BadAsk(f"an alert may be snoozed from now on for {days} days at most")
        return self._set(
            id_, person, version, "snoozed", {"until_us": until_us, "reason": reason},
            "state = 'snoozed', holder = '', until_us = :until", {"until": until_us},
        )  # fmt: skip

    def escalate(self, id_: str, person: str, reason: str, version: int | None = None) -> Alert:
        """Hand an alert to the next level, whose people take it from a queue of their own."""
        checked("a reason", reason, REASON_CHARS_MAX, needed=True)
        now = self._office.now_us()

        def task(work: Work) -> None:
            found = self.held(work, id_, person, version)
            if found.level >= LEVEL_MAX:
                raise NotAllowed(f"alert {found.id!r} is at the highest level, {LEVEL_MAX}")
            change = "state = 'new', holder = '', until_us = 0, level = level + 1"
            self.put(work, found, change, {}, "escalated", {"reason": reason, "level": found.level + 1}, person, now)

        self._tables.do(task)
        return self.plain(id_)

    def sweep(self) -> int:
        """Put expired locks and ended snoozes back into the queue, and say how many."""
        now = self._office.now_us()
        due = self._tables.rows(
            "SELECT 1 FROM alerts WHERE state IN ('taken', 'snoozed') AND until_us <= :now LIMIT 1", {"now": now}
        )
        return self._tables.do(lambda work: self.wake(work, now)) if due else 0

    def wake(self, work: Work, now: int) -> int:
        """The same inside an open transaction."""
        rows = work.rows(
            _ALERT + " WHERE a.state IN ('taken', 'snoozed') AND a.until_us <= :now LIMIT 500", {"now": now}
        )
        for row in rows:
            found = Alert(*row)
            what = "woke" if found.state == "snoozed" else "unlocked"
            self.put(work, found, "state = 'new', holder = '', until_us = 0", {}, what, {}, "", now)
        return len(rows)

    def held(self, work: Work, id_: str, person: str, version: int | None, *, over: bool = False) -> Alert:
        """The open alert of this id, if this person may change it."""
        rows = work.rows(_HEAD_OF, {"id": id_})
        if not rows:
            raise Unknown(f"there is no alert {id_[:80]!r}: GET /v1/queue lists those that are open")
        found = Alert(*rows[0])
        if found.state not in OPEN:
            raise NotAllowed(f"alert {found.id!r} is {found.state}: nothing can be done to it any more")
        same_version(f"alert {found.id!r}", found.version, version)
        if found.state == "taken" and found.holder != person and not over:
            raise NotAllowed(f"{found.holder} has alert {found.id!r}: ask for it, or take it over with a comment")
        return found

    def put(
        self, work: Work, found: Alert, change: str, values: dict[str, Any], what: str, told: dict[str, Any],
        person: str, now: int,
    ) -> None:  # fmt: skip
        """Change an alert and tell the history, in one commit."""
        work.run(
            f"UPDATE alerts SET {change}, version = version + 1 WHERE seq = :seq",  # noqa: S608
            {**values, "seq": found.seq},
        )
        work.tell("alert", found.id, what, told, person, now)

    def plain(self, id_: str) -> Alert:
        """One alert as it stands now."""
        return Alert(*self._tables.rows(_HEAD_OF, {"id": id_})[0])

    def plain_in(self, work: Work, id_: str) -> Alert:
        """The same inside an open transaction."""
        return Alert(*work.rows(_HEAD_OF, {"id": id_})[0])

    def _take(self, work: Work, found: Alert, person: str, now: int, comment: str = "") -> None:
        until = now + self._office.practice.lock_minutes * MINUTE_US
        told: dict[str, Any] = {"from": found.holder, "comment": comment} if found.holder not in ("", person) else {}
        change = "state = 'taken', holder = :person, until_us = :until"
        self.put(work, found, change, {"person": person, "until": until}, "taken", told, person, now)

    def _set(
        self, id_: str, person: str, version: int | None, what: str, told: dict[str, Any], change: str,
        values: dict[str, Any],
    ) -> Alert:  # fmt: skip
        now = self._office.now_us()

        def task(work: Work) -> None:
            self.put(work, self.held(work, id_, person, version), change, values, what, told, person, now)

        self._tables.do(task)
        return self.plain(id_)


def said_of(row: tuple[Any, ...]) -> Said:
    """A row of the verdicts."""
    number, verdict, typology, comment, event_ids, *rest = row
    return Said(number, verdict, typology, comment, msgspec.json.decode(event_ids), *rest)


def _place(cursor: str) -> tuple[int, int]:
    if not cursor:
        return RANK_MAX, 0
    rank, _, seq = cursor.partition(":")
    try:
        return int(rank), int(seq)
    except ValueError:
        raise BadAsk(f"{cursor[:40]!r} is no cursor of the queue: send `next` of the page before") from None
