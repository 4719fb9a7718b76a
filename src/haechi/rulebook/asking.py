"""What a rule asks by name: lists, and about whom; and the words that it compares fields with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache

from haechi.rules import BadRule
from haechi.rules.parse import parse
from haechi.rules.tree import Call, Compare, In, Name, Node, Text

__all__ = ["lists_asked", "words_asked"]


@lru_cache(maxsize=4_096)
def lists_asked(condition: str) -> frozenset[tuple[str, str]]:
    """Pairs of a list's name and the entity that is looked up on it; none where the condition cannot be read."""
    if "in_list" not in condition:
        return frozenset()
    try:
        return frozenset(_asked(parse(condition)))
    except BadRule:
        return frozenset()


def words_asked(condition: str) -> list[tuple[str, Text]]:
    """Every field that is compared with a text by ==, != or in, or that narrows a window, and the text's place."""
    return [
        (name, text)
        for node in _nodes(parse(condition))
        for name, texts in _compared(node)
        for text in texts
        if isinstance(text, Text)
    ]


def _compared(node: Node) -> list[tuple[str, tuple[Node, ...]]]:
    match node:
        case Compare(left=Name(name=name), right=Text() as text) | Compare(left=Text() as text, right=Name(name=name)):
            return [(name, (text,))]
        case In(part=Name(name=name), items=items):
            return [(name, items)]
        case Call(where=where):
            return list(where)
    return []


def _asked(tree: Node) -> Iterator[tuple[str, str]]:
    for node in _nodes(tree):
        match node:
            case Call(name="in_list", arguments=(Text(value=listed), Name(name=entity))):
                yield listed, entity


def _nodes(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for one in fields(node):
        part = getattr(node, one.name)
        for child in part if isinstance(part, tuple) else (part,):
            if isinstance(child, Node):
                yield from _nodes(child)
