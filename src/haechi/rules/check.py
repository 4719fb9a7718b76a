"""Check a condition against what can be named: types, currencies, unknown names, and parts that decide nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from haechi.features import Window
from haechi.rules.always import outcomes
from haechi.rules.errors import BadRule
from haechi.rules.expression import Constant, Expression, Input, Leaf, Operation, Word, inputs_of
from haechi.rules.functions import FUNCTIONS
from haechi.rules.names import Names
from haechi.rules.parse import parse
from haechi.rules.tree import Binary, Call, Compare, In, Logic, Name, Node, Not, Number, Text

__all__ = ["Checked", "Checker", "Typed", "Warned", "check"]

WINDOWS_PER_RULE_MAX = 20
_CALLED = {
    "number": "a number", "money": "an amount of money", "span": "a span of time", "text": "a text",
    "truth": "yes or no",
}  # fmt: skip
_GROWING = ("count", "sum", "max", "distinct")  # what is missing from a full window could only make these larger


class Typed(NamedTuple):
    """An expression with its type, and its currency when it is money ("" for that of the event)."""

    expression: Expression
    type: str
    currency: str = ""


class Warned(NamedTuple):
    """Something a careful colleague would ask about, with its place."""

    message: str
    position: int
    length: int


@dataclass(frozen=True)
class Checked:
    """A condition that can be run, and what it needs."""

    text: str
    expression: Expression
    warnings: tuple[Warned, ...]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What it reads."""
        return inputs_of(self.expression)

    @property
    def windows(self) -> tuple[Window, ...]:
        """The exact windows it counts in; the memory has to keep them."""
        return tuple(dict.fromkeys(i.window for i in self.inputs if i.window is not None))


def check(text: str, names: Names, *, strict: bool = True) -> Checked:
    """Check a condition; BadRule has the place, what is wrong, and what was perhaps meant.

    Not strict: a version that was once kept means what it meant then.
    """
    tree = parse(text, names.currency, strict=strict)
    checker = Checker(text, names)
    typed = checker.truth(tree)
    decided = outcomes(typed.expression)
    if len(decided) == 1:
        always = "always" if True in decided else "never"
        raise checker.wrong(tree, f"this is {always} true whenever its fields are known", "check signs and bounds")
    checked = Checked(text, _at_least(typed.expression), tuple(checker.warnings))
    if len(checked.windows) > WINDOWS_PER_RULE_MAX:
        raise checker.wrong(tree, f"more than {WINDOWS_PER_RULE_MAX} different windows", "make two rules of it")
    return checked


