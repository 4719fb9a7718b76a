"""One row becomes one event: functions compiled from a schema once and called for every event on the hot path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from haechi.events.errors import BadRow, BadSchema, shown
from haechi.events.event import Event, Label
from haechi.events.money import exponent, minor_units
from haechi.events.roles import AmountRole, KeyRole, KindRole, label_key
from haechi.events.times import time_reader
from haechi.events.values import FIELD_CHARS_MAX, KEY_SEPARATOR, check_extra, number, text

if TYPE_CHECKING:
    from haechi.events.schema import Schema

Row = Mapping[str, Any]
Get = Callable[[str], Any]
# The parts of an event that are filled column by column; the text parts come first.
ENTITIES, CATEGORIES, ATTRIBUTES, NUMBERS, FIELDS = range(5)


def compile_event(schema: Schema) -> Callable[..., Event]:
    """The function that reads one row of this schema as an event."""
    read_id, read_kind = _id_reader(schema.id_column), _kind_reader(schema.kind)
    read_time, time_column = time_reader(schema.time), schema.time.column
    read_amount, place, missing = _amount_reader(schema.amount), schema.place, schema.missing
    joined = tuple(k for k in schema.keys if len(k.columns) > 1)
    find_slot, others = _slots(schema).get, frozenset(schema.columns)

    def event(row: Row, number: int = 0) -> Event:
        if missing:
            row = {k: v for k, v in row.items() if not (type(v) is str and v in missing)}
        get = row.get
        event_id, kind = read_id(get, number), read_kind(get)
        time_us = read_time(get(time_column))
        if time_us is None:
            raise BadRow("no_time", f"{time_column} is missing; every event needs a time")
        amount, currency = read_amount(get) if read_amount else (None, "")
        lat, lon = _place(get, place) if place else (None, None)
        parts: tuple[dict[str, Any], ...] = ({}, {}, {}, {}, {})
        for column, value in row.items():
            slots = find_slot(column)
            if slots is None:
                if column not in others:
                    parts[FIELDS][column] = value
            elif value is not None:
                for part, name in slots:
                    if part < NUMBERS and type(value) is str and 0 < len(value) <= FIELD_CHARS_MAX:
                        parts[part][name] = value
                    else:
                        _put(parts[part], name, value, column, part)
        entities, categories, attributes, numbers, fields = parts
        if joined:
            _join(get, joined, entities)
        if fields:
            _check_fields(fields)
        return Event(
            id=event_id, kind=kind, time_us=time_us, entities=entities, amount=amount, currency=currency,
            numbers=numbers, categories=categories, lat=lat, lon=lon, attributes=attributes, fields=fields,
        )  # fmt: skip

    return event


def _slots(schema: Schema) -> dict[str, tuple[tuple[int, str], ...]]:
    """For each column the parts of the event that its value goes to, under which name."""
    found: dict[str, tuple[tuple[int, str], ...]] = {}
    roles = [(ENTITIES, k.name, k.columns[0]) for k in schema.keys if len(k.columns) == 1]
    roles += [(CATEGORIES, c, c) for c in schema.category_names]
    roles += [(ATTRIBUTES, name, column) for name, column in schema.attributes]
    roles += [(NUMBERS, c, c) for c in schema.number_names]
    for part, name, column in roles:
        found[column] = (*found.get(column, ()), (part, name))
    return found


def _put(part: dict[str, Any], name: str, value: Any, column: str, kind: int) -> None:
    found = number(value, column) if kind == NUMBERS else text(value, column)
    if found is not None:
        part[name] = found


def _check_fields(fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if type(value) is not str or len(value) > FIELD_CHARS_MAX:
            check_extra(value, name)


def _join(get: Get, keys: tuple[KeyRole, ...], entities: dict[str, Any]) -> None:
    for key in keys:
        parts = [text(get(c), c) for c in key.columns]
        if any(p is not None and KEY_SEPARATOR in p for p in parts):
            raise BadRow("separator", f"a part of the joined key {key.name} holds the character U+001F; remove it")
        whole = [p for p in parts if p is not None]
        if len(whole) == len(parts):
            entities[key.name] = KEY_SEPARATOR.join(whole)


def _place(get: Get, columns: tuple[str, str]) -> tuple[float | None, float | None]:
    north, east = get(columns[0]), get(columns[1])
    if north is None and east is None:
        return None, None
    lat, lon = number(north, columns[0]), number(east, columns[1])
    if lat is None or lon is None:
        return None, None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadRow("no_such_place", f"{columns[0]}, {columns[1]} is no place on earth: {lat}, {lon}")
    return lat, lon


def _id_reader(column: str) -> Callable[[Get, int], str]:
    if not column:
        return lambda get, number: str(number)

    def read_id(get: Get, number: int) -> str:
        value = get(column)
        if type(value) is str and 0 < len(value) <= FIELD_CHARS_MAX:
            return value
        found = text(value, column)
        if found is None:
            raise BadRow("no_id", f"{column} is missing; every event needs an id")
        return found

    return read_id


def _kind_reader(role: KindRole) -> Callable[[Get], str]:
    if role.constant:
        return lambda get: role.constant
    column, words, default = role.column, role.map, role.default

    def read_kind(get: Get) -> str:
        value = get(column)
        if type(value) is not str or not 0 < len(value) <= FIELD_CHARS_MAX:
            value = text(value, column) or default
            if not value:
                raise BadRow("no_kind", f"{column} is missing; say what happened, e.g. payment")
        found: str = words.get(value, value)
        return found

    return read_kind


def _amount_reader(role: AmountRole | None) -> Callable[[Get], tuple[int | None, str]] | None:
    if role is None:
        return None
    column, absolute, money_of = role.column, role.absolute, currency_reader(role)

    def read_amount(get: Get) -> tuple[int | None, str]:
        value = get(column)
        if value is None or value == "":
            return None, ""
        currency, decimals = money_of(get)
        units = minor_units(value, decimals, column, absolute=absolute)
        return (None, "") if units is None else (units, currency)

    return read_amount


def currency_reader(role: AmountRole) -> Callable[[Get], tuple[str, int]]:
    """The function that finds a row's currency and how many decimals its amounts have."""
    column, default = role.currency_column, role.currency
    if not column:
        constant = (default, 0 if role.minor else exponent(default))
        return lambda get: constant
    seen: dict[str, tuple[str, int]] = {}

    def read_currency(get: Get) -> tuple[str, int]:
        value = get(column)
        found = seen.get(value) if type(value) is str else None
        if found is None:
            found = _currency(value, column, default, role.minor)
            seen[found[0]] = found
        return found

    return read_currency


