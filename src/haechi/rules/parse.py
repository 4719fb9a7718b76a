"""From the text of a condition to its tree: a small part of Python's expressions, and nothing else of Python.

Python's own parser reads the structure; not one of its names is ever looked up and nothing is evaluated.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from haechi.rules.errors import BadRule
from haechi.rules.scan import JOINING, Scanned, scan
from haechi.rules.tree import Binary, Call, Compare, In, Logic, Name, Node, Not, Number, Text

__all__ = ["DEPTH_MAX", "NODES_MAX", "parse"]

DEPTH_MAX = 40
NODES_MAX = 500
ITEMS_MAX = 200
_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%"}
_LOUD = re.compile("|".join(rf"\b{word.upper()}\b" for word in sorted(JOINING)))
_HINTS: dict[type[ast.AST], str] = {
    ast.IfExp: "join the cases with and, or",
    ast.Lambda: "a condition defines nothing",
    ast.Subscript: "there is nothing to index",
    ast.NamedExpr: "a condition assigns nothing; for equal write ==",
    ast.Dict: "a condition holds no dictionaries",
    ast.Pow: "multiply instead",
    ast.FloorDiv: "write / and compare",
    ast.Is: "write ==",
    ast.IsNot: "write !=",
    ast.Starred: "write the items out",
}


def parse(text: str, currency: str = "", *, strict: bool = False) -> Node:
    """Read a condition of a home with this currency; BadRule says what is wrong and where. `strict` as in scan."""
    scanned = scan(text, currency, strict=strict)
    try:
        tree = ast.parse(scanned.text.lstrip(), mode="eval")
    except SyntaxError as error:
        if loud := _LOUD.search(scanned.text):
            word = loud[0]
            raise BadRule(
                f"{word} is not known here", text, loud.start(), len(word), f"write `{word.lower()}` in small letters"
            ) from None
        at = _character(scanned, (error.offset or 1) - 1)
        told = "for equal write ==" if scanned.text[at : at + 1] == "=" else _told(error.msg)
        raise BadRule(f"this cannot be read: {told}", text, at) from None
    except (RecursionError, MemoryError):
        raise BadRule(f"more than {DEPTH_MAX} parts inside each other", text) from None
    return _Reader(scanned).node(tree.body, 0)


def _told(message: str) -> str:
    if "Perhaps you forgot a comma" in message or message == "invalid syntax":
        return "a word or a sign is missing or in the wrong place"
    if "instead of '='" in message or "cannot assign" in message:
        return "for equal write =="
    return message[:120]


def _character(scanned: Scanned, bytes_before: int) -> int:
    """The parser counts bytes, from the first that is no space; people count characters."""
    bytes_before += len(scanned.text) - len(scanned.text.lstrip())
    if scanned.text.isascii():
        return bytes_before
    return len(scanned.text.encode()[:bytes_before].decode("utf-8", "ignore"))


class _Reader:
    """Turns Python's tree into ours, and counts."""

    def __init__(self, scanned: Scanned) -> None:
        self.scanned = scanned
        self.count = 0
        self.ways: dict[type[ast.AST], Callable[..., Node]] = {
            ast.BoolOp: self._logic, ast.UnaryOp: self._unary, ast.BinOp: self._binary, ast.Compare: self._compare,
            ast.Name: self._name, ast.Attribute: self._name, ast.Call: self._call, ast.Constant: self._constant,
        }  # fmt: skip

    def node(self, node: ast.expr, depth: int) -> Node:
        """One node and all below it."""
        self.count += 1
        if depth > DEPTH_MAX:
            raise self.wrong(node, f"more than {DEPTH_MAX} parts inside each other")
        if self.count > NODES_MAX:
            raise self.wrong(node, f"more than {NODES_MAX} parts; make two rules of it")
        way = self.ways.get(type(node))
        if isinstance(node, ast.Tuple) and node.elts:
            start, length = self.place(node.elts[0])
            at = self.scanned.text.find(",", start + length)
            said = "a comma stands between the values behind `in` and of a function only"
            raise BadRule(said, self.scanned.original, at, 1, "thousands are written with an underscore, like 5_000")
        if way is None:
            raise self.wrong(node, "conditions know and, or, not, comparisons, in, + - * / % and functions", node)
        return way(node, depth + 1)

    def place(self, node: ast.expr) -> tuple[int, int]:
        """Where a node stands: first character and how many."""
        start = _character(self.scanned, node.col_offset)
        end = _character(self.scanned, node.end_col_offset or node.col_offset + 1)
        return start, self.scanned.ends.get(end, end) - start

    def wrong(self, node: ast.expr, message: str, kind: ast.AST | None = None, hint: str = "") -> BadRule:
        """A refusal that points at a node."""
        start, length = self.place(node)
        hint = hint if kind is None else _HINTS.get(type(kind), "")
        return BadRule(message, self.scanned.original, start, length, hint)

    def _logic(self, node: ast.BoolOp, depth: int) -> Node:
        sign = "and" if isinstance(node.op, ast.And) else "or"
        return Logic(*self.place(node), sign, tuple(self.node(v, depth) for v in node.values))

    def _unary(self, node: ast.UnaryOp, depth: int) -> Node:
        part = self.node(node.operand, depth)
        if isinstance(node.op, ast.Not):
            return Not(*self.place(node), part)
        if isinstance(part, Number):
            return Number(*self.place(node), -part.value if isinstance(node.op, ast.USub) else part.value, part.unit)
        if isinstance(node.op, ast.USub):
            return Binary(*self.place(node), "-", Number(*self.place(node), 0.0), part)
        raise self.wrong(node, "a plus sign in front of a value does nothing")

    def _binary(self, node: ast.BinOp, depth: int) -> Node:
        sign = _BINARY.get(type(node.op))
        if sign is None:
            raise self.wrong(node, "conditions calculate with + - * / %", node.op)
        return Binary(*self.place(node), sign, self.node(node.left, depth), self.node(node.right, depth))

    def _compare(self, node: ast.Compare, depth: int) -> Node:
        parts: list[Node] = []
        left = self.node(node.left, depth)
        for sign, below in zip(node.ops, node.comparators, strict=True):
            if isinstance(sign, ast.In | ast.NotIn):
                if len(node.ops) > 1:
                    raise self.wrong(node, "`in` stands alone; join it to other comparisons with and")
                found = In(*self.place(node), left, self._items(below, depth))
                return found if isinstance(sign, ast.In) else Not(*self.place(node), found)
            right = self.node(below, depth)
            parts.append(self._compared(node, sign, left, right))
            left = right
        return parts[0] if len(parts) == 1 else Logic(*self.place(node), "and", tuple(parts))

    def _compared(self, node: ast.Compare, sign: ast.cmpop, left: Node, right: Node) -> Node:
        place = self.place(node)
        if isinstance(sign, ast.Lt | ast.LtE):
            return Compare(*place, "<" if isinstance(sign, ast.Lt) else "<=", left, right)
        if isinstance(sign, ast.Gt | ast.GtE):
            return Compare(*place, "<" if isinstance(sign, ast.Gt) else "<=", right, left)
        if isinstance(sign, ast.Eq | ast.NotEq):
            return Compare(*place, "==" if isinstance(sign, ast.Eq) else "!=", left, right)
        raise self.wrong(node, "values are compared with < <= > >= == !=", sign)

    def _items(self, node: ast.expr, depth: int) -> tuple[Node, ...]:
        if isinstance(node, ast.Constant):
            hint = 'for one value write ==, or put a comma behind it: ("a",)'
            raise self.wrong(node, "behind `in` stand several values in brackets", hint=hint)
        if not isinstance(node, ast.Tuple | ast.List) or not node.elts:
            raise self.wrong(node, 'behind `in` stand the values in brackets, like ("a", "b")')
        if len(node.elts) > ITEMS_MAX:
            raise self.wrong(node, f"more than {ITEMS_MAX} values; keep them in a list and write in_list(...)")
        items = tuple(self.node(e, depth) for e in node.elts)
        for item, element in zip(items, node.elts, strict=True):
            if not isinstance(item, Number | Text):
                raise self.wrong(element, "behind `in` stand numbers or texts only")
        return items

    def _name(self, node: ast.Name | ast.Attribute, depth: int) -> Node:
        words: list[str] = []
        part: ast.expr = node
        while isinstance(part, ast.Attribute):
            words.append(part.attr)
            part = part.value
        if not isinstance(part, ast.Name):
            raise self.wrong(node, "dots stand inside names only, like customer.device.new")
        return Name(*self.place(node), ".".join([part.id, *reversed(words)]))

    def _call(self, node: ast.Call, depth: int) -> Node:
        if not isinstance(node.func, ast.Name):
            raise self.wrong(node, "only the functions of the language can be called")
        arguments = tuple(self.node(a, depth) for a in node.args)
        where = []
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.wrong(node, "write the conditions of a window as kind=...")
            given = keyword.value
            items = self._items(given, depth) if isinstance(given, ast.Tuple | ast.List) else (self.node(given, depth),)
            texts = tuple(item for item in items if isinstance(item, Text))
            if len(texts) < len(items):
                raise self.wrong(given, f'{keyword.arg} takes a text or several, like {keyword.arg}=("a", "b")')
            where.append((keyword.arg, texts))
        return Call(*self.place(node), node.func.id, arguments, tuple(where))

    def _constant(self, node: ast.Constant, depth: int) -> Node:
        start, length = self.place(node)
        if isinstance(node.value, str):
            text = self.scanned.texts.get(start)
            if text is None or len(text) != len(node.value):
                raise self.wrong(node, "texts stand in one pair of quotes each")
            return Text(start, length, text)
        if start in self.scanned.numbers:
            value, unit = self.scanned.numbers[start]
            return Number(start, length, value, unit)
        if node.value is None:
            raise self.wrong(node, "nothing equals None; to ask whether a value is there, write known(...)")
        told = "write the condition itself" if isinstance(node.value, bool) else "numbers begin with a digit, like 0.5"
        raise self.wrong(node, told)
