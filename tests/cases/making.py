"""A desk over a real file, with a clock that the test turns and alerts as decisions would write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from haechi.cases import CaseDesk, Office, Past, Practice
from haechi.cases.warnings import Judged
from haechi.events import Event, Reason
from haechi.stores import Alert, Answer, Challenge, Entry
from haechi.stores.sqlite import SqliteStore

NOW_US = 1_760_000_000_000_000
SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
DAY_US = 24 * HOUR_US
MEANS = {"passed": "allow", "failed": "block", "refused": "block", "timeout": "hold"}


@dataclass
class Clock:
    """The time, as the test says."""

    now: int = NOW_US

    def __call__(self) -> int:
        return self.now


@dataclass
class Work:
    """A store, its desk and the clock."""

    path: Path
    practice: Practice = field(default_factory=Practice)
    clock: Clock = field(default_factory=Clock)
    judged: dict[str, Judged] = field(default_factory=dict)
    sent: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[int | OSError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = SqliteStore(self.path)
        office = Office(self.store.tables, self.clock, self.practice)
        self.desk = CaseDesk(office, self.judged.get, self.path.parent / "attachments", b"k" * 32, self.send,
                             Past(self.store.journal.find, self.store.journal.labels_of))  # fmt: skip

    def send(self, url: str, body: bytes, head: Mapping[str, str], timeout_s: float) -> int:
        """Remember what was sent; answer as the test says."""
        self.sent.append((url, body, dict(head)))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, OSError):
            raise answer
        return answer

    def write(self, event_id: str, **said: Any) -> None:
        """One decided event, durable."""
        body = f'{{"id":"{event_id}"}}'.encode()
        entry = Entry(type=1, event_id=event_id, time_us=self.clock.now, body=body, decision=b"{}", **said)
        self.store.journal.write(entry).wait(60)

    def call(self, event_id: str, customer: str | None = None, **changes: Any) -> str:
        """A decision that calls a person; gives the alert's id."""
        given: dict[str, Any] = {
            "id": f"a-{event_id}", "action": "hold", "created_us": self.clock.now, "amount": 7_000, "currency": "KRW",
            "subject": f"customer:{customer or event_id}", "expected_loss": 6_510, "urgency": 6_510,
            "opened_us": self.clock.now, "service_us": HOUR_US,
        }  # fmt: skip
        self.write(event_id, alert=Alert(**{**given, **changes}))
        return f"a-{event_id}"

    def transfer(self, event_id: str, amount: int | None = 5_000_000, **changes: Any) -> str:
        """A decided transfer, as the journal would find it."""
        codes = changes.pop("codes", ("customer_payee.new", "customer.ratio_30d"))
        reasons = [Reason(code, "1", "0", 0.5, {"en": code, "ko": code}) for code in codes]
        action = changes.pop("action", "hold")
        given = {"kind": "transfer", "time_us": self.clock.now, "entities": {"customer": "c-1", "payee": "p-3"}}
        event = Event(**{"id": event_id, "amount": amount, "currency": "KRW", **given, **changes})
        self.judged[event_id] = Judged(event, action, reasons)
        return event_id

    def challenge(self, event_id: str, customer: str = "c-1", attempts: int = 2, seconds: int = 60) -> str:
        """A decision that asks for another check; gives the challenge's id."""
        now = self.clock.now
        alert = Alert(
            f"a-{event_id}", "challenge", now, f"customer:{customer}", 5_000_000, "KRW", 1_000, 1_000, now, HOUR_US
        )
        self.write(
            event_id, challenge=Challenge(f"c-{event_id}", now + seconds * SECOND_US, attempts, MEANS, alert)
        )  # fmt: skip
        return f"c-{event_id}"

    def answer(self, event_id: str, challenge: str, result: str, customer: str = "c-1") -> None:
        """A check event that answers a challenge."""
        told = Answer(challenge, result, "otp", f"customer:{customer}", self.clock.now)
        self.write(event_id, answer=told)

    def later(self, us: int) -> None:
        """Turn the clock, then do what is due."""
        self.clock.now += us
        self.desk.sweep()