def _currency(value: Any, column: str, default: str, minor: bool) -> tuple[str, int]:
    code = text(value, column) or default
    try:
        return code, 0 if minor and exponent(code) >= 0 else exponent(code)
    except BadSchema as error:
        raise BadRow("unknown_currency", f"{column}: {shown(code)} is no ISO 4217 currency; write e.g. KRW") from error


def compile_label(schema: Schema) -> Callable[..., Label | None]:
    """The function that reads one row's label, if it has one by now."""
    role = schema.label_role
    if role is None:
        return lambda row, number=0: None
    read_code, read_id, read_time = label_reader(schema), _id_reader(schema.id_column), time_reader(schema.time)
    read_known = time_reader(role.known_at) if role.known_at else None
    delay_us, missing = role.delay_us, schema.missing

    def label(row: Row, number: int = 0) -> Label | None:
        if missing:
            row = {k: v for k, v in row.items() if not (type(v) is str and v in missing)}
        code = read_code(row.get(role.column))
        if code < 0:
            return None
        time_us = read_time(row.get(schema.time.column))
        if time_us is None:
            raise BadRow("no_time", f"{schema.time.column} is missing; every event needs a time")
        known_us = read_known(row.get(role.known_at.column)) if read_known and role.known_at else None
        if known_us is None and delay_us is not None:
            known_us = time_us + delay_us
        if known_us is None:
            return None
        return Label(read_id(row.get, number), code == 1, max(known_us, time_us), schema.name)

    return label


def label_reader(schema: Schema) -> Callable[[Any], int]:
    """The function that reads a label cell: 1 fraud, 0 legitimate, -1 unlabelled."""
    codes = dict(schema.label_role.codes) if schema.label_role else {}

    def read_code(value: Any) -> int:
        return -1 if value is None or isinstance(value, dict | list) else codes.get(label_key(value), -1)

    return read_code