class Checker:
    """Walks a tree once; every way gives a typed expression or a BadRule."""

    def __init__(self, text: str, names: Names) -> None:
        self.text, self.names = text, names
        self.warnings: list[Warned] = []
        self.ways: dict[type[Node], Callable[..., Typed]] = {
            Number: self._number, Text: self._text, Name: self._name, Call: self._call, Not: self._not,
            Binary: self._binary, Compare: self._compare, In: self._in, Logic: self._logic,
        }  # fmt: skip

    def typed(self, node: Node) -> Typed:
        """Any node."""
        return self.ways[type(node)](node)

    def truth(self, node: Node) -> Typed:
        """A node that must be yes or no."""
        return self.expect(node, "truth")

    def expect(self, node: Node, *types: str) -> Typed:
        """A node that must be of one of these types."""
        found = self.typed(node)
        if found.type not in types:
            wanted = " or ".join(_CALLED[t] for t in types)
            hint = "compare it with something" if types == ("truth",) else ""
            raise self.wrong(node, f"this is {_CALLED[found.type]}; {wanted} is needed here", hint)
        return found

    def entity(self, node: Node) -> str:
        """A node that must name an entity."""
        name = node.name if isinstance(node, Name) else ""
        if name not in self.names.entities:
            known = ", ".join(self.names.entities)
            near = self.names.near(name, self.names.entities) or f"entities are {known}"
            raise self.wrong(node, "the name of an entity is needed here", near)
        return name

    def word(self, node: Node, what: str) -> str:
        """A node that must be a text in quotes."""
        if not isinstance(node, Text):
            raise self.wrong(node, f"{what} stands here in quotes")
        return node.value

    def wrong(self, node: Node, message: str, suggestion: str = "") -> BadRule:
        """A refusal that points at a node."""
        return BadRule(message, self.text, node.position, node.length, suggestion)

    def together(self, node: Node, left: Typed, right: Typed) -> tuple[Typed, Typed]:
        """Two values that are compared or added up: of one type, money in one currency."""
        if left.type != right.type:
            raise self.wrong(
                node, f"{_CALLED[left.type]} and {_CALLED[right.type]} do not go together", _unit(left, right)
            )
        if left.currency and right.currency and left.currency != right.currency:
            raise self.wrong(node, f"these amounts are in {left.currency} and in {right.currency}")
        return self._in_currency(left, right.currency), self._in_currency(right, left.currency)

    @staticmethod
    def _in_currency(typed: Typed, currency: str) -> Typed:
        if typed.type != "money" or typed.currency or not currency:
            return typed
        return Typed(_guarded(typed.expression, currency), "money", currency)

    def _number(self, node: Number) -> Typed:
        kind = "money" if len(node.unit) == 3 else "span" if node.unit else "number"
        return Typed(Constant(node.value), kind, node.unit if kind == "money" else "")

    def _text(self, node: Text) -> Typed:
        raise self.wrong(node, "a text stands behind ==, != or in, or inside a function", "turn the comparison round")

    def _name(self, node: Name) -> Typed:
        symbol = self.names.symbols.get(node.name)
        if symbol is None:
            near = self.names.near(node.name, self.names.symbols.keys() | FUNCTIONS.keys())
            hint = "a function needs brackets" if node.name in FUNCTIONS else near
            raise self.wrong(node, f"nothing is called {node.name[:80]!r} here", hint)
        return Typed(symbol.leaf, symbol.type, symbol.currency)

    def _call(self, node: Call) -> Typed:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise self.wrong(node, f"there is no function {node.name[:80]!r}", self.names.near(node.name, FUNCTIONS))
        return Typed(*function(self, node))

    def _not(self, node: Not) -> Typed:
        return Typed(Operation("not", (self.truth(node.part).expression,)), "truth")

    def _logic(self, node: Logic) -> Typed:
        parts = []
        for part in node.parts:
            found = self.truth(part).expression
            decided = outcomes(found)
            if len(decided) == 1:
                always = "always" if True in decided else "never"
                self.warnings.append(Warned(f"this part is {always} true", part.position, part.length))
            parts.append(found)
        return Typed(Operation(node.sign, tuple(parts)), "truth")

    def _binary(self, node: Binary) -> Typed:
        left, right = (self.expect(part, "number", "money", "span") for part in (node.left, node.right))
        if node.sign in "+-%" or (node.sign == "/" and left.type == right.type):
            left, right = self.together(node, left, right)
            kind = "number" if node.sign == "/" else left.type
        elif right.type == "number":
            kind = left.type
        elif left.type == "number" and node.sign == "*":
            kind = right.type
        else:
            told = "divided by" if node.sign == "/" else "multiplied by"
            raise self.wrong(node, f"{_CALLED[left.type]} cannot be {told} {_CALLED[right.type]}")
        currency = (left.currency or right.currency) if kind == "money" else ""
        return Typed(Operation(node.sign, (left.expression, right.expression)), kind, currency)

    def _compare(self, node: Compare) -> Typed:
        if isinstance(node.left, Text) or isinstance(node.right, Text):
            return self._compare_text(node)
        if self._is_text(node.left) and self._is_text(node.right):
            return self._same_text(node)
        types = ("number", "money", "span")
        left, right = self.expect(node.left, *types), self.expect(node.right, *types)
        if node.left.position <= node.right.position:
            left, right = self.together(node, left, right)
        else:  # told in the order in which it is written
            right, left = self.together(node, right, left)
        sign = "==" if node.sign == "!=" else node.sign
        found = Operation(sign, (left.expression, right.expression))
        return Typed(Operation("not", (found,)) if node.sign == "!=" else found, "truth")

    def _compare_text(self, node: Compare) -> Typed:
        named, text = (node.right, node.left) if isinstance(node.left, Text) else (node.left, node.right)
        if node.sign not in ("==", "!="):
            raise self.wrong(node, "texts are compared with == and != only")
        found = self._equals(named, (text,))
        return Typed(Operation("not", (found,)) if node.sign == "!=" else found, "truth")

    def _is_text(self, node: Node) -> bool:
        return isinstance(node, Name) and self._name(node).type == "text"

    def _same_text(self, node: Compare) -> Typed:
        """Two texts that come with the event: undecided when one of them is missing."""
        inputs = [leaf.input for leaf in (self.typed(node.left).expression, self.typed(node.right).expression)
                  if isinstance(leaf, Leaf)]  # fmt: skip
        told = [one.source for one in inputs]
        if node.sign not in ("==", "!=") or told != ["word", "word"]:
            raise self.wrong(node, "texts of the event itself are compared, with == and != only")
        first, second = sorted(one.name for one in inputs)
        if first == second:
            raise self.wrong(node, "this compares a text with itself")
        found = Leaf(Input("same", first, text=second), 0.0, 1.0)
        return Typed(Operation("not", (found,)) if node.sign == "!=" else found, "truth")

    def _in(self, node: In) -> Typed:
        if isinstance(node.items[0], Text):
            return Typed(self._equals(node.part, node.items), "truth")
        equal = [self._compare(Compare(node.position, node.length, "==", node.part, item)) for item in node.items]
        parts = tuple(e.expression for e in equal)
        return Typed(parts[0] if len(parts) == 1 else Operation("or", parts), "truth")

    def _equals(self, named: Node, items: tuple[Node, ...]) -> Expression:
        found = self.typed(named)
        if found.type != "text":
            known = _CALLED[found.type]
            hint = "Monday is 0, Sunday is 6" if isinstance(named, Name) and named.name == "weekday" else ""
            raise self.wrong(items[0], f"this is a text, and what it is compared with is {known}", hint)
        leaf = found.expression
        assert isinstance(leaf, Leaf)
        words = [Word(leaf.input, self.word(item, "a text")) for item in items]
        parts = tuple(Operation("==", (leaf, word)) for word in dict.fromkeys(words))
        return parts[0] if len(parts) == 1 else Operation("or", parts)


