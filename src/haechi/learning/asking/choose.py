"""Which customers to ask "was this you?": where the answer tells most, within what customers may be bothered with.

An answer tells most where the model is least sure, and where nothing like it was ever labelled. Events it is sure of
are decided anyway; the sure end of harmless ones would only bother people.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from math import log2

from haechi.learning.life.policy import AskingPart

__all__ = ["Candidate", "Suspect", "Suspicion", "choose", "information"]

DAY_US = 86_400_000_000
P_MIN = 1e-6
NEW_FACTOR, SUSPECTED_FACTOR = 3.0, 4.0
SUSPECT_DAYS = 7
SUSPECT_FRAUDS, SUSPECT_SUBJECTS = 1.0, 2  # expected frauds of at least so many different customers
ENTITIES_MAX, EVENTS_MAX = 20_000, 20


@dataclass(frozen=True)
class Candidate:
    """An event that its customer could be asked about."""

    event_id: str
    subject: str
    event_us: int
    probability: float
    surprising: bool = False
    suspected: bool = False

    @property
    def why(self) -> str:
        """What makes it worth asking, in one word."""
        return "suspected" if self.suspected else "new" if self.surprising else "uncertain"

    @property
    def worth(self) -> float:
        """Bits that an answer is expected to tell; more where it tells about other events too."""
        told = information(self.probability)
        return told * (SUSPECTED_FACTOR if self.suspected else NEW_FACTOR if self.surprising else 1.0)


def information(probability: float) -> float:
    """Bits of surprise that the answer is expected to hold: the entropy of a yes or no (Shannon, 1948)."""
    p = min(max(probability, P_MIN), 1 - P_MIN)
    return -(p * log2(p) + (1 - p) * log2(1 - p))


def choose(
    candidates: Sequence[Candidate], part: AskingPart, *, asked_today: int, rested: Collection[str]
) -> list[Candidate]:
    """The most telling ones, one a customer, none who was asked lately (`rested` names those who may not be asked)."""
    left, chosen, seen = part.per_day - asked_today, [], set(rested)
    for one in sorted(candidates, key=lambda c: (-c.worth, c.event_us, c.event_id)):
        if left <= 0:
            break
        if one.subject and one.subject not in seen:
            chosen.append(one)
            seen.add(one.subject)
            left -= 1
    return chosen


@dataclass
class Suspect:
    """What came together at one payee or merchant: expected frauds of different customers."""

    expected: float = 0.0
    subjects: set[str] = field(default_factory=set)
    events: deque[tuple[int, str, float]] = field(default_factory=lambda: deque(maxlen=EVENTS_MAX))


class Suspicion:
    """Entities at which suspicious events of several customers meet: they get one early review together."""

    def __init__(self, entities: Collection[str] = ("payee", "merchant", "device", "ip")) -> None:
        self._watched = frozenset(entities)
        self._known: dict[str, Suspect] = {}

    def add(self, event_id: str, time_us: int, subject: str, entities: dict[str, str], probability: float) -> bool:
        """Take an event; says whether it meets others at an entity under suspicion."""
        met = False
        for kind in self._watched & entities.keys():
            name = f"{kind}:{entities[kind]}"
            one = self._known.pop(name, None) or Suspect()
            self._known[name] = one  # the newest is last: the longest unseen is forgotten first
            self._forget(one, time_us - SUSPECT_DAYS * DAY_US)
            one.events.append((time_us, event_id, probability))
            one.expected += probability
            if len(one.subjects) < EVENTS_MAX:
                one.subjects.add(subject)
            met |= _suspected(one)
        while len(self._known) > ENTITIES_MAX:
            del self._known[next(iter(self._known))]
        return met

    def suspects(self, limit: int = 50) -> list[tuple[str, Suspect]]:
        """Entities under suspicion, the most expected frauds first."""
        found = [(name, one) for name, one in self._known.items() if _suspected(one)]
        return sorted(found, key=lambda pair: -pair[1].expected)[:limit]

    @staticmethod
    def _forget(one: Suspect, before_us: int) -> None:
        if one.events and one.events[0][0] < before_us:
            while one.events and one.events[0][0] < before_us:
                one.events.popleft()
            one.expected = sum(p for *_, p in one.events)
            if not one.events:
                one.subjects.clear()


def _suspected(one: Suspect) -> bool:
    return one.expected >= SUSPECT_FRAUDS and len(one.subjects) >= SUSPECT_SUBJECTS
