"""Single values: how one cell becomes text or a number, and what counts as missing.

These functions define the meaning; the vectorised path of `convert` may be faster but never different.
"""

from __future__ import annotations

import math
from datetime import date, time
from decimal import Decimal
from typing import Any

from haechi.events.errors import BadRow, shown

FIELD_CHARS_MAX = 65_536
DEPTH_MAX = 32
INTEGRAL_FLOAT_MAX = 1e15
INTEGER_BITS_MAX = 256
KEY_SEPARATOR = "\x1f"
# What stands for "no number" in the world's files; in text columns only the empty text is missing: "NA" is a country.
NO_NUMBER = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"})


def too_long(value: str, column: str) -> BadRow:
    """The rejection of a field beyond the limit."""
    return BadRow("too_long", f"{column} holds {len(value)} characters, {FIELD_CHARS_MAX} are allowed: {shown(value)}")


def text(value: Any, column: str) -> str | None:
    """A value as text, None when it is missing: whole floats read like integers, so that 315.0 and 315 are one key."""
    if type(value) is str:
        if len(value) > FIELD_CHARS_MAX:
            raise too_long(value, column)
        return value or None
    if value is None:
        return None
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer_text(value, column)
    if isinstance(value, float):
        return _float_text(value, column)
    return _other_text(value, column)


def _integer_text(value: int, column: str) -> str:
    if value.bit_length() > INTEGER_BITS_MAX:
        raise BadRow("too_long", f"{column} holds {shown(value)}, {INTEGER_BITS_MAX} are allowed")
    return str(int(value))


def _float_text(value: float, column: str) -> str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        raise BadRow("infinite", f"{column} is infinite; leave it out or send the real value")
    if value.is_integer() and abs(value) < INTEGRAL_FLOAT_MAX:
        return str(int(value))
    return repr(value)


def _other_text(value: Any, column: str) -> str | None:
    if isinstance(value, Decimal):
        return None if value.is_nan() else str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return text(utf8(value, column), column)
    if isinstance(value, str):
        return text(str(value), column)
    raise BadRow("nested", f"{column} holds {shown(value)} where text or a number is expected")


def utf8(value: bytes, column: str) -> str:
    """Bytes as text, rejected when they are not UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRow("not_utf8", f"{column} is not UTF-8 at byte {error.start}; convert the source to UTF-8") from error


def number(value: Any, column: str) -> float | None:
    """A value as a finite float, None when it is missing (NaN is missing, infinity is rejected)."""
    if type(value) is not float:
        found = _to_float(value, column)
        if found is None:
            return None
        value = found
    if math.isfinite(value):
        return float(value)
    if math.isnan(value):
        return None
    raise BadRow("infinite", f"{column} is infinite; leave it out or send the real value")


def _to_float(value: Any, column: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > FIELD_CHARS_MAX:
            raise too_long(value, column)
        if value in NO_NUMBER:
            return None
        if "_" in value:
            raise not_a_number(value, column)
    elif not isinstance(value, int | float | Decimal):
        raise not_a_number(value, column)
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        raise not_a_number(value, column) from error


def not_a_number(value: Any, column: str) -> BadRow:
    """The rejection of something that should have been a number."""
    return BadRow("not_a_number", f"{column} is not a number: {shown(value)}")


def check_extra(value: Any, column: str) -> None:
    """A field without a role is kept as it came, inside the limits of length and depth."""
    if type(value) is str:
        if len(value) > FIELD_CHARS_MAX:
            raise too_long(value, column)
    elif isinstance(value, dict | list | tuple):
        _check_tree(value, column)


def _check_tree(value: Any, column: str) -> None:
    level = [value]
    chars = 0
    for _ in range(DEPTH_MAX):
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.keys())
                below.extend(node.values())
            elif isinstance(node, list | tuple):
                below.extend(node)
            elif isinstance(node, str):
                chars += len(node)
        chars += len(below)
        if chars > FIELD_CHARS_MAX:
            raise BadRow("too_long", f"{column} holds more than {FIELD_CHARS_MAX} characters in all; send less")
        if not below:
            return
        level = below
    raise BadRow("too_deep", f"{column} is nested deeper than {DEPTH_MAX} levels; flatten it")
