"""A small house whose parts are told what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from haechi.decision import Decision, House, Policy
from haechi.events import Event, Reason, Signal
from haechi.stores import Entry, body_hash

FRIDAY_0702_US = 1_729_807_320_000_000


def event(**changes: Any) -> Event:
    """The founding story's payment, with changes."""
    given = {"id": "p-1", "kind": "payment", "time_us": FRIDAY_0702_US, "entities": {"customer": "c-17"}}
    return Event(**{**given, "amount": 7_000, "currency": "KRW", **changes})


def reason(code: str, weight: float, en: str = "", ko: str = "") -> Reason:
    return Reason(
        code, "7,000 won", "2,000 won", weight, {"en": en or f"{code} is unusual", "ko": ko or f"{code} 이상"}
    )


@dataclass
class Told:
    """What was known: one row, and how the subject explains the event."""

    row: np.ndarray = field(default_factory=lambda: np.zeros(4, np.float32))
    unexplained: float = 0.25


class Memory:
    def __init__(self, steps: list[str]) -> None:
        self.steps = steps

    def look_and_learn(self, event: Event) -> Told:
        self.steps.append(f"remember and learn {event.id}")
        return Told()

    def hold(self, event: Event, known: Told) -> Told:
        self.steps.append(f"keep back {event.id}")
        return Told(known.row, unexplained=known.unexplained + 0.5)


@dataclass
class Detector:
    score: float | Exception
    reasons: tuple[Reason, ...] | Exception = ()
    name: str = "supervised"
    version: str = "m1"
    takes_ns: int = 0
    explained: int = 0
    house: list[House] = field(default_factory=list)

    def judge(self, event: Event, known: Any) -> Signal:
        for house in self.house:
            house.memory.steps.append(f"look with {self.name}")  # type: ignore[attr-defined]
            house.clock.now += self.takes_ns  # type: ignore[attr-defined]
        if isinstance(self.score, Exception):
            raise self.score
        return Signal(self.name, self.score, self.version)

    def explain(self, event: Event, known: Any, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        self.explained += 1
        if isinstance(self.reasons, Exception):
            raise self.reasons
        return self.reasons[:top]


@dataclass
class Said:
    """What rules say of an event."""

    version: str = "r1"
    lines: list[dict[str, Any]] = field(default_factory=lambda: [{"rule": "r", "version": 1, "result": "hit"}])
    score: float | None = None
    floor: dict[str, Any] = field(default_factory=dict)
    told: tuple[Reason, ...] = ()

    def reasons(self) -> list[Reason]:
        return list(self.told)


class Asked:
    """A rule set that says what it is told to say."""

    def __init__(self, said: Said, error: Exception | None = None) -> None:
        self.said, self.error = said, error

    def decide(self, event: Event, known: Any) -> Said:
        if self.error is not None:
            raise self.error
        return self.said


def asked(error: Exception | None = None, **said: Any) -> Asked:
    return Asked(Said(**said), error)


@dataclass
class Ticket:
    entry: Entry


class Journal:
    def __init__(self, steps: list[str]) -> None:
        self.steps = steps
        self.entries: dict[str, Entry] = {}
        self.broken: str | None = None

    def write(self, entry: Entry) -> Ticket:
        self.steps.append(f"write down {entry.event_id}")
        entry.body_hash = body_hash(entry.body)
        self.entries[entry.event_id] = entry
        return Ticket(entry)

    def find(self, event_id: str) -> Entry | None:
        return self.entries.get(event_id)

    def ticket(self, event_id: str) -> Ticket:
        return Ticket(self.entries[event_id])


class Desk:
    def __init__(self, steps: list[str]) -> None:
        self.steps = steps

    def open(self, decision: Decision) -> None:
        self.steps.append(f"call a person for {decision.event_id}")


class Clock:
    """Each look at it takes a microsecond."""

    def __init__(self) -> None:
        self.now = 0
        self.ticks = count()

    def __call__(self) -> int:
        self.now += 1_000
        return self.now


def house(detectors: Iterable[Detector] = (), policy: Policy | None = None) -> House:
    steps: list[str] = []
    built = House(
        memory=Memory(steps),
        detectors=list(detectors),
        policy=policy or Policy(),
        journal=Journal(steps),
        desk=Desk(steps),
        clock=Clock(),
        versions={"features": "f1", "model": "m1", "rules": ""},
    )
    for detector in built.detectors:
        detector.house.append(built)  # type: ignore[attr-defined]
    return built


def steps_of(built: House) -> list[str]:
    return built.memory.steps  # type: ignore[attr-defined]
