"""The functions of the language: each takes a call apart and gives an expression, its type and its currency."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from haechi.events import BadSchema, span_us
from haechi.features import Window
from haechi.rules.expression import Expression, Input, Leaf, Operation
from haechi.rules.patterns import OPERATIONS, PATTERN_CHARS_MAX, BadPattern, asks
from haechi.rules.tree import Call, Name, Node, Text

if TYPE_CHECKING:
    from haechi.rules.check import Checker

__all__ = ["FUNCTIONS"]

NAMES_SHOWN = 10
SPAN_MIN_US, SPAN_MAX_US = 1_000_000, 400 * 86_400_000_000
PARTS_MAX = 20
# Fields that behaviour (features/behaviour.py) knows by another name.
DIMENSIONS = {"merchant": "party", "payee": "party", "lat": "place", "lon": "place", "merchant_category": "category"}
AMOUNTS = ("sum", "mean", "max", "min")
Found = tuple[Expression, str, str]


def _window(checker: Checker, call: Call) -> Found:
    """count(customer, "1h"), sum(card, amount, "1d"), distinct(customer, payee, "7d"), each perhaps with kind="..."."""
    of = "" if call.name == "count" else "amount" if call.name in AMOUNTS else "distinct"
    wanted = 2 if not of else 3
    if len(call.arguments) != wanted:
        second = {"": "", "amount": " amount,", "distinct": " payee,"}[of]
        raise checker.wrong(call, f'write {call.name}(customer,{second} "1d")')
    entity = checker.entity(call.arguments[0])
    if of == "amount" and not (isinstance(call.arguments[1], Name) and call.arguments[1].name == "amount"):
        raise checker.wrong(call.arguments[1], f"{call.name} adds up amounts", "write amount here")
    if of == "distinct":
        of = _target(checker, call.arguments[1], entity)
    window = Window(call.name, entity, of, _span(checker, call.arguments[-1]), _where(checker, call))
    money = call.name in AMOUNTS
    currency = checker.names.own_currency if money else ""
    return Leaf(Input("exact", window=window), 0.0, inf), "money" if money else "number", currency


def _target(checker: Checker, node: Node, entity: str) -> str:
    name = node.name if isinstance(node, Name) else ""
    known = [n for n in (*checker.names.entities, *checker.names.categories) if n != entity]
    if name not in known:
        near = checker.names.near(name, known) or f"there are {', '.join(known)}"
        raise checker.wrong(node, "the name of another entity or of a category is needed here", near)
    return name


def _span(checker: Checker, node: Node) -> int:
    text = checker.word(node, "a span of time such as 1h or 7d")
    if not checker.names.clock:
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:8]) < 10_000_000:
            raise checker.wrong(node, "times are running numbers here: write how many, like 1000")
        return int(text) * 1_000_000
    try:
        found = span_us(text)
    except (BadSchema, OverflowError):
        raise checker.wrong(node, f"{text[:40]!r} is no span of time", "write 30m, 1h, 7d") from None
    if not SPAN_MIN_US <= found <= SPAN_MAX_US:
        raise checker.wrong(node, "a window is at least 1s and at most 400d wide")
    return found


def _where(checker: Checker, call: Call) -> tuple[tuple[str, tuple[str, ...]], ...]:
    for name, _ in call.where:
        if name not in checker.names.categories:
            known = ", ".join(checker.names.categories)
            near = checker.names.near(name, checker.names.categories) or f"there are {known}"
            raise checker.wrong(call, f"windows cannot be narrowed by {name[:80]!r}", near)
    return tuple(sorted((name, tuple(sorted({t.value for t in texts}))) for name, texts in call.where))


def _largest(checker: Checker, call: Call) -> Found:
    """max and min: of a window when the last argument is a span, else of the values given."""
    if call.where or (call.arguments and isinstance(call.arguments[-1], Text)):
        return _window(checker, call)
    if not 2 <= len(call.arguments) <= PARTS_MAX:
        raise checker.wrong(call, f"{call.name} takes 2 to {PARTS_MAX} values, or an entity, amount and a span")
    first = checker.expect(call.arguments[0], "number", "money", "span")
    expression = first.expression
    for argument in call.arguments[1:]:
        other = checker.expect(argument, "number", "money", "span")
        first, other = checker.together(call, first._replace(expression=expression), other)
        expression = Operation(call.name, (first.expression, other.expression))
        first = first._replace(currency=first.currency or other.currency)
    return expression, first.type, first.currency


def _abs(checker: Checker, call: Call) -> Found:
    found = checker.expect(_only(checker, call), "number", "money", "span")
    return Operation("abs", (found.expression,)), found.type, found.currency


def _known(checker: Checker, call: Call) -> Found:
    found = checker.typed(_only(checker, call))
    return Operation("known", (found.expression,)), "truth", ""


def _usual(checker: Checker, call: Call) -> Found:
    """usual(amount) of the subject, usual(card, amount) of another entity: the median of its last 50 amounts."""
    _plain(checker, call, (1, 2))
    value = call.arguments[-1]
    entity = checker.entity(call.arguments[0]) if len(call.arguments) == 2 else checker.names.subject
    if not (isinstance(value, Name) and value.name == "amount"):
        raise checker.wrong(value, "only amounts have a usual value", "write usual(amount)")
    return _feature(checker, call, f"{entity}.median50", f"the memory keeps no usual amount of {entity or 'anybody'}")


def _seen_before(checker: Checker, call: Call) -> Found:
    """seen_before(payee): whether the subject, or the entity named first, has dealt with this one before."""
    _plain(checker, call, (1, 2))
    entity = checker.entity(call.arguments[0]) if len(call.arguments) == 2 else checker.names.subject
    target = _target(checker, call.arguments[-1], entity)
    missing = f"the memory does not keep whom {entity} meets as {target}"
    new, _, _ = _feature(checker, call, f"{entity}.{target}.new", missing)
    return Operation("not", (new,)), "truth", ""


def _feature(checker: Checker, call: Call, name: str, missing: str) -> Found:
    symbol = checker.names.symbols.get(name)
    if symbol is None:
        raise checker.wrong(call, missing, f"features.toml can add {name[:80]}")
    return symbol.leaf, symbol.type, symbol.currency


def _surprise(checker: Checker, call: Call) -> Found:
    """surprise("amount"): in bits, how unusual a field is for the subject; undecided where no behaviour is kept."""
    name = checker.word(_only(checker, call), "a field")
    if name not in checker.names.symbols:
        raise checker.wrong(
            call, f"nothing is called {name[:80]!r} here", checker.names.near(name, checker.names.symbols)
        )
    kept = checker.names.symbols.get(f"behaviour.surprise_{DIMENSIONS.get(name, name)}")
    if kept is not None:
        return kept.leaf, kept.type, ""
    return Leaf(Input("surprise", name)), "number", ""


def _in_list(checker: Checker, call: Call) -> Found:
    """in_list("blocked_accounts", payee)"""
    _plain(checker, call, (2,))
    name = checker.word(call.arguments[0], "the name of a list")
    lists = checker.names.lists
    if lists is not None and name not in lists:
        if name in checker.names.coming:
            hint = f"change {checker.names.coming[name]}, which makes it, waits for others to agree"
            raise checker.wrong(call.arguments[0], f"list {name[:80]!r} is not in force yet", hint)
        known = f"there are {', '.join(sorted(lists)[:NAMES_SHOWN])}" if lists else "there are none yet"
        near = checker.names.near(name, lists) or f"{known}; `haechi lists add {name[:80]} ...` makes one"
        raise checker.wrong(call.arguments[0], f"no list is called {name[:80]!r}", near)
    entity = checker.entity(call.arguments[1])
    return Leaf(Input("list", entity, text=name), 0.0, 1.0), "truth", ""


def _pattern(checker: Checker, call: Call) -> Found:
    """starts, ends, contains, matches: (text, "...")"""
    _plain(checker, call, (2,))
    leaf = checker.expect(call.arguments[0], "text").expression
    text = checker.word(call.arguments[1], "what to look for")
    assert isinstance(leaf, Leaf)
    if leaf.input.source != "word":
        raise checker.wrong(call.arguments[0], "attributes are compared with == and in only")
    if not 1 <= len(text) <= PATTERN_CHARS_MAX:
        raise checker.wrong(call.arguments[1], f"write 1 to {PATTERN_CHARS_MAX} characters")
    try:
        asks(call.name, text)
    except BadPattern as error:
        raise checker.wrong(call.arguments[1], f"this is no regular expression of RE2: {error}") from None
    return Leaf(Input("pattern", leaf.input.name, call.name, text), 0.0, 1.0), "truth", ""


def _only(checker: Checker, call: Call) -> Node:
    _plain(checker, call, (1,))
    return call.arguments[0]


def _plain(checker: Checker, call: Call, counts: tuple[int, ...]) -> None:
    if len(call.arguments) not in counts or call.where:
        many = " or ".join(map(str, counts))
        raise checker.wrong(call, f"{call.name} takes {many} value{'s' if counts != (1,) else ''} and nothing named")


FUNCTIONS: dict[str, Callable[[Checker, Call], Found]] = {
    "count": _window,
    "sum": _window,
    "mean": _window,
    "max": _largest,
    "min": _largest,
    "distinct": _window,
    "abs": _abs,
    "known": _known,
    "usual": _usual,
    "seen_before": _seen_before,
    "surprise": _surprise,
    "in_list": _in_list,
    **dict.fromkeys(OPERATIONS, _pattern),
}
