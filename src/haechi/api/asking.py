"""What people ask: a body of one shape, parameters that are known, whole numbers within their bounds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qsl

import msgspec

from haechi.api.body import check_depth
from haechi.api.errors import BadAsk, BadJson, BadQuery, BadRule, Refusal

T = TypeVar("T")
SHOWN = "; /openapi.json shows what this call takes"  # commands leave it out


def wish(body: bytes, kind: type[T], depth_max: int) -> T:
    """Read a body that asks the desk for something; BadAsk says which field is wrong, and what it may be."""
    check_depth(body, depth_max)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as reason:
        raise BadAsk(f"{reason}{allowed(str(reason), kind)}{SHOWN}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as reason:
        raise BadJson(f"{reason}: send one JSON object in UTF-8") from None


def allowed(reason: str, kind: type[Any]) -> str:
    """The values that a field may have, where the reason names one that has a few."""
    name = reason.rpartition("`$.")[2].removesuffix("`")
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    values = get_args(types.get(name)) if "Invalid enum value" in reason else ()
    return f": it is {', '.join(value or 'left out' for value in values)}" if values else ""


def moment_us(what: str, text: str | None) -> int | None:
    """Microseconds since 1970 of a moment with a zone, where one is given; else BadRule."""
    return None if text is None else zoned_us(what, text, BadRule)


def zoned_us(what: str, text: str, refusal: type[Refusal]) -> int:
    """Microseconds since 1970 of a moment with a zone; raises the refusal for any other text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise refusal(f"{what} {text[:40]!r} is no time: write 2026-01-01T00:00:00+09:00") from None
    if found.tzinfo is None:
        raise refusal(f"{what} {text[:40]!r} has no zone: write 2026-01-01T00:00:00+09:00")
    since = found - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


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
