"""What stands: the history of rules, lists and snoozes added up, and the rule set that is compiled from it.

The history only ever grows, so the sum of its first rows is what stood then. A hash of that sum is in every decision
(`versions.rules`), and the store knows for each hash how far the history had come: so any past decision can be taken
again with exactly the rules, lists and snoozes of that moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import msgspec

from haechi.decision import Action
from haechi.events import Event, Reason
from haechi.rules import Lists, Names, Outcome, Rule, RuleSet, Typology, read_pack
from haechi.stores import HistoryRow, ListRow, RuleVersion
from haechi.stores import Rules as RuleStore

__all__ = ["InForce", "Listed", "Place", "Snoozed", "Standing", "compiled", "listed", "stood"]

ACTING = ("canary", "live")
ASKED = ("shadow", *ACTING)
HASH_CHARS = 16
PURPOSES = ("allow", "block", "watch")


class Place(NamedTuple):
    """Where a version stands: its lane, and in canary the share of subjects."""

    lane: str
    share: float = 1.0


class Snoozed(NamedTuple):
    """One rule does not act for one entity, until then."""

    until_us: int
    number: int


class Listed(NamedTuple):
    """A list: what it is for, and the changes that it is made of."""

    purpose: str
    changes: tuple[int, ...]


@dataclass(frozen=True)
class Standing:
    """The history up to a number, added up; a value: the next row makes another."""

    through: int = 0
    places: Mapping[tuple[str, str], Mapping[int, Place]] = field(default_factory=dict)
    lists: Mapping[str, Listed] = field(default_factory=dict)
    snoozes: Mapping[tuple[str, str, str], Snoozed] = field(default_factory=dict)

    def then(self, row: HistoryRow) -> Standing:
        """What stands after one more row."""
        told = msgspec.json.decode(row.content)
        if row.what == "list":
            before = self.lists.get(row.name, Listed(told["purpose"], ()))
            listed = Listed(told["purpose"], (*before.changes, row.change_id or 0))
            return replace(self, through=row.number, lists={**self.lists, row.name: listed})
        if row.what == "snooze":
            key = (row.name, told["entity"], told["id"])
            snoozes = {**self.snoozes, key: Snoozed(told["until_us"], row.number)}
            return replace(self, through=row.number, snoozes=snoozes)
        place = Place(told["lane"], told.get("share", 1.0))
        return replace(self, through=row.number, places=self._moved(row, place))

    def _moved(self, row: HistoryRow, place: Place) -> Mapping[tuple[str, str], Mapping[int, Place]]:
        """One version a lane: who takes it over sends the other away, and a live one sends the canary too."""
        leaves = ACTING if place.lane == "live" else (place.lane,) if place.lane in ASKED else ()
        key = (row.kind, row.name)
        kept = {
            version: Place("retired" if held.lane in ACTING else "draft") if held.lane in leaves else held
            for version, held in self.places.get(key, {}).items()
        }
        return {**self.places, key: {**kept, row.version: place}}

    def lane(self, kind: str, name: str, version: int) -> Place:
        """Where a version stands; a draft until somebody moved it."""
        return self.places.get((kind, name), {}).get(version, Place("draft"))

    def asked(self) -> list[tuple[str, str, int, Place]]:
        """Every version that is asked, in order."""
        return sorted(
            (kind, name, version, place)
            for (kind, name), versions in self.places.items()
            for version, place in versions.items()
            if place.lane in ASKED
        )

    def hash(self, versions: Mapping[tuple[str, str, int], RuleVersion]) -> str:
        """A short name of exactly this: the same rules in the same lanes, the same lists, the same snoozes."""
        asked = [(*key, *place, versions[key].hash) for *key_, place in self.asked() for key in [tuple(key_)]]
        lists = sorted((name, listed.changes) for name, listed in self.lists.items())
        snoozes = sorted((*key, snoozed.until_us) for key, snoozed in self.snoozes.items())
        text = msgspec.json.encode([asked, lists, snoozes])
        return hashlib.sha256(text).hexdigest()[:HASH_CHARS] if asked or lists or snoozes else ""


def stood(rows: Iterable[HistoryRow], since: Standing | None = None) -> Standing:
    """The sum of rows of the history."""
    standing = since or Standing()
    for row in rows:
        standing = standing.then(row)
    return standing


def listed(store: RuleStore, changes: Iterable[int]) -> dict[str, ListRow]:
    """Who stands on a list that is made of these changes."""
    found: dict[str, ListRow] = {}
    for change in changes:
        for row in store.rows_of(change):
            if row.action == "add":
                found[row.entity] = row
            else:
                found.pop(row.entity, None)
    return found