def _unit(left: Typed, right: Typed) -> str:
    """What to write when a bare number meets something with a unit."""
    types = {left.type, right.type}
    if types == {"number", "money"}:
        return "write the unit of the amount, like 5_000 won"
    return "write the unit of the time, like 3 days" if types == {"number", "span"} else ""


def _guarded(expression: Expression, currency: str) -> Expression:
    """The same, but undecided for events in another currency: the guard is 1 or unknown."""
    if isinstance(expression, Leaf) and expression.input.source in ("amount", "exact"):
        return Operation("*", (expression, Leaf(Input("guard", currency), 1.0, 1.0)))
    if isinstance(expression, Operation) and expression.sign in ("+", "-", "*", "/", "%", "min", "max", "abs"):
        return Operation(expression.sign, tuple(_guarded(part, currency) for part in expression.parts))
    return expression


def _at_least(expression: Expression) -> Expression:
    """A window too full to be counted to the end still proves "at least": `5 <= count` holds when that is enough."""
    if not isinstance(expression, Operation):
        return expression
    same = Operation(expression.sign, tuple(_at_least(part) for part in expression.parts))
    if expression.sign not in ("<", "<="):
        return same
    floor = _floor(expression.parts[1])
    return same if floor is None else Operation("or", (Operation(expression.sign, (same.parts[0], floor)), same))


def _floor(expression: Expression) -> Expression | None:
    """What a window is at least, perhaps behind its guard; None for anything else."""
    if isinstance(expression, Operation) and expression.sign == "*" and isinstance(expression.parts[1], Leaf):
        guard = expression.parts[1]
        found = _floor(expression.parts[0]) if guard.input.source == "guard" else None
        return None if found is None else Operation("*", (found, guard))
    window = expression.input.window if isinstance(expression, Leaf) else None
    if window is None or window.function not in _GROWING:
        return None
    return Leaf(Input("floor", window=window), 0.0)
