"""A rulebook over a real store, two people, and rules to write."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

from haechi.events import Schema
from haechi.features import default_spec
from haechi.rulebook.book import Rulebook
from haechi.rulebook.standing import InForce, Place, Workshop
from haechi.rules import Pack, read_pack
from haechi.settings import RulesPart
from haechi.stores import Change, HistoryRow
from haechi.stores.sqlite import SqliteStore

SCHEMA = Schema.read("bank")
SPEC = default_spec(SCHEMA)
NOW_US = 1_727_400_000_000_000
LIVE, SHADOW, RETIRED = Place("live"), Place("shadow"), Place("retired")


def pack(id_: str = "large", condition: str = "amount >= 5_000 won", effect: str = 'minimum = "hold"') -> Pack:
    text = f"""
[[rules]]
id = "{id_}"
name = {{ en = "{id_}", ko = "{id_}" }}
reason = {{ en = "{id_} it is", ko = "{id_}" }}
condition = '''{condition}'''
effect = {{ {effect} }}
"""
    return read_pack(text)


def typology(*rules: str) -> Pack:
    weights = ", ".join(f'"{rule}" = 1.0' for rule in rules)
    return read_pack(f"""
[[typologies]]
id = "group"
name = {{ en = "group", ko = "묶음" }}
rules = {{ {weights} }}
alert = 1.0
alert_action = "challenge"
""")


class Office:
    """A rulebook whose publications are kept."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.store = SqliteStore(folder / "h.db")
        self.published: list[InForce] = []
        clock = count(NOW_US)
        workshop = Workshop(SCHEMA, SPEC, self.store.rules)
        self.book = Rulebook(
            self.store, RulesPart(**settings), lambda: next(clock), workshop, self.published.append
        )  # fmt: skip

    def again(self) -> Rulebook:
        """The same home opened another time."""
        workshop = Workshop(SCHEMA, SPEC, self.store.rules)
        return Rulebook(self.store, RulesPart(), lambda: NOW_US, workshop)

    def live(self, id_: str = "large", version: int | None = None) -> Change:
        """Ana asks for a version to be live, Bo agrees."""
        asked = self.book.move("rule", id_, version, LIVE, "ana")
        assert isinstance(asked, Change)
        return self.book.answer(asked.id, "approve", "bo")

    def place(self, version: int = 1, id_: str = "large", kind: str = "rule") -> str:
        return self.book.standing.lane(kind, id_, version).lane


def number(row: Change | HistoryRow) -> int:
    return row.id if isinstance(row, Change) else row.number
