"""The tree of a condition: what remains of Python's syntax, each node with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Binary", "Call", "Compare", "In", "Logic", "Name", "Node", "Not", "Number", "Text"]


@dataclass(frozen=True)
class Node:
    """Any node; places do not count when trees are compared."""

    position: int = field(compare=False)
    length: int = field(compare=False)


@dataclass(frozen=True)
class Number(Node):
    """A number; with a currency it is money in minor units, with unit "s" a span in seconds."""

    value: float
    unit: str = ""


@dataclass(frozen=True)
class Text(Node):
    """A text in quotes."""

    value: str


@dataclass(frozen=True)
class Name(Node):
    """A name, perhaps with dots."""

    name: str


@dataclass(frozen=True)
class Call(Node):
    """A function with its arguments; `where` holds the named ones, each with its accepted texts."""

    name: str
    arguments: tuple[Node, ...]
    where: tuple[tuple[str, tuple[Text, ...]], ...] = ()


@dataclass(frozen=True)
class Not(Node):
    """not x"""

    part: Node


@dataclass(frozen=True)
class Binary(Node):
    """x + y, x - y, x * y, x / y, x % y"""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare(Node):
    """x < y, x <= y, x == y, x != y; the larger signs are turned round."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class In(Node):
    """x in ("a", "b")"""

    part: Node
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Logic(Node):
    """Parts joined by and, or by or."""

    sign: str
    parts: tuple[Node, ...]
