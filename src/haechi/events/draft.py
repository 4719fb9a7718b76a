"""Writes a drafted schema as a TOML file that explains itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from haechi.events.roles import is_pattern

GROUP_MIN = 4
_LINE_CHARS_MAX = 110
_TABLES = ("entities", "amount", "numbers", "categories", "place", "attributes", "label", "private")


def write_draft(document: Mapping[str, Any], because: Mapping[str, str], left_out: Mapping[str, str]) -> str:
    """The document as TOML, each part with the reason for it, then what was left out."""
    lines = ["# A first draft, guessed from the data: read every line before you rely on it."]
    for part in ("name", "kind", "time", "id"):
        if part in document:
            lines += [*_comment(because.get(part)), f"{part} = {_value(document[part])}"]
        elif part in because:
            lines += _comment(because[part])
    for part in _TABLES:
        lines += _table(part, document.get(part), because)
    if left_out:
        lines += ["", "# Left out:"]
        lines += [f"# {column or json.dumps(column)}: {why}" for column, why in left_out.items()]
    return "\n".join(lines) + "\n"


def _comment(text: str | None) -> list[str]:
    return [f"# {line}" for line in (text or "").split("; ") if line]


def _table(part: str, content: Mapping[str, Any] | None, because: Mapping[str, str]) -> list[str]:
    reason = _comment(because.get(part))
    if not content:
        return ["", *reason] if reason else []
    lines = ["", *reason, f"[{part}]"]
    for key, value in content.items():
        why = because.get(f"{part}.{key}")
        lines.append(f"{_key(key)} = {_value(value)}" + (f"  # {why}" if why else ""))
    return lines


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return _list([_value(v) for v in value])
    if isinstance(value, str):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(words: list[str]) -> str:
    whole = "[" + ", ".join(words) + "]"
    if len(whole) <= _LINE_CHARS_MAX:
        return whole
    lines, line = [], "   "
    for word in words:
        if len(line) + len(word) > _LINE_CHARS_MAX:
            lines.append(line)
            line = "   "
        line += f" {word},"
    return "\n".join(["[", *lines, line, "]"])


def shortened(names: list[str], others: list[str]) -> list[str]:
    """Names that end in numbers, four or more of a kind, as one pattern such as "V*" where it catches no other."""
    found: list[str] = []
    for stem, group in groupby(names, key=lambda n: n.rstrip("0123456789")):
        members = list(group)
        clean = stem and not is_pattern(stem) and not any(o.startswith(stem) for o in others)
        alone = sum(n.startswith(stem) for n in names) == len(members)
        found += [f"{stem}*"] if len(members) >= GROUP_MIN and clean and alone else members
    return found
