"""The questions that customers are asked, and their answers: early labels with a reliability of their own.

A question is written down before anybody is asked, so that the day's budget holds across restarts. An answer becomes a
label of kind `confirmation`; what people confirm and what they deny is right with different reliability, and
[learning.reliability] says how much it weighs in training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from haechi.learning.asking.choose import Candidate, choose
from haechi.learning.life.errors import NoSuchModel, NotAllowed
from haechi.learning.life.policy import AskingPart
from haechi.stores import Tables, Work

__all__ = ["STATES", "EarlyLabel", "Question", "Questions"]

HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
STATES = ("waiting", "mine", "not_mine", "unanswered")
_COLUMNS = "number, event_id, subject, event_us, asked_us, until_us, why, score, state, answered_us, channel"
PART = 500


class Question(msgspec.Struct, frozen=True):
    """One customer is asked about one event."""

    number: int
    event_id: str
    subject: str
    event_us: int
    asked_us: int
    until_us: int
    why: str
    score: float
    state: str
    answered_us: int | None
    channel: str


class EarlyLabel(msgspec.Struct, frozen=True):
    """What an answer says of its event."""

    event_id: str
    fraud: bool
    known_at_us: int
    source: str
    kind: str


class Questions:
    """The questions of one home; calls may come from any thread."""

    def __init__(self, tables: Tables, now_us: Callable[[], int], part: AskingPart) -> None:
        self._tables, self._now_us, self._part = tables, now_us, part

    def offer(self, candidates: Sequence[Candidate]) -> list[Question]:
        """Write down whom to ask, of some candidates; at most what the day's budget leaves."""
        part, now = self._part, self._now_us()
        if not part.per_day or not candidates:
            return []

        def task(work: Work) -> list[int]:
            day = work.rows(
                "SELECT COUNT(*) FROM questions WHERE asked_us >= :since", {"since": now // DAY_US * DAY_US}
            )
            asked = "SELECT DISTINCT subject FROM questions WHERE asked_us >= :since"
            rested = {s for (s,) in work.rows(asked, {"since": now - part.days_between * DAY_US})}
            numbers = []
            for one in choose(candidates, part, asked_today=int(day[0][0]), rested=rested):
                if work.rows("SELECT 1 FROM questions WHERE event_id = :id", {"id": one.event_id}):
                    continue
                numbers.append(work.next("questions"))
                work.add("questions", {
                    "number": numbers[-1], "event_id": one.event_id, "subject": one.subject, "event_us": one.event_us,
                    "asked_us": now, "until_us": now + part.hours_open * HOUR_US, "why": one.why,
                    "score": one.probability, "state": "waiting", "answered_us": None, "channel": "",
                })  # fmt: skip
            return numbers

        return [self.one(number) for number in self._tables.do(task)]

    def one(self, number: int) -> Question:
        """One question."""
        rows = self._tables.rows(f"SELECT {_COLUMNS} FROM questions WHERE number = :n", {"n": number})  # noqa: S608
        if not rows:
            raise NoSuchModel(f"there is no question {number}")
        return Question(*rows[0])

    def page(self, state: str = "waiting", limit: int = 100) -> list[Question]:
        """Questions in one state, the newest first."""
        if state not in STATES:
            raise NotAllowed(f"state is {', '.join(STATES)}, not {state[:40]!r}")
        sql = f"SELECT {_COLUMNS} FROM questions WHERE state = :state ORDER BY number DESC LIMIT :limit"  # noqa: S608
        return [Question(*row) for row in self._tables.rows(sql, {"state": state, "limit": limit})]

    def answer(self, number: int, answer: str, channel: str) -> tuple[Question, EarlyLabel]:
        """Take what the customer says; the same answer twice is one."""
        held, now = self.one(number), self._now_us()
        if held.state == "waiting" and answer in ("mine", "not_mine"):
            sql = (
                "UPDATE questions SET state = :state, answered_us = :at, channel = :channel"
                " WHERE number = :number AND state = 'waiting'"
            )
            values = {"state": answer, "at": now, "channel": channel[:40], "number": number}
            self._tables.do(lambda work: work.run(sql, values))
            held = self.one(number)
        if held.state != answer:
            raise NotAllowed(f"question {number} is {held.state} already")
        fraud = held.state == "not_mine"
        at = held.answered_us or now
        return held, EarlyLabel(held.event_id, fraud, at, f"confirmation:{held.channel}", "confirmation")

    def sweep(self) -> int:
        """End what nobody answered, and say how many."""
        values = {"now": self._now_us()}
        due = "SELECT 1 FROM questions WHERE state = 'waiting' AND until_us < :now LIMIT 1"
        if not self._tables.rows(due, values):
            return 0
        sql = "UPDATE questions SET state = 'unanswered' WHERE state = 'waiting' AND until_us < :now"
        return self._tables.do(lambda work: work.run(sql, values))


def checks_told(tables: Tables, after: tuple[int, int]) -> tuple[list[EarlyLabel], tuple[int, int]]:
    """What ended step-up checks say, behind a place (closed at, number): who passed it did it, who refused did not.

    A check that only failed says little (a forgotten code) and one without an answer nothing: neither is a label.
    """
    rows: list[tuple[Any, ...]] = tables.rows(
        "SELECT closed_us, seq, event_id, state FROM challenges WHERE state IN ('passed', 'refused')"
        " AND (closed_us > :at OR (closed_us = :at AND seq > :seq)) ORDER BY closed_us, seq LIMIT :part",
        {"at": after[0], "seq": after[1], "part": PART},
    )
    found = [EarlyLabel(event, state == "refused", at, "check", "check") for at, _, event, state in rows]
    return found, (rows[-1][0], rows[-1][1]) if rows else after
