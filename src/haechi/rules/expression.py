"""A checked condition: expressions over the inputs that an event gives, without text, names or types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Union

from haechi.features import Window

__all__ = ["Constant", "Expression", "Input", "Leaf", "Operation", "Word", "inputs_of", "walk"]


@dataclass(frozen=True)
class Input:
    """One number that an event gives; equal inputs are read once.

    source and name: moment (UTC microseconds), amount, guard (a currency: 1 when the event is in it, else unknown),
    number (field), lat, lon, time (of TIMES), word (text field), same (text field; 1 when that of its text says the
    same), pattern (text field; with its operation and text), list (entity; the list is the text), feature (name; with
    its scale), attribute (name), exact and floor (a window: its value, what it is at least), surprise (field).
    """

    source: str
    name: str = ""
    operation: str = ""
    text: str = ""
    scale: float = 1.0
    window: Window | None = None


@dataclass(frozen=True)
class Leaf:
    """An input with the range of its values; a truth is 0 or 1."""

    input: Input
    low: float = -inf
    high: float = inf


@dataclass(frozen=True)
class Constant:
    """A number."""

    value: float


@dataclass(frozen=True)
class Word:
    """A text that an input is compared with; the rule set gives it a number."""

    input: Input
    text: str


@dataclass(frozen=True)
class Operation:
    """+ - * / % min max abs < <= == and or not known, over its parts."""

    sign: str
    parts: tuple[Expression, ...]


Expression = Union[Leaf, Constant, Word, Operation]  # noqa: UP007  a forward reference cannot be joined by |


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and all below it."""
    yield expression
    if isinstance(expression, Operation):
        for part in expression.parts:
            yield from walk(part)


def inputs_of(expression: Expression) -> tuple[Input, ...]:
    """The inputs that an expression reads, each once, in order."""
    return tuple(dict.fromkeys(e.input for e in walk(expression) if isinstance(e, Leaf)))
