"""What a change changes, field by field, and inside a text word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import msgspec

__all__ = ["Changed", "Piece", "changed", "pieces"]

FIELDS = ("name", "reason", "condition", "effect", "kinds", "priority", "tags", "valid_from_us", "valid_until_us")
_WORDS = re.compile(r"\s+|[^\s\w.]|[\w.]+")


class Piece(NamedTuple):
    """A stretch of a text: it stays, was there before, or is new."""

    kind: str  # same, gone, new
    text: str


class Changed(NamedTuple):
    """One field that differs."""

    field: str
    pieces: tuple[Piece, ...]


def changed(before: Any, after: Any) -> tuple[Changed, ...]:
    """The fields in which two rules differ; without one before, all that says something."""
    found = []
    for name in FIELDS:
        old = "" if before is None else _text(getattr(before, name))
        new = _text(getattr(after, name))
        if old != new:
            found.append(Changed(name, pieces(old, new)))
    return tuple(found)


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """One text turned into another, in words."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(old[a:b])))
        else:
            found += [Piece(kind, text) for kind, text in (("gone", "".join(old[a:b])), ("new", "".join(new[c:d])))
                      if text]  # fmt: skip
    return tuple(found)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return " / ".join(f"{name}: {text}" for name, text in sorted(value.items()))
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, msgspec.Struct):
        return ", ".join(f"{n} = {v}" for n, v in msgspec.structs.asdict(value).items() if v is not None)
    return str(value)
