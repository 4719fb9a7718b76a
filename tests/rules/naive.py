"""Conditions the slow way: a walk over the tree as it was read, three-valued, with windows counted from plain history.

It shares the parser with the product and nothing behind it: types, currencies, machine and windows are its own.
None stands for undecided.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from haechi.events import Event, span_us
from haechi.features import Known
from haechi.rules import HIT, MISS, OUT, UNDECIDED, Rule
from haechi.rules.parse import parse
from haechi.rules.tree import Binary, Call, Compare, In, Logic, Name, Node, Not, Number, Text

HOME = "KRW"
SEOUL = ZoneInfo("Asia/Seoul")
HOLIDAYS = {(1, 1), (3, 1), (5, 5), (6, 6), (8, 15), (10, 3), (10, 9), (12, 25)}


class Money(float):
    """An amount with its currency."""

    currency: str

    def __new__(cls, value: float, currency: str) -> Money:
        made = super().__new__(cls, value)
        made.currency = currency
        return made


class Naive:
    """One event with what was before it."""

    def __init__(self, event: Event, past: list[Event], known: Known, lists: dict[str, set[str]]) -> None:
        self.event, self.past, self.known, self.lists = event, past, known, lists
        self.local = datetime.fromtimestamp(event.time_us // 1_000_000, UTC).astimezone(SEOUL)

    def result(self, rule: Rule) -> int:
        """What a rule says."""
        t = self.event.time_us
        if rule.kinds and self.event.kind not in rule.kinds:
            return OUT
        if rule.valid_from_us is not None and t < rule.valid_from_us:
            return OUT
        if rule.valid_until_us is not None and t >= rule.valid_until_us:
            return OUT
        truth = self.value(parse(rule.condition))
        return UNDECIDED if truth is None else HIT if truth else MISS

    def value(self, node: Node) -> Any:
        """The value of a node, None when it is not known."""
        if isinstance(node, Number):
            return Money(node.value, node.unit) if len(node.unit) == 3 else node.value
        if isinstance(node, Name):
            return self.name(node.name)
        if isinstance(node, Not):
            part = self.value(node.part)
            return None if part is None else not part
        if isinstance(node, Logic):
            return self.logic(node.sign, [self.value(p) for p in node.parts])
        if isinstance(node, Compare):
            return self.compare(node)
        if isinstance(node, In):
            return self.logic("or", [self.compare(Compare(0, 0, "==", node.part, item)) for item in node.items])
        if isinstance(node, Binary):
            return finite(arithmetic(node.sign, *self.same(node.left, node.right)))
        assert isinstance(node, Call)
        return self.call(node)

    def same(self, left: Node, right: Node) -> tuple[Any, Any]:
        """Two values; money in different currencies is not known to either."""
        a, b = self.value(left), self.value(right)
        if isinstance(a, Money) and isinstance(b, Money) and a.currency != b.currency:
            return None, None
        return a, b

    @staticmethod
    def logic(sign: str, parts: list[Any]) -> bool | None:
        """Kleene's and, or."""
        decides = sign == "or"
        if any(p is not None and bool(p) == decides for p in parts):
            return decides
        return None if None in parts else not decides

    def compare(self, node: Compare) -> bool | None:
        """A comparison; texts only for equality."""
        if isinstance(node.left, Text) or isinstance(node.right, Text):
            named, text = (node.right, node.left) if isinstance(node.left, Text) else (node.left, node.right)
            seen = self.value(named)
            return None if seen is None else (seen == text.value) == (node.sign == "==")
        a, b = self.same(node.left, node.right)
        if a is None or b is None:
            return None
        if isinstance(a, str):
            return (a == b) == (node.sign == "==")
        return {"<": a < b, "<=": a <= b, "==": float(a) == float(b), "!=": float(a) != float(b)}[node.sign]

    def name(self, name: str) -> Any:
        """A field, a time, or a feature."""
        e = self.event
        simple = {
            "kind": e.kind, "currency": e.currency or HOME, "lat": e.lat, "lon": e.lon, "hour": self.local.hour,
            "minute": self.local.minute, "weekday": self.local.weekday(), "day": self.local.day,
            "month": self.local.month, "is_weekend": self.local.weekday() >= 5,
            "amount": None if e.amount is None else Money(e.amount, e.currency or HOME),
        }  # fmt: skip
        if name in simple:
            return simple[name]
        if name in ("customer", "account", "card", "device", "payee", "merchant", "ip"):
            return e.entities.get(name)
        if name in ("merchant_category", "channel", "country", "method", "result"):
            return e.categories.get(name)
        if name in ("risk", "duration_s"):
            return e.numbers.get(name)
        name = "customer.age_years" if name == "age" else name
        value = self.known.value(name)
        unit = next(f.unit for f in self.known.spec.features if f.name == name)
        if math.isnan(value):
            return None
        return Money(value, HOME) if unit == "money" else value * 86_400.0 if unit == "days" else value

    def call(self, node: Call) -> Any:
        """A function of the language."""
        name, given = node.name, node.arguments
        if name in ("count", "sum", "mean", "distinct") or (name in ("max", "min") and isinstance(given[-1], Text)):
            return self.window(node)
        if name in ("max", "min"):
            return self.extreme(max if name == "max" else min, given)
        if name == "abs":
            value = self.value(given[0])
            return None if value is None else like(value, abs(value))
        if name == "known":
            return self.value(given[0]) is not None
        if name == "usual":
            return self.name("customer.median50")
        if name == "seen_before":
            assert isinstance(given[0], Name)
            new = self.name(f"customer.{given[0].name}.new")
            return None if new is None else not new
        if name == "surprise":
            return None
        if name == "in_list":
            assert isinstance(given[0], Text)
            entity = self.value(given[1])
            return None if entity is None else entity in self.lists[given[0].value]
        assert isinstance(given[1], Text)
        seen, text = self.value(given[0]), given[1].value
        if seen is None:
            return None
        asks = {"starts": seen.startswith, "ends": seen.endswith, "contains": seen.__contains__}
        return asks[name](text) if name in asks else re.search(text, seen) is not None

    def extreme(self, choose: Any, given: tuple[Node, ...]) -> Any:
        """max and min of values."""
        values = [self.value(g) for g in given]
        if None in values or len({v.currency for v in values if isinstance(v, Money)}) > 1:
            return None
        return choose(values)

    def window(self, node: Call) -> Any:
        """A window counted from the plain list of what happened."""
        entity, span = node.arguments[0], node.arguments[-1]
        assert isinstance(entity, Name)
        assert isinstance(span, Text)
        key, t = self.event.entities.get(entity.name), self.event.time_us
        if key is None:
            return None
        where = [(name, {text.value for text in texts}) for name, texts in node.where]
        inside = [
            e for e in self.past
            if e.entities.get(entity.name) == key and 0 <= t - e.time_us <= span_us(span.value)
            and all((e.kind if n == "kind" else e.categories.get(n)) in v for n, v in where)
        ]  # fmt: skip
        if node.name == "count":
            return len(inside)
        if node.name == "distinct":
            target = node.arguments[1]
            assert isinstance(target, Name)
            seen = {e.entities.get(target.name) or e.categories.get(target.name) for e in inside}
            return len(seen - {None})
        currency = self.event.currency or HOME
        amounts = [e.amount for e in inside if e.amount is not None and (e.currency or HOME) == currency]
        if node.name == "sum":
            return Money(sum(amounts), currency)
        if not amounts:
            return None
        mean = float(Fraction(sum(amounts), len(amounts)))
        return Money({"mean": mean, "max": max(amounts), "min": min(amounts)}[node.name], currency)


def like(model: Any, value: float) -> Any:
    """A result in the currency of what it was worked out from."""
    return Money(value, model.currency) if isinstance(model, Money) else value


def arithmetic(sign: str, a: Any, b: Any) -> Any:
    """+ - * / % with nothing known when a part is not, or when it would divide by zero."""
    if a is None or b is None or (sign in "/%" and b == 0):
        return None
    x, y = float(a), float(b)
    try:
        value = {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y,
                 "%": lambda: x - math.floor(x / y) * y}[sign]()  # fmt: skip
    except OverflowError:
        return None
    if sign == "/" and isinstance(b, Money):
        return value
    return like(a if isinstance(a, Money) else b, value)


def finite(value: Any) -> Any:
    """A result outside the range of numbers is not known."""
    return value if value is not None and math.isfinite(value) else None
