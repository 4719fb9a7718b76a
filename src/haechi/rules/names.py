"""What a condition may name in a home: its fields, entities, features, lists, and the functions of the language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import inf

from haechi.events import Schema
from haechi.features import Feature, Spec
from haechi.rules.calendar import TIMES, Calendar
from haechi.rules.expression import Input, Leaf

__all__ = ["Names", "Symbol"]

AMOUNT_MAX = 1e15
DAY_S = 86_400.0
_RANGES = {"hour": (0, 23), "minute": (0, 59), "weekday": (0, 6), "day": (1, 31), "month": (1, 12)}
# Units of features: the type that rules see, what one is worth, and the least and largest value there can be.
_UNITS = {
    "count": ("number", 1.0, 0.0, inf), "share": ("number", 1.0, 0.0, 1.0), "seconds": ("span", 1.0, 0.0, inf),
    "days": ("span", DAY_S, 0.0, inf), "flag": ("truth", 1.0, 0.0, 1.0), "ratio": ("number", 1.0, 0.0, inf),
    "sd": ("number", 1.0, -inf, inf), "years": ("number", 1.0, -inf, inf), "number": ("number", 1.0, -inf, inf),
    "km": ("number", 1.0, 0.0, inf), "km/h": ("number", 1.0, 0.0, inf),
}  # fmt: skip


@dataclass(frozen=True)
class Symbol:
    """What a name stands for: its type (number, money, span, text, truth) and where its value comes from.

    currency: of money; "" means that of the event.
    """

    type: str
    leaf: Leaf
    currency: str = ""


@dataclass
class Names:
    """Everything that can be named; `lists` None means that any list may be named."""

    symbols: dict[str, Symbol]
    entities: tuple[str, ...]
    categories: tuple[str, ...]  # whose values windows can be filtered by and counted; "kind" too
    features: frozenset[str]
    subject: str
    currency: str  # of amounts that name none
    one_currency: bool  # every amount is in it
    lists: Collection[str] | None
    calendar: Calendar
    clock: bool = True
    coming: Mapping[str, int] = field(default_factory=dict)  # lists that wait for others to agree -> their change

    @property
    def own_currency(self) -> str:
        """The currency that amounts of events are known to be in; "" when each names its own."""
        return self.currency if self.one_currency else ""

    @classmethod
    def of(
        cls,
        schema: Schema,
        spec: Spec,
        *,
        lists: Collection[str] | None = None,
        calendar: Calendar | None = None,
    ) -> Names:
        """The names of a home with this schema and these features."""
        names = cls(
            {},
            entities=tuple(e.name for e in spec.keyed),
            categories=tuple(c.name for c in spec.categories),
            features=frozenset(spec.names),
            subject=spec.subject.name if spec.subject else "",
            currency=schema.currency,
            one_currency=schema.amount is None or not schema.amount.currency_column,
            lists=lists,
            calendar=calendar or Calendar(schema.timezone),
            clock=not schema.ordinal,
        )
        _add_features(names, spec)
        _add_fields(names, schema)
        return names

    def near(self, name: str, among: Collection[str]) -> str:
        """A suggestion for a name that is not there."""
        close = get_close_matches(name[:80], list(among), 3, 0.6)
        return f"did you mean {' or '.join(close)}?" if close else ""


def _add_features(names: Names, spec: Spec) -> None:
    major = float(round(1 / spec.scale))
    for feature in spec.features:
        symbol = _feature(feature, names.currency, major)
        if symbol is not None:
            names.symbols[feature.name] = symbol
    age = f"{names.subject}.age_years"
    if age in names.symbols:
        names.symbols["age"] = names.symbols[age]


def _feature(feature: Feature, currency: str, major: float) -> Symbol | None:
    if feature.unit == "money":
        # The memory keeps amounts in major units, and those of all currencies together.
        return Symbol("money", Leaf(Input("feature", feature.name, scale=major), 0.0, inf), currency)
    if feature.unit not in _UNITS:
        return None
    kind, scale, low, high = _UNITS[feature.unit]
    return Symbol(kind, Leaf(Input("feature", feature.name, scale=scale), low, high))


def _add_fields(names: Names, schema: Schema) -> None:
    """Fields of the event itself; they win over features of the same name."""
    symbols = names.symbols
    texts = ["kind", *schema.category_names, *schema.entity_names]
    symbols.update({name: Symbol("text", Leaf(Input("word", name))) for name in texts})
    for name in schema.number_names:
        symbols[name] = Symbol("number", Leaf(Input("number", name)))
    for name in schema.attribute_names:
        if name != "birth_date":
            symbols[name] = Symbol("text", Leaf(Input("attribute", name)))
    if schema.amount is not None:
        symbols["amount"] = Symbol("money", Leaf(Input("amount"), 0.0, AMOUNT_MAX), names.own_currency)
        symbols["currency"] = Symbol("text", Leaf(Input("word", "currency")))
    if schema.has_place:
        symbols["lat"] = Symbol("number", Leaf(Input("lat"), -90.0, 90.0))
        symbols["lon"] = Symbol("number", Leaf(Input("lon"), -180.0, 180.0))
    if names.clock:
        for name in TIMES:
            low, high = _RANGES.get(name, (0, 1))
            kind = "number" if name in _RANGES else "truth"
            symbols[name] = Symbol(kind, Leaf(Input("time", name), low, high))
