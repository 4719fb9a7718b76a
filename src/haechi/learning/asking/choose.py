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

__all__ = ["Candidate", "Met", "Suspect", "Suspicion", "choose", "information"]

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
    passed: bool = True  # whoever was held or challenged is asked anyway

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


@dataclass(frozen=True)
class Met:
    """One suspicious event at an entity."""

    time_us: int
    event_id: str
    subject: str
    probability: float


@dataclass
class Suspect:
    """What came together at one payee or merchant lately: suspicious events of different customers.

    One thread adds; others may read, so they copy first.
    """

    events: deque[Met] = field(default_factory=lambda: deque(maxlen=EVENTS_MAX))

    @property
    def expected(self) -> float:
        """Frauds that these events promise. Only the newest are held, so a busy shop is not suspected for its size."""
        return sum(one.probability for one in tuple(self.events))

    @property
    def subjects(self) -> frozenset[str]:
        """Whose events these are."""
        return frozenset(one.subject for one in tuple(self.events))

    def forget(self, before_us: int) -> None:
        """Let go of what is older."""
        while self.events and self.events[0].time_us < before_us:
            self.events.popleft()

    @property
    def meets(self) -> bool:
        """Whether this is enough for a suspicion."""
        return self.expected >= SUSPECT_FRAUDS and len(self.subjects) >= SUSPECT_SUBJECTS


class Suspicion:
    """Entities at which suspicious events of several customers meet: they get one early review together."""

    def __init__(self, entities: Collection[str] = ("payee", "merchant", "device", "ip")) -> None:
        self._watched = frozenset(entities)
        self._known: dict[str, Suspect] = {}
        self._meeting: dict[str, Suspect] = {}
        self._newest_us = 0

    def add(self, event_id: str, time_us: int, subject: str, entities: dict[str, str], probability: float) -> bool:
        """Take an event; says whether it meets others at an entity under suspicion."""
        self._newest_us = max(self._newest_us, time_us)
        met = False
        for kind in self._watched & entities.keys():
            name = f"{kind}:{entities[kind]}"
            one = self._known.pop(name, None) or Suspect()
            self._known[name] = one  # the newest is last: the longest unseen is forgotten first
            one.forget(time_us - SUSPECT_DAYS * DAY_US)
            one.events.append(Met(time_us, event_id, subject, probability))
            met |= self._judge(name, one)
        while len(self._known) > ENTITIES_MAX:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._meeting.pop(oldest, None)
        return met

    def suspects(self, limit: int = 50) -> list[tuple[str, Suspect]]:
        """Entities under suspicion, the most expected frauds first; other threads may ask."""
        since_us = self._newest_us - SUSPECT_DAYS * DAY_US
        found = [(name, one) for name, one in list(self._meeting.items()) if one.events[-1].time_us >= since_us]
        return sorted(found, key=lambda pair: -pair[1].expected)[:limit]

    def _judge(self, name: str, one: Suspect) -> bool:
        meets = one.meets
        if meets:
            self._meeting[name] = one
        else:
            self._meeting.pop(name, None)
        return meets
