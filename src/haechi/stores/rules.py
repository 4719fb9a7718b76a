"""What people agreed on, kept so that nobody can undo it: versions, changes, answers, list rows and the history.

Every write is one job of the journal's one writer, so that each is whole, numbered without gaps, and never at the same
time as another. What must never happen (self-approval, a change that too few agreed to, a version that changes) is
refused by triggers of the file itself (migrations/sqlite/0003_rules.sql); here it is put into a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

import apsw

from haechi.stores.agreed import Approval, Change, HistoryRow, ListRow, RuleSetRow, RuleVersion, State
from haechi.stores.dialect import SQLITE
from haechi.stores.errors import Disagreed
from haechi.stores.link import Link, Value
from haechi.stores.tables import Submit

T = TypeVar("T")
ROWS_PER_JOB = 500  # a longer job would hold up the commits of decisions
_VERSIONS = "SELECT kind, name, version, content, hash, author, created_us, comment FROM rule_versions"
_CHANGES = """
SELECT id, kind, name, version, content, author, created_us, needs, comment,
    CASE WHEN EXISTS (SELECT 1 FROM rule_history h WHERE h.change_id = c.id) THEN 'done'
         ELSE COALESCE((SELECT CASE a.answer WHEN 'reject' THEN 'rejected' ELSE 'withdrawn' END
                        FROM rule_approvals a WHERE a.change_id = c.id AND a.answer <> 'approve'), 'waiting')
    END AS state,
    (SELECT COUNT(*) FROM list_rows r WHERE r.change_id = c.id)
FROM rule_changes c
"""
_HISTORY = "SELECT number, what, kind, name, version, content, person, at_us, change_id FROM rule_history"
_ROWS = "SELECT r.entity, r.action, r.reason, r.owner, r.expires_us FROM list_rows r"
# Of each entity the row of the newest change in the history counts.
_LISTED = "SELECT change_id, list, entity, action, reason, owner, expires_us FROM list_rows"
_STANDING = """
JOIN rule_history h ON h.change_id = r.change_id
WHERE r.list = :list AND r.entity > :after AND r.action = 'add' AND NOT EXISTS (
    SELECT 1 FROM list_rows later JOIN rule_history g ON g.change_id = later.change_id
    WHERE later.list = r.list AND later.entity = r.entity AND g.number > h.number)
