"""What can go wrong while events are read.

* EventsError
  + BadSchema           the schema itself is wrong
    - WrongColumn       it names a column that the file does not have
  + UnreadableFile      a file is missing, empty, cut short or not what its name says
  + NotInOrder          a file that was called sorted is not
  + TooManyBadRows      more rows were rejected than the caller allows
  + BadRow              one row or event cannot be read: rejected and counted
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

SHOWN_CHARS_MAX = 60
COLUMNS_SHOWN_MAX = 12


class EventsError(Exception):
    """Something about events that their sender has to mend."""


class BadSchema(EventsError):
    """The schema does not say what it has to say."""


class WrongColumn(BadSchema):
    """The schema names a column that is not there; the nearest one that is there is suggested."""

    def __init__(self, column: str, columns: Sequence[str], source: str = "the data") -> None:
        self.column = column
        self.suggestion = nearest(column, columns)
        if self.suggestion is not None:
            advice = f"did you mean {self.suggestion!r}?"
        else:
            more = ", ..." if len(columns) > COLUMNS_SHOWN_MAX else ""
            advice = "there are: " + ", ".join(columns[:COLUMNS_SHOWN_MAX]) + more
        super().__init__(f"{source} has no column {column!r}; {advice}")


class UnreadableFile(EventsError):
    """A file cannot be read to its end."""


class NotInOrder(EventsError):
    """Times run backwards in files that were called sorted."""


class TooManyBadRows(EventsError):
    """More rows were rejected than the caller allows."""


class BadRow(EventsError):
    """One row cannot become an event; `code` names the kind of fault, the message says what to mend."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def nearest(column: str, columns: Sequence[str]) -> str | None:
    """The existing column whose name comes closest, letter case aside."""
    folded = {c.casefold(): c for c in reversed(columns)}
    found = difflib.get_close_matches(column.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def shown(value: Any) -> str:
    """A value short enough for a one-line message."""
    if isinstance(value, str) and len(value) > SHOWN_CHARS_MAX:
        return repr(value[:SHOWN_CHARS_MAX])[:-1] + f"...' ({len(value)} characters)"
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, dict | list | tuple | set | bytes):
        return f"a {type(value).__name__} of {len(value)}"
    return repr(value)[:SHOWN_CHARS_MAX]
