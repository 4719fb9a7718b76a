"""Tables of the rooms above: they bring shared SQL, an engine brings two doors, one to read and one to change.

A task runs alone, in a transaction of the journal's one writer: what it read stays true until it has written, so that
two people never get the same thing. Whatever it raises undoes all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import apsw
import msgspec

from haechi.stores.dialect import SQLITE
from haechi.stores.errors import Disagreed, StoreError
from haechi.stores.link import Link, Value
from haechi.stores.tables import Submit

T = TypeVar("T")
Row = tuple[Any, ...]


class SqliteWork:
    """One open transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        """All rows of a shared statement."""
        found: list[Row] = self._connection.execute(SQLITE.statement(sql), values).fetchall()
        return found

    def run(self, sql: str, values: Mapping[str, Value] | None = None) -> int:
        """Change rows, and say how many."""
        self._connection.execute(SQLITE.statement(sql), values)
        return self._connection.changes()

    def add(self, table: str, row: Mapping[str, Value]) -> None:
        """Add one row."""
        self._connection.execute(SQLITE.insert(table, tuple(row), 1), tuple(row.values()))

    def next(self, table: str, column: str = "number") -> int:
        """The number behind the newest one."""
        return int(self.rows(f"SELECT COALESCE(MAX({column}), 0) FROM {table}")[0][0]) + 1  # noqa: S608

    def tell(self, about: str, id_: str, what: str, content: Mapping[str, Any], person: str, at_us: int) -> int:
        """Put a line into the desk's history, in the same commit as what it tells of."""
        number = self.next("desk_history")
        told = msgspec.json.encode(content).decode()
        self.add("desk_history", {
            "number": number, "about": about, "id": id_, "what": what, "content": told, "person": person,
            "at_us": at_us,
        })  # fmt: skip
        return number


class SqliteTables:
    """Reads beside the writer, changes through it."""

    def __init__(self, reading: Link, submit: Submit) -> None:
        self._reading, self._submit = reading, submit

    def rows(self, sql: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        """All rows of a shared statement, as of the last commit."""
        return self._reading.rows(sql, values)

    def do(self, task: Callable[[SqliteWork], T]) -> T:
        """Run a task in a transaction of its own; it counts once it is on disk. Refusals of the file are Disagreed."""
        try:
            return cast(T, self._submit(lambda connection: _guarded(task, connection)).result())
        except apsw.ConstraintError as error:
            raise Disagreed(str(error).removeprefix("ConstraintError: ")) from error
        except _Undone as undone:
            raise undone.reason from None


class _Undone(StoreError):
    """A task said no: it is undone and told so, and the journal goes on."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _guarded(task: Callable[[SqliteWork], T], connection: apsw.Connection) -> T:
    try:
        return task(SqliteWork(connection))
    except (apsw.Error, StoreError):
        raise
    except Exception as error:  # whatever a room makes of its rows, the journal of everybody must not end by it
        raise _Undone(error) from error