ORDER BY r.entity LIMIT :limit
"""


class SqliteRules:
    """Versions, changes, answers, list rows and the history of what was agreed."""

    def __init__(self, reading: Link, submit: Submit) -> None:
        self._reading, self._submit = reading, submit

    def add_version(self, draft: RuleVersion) -> RuleVersion:
        """Keep a new version under the next number; the same content as the newest version is that version."""

        def task(connection: apsw.Connection) -> RuleVersion:
            newest = _first(
                connection,
                _VERSIONS + " WHERE kind = :kind AND name = :name ORDER BY version DESC LIMIT 1",
                {"kind": draft.kind, "name": draft.name},
            )
            if newest is not None and newest[4] == draft.hash:
                return RuleVersion(*newest)
            row = (draft.kind, draft.name, newest[2] + 1 if newest else 1, draft.content, draft.hash)
            added = RuleVersion(*row, draft.author, draft.created_us, draft.comment)
            _insert(connection, "rule_versions", added)
            return added

        return self._do(task)

    def versions(self, kind: str, name: str | None = None) -> list[RuleVersion]:
        """Every version of one name, or of all, in order."""
        named = "" if name is None else " AND name = :name"
        values: dict[str, Value] = {"kind": kind} if name is None else {"kind": kind, "name": name}
        sql = _VERSIONS + f" WHERE kind = :kind{named} ORDER BY name, version"
        return [RuleVersion(*row) for row in self._reading.rows(sql, values)]

    def ask(self, wish: Change) -> Change:
        """Ask for a change; the same wish of the same person that still waits is that change."""

        def task(connection: apsw.Connection) -> int:
            same = _CHANGES + " WHERE kind = :kind AND name = :name AND version = :version AND content = :content"
            about = {"kind": wish.kind, "name": wish.name, "version": wish.version, "content": wish.content}
            rows: list[tuple[Any, ...]] = connection.execute(same, about).fetchall()
            for row in rows:
                if row[5] == wish.author and row[9] == "waiting":
                    return int(row[0])
            id_ = _next(connection, "rule_changes", "id")
            row = (id_, wish.kind, wish.name, wish.version, wish.content, wish.author, wish.created_us, wish.needs)
            columns = ("id", "kind", "name", "version", "content", "author", "created_us", "needs", "comment")
            connection.execute(SQLITE.insert("rule_changes", columns, 1), (*row, wish.comment))
            return id_

        return self.change(self._do(task))

    def add_rows(self, change_id: int, list_: str, rows: Sequence[ListRow]) -> None:
        """Say which entities a list change adds or removes, before anybody answers it."""
        columns = ("change_id", "list", "entity", "action", "reason", "owner", "expires_us")
        for at in range(0, len(rows), ROWS_PER_JOB):
            part = [
                (change_id, list_, row.entity, row.action, row.reason, row.owner, row.expires_us)
                for row in rows[at : at + ROWS_PER_JOB]
            ]

            def task(connection: apsw.Connection, part: list[tuple[Any, ...]] = part) -> None:
                known = _LISTED + " WHERE change_id = :id AND entity = :entity"
                fresh = [
                    row for row in part if _first(connection, known, {"id": change_id, "entity": row[2]}) != row
                ]  # what was sent again, because an answer was lost, is there already
                connection.executemany(SQLITE.insert("list_rows", columns, 1), fresh)

            self._do(task)

    def change(self, id_: int) -> Change:
        """One change with its answers; Disagreed when there is none."""
        rows = self._reading.rows(_CHANGES + " WHERE id = :id", {"id": id_})
        if not rows:
            raise Disagreed(f"there is no change {id_}: `haechi rules approvals` lists those that wait")
        return self._change(rows[0])

    def changes(self, state: State | None = None, before: int | None = None, limit: int = 100) -> list[Change]:
        """Changes, the newest first; page on with the last `id`."""
        asked = f"SELECT * FROM ({_CHANGES}) found WHERE (:state IS NULL OR state = :state)"  # noqa: S608
        asked += " AND (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit"
        rows = self._reading.rows(asked, {"state": state, "before": before, "limit": limit})
        return [self._change(row) for row in rows]

    def answer(self, id_: int, said: Approval, taking: RuleSetRow | None = None) -> Change:
        """Take down what a person answers; with `taking`, the change takes effect in the same commit."""

        def task(connection: apsw.Connection) -> None:
            columns = ("change_id", "person", "answer", "comment", "at_us")
            row = (id_, said.person, said.answer, said.comment, said.at_us)
            connection.execute(SQLITE.insert("rule_approvals", columns, 1), row)
            if taking is not None:
                asked = "SELECT kind, name, version, content, author FROM rule_changes WHERE id = :id"
                kind, name, version, content, author = connection.execute(asked, {"id": id_}).fetchall()[0]
                what = "list" if kind == "list" else "lane"
                _take(connection, (what, kind, name, version, content, author, said.at_us, id_), taking)

        self._do(task)
        return self.change(id_)

    def take(self, row: HistoryRow, taking: RuleSetRow) -> HistoryRow:
        """Let something take effect that needs nobody's approval: a trial or a snooze."""
        values = (row.what, row.kind, row.name, row.version, row.content, row.person, row.at_us, row.change_id)
        number = self._do(lambda connection: _take(connection, values, taking))
        return HistoryRow(number, *values)

    def history(self, after: int = 0, through: int | None = None) -> Iterator[HistoryRow]:
        """What took effect, in order, a piece at a time."""
        sql = _HISTORY + " WHERE number > :after AND (:through IS NULL OR number <= :through) ORDER BY number LIMIT 500"
        while rows := self._reading.rows(sql, {"after": after, "through": through}):
            yield from (HistoryRow(*row) for row in rows)
            after = rows[-1][0]

    def rows_of(self, change_id: int, limit: int | None = None) -> Iterator[ListRow]:
        """The rows of one list change, by entity, a piece at a time."""
        after, left = "", limit
        sql = _ROWS + " WHERE r.change_id = :id AND r.entity > :after ORDER BY r.entity LIMIT :limit"
        while left is None or left > 0:
            count = 2_000 if left is None else min(left, 2_000)
            rows = self._reading.rows(sql, {"id": change_id, "after": after, "limit": count})
            if not rows:
                return
            yield from (ListRow(*row) for row in rows)
            after, left = rows[-1][0], None if left is None else left - len(rows)

    def entries(self, list_: str, after: str = "", limit: int = 100) -> list[ListRow]:
        """Who stands on a list now, expired or not, by entity; page on with the last one."""
        rows = self._reading.rows(_ROWS + _STANDING, {"list": list_, "after": after, "limit": limit})
        return [ListRow(*row) for row in rows]

    def stands(self, list_: str, entity: str) -> bool:
        """Whether an entity stands on a list now, expired or not."""
        sql = _ROWS + _STANDING.replace("r.entity > :after", "r.entity = :entity")
        return bool(self._reading.rows(sql, {"list": list_, "entity": entity, "limit": 1}))

    def keep_set(self, row: RuleSetRow) -> None:
        """Write a set down before it comes into force; one that is known stays as it is."""
        self._do(lambda connection: _keep_set(connection, row))

    def set_of(self, hash_: str) -> RuleSetRow | None:
        """The set with this hash; None when it was never in force here."""
        sql = "SELECT hash, through, after_seq, at_us FROM rule_sets WHERE hash = :hash"
        rows = self._reading.rows(sql, {"hash": hash_})
        return RuleSetRow(*rows[0]) if rows else None

    def _change(self, row: tuple[Any, ...]) -> Change:
        sql = "SELECT person, answer, comment, at_us FROM rule_approvals WHERE change_id = :id ORDER BY at_us, person"
        answers = tuple(Approval(*said) for said in self._reading.rows(sql, {"id": row[0]}))
        names = Change.__struct_fields__
        return Change(**dict(zip(names, row, strict=False)), answers=answers)

    def _do(self, task: Callable[[apsw.Connection], T]) -> T:
        try:
            return cast(T, self._submit(task).result())
        except apsw.ConstraintError as error:
            raise Disagreed(_sentence(error)) from error


