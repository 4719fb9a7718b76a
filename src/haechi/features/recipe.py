"""The default recipe: from any schema to a declaration of features, with no code. `features.toml` adds or removes.

```toml
windows = ["5m", "1h", "1d", "7d", "30d"]  # without a clock, of running numbers: ["100", "1000", "10000"]
remove = ["*.flow_*", "merchant.crowd_*"]     # names or patterns of features that no model gets to see

[entities.merchant]
ring = true                                   # exact windows instead of panes
pairs = ["device"]                            # whom else it keeps track of
verdicts = false                              # no features from labels

[behaviour]                                   # work out surprise; `behaviour = true`: the parts are found by name
merchant = "shop"
calendar = "KR"                               # whose public holidays and school terms

[memory]
hot = 2_000_000                               # records of each kind kept in memory before the longest unseen go to disk
customer = 5_000_000
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from haechi.events.money import exponent
from haechi.features.behaviour import choose
from haechi.features.errors import BadSpec
from haechi.features.memory import planned
from haechi.features.spec import Category, Entity, Pair, Spec

__all__ = ["default_spec", "spec_for"]

CLOCK_WINDOWS = ("5m", "1h", "1d", "7d", "30d")
ORDER_WINDOWS = ("100", "1000", "10000")
UNITS_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
# Things that belong to one person get exact windows; places where many people meet get panes.
OWNED = {"card", "account", "device"}
FEW_PARTNERS = {"card", "account", "device"}
SLOTS_FEW, SLOTS_MANY, SLOTS_CATEGORY = 8, 32, 16
CATEGORY_PAIRS_MAX = 4
CATEGORY_VERDICTS_MAX = 3
DAY_US = 86_400_000_000
HOT_DEFAULT, COLD_DEFAULT = 1_000_000, 50_000_000


class Roles(Protocol):
    """What the recipe needs to know of a schema."""

    @property
    def entity_names(self) -> Sequence[str]:
        """The entities; the first is the subject."""

    @property
    def number_names(self) -> Sequence[str]:
        """Numeric fields."""

    @property
    def category_names(self) -> Sequence[str]:
        """Categorical fields."""

    @property
    def attribute_names(self) -> Sequence[str]:
        """What an event tells about its subject for good."""

    @property
    def currency(self) -> str:
        """The currency of the amounts, or empty."""

    @property
    def timezone(self) -> str:
        """The zone of local hours."""

    @property
    def has_place(self) -> bool:
        """Whether events carry a place."""

    @property
    def has_label(self) -> bool:
        """Whether the source carries labels."""

    @property
    def ordinal(self) -> bool:
        """Whether times are running numbers."""


def default_spec(schema: Roles, *, overrides: Mapping[str, Any] | None = None, has_amount: bool | None = None) -> Spec:
    """Derive the features of a schema; `overrides` is the content of features.toml."""
    return planned(spec_for(schema, overrides=overrides, has_amount=has_amount)).spec


def spec_for(schema: Roles, *, overrides: Mapping[str, Any] | None = None, has_amount: bool | None = None) -> Spec:
    """Declare without working out: entities, categories, windows, budgets."""
    wanted = dict(overrides or {})
    _known_keys(wanted, {"remove", "windows", "entities", "memory", "categories", "behaviour"}, "features.toml")
    memory = dict(wanted.get("memory", {}))
    categories = _categories(schema, wanted)
    names = tuple(schema.entity_names)
    peers = ("peers",) if names and {"birth_date", "segment"} & set(schema.attribute_names) else ()
    _known_keys(memory, {"hot", "cold", "values", *names, *peers}, "[memory] in features.toml")
    _known_keys(dict(wanted.get("entities", {})), set(names), "[entities] in features.toml")
    entities = tuple(_entity(n, i, schema, categories, wanted, memory) for i, n in enumerate(names))
    if peers:
        entities += (_peers(memory),)
    zone = schema.timezone or "UTC"
    windows = wanted.get("windows") or (ORDER_WINDOWS if schema.ordinal else CLOCK_WINDOWS)
    return Spec(
        entities=entities,
        categories=categories,
        numbers=tuple(schema.number_names),
        attributes=tuple(schema.attribute_names) if names else (),
        windows=tuple((str(w), _window_us(str(w), schema.ordinal)) for w in windows),
        has_amount=getattr(schema, "amount", None) is not None if has_amount is None else has_amount,
        has_place=schema.has_place,
        clock=not schema.ordinal,
        timezone=zone,
        scale=10.0 ** -exponent(schema.currency) if schema.currency else 1.0,
        day_us=100_000_000 if schema.ordinal else DAY_US,
        values_hot_max=int(memory.get("values", HOT_DEFAULT)),
        behaviour=None
        if schema.ordinal
        else choose(names, [c.name for c in categories], zone, wanted.get("behaviour")),
        remove=tuple(wanted.get("remove", ())),
    )


def _categories(schema: Roles, wanted: Mapping[str, Any]) -> tuple[Category, ...]:
    names = list(schema.category_names)
    if getattr(getattr(schema, "kind", None), "column", None):
        names.insert(0, "kind")
    few = len(names) <= CATEGORY_VERDICTS_MAX
    chosen = dict(wanted.get("categories", {}))
    return tuple(
        Category(n, bool(chosen.get(n, {}).get("verdicts", schema.has_label and few and n != "kind"))) for n in names
    )


def _entity(
    name: str,
    position: int,
    schema: Roles,
    categories: tuple[Category, ...],
    wanted: Mapping[str, Any],
    memory: Mapping[str, Any],
) -> Entity:
    own = dict(wanted.get("entities", {}).get(name, {}))
    _known_keys(own, {"ring", "pairs", "verdicts", "crowd", "profile", "place"}, f"[entities.{name}]")
    subject = position == 0
    ring = bool(own.get("ring", subject or name in OWNED))
    pairs = own.get("pairs")
    if pairs is None:
        pairs = [n for n in schema.entity_names if n != name] if subject else []
        pairs += [c.name for c in categories[:CATEGORY_PAIRS_MAX]] if subject else []
    known = {c.name for c in categories}
    unknown = [p for p in pairs if p not in known and p not in schema.entity_names]
    if unknown:
        raise BadSpec(f"[entities.{name}] pairs with {unknown[0]!r}, which is no entity and no category")
    return Entity(
        name=name,
        role="subject" if subject else ("owned" if ring else "party"),
        ring=ring,
        profile=bool(own.get("profile", subject or not ring or name == "card")),
        crowd=bool(own.get("crowd", not subject)),
        verdicts=bool(own.get("verdicts", schema.has_label)),
        place=bool(own.get("place", subject or name == "card")),
        pairs=tuple(Pair(p, _slots(p, known), p in known) for p in pairs),
        hot_max=int(memory.get(name, memory.get("hot", HOT_DEFAULT))),
        cold_max=int(memory.get("cold", COLD_DEFAULT)),
    )


def _peers(memory: Mapping[str, Any]) -> Entity:
    hot = int(memory.get("peers", 100_000))
    return Entity("peers", "peers", ring=False, profile=True, crowd=False, verdicts=False, place=False, hot_max=hot)


def _slots(name: str, categories: set[str]) -> int:
    if name in categories:
        return SLOTS_CATEGORY
    return SLOTS_FEW if name in FEW_PARTNERS else SLOTS_MANY


def _window_us(text: str, ordinal: bool) -> int:
    found = re.fullmatch(r"(\d{1,7})([smhd]?)", text)
    if not found or bool(found[2]) == ordinal:
        raise BadSpec(f"window {text!r} must be like {'1000' if ordinal else '90m or 7d'}")
    return int(found[1]) * (UNITS_US[found[2]] if found[2] else 1_000_000)


def _known_keys(given: Mapping[str, Any], known: set[str], where: str) -> None:
    wrong = sorted(set(given) - known)
    if wrong:
        raise BadSpec(f"{where} does not know {wrong[0]!r}; it knows {sorted(known)}")
