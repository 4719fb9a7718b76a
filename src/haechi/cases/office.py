"""What every desk of this room shares: the tables, the clock, the practice, and how texts and versions are checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from haechi.cases.errors import BadAsk, Stale
from haechi.cases.practice import Practice
from haechi.stores import Tables

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
TEXT_CHARS_MAX = 10_000


@dataclass(frozen=True)
class Office:
    """Tables, clock (microseconds since 1970) and practice of one house."""

    tables: Tables
    now_us: Callable[[], int]
    practice: Practice


class HistoryLine(msgspec.Struct, frozen=True):
    """One line of the history; `person` is empty where Haechi itself did it."""

    number: int
    about: str
    id: str
    what: str
    content: dict[str, Any]
    person: str
    at_us: int


def history(office: Office, about: str, id_: str, after: int = 0, limit: int = 1_000) -> list[HistoryLine]:
    """All that happened to one thing, in order; page on with the last number."""
    rows = office.tables.rows(
        "SELECT number, about, id, what, content, person, at_us FROM desk_history"
        " WHERE about = :about AND id = :id AND number > :after ORDER BY number LIMIT :limit",
        {"about": about, "id": id_, "after": after, "limit": limit},
    )
    return [happened(row) for row in rows]


def happened(row: tuple[Any, ...]) -> HistoryLine:
    """A row of the history."""
    number, about, id_, what, content, person, at_us = row
    return HistoryLine(number, about, id_, what, msgspec.json.decode(content), person, at_us)


def checked(what: str, text: str, chars_max: int = TEXT_CHARS_MAX, *, needed: bool = False) -> str:
    """A text that can be kept, or BadAsk."""
    if len(text) > chars_max or "\0" in text:
        raise BadAsk(f"{what} has at most {chars_max:,} characters, none of them NUL")
    if needed and not text.strip():
        raise BadAsk(f"{what} is needed: whoever looks at it later will ask for it")
    return text


def same_version(what: str, version: int, seen: int | None) -> None:
    """Refuse to write over what the caller has not seen."""
    if seen is not None and seen != version:
        raise Stale(f"{what} has changed since you looked (version {seen}, now {version}): look again, then repeat")
