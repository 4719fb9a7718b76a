"""The past once more: every feature and every decision computed again and held against what was written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from xxhash import xxh3_64_intdigest

from haechi.app import (
    BadHome,
    Bell,
    Shut,
    champion,
    decide_again,
    features_at,
    house_for,
    key_seed,
    open_shut,
    stopped,
)
from haechi.decision import Decision, Detector, House, Policy
from haechi.decision.decision import decode
from haechi.events import Event
from haechi.features import Memory
from haechi.features.course import Course
from haechi.features.exact import LATE_US, NEVER
from haechi.learning.registry import Registry
from haechi.lifecycle.past import PastModels
from haechi.restore import Piece, catch_up, event_of, label_of, pieces
from haechi.rulebook.past import PastRules
from haechi.stores import DECIDED, LABEL, Entry

__all__ = ["Checked", "Past", "afresh", "check_home"]

Rows = Callable[[int], None]
WORDS = ("sentence", "reasons")  # an upgrade may tell the same decision in other words: they are counted
TOLD = ("timings_us", "kept_back_after", *WORDS)


@dataclass
class Checked:
    """What a check found; `difference` names the first event that came out otherwise."""

    imported: int = 0
    decided: int = 0
    learned: int = 0
    labels: int = 0
    other_features: int = 0
    other_versions: int = 0
    late: int = 0
    reworded: int = 0
    difference: str | None = None


class _ToHold(NamedTuple):
    """What is kept back when so many events were learned."""

    at: int
    entry: Entry
    event: Event
    known: Any


@dataclass
class Past:
    """A home's past, to be lived through again from its first day with a memory of its own."""

    shut: Shut
    course: Course
    house: House
    features: list[tuple[int, str]]
    rules: PastRules
    models: PastModels | None = None  # none where the detectors were given by hand
    found: Checked = field(default_factory=Checked)
    to_hold: list[_ToHold] = field(default_factory=list)
    newest_us: int = NEVER

    def same_features(self, seq: int) -> bool:
        """Whether today's features were in use at that number."""
        then = [name for first, name in self.features if first <= seq]
        return bool(then) and then[-1] == self.course.memory.spec.hash

    def event_of(self, entry: Entry) -> Event:
        """The event of an entry."""
        return event_of(self.shut.schema, entry.body)

    def labelled(self, entry: Entry) -> Entry:
        """The event that a label is about."""
        held = self.shut.store.journal.find(entry.event_id)
        if held is None:
            raise BadHome(f"entry {entry.seq} labels event {entry.event_id!r}, which is gone: restore a backup")
        return held

    def live_label(self, entry: Entry) -> None:
        """Learn a label as it was learned when it came."""
        label, held = label_of(entry), self.labelled(entry)
        self.course.learn_label(self.event_of(held), label.fraud, label.known_at_us, entry.unexplained)
        if held.unexplained != entry.unexplained:
            self.found.difference = f"entry {entry.seq}, a label of {entry.event_id!r}: unexplained differs"


@contextmanager
def afresh(shut: Shut, detectors: Sequence[Detector] | None = None) -> Iterator[Past]:
    """A home with an empty memory beside it, so that the home's own snapshots and cold records stay untouched."""
    with TemporaryDirectory(prefix="check-", dir=shut.home.path) as folder:
        cold = Path(folder) / "cold" if shut.settings.memory.cold else None
        course = Course(Memory(shut.spec, cold=cold, seed=key_seed(shut.home)))
        chosen = champion(shut.home, shut.spec) if detectors is None else detectors
        house = house_for(course, chosen, Policy.parse(shut.settings.policy), shut.store, Bell(), stopped)
        rules = PastRules(shut)
        rules.keep_windows(course.memory)
        models = PastModels(Registry(shut.home.models), shut.spec) if detectors is None else None
        yield Past(shut, course, house, features_at(shut), rules, models)


