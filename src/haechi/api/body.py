"""Reading bodies: bounded, uncompressed, JSON of modest depth."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from haechi.api.errors import BadEvent, BadJson, ClientGone, TooLarge

Receive = Callable[[], Awaitable[Mapping[str, Any]]]

_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


async def read_body(receive: Receive, bytes_max: int) -> bytes:
    """Take the whole body, or stop at the first byte over the limit."""
    message = await receive()
    if message["type"] != "http.request":
        raise ClientGone
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return check_size(body, bytes_max)
    parts, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > bytes_max:
            raise too_large(bytes_max)
    return b"".join(parts)


def check_size(body: bytes, bytes_max: int) -> bytes:
    """Let a body pass that is within its limit."""
    if len(body) > bytes_max:
        raise too_large(bytes_max)
    return body


def too_large(bytes_max: int) -> TooLarge:
    """The sentence for a body over its limit."""
    return TooLarge(f"the body is larger than {bytes_max:,} bytes: send less at once, or use /v1/decide/batch")


def check_depth(body: bytes, depth_max: int) -> None:
    """Refuse JSON that is nested too deep, before any parser climbs into it."""
    # There can be no more levels than opening brackets: nearly every body passes with two counts.
    if body.count(b"{") + body.count(b"[") > depth_max and is_deeper(body, depth_max):
        raise BadJson(f"the JSON is nested deeper than {depth_max} levels: send a flat event")


def are_flat(body: bytes, lines: int, bytes_max: int, depth_max: int) -> bool:
    """Whether one look at all lines shows that each opens an object and none can be too large or too deep."""
    # Each line has the bracket that it begins with, so none has more than all that are left.
    brackets = body.count(b"{") + body.count(b"[") - (lines - 1)
    begun = body.startswith(b"{") and body.count(b"\n{") == lines - 1
    return begun and brackets <= depth_max and len(body) <= bytes_max


def is_deeper(body: bytes, depth_max: int) -> bool:
    """Whether more brackets than that are open at any place."""
    # Texts go first, for their brackets are no structure. Then each pass takes away the innermost pairs, one level.
    # A walk over the brackets would say the same, but holds the event loop ten times as long when there are many.
    brackets = _TEXT.sub(b"", body).translate(_ONE_KIND, _NO_BRACKET)
    for _ in range(depth_max):
        fewer = brackets.replace(b"[]", b"")
        if fewer == brackets:
            return brackets.count(b"[") > depth_max
        brackets = fewer
    return b"[" in brackets


def read_object(body: bytes) -> dict[str, Any]:
    """Decode one JSON object; raises BadJson or BadEvent with the parser's reason."""
    try:
        value = msgspec.json.decode(body)
    except UnicodeDecodeError:
        raise BadJson("the body is not UTF-8: send JSON in UTF-8") from None
    except RecursionError:
        raise BadJson("the JSON is nested too deep: send a flat event") from None
    except msgspec.DecodeError as reason:
        raise BadJson(f"{reason}: send one JSON object (NaN and Infinity are not JSON)") from None
    if not isinstance(value, dict):
        raise BadEvent(f"expected a JSON object, got {type(value).__name__}: send one event as an object")
    return value


def split_lines(body: bytes, lines_max: int) -> list[bytes]:
    """Cut JSON Lines into lines; an empty one in between stays, so that answer n belongs to line n."""
    lines = body.removesuffix(b"\n").split(b"\n")
    if lines == [b""]:
        raise BadEvent("the body is empty: send one JSON object per line")
    if len(lines) > lines_max:
        raise TooLarge(f"{len(lines):,} lines in one request, the limit is {lines_max:,}: split the batch")
    return lines
