"""The parts of a schema, as read from its TOML document: which column plays which role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from haechi.events.errors import BadSchema, nearest
from haechi.events.money import exponent
from haechi.events.times import UNITS, TimeRole, origin_us, span_us, zone

NAME_CHARS_MAX = 200
_PATTERN_SIGNS = frozenset("*?[")


@dataclass(frozen=True)
class KindRole:
    """A constant kind, or a column with a map from the source's words to ours; other words pass unchanged."""

    constant: str = ""
    column: str = ""
    map: Mapping[str, str] = field(default_factory=dict)
    default: str = ""


@dataclass(frozen=True)
class KeyRole:
    """An entity and the columns that name it; several columns join into one key, missing when any part is missing."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class AmountRole:
    """The amount, its currency (constant or a column with a default), and what a minus sign means."""

    column: str
    currency: str = ""
    currency_column: str = ""
    minor: bool = False
    absolute: bool = False


@dataclass(frozen=True)
class LabelRole:
    """Which values mean fraud and which do not (any other: unlabelled), and when that became known."""

    column: str
    codes: Mapping[Any, int]
    delay_us: int | None
    known_at: TimeRole | None


class Table:
    """A TOML table that is asked for each of its keys once and names those it does not know."""

    def __init__(self, where: str, content: Any) -> None:
        if not isinstance(content, Mapping):
            raise BadSchema(f"{where} must be a table, not {content!r}")
        self.where = where
        self._content = dict(content)
        self._known: list[str] = []

    def get(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value of a key, checked for its type; the default when it is left out."""
        self._known.append(key)
        value = self._content.get(key, default)
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise BadSchema(f"{self.where}.{key} has the wrong type: {value!r}")
        return value

    def need(self, key: str, kind: type | tuple[type, ...] = str) -> Any:
        """The value of a key that must be there."""
        value = self.get(key, kind)
        if value is None or value == "":
            raise BadSchema(f"{self.where} needs {key!r}")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self.get(key, list, [])
        if not all(isinstance(n, str) and 0 < len(n) <= NAME_CHARS_MAX for n in found):
            raise BadSchema(f"{self.where}.{key} must be a list of names")
        return tuple(dict.fromkeys(found))

    def close(self) -> None:
        """Every key was asked for; one that was not is a slip of the pen."""
        for key in self._content:
            if key not in self._known:
                close = nearest(key, self._known)
                hint = f"did you mean {close!r}?" if close else f"there are: {', '.join(self._known)}"
                raise BadSchema(f"{self.where} has no {key!r}; {hint}")


def is_pattern(name: str) -> bool:
    """Whether a column name is a pattern such as "C*"."""
    return not _PATTERN_SIGNS.isdisjoint(name)


def expand(
    names: tuple[str, ...], left_out: tuple[str, ...], columns: tuple[str, ...], taken: set[str]
) -> tuple[str, ...]:
    """Patterns become the columns they match, in file order; a pattern never takes what already has a role."""
    found: dict[str, None] = {}
    for name in names:
        if name in columns or not is_pattern(name):
            found[name] = None
            continue
        matches = [c for c in columns if fnmatchcase(c, name) and c not in taken]
        if not matches:
            raise BadSchema(f"the pattern {name!r} matches no column that is still free")
        found.update(dict.fromkeys(matches))
    return tuple(c for c in found if not any(c == o or fnmatchcase(c, o) for o in left_out))


def read_kind(value: Any) -> KindRole:
    """The role of the kind: a word, or a table with a column and a map."""
    if isinstance(value, str) and value:
        return KindRole(constant=value)
    table = Table("kind", value)
    words = table.get("map", Mapping, {})
    if not all(isinstance(v, str) and v for v in words.values()):
        raise BadSchema("kind.map must map the source's words to kinds")
    role = KindRole(column=table.need("column"), map=dict(words), default=table.get("default", str, ""))
    table.close()
    return role


