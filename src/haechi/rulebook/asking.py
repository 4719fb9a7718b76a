"""Which lists a rule asks, and about whom: what tells a person whether her entry will change anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache

from haechi.rules import BadRule
from haechi.rules.parse import parse
from haechi.rules.tree import Call, Name, Node, Text

__all__ = ["lists_asked"]


@lru_cache(maxsize=4_096)
def lists_asked(condition: str) -> frozenset[tuple[str, str]]:
    """Pairs of a list's name and the entity that is looked up on it; none where the condition cannot be read."""
    if "in_list" not in condition:
        return frozenset()
    try:
        return frozenset(_asked(parse(condition)))
    except BadRule:
        return frozenset()


def _asked(node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, Call) and node.name == "in_list":
        match node.arguments:
            case (Text(value=listed), Name(name=entity)):
                yield listed, entity
    for one in fields(node):
        part = getattr(node, one.name)
        for child in part if isinstance(part, tuple) else (part,):
            if isinstance(child, Node):
                yield from _asked(child)
