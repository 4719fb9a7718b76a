"""Rules as they come over the wire: TOML or the same as JSON, held against the names of a home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import msgspec

from haechi.api import rule_shapes as shapes
from haechi.rulebook.asking import words_asked
from haechi.rulebook.seen import Seen
from haechi.rules import BadRule, BadRuleFile, Pack, Rule, read_pack
from haechi.rules.check import check
from haechi.rules.files import read_sound
from haechi.rules.names import Names
from haechi.rules.tree import Text

__all__ = ["findings", "pack_of"]

TIMES = ("valid_from", "valid_until")
SENT = "what was sent"
NAMED = re.compile(r", (?:rule|test of rule|typology) '([^']+)'")


def pack_of(file: shapes.RuleFile | str) -> Pack:
    """Read a file of rules; BadRuleFile says which rule and which field is wrong."""
    return read_pack(_text(file), SENT)


def findings(file: shapes.RuleFile | str, names: Names, seen: Seen | None = None) -> list[shapes.Finding]:
    """What a careful colleague would say about a file, errors first; BadRuleFile when it cannot be read at all.

    With `seen` she knows what the events of this home ever said, too.
    """
    pack, wrong = read_sound(_text(file), SENT)
    text = file.replace("\r\n", "\n") if isinstance(file, str) else ""
    found = [_misfit(str(error), text) for error in wrong]
    for rule in pack.rules:
        found += _of(rule, names, seen, text)
    return sorted(found, key=lambda one: one.level)


def _misfit(message: str, text: str) -> shapes.Finding:
    """A field that does not fit; the line is where its rule names itself."""
    named = NAMED.search(message)
    at = text.find(f'"{named[1]}"') if named else -1
    place = BadRule("", text, at) if at >= 0 else None
    return shapes.Finding(
        rule="", level="error", message=message, file_line=place.line if place else 0,
        file_column=place.column if place else 0,
    )  # fmt: skip


def _of(rule: Rule, names: Names, seen: Seen | None, text: str) -> list[shapes.Finding]:
    try:
        checked = check(rule.condition, names)
    except BadRule as error:
        return [_finding(rule, "error", error, text)]
    places = [BadRule(w.message, rule.condition, w.position, w.length) for w in checked.warnings]
    places += [] if seen is None else _unheard(rule, names, seen)
    return [_finding(rule, "warning", place, text) for place in places]


def _unheard(rule: Rule, names: Names, seen: Seen) -> Iterator[BadRule]:
    """Kinds and texts that no event of this home ever had: a rule that asks for them misspelt will never hit."""
    for kind, near in seen.unheard("kind", rule.kinds).items():
        yield BadRule(f"no event of this home is a {kind[:80]!r}", suggestion=near)
    asked: dict[str, list[Text]] = {}
    for name, text in words_asked(rule.condition):
        if name in ("kind", *names.categories, *names.entities):
            asked.setdefault(name, []).append(text)
    for name, texts in asked.items():
        unheard = seen.unheard(name, [text.value for text in texts])
        for text in texts:
            if text.value in unheard:
                has = "is a" if name == "kind" else f"has {name}"
                message, place = f"no event of this home {has} {text.value[:80]!r}", (text.position, text.length)
                yield BadRule(message, rule.condition, *place, unheard[text.value])


def _finding(rule: Rule, level: Literal["error", "warning"], told: BadRule, text: str) -> shapes.Finding:
    # A condition stands in its file as it is, unless it is written with escapes: then only the place in it is known.
    starts = text.find(told.text, max(text.find(rule.id), 0)) if text and told.text else -1
    place = BadRule("", text, starts + told.position) if starts >= 0 else None
    return shapes.Finding(
        rule=rule.id, level=level, message=told.message, suggestion=told.suggestion, line=told.line, column=told.column,
        pointer=told.pointer(), file_line=place.line if place else 0, file_column=place.column if place else 0,
    )  # fmt: skip


def _text(file: shapes.RuleFile | str) -> str:
    return file if isinstance(file, str) else _toml(file)


def _toml(file: shapes.RuleFile) -> str:
    """The same file as TOML, so that there is one reader."""
    parts = [f"{name} = {_value(getattr(file, name))}" for name in ("title", "sources") if getattr(file, name)]
    for name in ("rules", "typologies", "tests"):
        for table in getattr(file, name):
            parts += [f"[[{name}]]", *(f"{_value(k)} = {_value(v, k)}" for k, v in table.items() if v is not None)]
    return "\n".join(parts) + "\n"


def _value(value: Any, name: str = "") -> str:
    if name in TIMES and isinstance(value, str):
        return _time(value, name)
    if isinstance(value, dict):
        inner = ", ".join(f"{_value(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007F")


def _time(text: str, name: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise BadRuleFile(f"{name} {text[:40]!r} is no time: write 2026-01-01T00:00:00+09:00") from None