def read_time(value: Any, where: str = "time") -> TimeRole:
    """The role of a time column, with its unit and origin, zone or format."""
    table = Table(where, {"column": value} if isinstance(value, str) else value)
    column, unit = table.need("column"), table.get("unit", str, "")
    timezone, pattern = table.get("timezone", str, ""), table.get("format", str, "")
    start = table.get("origin", object)
    table.close()
    zone(timezone)
    if unit and unit not in UNITS:
        raise BadSchema(f"{where}.unit must be one of {', '.join(UNITS)}, not {unit!r}")
    if start is not None and (not unit or unit == "order"):
        raise BadSchema(f"{where}.origin needs a unit of time, e.g. unit = 's'")
    if pattern and unit:
        raise BadSchema(f"{where} has both a unit and a format; keep the one that holds")
    return TimeRole(column, unit, 0 if start is None else origin_us(start, timezone), timezone, pattern)


def read_id(value: Any) -> str:
    """The column of the id; none is allowed: the row number serves."""
    if value is None:
        return ""
    table = Table("id", {"column": value} if isinstance(value, str) else value)
    column: str = table.need("column")
    table.close()
    return column


def read_entities(value: Any) -> tuple[KeyRole, ...]:
    """The entities in the order they were written: the first is the subject."""
    roles = []
    for name, content in Table("entities", value or {})._content.items():
        table = Table(f"entities.{name}", {"column": content} if isinstance(content, str) else content)
        columns = table.names("columns") or (table.need("column"),)
        table.get("column", str)
        table.close()
        roles.append(KeyRole(name, columns))
    return tuple(roles)


def read_amount(value: Any) -> AmountRole | None:
    """The role of the amount."""
    if value is None:
        return None
    table = Table("amount", value)
    column, sign = table.need("column"), table.get("negative", str, "reject")
    unit, currency = table.get("unit", str, "major"), table.get("currency", (str, Mapping), "")
    table.close()
    if sign not in ("reject", "absolute") or unit not in ("major", "minor"):
        raise BadSchema("amount.negative is 'reject' or 'absolute', amount.unit is 'major' or 'minor'")
    currency_column = ""
    if isinstance(currency, Mapping):
        inner = Table("amount.currency", currency)
        currency_column, currency = inner.need("column"), inner.get("default", str, "")
        inner.close()
    elif not currency:
        raise BadSchema("amount needs a currency: currency = 'EUR', or currency = { column = '...' }")
    if currency:
        exponent(currency)
    return AmountRole(column, currency, currency_column, unit == "minor", sign == "absolute")


def read_place(value: Any) -> tuple[str, str] | None:
    """The columns of latitude and longitude."""
    if value is None:
        return None
    table = Table("place", value)
    found = (table.need("lat"), table.need("lon"))
    table.close()
    return found


def read_attributes(value: Any) -> tuple[tuple[str, str], ...]:
    """What an event tells about its subject for good: name and column."""
    found = []
    for name, content in Table("attributes", value or {})._content.items():
        table = Table(f"attributes.{name}", {"column": content} if isinstance(content, str) else content)
        found.append((name, table.need("column")))
        table.close()
    return tuple(found)


def read_label(value: Any, time: TimeRole) -> LabelRole | None:
    """The role of the label; without a delay or a known_at column it would be known too early, so one is needed."""
    if value is None:
        return None
    table = Table("label", value)
    column = table.need("column")
    codes: dict[Any, int] = {}
    for key, code in (("negative", 0), ("positive", 1)):
        for word in table.need(key, list):
            if codes.setdefault(label_key(word), code) != code:
                raise BadSchema(f"label: {word!r} is both positive and negative")
    delay, known = table.get("delay", (str, int)), table.get("known_at", (str, Mapping))
    table.close()
    if delay is None and known is None:
        raise BadSchema("label needs delay = '7d' or known_at = { column = '...' }: when does a label become known?")
    known_at = None if known is None else _known_role(known, time)
    return LabelRole(column, codes, None if delay is None else span_us(delay, ordinal=time.ordinal), known_at)


def _known_role(value: Any, time: TimeRole) -> TimeRole:
    # The time of the report is written like the time of the event, unless the schema says otherwise.
    role = read_time(value, "label.known_at")
    if role.unit or role.timezone or role.format or role.origin_us:
        return role
    return TimeRole(role.column, time.unit, time.origin_us, time.timezone, time.format)


def label_key(value: Any) -> Any:
    """A label value as it is compared: 1, 1.0, "1" and "1.0" are one, true is "true"."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        word = value.strip()
        try:
            value = float(word)
        except ValueError:
            return word.casefold()
    if isinstance(value, int | float):
        return float(value) if value == value and abs(value) < 2**53 else str(value)
    return value if isinstance(value, str) else str(value)
