"""What stands behind the question mark: parameters that are known, whole numbers within their bounds."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from haechi.api.errors import BadQuery


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
