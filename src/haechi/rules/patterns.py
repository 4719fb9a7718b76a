"""What can be asked of a text: how it begins or ends, what it contains, what it matches - in linear time.

Regular expressions are those of RE2, which has no backtracking: its time grows with the text, whatever the pattern.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

__all__ = ["OPERATIONS", "PATTERN_CHARS_MAX", "BadPattern", "asks"]

OPERATIONS = ("starts", "ends", "contains", "matches")
PATTERN_CHARS_MAX = 200
MEMORY_BYTES_MAX = 1 << 20


class BadPattern(ValueError):
    """A regular expression that RE2 does not take."""


@lru_cache(maxsize=4096)
def asks(operation: str, text: str) -> Callable[[str], bool]:
    """A function that answers for one text; `matches` looks anywhere in it, so ^ and $ tie it to the ends."""
    if operation == "starts":
        return lambda seen: seen.startswith(text)
    if operation == "ends":
        return lambda seen: seen.endswith(text)
    if operation == "contains":
        return lambda seen: text in seen
    return _matches(text)


def _matches(text: str) -> Callable[[str], bool]:
    import re2

    options = re2.Options()
    options.max_mem = MEMORY_BYTES_MAX
    options.log_errors = False
    try:
        search = re2.compile(text, options).search
    except re2.error as error:
        said = error.args[0] if error.args else b""
        raise BadPattern(said.decode() if isinstance(said, bytes) else str(said)) from None
    return lambda seen: search(seen) is not None
