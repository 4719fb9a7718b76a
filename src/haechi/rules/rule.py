"""A rule: what the bank agreed to do when a condition holds; and a typology, a weighted group of rules.

Both are values: a change is a new version, and a version never changes.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from haechi.rules.errors import BadRuleFile

__all__ = [
    "ACTIONS",
    "CONDITION_CHARS_MAX",
    "LANES",
    "Action",
    "Effect",
    "Lane",
    "Rule",
    "Typology",
    "check_rule",
    "check_typology",
]

Action = Literal["allow", "challenge", "hold", "block"]
Lane = Literal["draft", "shadow", "canary", "live", "retired"]
ACTIONS: tuple[Action, ...] = ("allow", "challenge", "hold", "block")  # from the mildest to the hardest
LANES: tuple[Lane, ...] = ("draft", "shadow", "canary", "live", "retired")

CONDITION_CHARS_MAX = 4_000
TEXT_CHARS_MAX = 500
NAMES_MAX = 100  # kinds, tags, reviewers
PRIORITY_MAX = 1_000
RULES_PER_TYPOLOGY_MAX = 1_000
WEIGHT_MAX = 1_000.0
_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?\Z")


class Effect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a hit does; exactly one of three.

    weight: a probability of fraud from 0 to 1, joined with those of other hits; minimum: no milder action than this;
    fixed: this action and no other, unless a rule of higher priority asks for more.
    """

    weight: float | None = None
    minimum: Action | None = None
    fixed: Action | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version; texts are {"en": ..., "ko": ...}, no kinds means every kind, times are UTC microseconds."""

    id: str
    name: dict[str, str]
    reason: dict[str, str]
    condition: str
    effect: Effect
    version: int = 1
    kinds: tuple[str, ...] = ()
    priority: int = 500  # the higher goes first
    author: str = ""
    reviewers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    valid_from_us: int | None = None
    valid_until_us: int | None = None  # the first microsecond in which it no longer holds
    lane: Lane = "draft"
    canary_share: float = 0.05  # of subjects, always the same ones; counts in lane canary only

    @property
    def ref(self) -> str:
        """How decisions name it: id@version."""
        return f"{self.id}@{self.version}"


class Typology(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A weighted group of rules: the weights of those that hit are added up and held against two thresholds."""

    id: str
    name: dict[str, str]
    rules: dict[str, float]  # rule id -> weight
    alert: float  # from this sum on, `alert_action` is the mildest action
    block: float | None = None  # from this sum on, the event is blocked
    alert_action: Action = "hold"
    version: int = 1
    lane: Lane = "draft"
    author: str = ""
    tags: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """How decisions name it: id@version."""
        return f"{self.id}@{self.version}"


def check_rule(rule: Rule) -> Rule:
    """Give a rule back when it holds together, apart from its condition; else BadRuleFile says which field is wrong."""
    where = _named("rule", rule.id, rule.version, rule.name)
    _texts(where, "reason", rule.reason)
    if not rule.condition.strip() or len(rule.condition) > CONDITION_CHARS_MAX:
        raise BadRuleFile(f"{where}: condition must have 1 to {CONDITION_CHARS_MAX:,} characters")
    _effect(where, rule.effect)
    for what, names in (("kinds", rule.kinds), ("tags", rule.tags), ("reviewers", rule.reviewers)):
        if len(names) > NAMES_MAX or len(set(names)) < len(names) or not all(0 < len(n) <= 64 for n in names):
            raise BadRuleFile(f"{where}: {what} must be up to {NAMES_MAX} different words of 1 to 64 characters")
    if not 0 <= rule.priority <= PRIORITY_MAX:
        raise BadRuleFile(f"{where}: priority must lie between 0 and {PRIORITY_MAX:,}")
    if rule.valid_from_us is not None and rule.valid_until_us is not None and rule.valid_until_us <= rule.valid_from_us:
        raise BadRuleFile(f"{where}: valid_until must be later than valid_from")
    if not 0.0 < rule.canary_share <= 1.0:
        raise BadRuleFile(f"{where}: canary_share must be above 0 and at most 1")
    return rule


def check_typology(typology: Typology) -> Typology:
    """Give a typology back when it holds together; else BadRuleFile says which field is wrong."""
    where = _named("typology", typology.id, typology.version, typology.name)
    if not 1 <= len(typology.rules) <= RULES_PER_TYPOLOGY_MAX:
        raise BadRuleFile(f"{where}: rules must name 1 to {RULES_PER_TYPOLOGY_MAX:,} rules")
    if not all(0.0 < weight <= WEIGHT_MAX for weight in typology.rules.values()):
        raise BadRuleFile(f"{where}: every weight must be above 0 and at most {WEIGHT_MAX:,.0f}")
    total = sum(typology.rules.values())
    for what, threshold in (("alert", typology.alert), ("block", typology.block)):
        if threshold is not None and not 0.0 < threshold <= total:
            raise BadRuleFile(f"{where}: {what} must be above 0 and at most {total:g}, the sum of all weights")
    if typology.block is not None and typology.block < typology.alert:
        raise BadRuleFile(f"{where}: block must not be below alert")
    return typology


def _named(what: str, name: str, version: int, texts: dict[str, str]) -> str:
    where = f"{what} {name[:80]!r}"
    if not _ID.match(name):
        raise BadRuleFile(f"{where}: id must be 1 to 64 small letters, digits, dashes or underscores")
    if not 1 <= version < 2**31:
        raise BadRuleFile(f"{where}: version must be 1 or more")
    _texts(where, "name", texts)
    return where


def _texts(where: str, what: str, texts: dict[str, str]) -> None:
    if set(texts) != {"en", "ko"} or not all(len(t.strip()) > 0 and len(t) <= TEXT_CHARS_MAX for t in texts.values()):
        raise BadRuleFile(f"{where}: {what} needs a text in en and in ko, each of 1 to {TEXT_CHARS_MAX} characters")


def _effect(where: str, effect: Effect) -> None:
    given = [e for e in (effect.weight, effect.minimum, effect.fixed) if e is not None]
    if len(given) != 1:
        raise BadRuleFile(f"{where}: effect must be exactly one of weight, minimum and fixed")
    if effect.weight is not None and not 0.0 < effect.weight < 1.0:
        raise BadRuleFile(f"{where}: weight is a probability above 0 and below 1")
    if effect.minimum == "allow":
        raise BadRuleFile(f'{where}: no action is milder than allow; to let events pass, say fixed = "allow"')
