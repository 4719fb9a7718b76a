"""From hits to what they ask of the decision: lanes, snoozes, weights, typologies, the mildest and the fixed action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_64_intdigest

from haechi.events import Event
from haechi.rules.outcome import HIT, RESULTS, UNDECIDED, Outcome, harder
from haechi.rules.rule import Action, Rule, Typology

if TYPE_CHECKING:
    from haechi.rules.ruleset import RuleSet

__all__ = ["Effects", "Snoozes", "conclude", "in_canary"]

# rule id -> {(entity, its value): the first microsecond in which the rule acts again}
Snoozes = Mapping[str, Mapping[tuple[str, str], int]]


def in_canary(rule: Rule, subject: str) -> bool:
    """Whether a subject is in a rule's share: always the same subjects, and others for each rule."""
    return xxh3_64_intdigest(f"{rule.id}\x1f{subject}".encode()) < rule.canary_share * 2**64


@dataclass(frozen=True)
class Effects:
    """What is known of all rules before any event: their lines, and for which kinds of event one gives a weight."""

    lines: tuple[dict[int, dict[str, Any]], ...]  # for each rule and result; never changed by anybody
    weighted: frozenset[str] | None  # None: for every kind

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Effects:
        """Work them out once."""
        lines = tuple({result: _line(rule, result, rule.lane) for result in (HIT, UNDECIDED)} for rule in rules)
        acting = [r for r in rules if r.effect.weight is not None and r.lane in ("canary", "live")]
        every = any(not r.kinds for r in acting)
        return cls(lines, None if every else frozenset(kind for r in acting for kind in r.kinds))


def _line(rule: Rule, result: int, lane: str) -> dict[str, Any]:
    return {"rule": rule.id, "version": rule.version, "result": RESULTS[result], "lane": lane}


def conclude(rules: RuleSet, event: Event, found: Sequence[Sequence[int]], approximate: tuple[str, ...]) -> Outcome:
    """Name what was found, and join what the acting hits ask for."""
    if not found:
        return _nothing(rules, event, approximate)
    lines: list[dict[str, Any]] = []
    acting: list[Rule] = []
    hits: list[Rule] = []
    for number, result in found:
        rule = rules.rules[number]
        line = rules.effects.lines[number][result]
        if rule.lane == "canary" and not in_canary(rule, event.entities.get(rules.names.subject, event.id)):
            line = _line(rule, result, "shadow")
        if result == HIT:
            if rule.id in rules.snoozes and _snoozed(rules.snoozes[rule.id], event):
                line = {**line, "snoozed": True}
            else:
                hits.append(rule)
                if line["lane"] != "shadow":
                    acting.append(rule)
        lines.append(line)
    typologies, minimum = _typologies(rules.typologies, hits, acting)
    fixed, from_rules = _actions(acting)
    if fixed is not None:
        minimum = "allow"
    score = _score(acting)
    score = _unmet(rules, event) if score is None else score
    return Outcome(rules.version, lines, score, harder(minimum, from_rules), fixed, typologies, approximate)


def _nothing(rules: RuleSet, event: Event, approximate: tuple[str, ...]) -> Outcome:
    """Most events meet no rule, and none of them waits for more than this; a typology alerts above zero only."""
    return Outcome(rules.version, [], _unmet(rules, event), "allow", None, [], approximate)


def _unmet(rules: RuleSet, event: Event) -> float | None:
    """The joined weight when no rule that gives one hit: nothing, where one was asked."""
    weighted = rules.effects.weighted
    return 0.0 if weighted is None or event.kind in weighted else None


def _snoozed(snoozes: Mapping[tuple[str, str], int], event: Event) -> bool:
    return any(event.time_us < snoozes.get(one, 0) for one in event.entities.items())


def _score(acting: Sequence[Rule]) -> float | None:
    """Weights join as chances that are independent: what is left over after each hit is multiplied."""
    weights = [rule.effect.weight for rule in acting if rule.effect.weight is not None]
    return 1.0 - prod(1.0 - weight for weight in weights) if weights else None


def _actions(acting: Sequence[Rule]) -> tuple[Action | None, Action]:
    """The fixed action of the highest priority (the harder of equal ones), and the floor of what outranks it."""
    fixed: Action | None = None
    rank = -1
    for rule in acting:  # in order of priority
        if rule.effect.fixed is not None and (fixed is None or rule.priority == rank):
            fixed = rule.effect.fixed if fixed is None else harder(fixed, rule.effect.fixed)
            rank = rule.priority
    minimum: Action = "allow"
    for rule in acting:
        if rule.effect.minimum is not None and rule.priority > rank:
            minimum = harder(minimum, rule.effect.minimum)
    return fixed, minimum


def _typologies(
    typologies: Sequence[Typology], hits: Sequence[Rule], acting: Sequence[Rule]
) -> tuple[list[dict[str, Any]], Action]:
    """Add up the weights of the hits; a typology in shadow counts every hit and asks for nothing."""
    told: list[dict[str, Any]] = []
    minimum: Action = "allow"
    for typology in typologies:
        live = typology.lane == "live"
        total = sum(typology.rules.get(rule.id, 0.0) for rule in (acting if live else hits))
        if total < typology.alert:
            continue
        blocks = typology.block is not None and total >= typology.block
        line = {"typology": typology.id, "version": typology.version, "sum": total}
        told.append({**line, "reached": "block" if blocks else "alert", "lane": typology.lane})
        if live:
            minimum = harder(minimum, "block" if blocks else typology.alert_action)
    return told, minimum
