"""Rules as files: one TOML file holds one rule or a whole pack, so that a bank can keep them in git.

```toml
[[rules]]
id = "night-cash"
name = { en = "Cash at night", ko = "심야 현금 인출" }
reason = { en = "cash taken at night", ko = "심야 시간 현금 인출" }
kinds = ["withdrawal"]
condition = '''hour >= 1 and hour < 5 and amount >= 500_000 won'''
effect = { minimum = "challenge" }            # or { weight = 0.4 } or { fixed = "block" }
valid_from = 2026-01-01T00:00:00+09:00

[[tests]]                                     # the last event of a history is judged
rule = "night-cash"
expect = "hit"                                # hit, miss or undecided
events = [{ kind = "withdrawal", time = "2026-03-02T02:00:00+09:00", customer = "c", amount = 600000 }]
# times = 5, every = "10m" in an event makes five of them; {n} in its texts counts them
```
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import msgspec

from haechi.rules.errors import BadRuleFile
from haechi.rules.rule import Effect, Rule, Typology, check_rule, check_typology

__all__ = ["Pack", "Test", "read_pack", "read_sound", "write_pack"]

FILE_BYTES_MAX = 4 << 20
RULES_PER_FILE_MAX = 2_000
_TIMES = {"valid_from": "valid_from_us", "valid_until": "valid_until_us"}


class Test(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One history and what a rule must say of its last event."""

    __test__ = False  # pytest must not take it for one of its own

    rule: str
    expect: Literal["hit", "miss", "undecided"]
    events: list[dict[str, Any]]
    name: str = ""
    lists: dict[str, list[str]] = {}  # list name -> entities on it


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """What one file holds: rules, typologies, tests, and for a pack a title and its sources."""

    rules: tuple[Rule, ...] = ()
    typologies: tuple[Typology, ...] = ()
    tests: tuple[Test, ...] = ()
    title: dict[str, str] = {}
    sources: tuple[str, ...] = ()


def read_pack(text: str, where: str = "the file") -> Pack:
    """Read a file of rules; BadRuleFile names each rule that is wrong, and the field."""
    pack, wrong = read_sound(text, where)
    if wrong:
        raise BadRuleFile("; ".join(map(str, wrong))) from wrong[0]
    return pack


def read_sound(text: str, where: str = "the file") -> tuple[Pack, list[BadRuleFile]]:
    """The part of a file that holds together, and what is wrong with the rest; BadRuleFile when it is no such file."""
    if len(text.encode()) > FILE_BYTES_MAX:
        raise BadRuleFile(f"{where} is larger than {FILE_BYTES_MAX:,} bytes")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        lost = text.startswith("[[") and "\n" not in text.rstrip()
        hint = "; its ends of lines are gone: with curl, send it with --data-binary" if lost else ""
        raise BadRuleFile(f"{where} is not TOML: {error}{hint}") from error
    unknown = sorted(set(document) - {"rules", "typologies", "tests", "title", "sources"})
    if unknown:
        raise BadRuleFile(f"{where} has {unknown[0]!r}; a file holds rules, typologies, tests, title and sources")
    wrong: list[BadRuleFile] = []

    def each(name: str, read: Callable[[dict[str, Any]], Any]) -> Iterator[Any]:
        for table in _tables(document, name, where):
            try:
                yield read(table)
            except BadRuleFile as error:
                wrong.append(error)

    rules = tuple(each("rules", lambda r: check_rule(_read(r, Rule, "rule", where))))
    typologies = tuple(each("typologies", lambda t: check_typology(_read(t, Typology, "typology", where))))
    tests = tuple(each("tests", lambda t: _read(t, Test, "test of rule", where)))
    _different([r.id for r in rules], "rule", where)
    _different([t.id for t in typologies], "typology", where)
    strange = sorted({t.rule for t in tests} - {r.id for r in rules})
    if strange and not wrong:
        raise BadRuleFile(f"{where} tests the rule {strange[0]!r}, which is not in it")
    head = _convert({k: document[k] for k in ("title", "sources") if k in document}, Pack, where)
    return Pack(title=head.title, sources=head.sources, rules=rules, typologies=typologies, tests=tests), wrong


def write_pack(pack: Pack) -> str:
    """Write a file that reads back to the same pack."""
    parts = []
    if pack.title:
        parts.append(f"title = {_toml(pack.title)}\n")
    if pack.sources:
        parts.append(f"sources = {_toml(list(pack.sources))}\n")
    parts += [_table("rules", _plain(rule)) for rule in pack.rules]
    parts += [_table("typologies", _plain(typology)) for typology in pack.typologies]
    parts += [_table("tests", _plain(test)) for test in pack.tests]
    return "\n".join(parts)


def _tables(document: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(t, dict) for t in found):
        raise BadRuleFile(f"{where}: write [[{name}]] above each of the {name}")
    if len(found) > RULES_PER_FILE_MAX:
        raise BadRuleFile(f"{where} has more than {RULES_PER_FILE_MAX:,} {name}")
    return found


def _read(table: dict[str, Any], kind: type[Any], what: str, where: str) -> Any:
    named = f"{where}, {what} {str(table.get('id', table.get('rule', '?')))[:80]!r}"
    table = dict(table)
    for written, kept in _TIMES.items():
        if kind is Rule and written in table:
            table[kept] = _time_us(table.pop(written), f"{named}: {written}")
    return _convert(table, kind, named)


def _convert(table: dict[str, Any], kind: type[Any], where: str) -> Any:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise BadRuleFile(f"{where}: {_plainly(str(error), kind)}") from error


def _plainly(reason: str, kind: type[Any]) -> str:
    """What is wrong with which field, and the values that it may have where these are few."""
    said, at, path = reason.partition(" - at `$.")
    path = path.removesuffix("`")
    if not at:
        return reason
    type_: Any = kind
    for name in path.split("."):
        fields = msgspec.structs.fields(type_) if isinstance(type_, type) and issubclass(type_, msgspec.Struct) else ()
        type_ = next((field.type for field in fields if field.name == name), None)
    parts = get_args(type_)
    values = [value for part in parts for value in get_args(part) or (part,) if isinstance(value, str)]
    return f"{said} for {path}{': it is ' * bool(values)}{', '.join(values)}"


def _time_us(value: Any, where: str) -> int:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadRuleFile(f"{where} must be a time with a zone, like 2026-01-01T00:00:00+09:00")
    since = value - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _different(names: list[str], what: str, where: str) -> None:
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise BadRuleFile(f"{where} has the {what} {twice[0]!r} twice")


def _plain(value: Rule | Typology | Test) -> dict[str, Any]:
    """The fields that differ from their defaults, and those without one."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(value):
        content = getattr(value, field.name)
        if field.required or content != _default(field):
            found[field.name] = content
    for written, kept in _TIMES.items():
        if kept in found:
            found[written] = datetime.fromtimestamp(found[kept] // 1_000_000, UTC).replace(
                microsecond=found.pop(kept) % 1_000_000
            )
    return found


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def _table(name: str, content: dict[str, Any]) -> str:
    return "\n".join([f"[[{name}]]", *(f"{key} = {_toml(value)}" for key, value in content.items()), ""])


def _toml(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(k)} = {_toml(v)}" for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, Effect):
        return _toml({k: v for k, v in msgspec.structs.asdict(value).items() if v is not None})
    # A JSON string is a TOML basic string, apart from the one control character that JSON leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
