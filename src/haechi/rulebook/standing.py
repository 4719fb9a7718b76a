"""What stands: the history of rules, lists and snoozes added up, and the rule set that is compiled from it.

The history only ever grows, so the sum of its first rows is what stood then. A hash of that sum is in every decision
(`versions.rules`), and the store knows for each hash how far the history had come: so any past decision can be taken
again with exactly the rules, lists and snoozes of that moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from typing import Any, NamedTuple

import msgspec

from haechi.decision import Action
from haechi.events import Event, Reason, Schema
from haechi.features import Spec, Window
from haechi.rules import BadRule, Outcome, Rule, Typology, read_pack
from haechi.rules.lists import Entry, Lists
from haechi.rules.names import Names
from haechi.rules.ruleset import RuleSet
from haechi.stores import HistoryRow, ListRow, RuleVersion
from haechi.stores import Rules as RuleStore

__all__ = ["InForce", "Listed", "Place", "Standing", "Workshop", "listed", "stood"]

_Known = tuple[str, int, str, "Place"]  # what a version says, its number, its author, where it stands
ACTING = ("canary", "live")
REASONS_MAX = 5
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
    lives: Mapping[tuple[str, str], tuple[int | None, ...]] = field(default_factory=dict)
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
        places = self._moved(row, place)
        lives = {**self.lives, (row.kind, row.name): self._lived(row, told.get("undoes"), places)}
        return replace(self, through=row.number, places=places, lives=lives)

    def _lived(
        self, row: HistoryRow, undoes: int | None, places: Mapping[tuple[str, str], Mapping[int, Place]]
    ) -> tuple[int | None, ...]:
        """Which version was live, one after the other, None for none; what was rolled back is no longer among them."""
        key = (row.kind, row.name)
        before, live = self.lives.get(key, ()), live_in(places[key])
        if undoes is not None and undoes == self.live(*key):
            before = before[:-1]
        return before if live == (before[-1] if before else None) else (*before, live)

    def live(self, kind: str, name: str) -> int | None:
        """The version that is live; None for none."""
        return live_in(self.places.get((kind, name), {}))

    def live_before(self, kind: str, name: str) -> int | None:
        """The version that was live immediately before the one that is; None when none was."""
        return (None, None, *self.lives.get((kind, name), ()))[-2]

    def acting(self, kind: str, name: str) -> dict[str, int]:
        """What acts now: lane -> version."""
        places = self.places.get((kind, name), {})
        return {place.lane: version for version, place in sorted(places.items()) if place.lane in ACTING}

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

    def asked(self) -> list[tuple[tuple[str, str, int], Place]]:
        """Every version that is asked (kind, name and number), in order."""
        return sorted(
            ((kind, name, version), place)
            for (kind, name), versions in self.places.items()
            for version, place in versions.items()
            if place.lane in ASKED
        )

    def hash(self, versions: Mapping[tuple[str, str, int], RuleVersion]) -> str:
        """A short name of exactly this: the same rules in the same lanes, the same lists, the same snoozes."""
        asked = [(*key, *place, versions[key].hash) for key, place in self.asked()]
        lists = sorted((name, listed.changes) for name, listed in self.lists.items())
        snoozes = sorted((*key, snoozed.until_us) for key, snoozed in self.snoozes.items())
        text = msgspec.json.encode([asked, lists, snoozes])
        return hashlib.sha256(text).hexdigest()[:HASH_CHARS] if asked else ""


def live_in(places: Mapping[int, Place]) -> int | None:
    """The live one of these versions."""
    return next((version for version, place in places.items() if place.lane == "live"), None)


class Said:
    """What a set says of one event, as the decision room hears it."""

    __slots__ = ("_found", "_outcome", "lines", "score", "version")

    def __init__(self, outcome: Outcome, found: InForce) -> None:
        self.version, self.lines, self.score = found.version, outcome.lines, outcome.score
        self._outcome, self._found = outcome, found

    @property
    def floor(self) -> dict[str, Action]:
        """What was agreed whatever the models say."""
        outcome = self._outcome
        floor: dict[str, Action] = {} if outcome.minimum == "allow" else {"minimum": outcome.minimum}
        return floor if outcome.fixed is None else {"fixed": outcome.fixed, **floor}

    def reasons(self) -> list[Reason]:
        """The reasons of the rules and typologies that acted, the heaviest first."""
        found = self._found
        rules = [found.rules[line["rule"], line["version"]] for line in self._outcome.lines if acted(line)]
        # Only those that can be told are made: a careless condition may hit with hundreds of rules.
        told = [found.reason(rule) for rule in nlargest(REASONS_MAX, rules, key=weight_of)]
        told += [found.typology(line) for line in self._outcome.typologies if line["lane"] in ACTING]
        return nlargest(REASONS_MAX, told, key=lambda reason: reason.weight)


def acted(line: Mapping[str, Any]) -> bool:
    """Whether a line of a decision is one of a rule that had a say."""
    return line["result"] == "hit" and line["lane"] in ACTING and not line.get("snoozed")


def weight_of(rule: Rule) -> float:
    """How much a hit counts among the reasons; a rule that fixes an action weighs as much as certainty."""
    return 1.0 if rule.effect.weight is None else rule.effect.weight


@dataclass(frozen=True)
class InForce:
    """A compiled set under the name that decisions carry; equal names are equal rules, lists and snoozes."""

    version: str
    rule_set: RuleSet
    rules: Mapping[tuple[str, int], Rule]
    typologies: Mapping[tuple[str, int], Typology]

    @property
    def broken(self) -> Mapping[str, BadRule]:
        """Rules that no longer fit what can be named here, as id@version: they are left out."""
        return self.rule_set.broken

    @property
    def asks(self) -> bool:
        """Whether there is any rule to ask."""
        return bool(self.rules)

    @property
    def windows(self) -> Sequence[Window]:
        """The exact windows that the memory must keep for it."""
        return tuple(self.rule_set.windows)

    def decide(self, event: Event, known: Any) -> Said:
        """Ask every rule about one event."""
        return Said(self.rule_set.decide(event, known), self)

    def reason(self, rule: Rule) -> Reason:
        """Why a rule that hit says so, in the words of its author."""
        return Reason(f"rules.{rule.id}", rule.name["en"], "", weight_of(rule), rule.reason)

    def typology(self, line: Mapping[str, Any]) -> Reason:
        """Why a typology says so: its name, for its rules have told the rest."""
        known = self.typologies[line["typology"], line["version"]]
        return Reason(f"typologies.{known.id}", f"{line['sum']:g}", f"{known.alert:g}", 1.0, known.name)


class Workshop:
    """Compiles what stands for one home, and keeps its lists at hand: one that did not change is not read again."""

    def __init__(self, schema: Schema, spec: Spec, store: RuleStore, seed: int = 0) -> None:
        """`seed` salts the keys of lists; a home keeps its own."""
        self._schema, self._spec, self._store = schema, spec, store
        self._names = Names.of(schema, spec)
        self._before: RuleSet | None = None
        self._made: dict[_Known, Rule | Typology] = {}
        self._read: dict[str, Listed] = {}
        self._lists = Lists.of({}, seed)

    def names(self, lists: Collection[str] | None = None) -> Names:
        """What a condition may name here."""
        return Names.of(self._schema, self._spec, lists=lists)

    def __call__(
        self, standing: Standing, versions: Mapping[tuple[str, str, int], RuleVersion], *, trial: bool = False
    ) -> InForce:
        """The set of what stands; a `trial` will not be in force, and the next one has nothing to learn from it."""
        wanted = [(versions[key], place) for key, place in standing.asked()]
        known = {(v.hash, v.version, v.author, place): (v, place) for v, place in wanted}
        made = {key: self._made.get(key) or _made(*one) for key, one in known.items()}
        rules = [one for one in made.values() if isinstance(one, Rule)]
        groups = [one for one in made.values() if isinstance(one, Typology)]
        lists = self._lists_of(standing) if rules else self._lists
        rule_set = RuleSet.compile(
            rules, self._names, lists, typologies=groups, snoozes=_snoozes(standing), before=self._before
        )
        if not trial:
            self._before, self._made = rule_set, made
        return InForce(
            standing.hash(versions), rule_set,
            {(rule.id, rule.version): rule for rule in rules}, {(one.id, one.version): one for one in groups},
        )  # fmt: skip

    def _lists_of(self, standing: Standing) -> Lists:
        """Every list, those that changed read anew."""
        for name, one in standing.lists.items():
            if self._read.get(name) != one:
                rows = listed(self._store, one.changes).values()
                entries = (Entry(row.entity, row.reason, row.owner, row.expires_us) for row in rows)
                self._lists = self._lists.replace(name, entries)
                self._read[name] = one
        for name in list(self._read.keys() - standing.lists.keys()):
            self._lists = self._lists.without(name)
            del self._read[name]
        return self._lists


def _snoozes(standing: Standing) -> dict[str, dict[tuple[str, str], int]]:
    """By rule, as the rule set wants them."""
    found: dict[str, dict[tuple[str, str], int]] = {}
    for (rule, entity, id_), one in standing.snoozes.items():
        found.setdefault(rule, {})[entity, id_] = one.until_us
    return found


def _made(version: RuleVersion, place: Place) -> Rule | Typology:
    """A version as it stands in a lane."""
    pack = read_pack(version.content)
    if version.kind == "typology":
        return msgspec.structs.replace(
            pack.typologies[0], version=version.version, author=version.author, lane=place.lane
        )
    (rule,) = pack.rules
    return msgspec.structs.replace(
        rule, version=version.version, author=version.author, lane=place.lane,
        canary_share=place.share if place.lane == "canary" else rule.canary_share,
    )  # fmt: skip


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
