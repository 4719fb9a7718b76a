"""Rules as they come over the wire: TOML or the same as JSON, held against the names of a home."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from haechi.api import rule_shapes as shapes
from haechi.rules import BadRule, BadRuleFile, Pack, Rule, read_pack
from haechi.rules.check import check
from haechi.rules.names import Names

__all__ = ["findings", "pack_of"]

TIMES = ("valid_from", "valid_until")


def pack_of(file: shapes.RuleFile | str) -> Pack:
    """Read a file of rules; BadRuleFile says which rule and which field is wrong."""
    return read_pack(file if isinstance(file, str) else _toml(file), "what was sent")


def findings(pack: Pack, names: Names) -> list[shapes.Finding]:
    """What a careful colleague would say about each rule of a file, errors first."""
    found: list[shapes.Finding] = []
    for rule in pack.rules:
        found += _of(rule, names)
    return sorted(found, key=lambda one: one.level)


def _of(rule: Rule, names: Names) -> list[shapes.Finding]:
    try:
        checked = check(rule.condition, names)
    except BadRule as error:
        return [_finding(rule.id, "error", error)]
    places = [BadRule(w.message, rule.condition, w.position, w.length) for w in checked.warnings]
    return [_finding(rule.id, "warning", place) for place in places]


def _finding(rule: str, level: Literal["error", "warning"], told: BadRule) -> shapes.Finding:
    return shapes.Finding(
        rule=rule, level=level, message=told.message, suggestion=told.suggestion, line=told.line, column=told.column,
        pointer=told.pointer(),
    )  # fmt: skip


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
