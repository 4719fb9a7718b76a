"""The one place where shared SQL is put into an engine's own words.

Migrations and statements are written once, in standard SQL with BIGINT, BYTEA and `:name` parameters. SQLite wants its
row number spelled INTEGER PRIMARY KEY and takes `?` in long row lists; another engine is another Dialect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True)
class Dialect:
    """How one engine spells what all engines share."""

    words: Mapping[str, str] = field(default_factory=dict)
    parameter: str = ":{name}"
    place: str = "?"

    def migration(self, sql: str) -> str:
        """Shared table definitions in this engine's words."""
        for shared, own in self.words.items():
            sql = re.sub(rf"\b{shared}\b", own, sql)
        return sql

    def statement(self, sql: str) -> str:
        """A shared statement with its `:name` parameters as this engine takes them."""
        return _translated(sql, self.parameter)

    def insert(self, table: str, columns: tuple[str, ...], rows: int, tail: str = "") -> str:
        """One INSERT of many rows: one call into the engine instead of one for each row."""
        row = "(" + ", ".join([self.place] * len(columns)) + ")"
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES " + ", ".join([row] * rows) + tail  # noqa: S608


@cache
def _translated(sql: str, parameter: str) -> str:
    return re.sub(r":([a-z_]+)", lambda name: parameter.format(name=name[1]), sql)


SQLITE = Dialect(words={"BIGINT PRIMARY KEY": "INTEGER PRIMARY KEY", "BYTEA": "BLOB"})