def _sentence(error: apsw.ConstraintError) -> str:
    """The trigger's own words, without the engine's."""
    return str(error).removeprefix("ConstraintError: ")


def _first(connection: apsw.Connection, sql: str, values: dict[str, Value]) -> tuple[Any, ...] | None:
    found: tuple[Any, ...] | None = connection.execute(SQLITE.statement(sql), values).fetchone()
    return found


def _next(connection: apsw.Connection, table: str, column: str) -> int:
    newest: Any = connection.execute(f"SELECT COALESCE(MAX({column}), 0) FROM {table}").get  # noqa: S608
    return int(newest) + 1


def _insert(connection: apsw.Connection, table: str, row: Any) -> None:
    columns = row.__struct_fields__
    connection.execute(SQLITE.insert(table, columns, 1), tuple(getattr(row, name) for name in columns))


def _take(connection: apsw.Connection, values: tuple[Any, ...], taking: RuleSetRow) -> int:
    number = _next(connection, "rule_history", "number")
    if number != taking.through:
        raise Disagreed("somebody else changed the rules in between: look again, then repeat")
    _insert(connection, "rule_history", HistoryRow(number, *values))
    _keep_set(connection, taking)
    return number


def _keep_set(connection: apsw.Connection, row: RuleSetRow) -> None:
    known = connection.execute("SELECT 1 FROM rule_sets WHERE hash = ?", (row.hash,)).fetchone()
    if known is None:
        _insert(connection, "rule_sets", row)
