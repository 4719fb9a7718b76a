"""What people ask: a body of one shape, parameters that are known, whole numbers within their bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qsl

import msgspec

from haechi.api.body import check_depth
from haechi.api.errors import BadAsk, BadJson, BadQuery

T = TypeVar("T")


def wish(body: bytes, kind: type[T], depth_max: int) -> T:
    """Read a body that asks the desk for something; BadAsk says which field is wrong, and what it may be."""
    check_depth(body, depth_max)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as reason:
        raise BadAsk(f"{reason}{_allowed(str(reason), kind)}; /openapi.json shows what this call takes") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as reason:
        raise BadJson(f"{reason}: send one JSON object in UTF-8") from None


def _allowed(reason: str, kind: type[Any]) -> str:
    """The values that a field may have, where the reason names one that has a few."""
    name = reason.rpartition("`$.")[2].removesuffix("`")
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    values = get_args(types.get(name)) if "Invalid enum value" in reason else ()
    return f": it is {', '.join(value or 'left out' for value in values)}" if values else ""


def query(text: bytes, known: Sequence[str]) -> dict[str, str]:
    """Read the parameters behind the question mark; a strange one is refused, not ignored."""
    try:
        asked = dict(parse_qsl(text.decode("ascii"), keep_blank_values=True, max_num_fields=len(known)))
    except ValueError:
        raise BadQuery(f"the query is not readable: it takes {' and '.join(known)}, each once") from None
    if strange := sorted(asked.keys() - set(known)):
        raise BadQuery(f"unknown parameter {strange[0][:40]!r}: this call takes {' and '.join(known)}")
    return asked


def whole_number(name: str, text: str, lowest: int, highest: int) -> int:
    """Read a whole number within its bounds."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and lowest <= int(text) <= highest):
        raise BadQuery(f"{name} must be a whole number from {lowest} to {highest}, got {text[:40]!r}")
    return int(text)
