"""How a sentence about a name that is not there ends."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

__all__ = ["perhaps"]

NAMED_MAX = 10
NEAR = 0.6


def perhaps(name: str, known: Sequence[str]) -> str:
    """What was perhaps meant, or what there is."""
    if close := get_close_matches(name[:80], known, 3, NEAR):
        return f"did you mean {' or '.join(close)}?"
    return f"there is {', '.join(known[:NAMED_MAX])}{', ...' * (len(known) > NAMED_MAX)}" if known else ""