def check_home(
    path: Path, *, detectors: Sequence[Detector] | None = None, on_rows: Rows = lambda done: None
) -> Checked:
    """Compute everything again from the beginning, and stop at the first difference."""
    with open_shut(path, beside=True) as shut, afresh(shut, detectors) as past:
        found = past.found
        for piece in pieces(shut.archive, shut.store.journal, 0):
            _check_piece(past, piece)
            on_rows(found.imported + found.decided + found.learned + found.labels)
            if found.difference is not None:
                break
        return found


def _check_piece(past: Past, piece: Piece) -> None:
    found = past.found
    if piece.frame is not None:
        found.imported += piece.frame.height
        past.newest_us = max(past.newest_us, int(piece.frame["time_us"].to_numpy().max()))
        other = catch_up(past.course, past.shut.schema, past.shut.store.journal, piece)
        if not past.same_features(piece.last_seq):
            found.other_features += piece.frame.height
        elif other is not None:
            found.difference = f"imported event {other!r}: it is explained otherwise"
        return
    for entry in piece.entries:
        _check_entry(past, entry)
        if found.difference is not None:
            return
    if past.to_hold:  # a piece never ends between an event and what it is kept back behind
        late = past.to_hold[0].entry
        found.difference = f"event {late.event_id!r} (entry {late.seq}): it is kept back behind events that are missing"


def _check_entry(past: Past, entry: Entry) -> None:
    found = past.found
    if entry.type == LABEL:
        found.labels += 1
        past.live_label(entry)
        return
    past.newest_us = max(past.newest_us, entry.time_us)
    if entry.type == DECIDED:
        found.decided += 1
        _check_decision(past, entry, decode(entry.decision or b""))
    else:
        found.learned += 1
        known = past.course.look_and_learn(past.event_of(entry))
        _check_features(past, entry, known)
    while past.to_hold and past.to_hold[0].at <= found.decided + found.learned:
        one = past.to_hold.pop(0)
        _check_features(past, one.entry, past.course.hold(one.event, one.known))


def _check_decision(past: Past, entry: Entry, stored: Decision) -> None:
    heard = {signal.detector for signal in stored.signals}
    # Who was late then would be heard today: what the clock did is taken from the record.
    missing = [d.name for d in past.house.detectors if d.name in stored.degraded and d.name not in heard]
    if stored.versions.get("policy") != past.house.policy.version:
        past.house.budget.restore([])
    past.rules.put_into(past.house, stored)
    if past.models is not None:
        past.models.put_into(past.house, stored)
    event = past.event_of(entry)
    known, now = decide_again(event, past.house, missing)
    if stored.action == "allow":
        _check_features(past, entry, known)
    else:
        at = past.found.decided + past.found.learned + (stored.kept_back_after or 0)
        past.to_hold.append(_ToHold(at, entry, event, known))
    if stored.versions != now.versions:
        past.found.other_versions += 1
        return
    before, after = _plain(stored), _plain(now)
    other = next((name for name in before if name not in TOLD and before[name] != after[name]), None)
    past.found.reworded += other is None and any(before[name] != after[name] for name in WORDS)
    if other is not None and entry.time_us < past.newest_us - LATE_US and past.house.rules is not None:
        # So late that the windows of rules may have been filled from later on only, when the house was opened.
        past.found.late += 1
        return
    if other is not None and past.found.difference is None:
        past.found.difference = f"event {entry.event_id!r} (entry {entry.seq}): {other} of the decision differs"


def _check_features(past: Past, entry: Entry, known: Any) -> None:
    if not past.same_features(entry.seq):
        past.found.other_features += 1
    elif xxh3_64_intdigest(known.row) != entry.digest or known.unexplained != entry.unexplained:
        past.found.difference = f"event {entry.event_id!r} (entry {entry.seq}): its features differ"


def _plain(decision: Decision) -> dict[str, Any]:
    # As JSON: what was stored went through it.
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(decision))
    return found
