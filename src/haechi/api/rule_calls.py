"""The calls about rules, lists, approvals and snoozes: read what came, hand it to the desk in a thread, write it out.

None of them runs in the event loop: compiling a rule or reading a list takes milliseconds that decisions must not wait.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from io import StringIO
from typing import Any, Protocol, TypeVar

import msgspec

from haechi.api import rule_shapes as shapes
from haechi.api.asking import allowed, moment_us, query, whole_number, wish
from haechi.api.errors import BadQuery, BadRule, TooLarge
from haechi.api.limits import Limits
from haechi.api.routes import CSV, TOML
from haechi.api.rule_desk import RuleDesk

T = TypeVar("T")
PAGE_ROWS = 100
ROWS_MAX = 10_000
STATES = ("waiting", "done", "rejected", "withdrawn")
CSV_COLUMNS = ("entity", "action", "reason", "owner", "expires")


class Asked(Protocol):
    """A request as these calls see it."""

    @property
    def body(self) -> bytes:
        """The whole body."""
        ...

    @property
    def media_type(self) -> str:
        """Its kind."""
        ...

    @property
    def value(self) -> str:
        """The value in the path."""
        ...

    @property
    def query(self) -> bytes:
        """What stands behind the question mark."""
        ...

    @property
    def person(self) -> str:
        """The name of the caller's key."""
        ...


class RuleCalls:
    """One method for each name in the table of routes."""

    _limits: Limits

    def _desk(self) -> RuleDesk:
        raise NotImplementedError

    async def rules(self, request: Asked) -> bytes:
        """List rules."""
        return await _said(self._desk().rules)

    async def typologies(self, request: Asked) -> bytes:
        """List typologies."""
        return await _said(self._desk().typologies)

    async def rule(self, request: Asked) -> bytes:
        """Show a rule."""
        return await _said(self._desk().rule, "rule", request.value)

    async def typology(self, request: Asked) -> bytes:
        """Show a typology."""
        return await _said(self._desk().rule, "typology", request.value)

    async def check_rules(self, request: Asked) -> bytes:
        """Hold rules against this home."""
        return await _said(self._desk().check, self._file(request))

    async def add_rules(self, request: Asked) -> bytes:
        """Keep new versions."""
        comment = query(request.query, ("comment",)).get("comment", "")
        return await _said(self._desk().add, self._file(request), request.person, comment)

    async def move_rule(self, request: Asked) -> bytes:
        """Move a rule."""
        return await self._move("rule", request)

    async def move_typology(self, request: Asked) -> bytes:
        """Move a typology."""
        return await self._move("typology", request)

    async def roll_back(self, request: Asked) -> bytes:
        """Ask for what was live before."""
        said = self._read(request, shapes.Commented)
        return await _said(self._desk().rollback, "rule", request.value, request.person, said.comment)

    async def changes(self, request: Asked) -> bytes:
        """List changes."""
        asked = query(request.query, ("state", "limit", "cursor"))
        state = asked.get("state")
        if state is not None and state not in STATES:
            raise BadQuery(f"state is {', '.join(STATES)}, not {state[:40]!r}")
        limit = whole_number("limit", asked.get("limit", str(PAGE_ROWS)), 1, self._limits.page_rows_max)
        before = whole_number("cursor", asked["cursor"], 0, 10**18 - 1) if "cursor" in asked else None
        found = await asyncio.to_thread(self._desk().changes, state, before, limit)
        following = str(found[-1].id) if len(found) == limit else None
        return msgspec.json.encode(shapes.ChangePage(found, following))

    async def change(self, request: Asked) -> bytes:
        """Show a change."""
        return await _said(self._desk().change, _number(request))

    async def answer_change(self, request: Asked) -> bytes:
        """Approve or reject."""
        said = self._read(request, shapes.Answer)
        return await _said(self._desk().answer, _number(request), said.answer, request.person, said.comment)

    async def withdraw_change(self, request: Asked) -> bytes:
        """Take a wish back."""
        said = self._read(request, shapes.Commented)
        return await _said(self._desk().answer, _number(request), "withdraw", request.person, said.comment)

    async def lists(self, request: Asked) -> bytes:
        """List lists."""
        return msgspec.json.encode(shapes.ListOfLists(await asyncio.to_thread(self._desk().lists)))

    async def list_entries(self, request: Asked) -> bytes:
        """Page through a list."""
        asked = query(request.query, ("limit", "cursor"))
        limit = whole_number("limit", asked.get("limit", str(PAGE_ROWS)), 1, self._limits.page_rows_max)
        rows = await asyncio.to_thread(self._desk().entries, request.value, asked.get("cursor", ""), limit)
        following = rows[-1].entity if len(rows) == limit else None
        return msgspec.json.encode(shapes.ListPage(rows, following))

    async def change_list(self, request: Asked) -> bytes:
        """Ask for rows."""
        asked = query(request.query, ("purpose", "into", "comment"))
        into = whole_number("into", asked["into"], 1, 10**18 - 1) if "into" in asked else None
        if request.media_type == CSV:
            rows = read_csv(request.body)
            told = {"rows": rows, "purpose": asked.get("purpose", ""), "comment": asked.get("comment", "")}
            asked_for = self._read_as(told, shapes.ListChange)
        else:
            asked_for = self._read(request, shapes.ListChange)
        if len(asked_for.rows) > ROWS_MAX:
            raise TooLarge(
                f"{len(asked_for.rows):,} rows at once, the limit is {ROWS_MAX:,}: send more with `into=<change>`"
            )
        return await _said(self._desk().change_list, request.value, asked_for, request.person, into)

    async def start_backtest(self, request: Asked) -> bytes:
        """Judge rules on the past."""
        return await _said(self._desk().backtest, self._read(request, shapes.BacktestWish))

    async def backtest(self, request: Asked) -> bytes:
        """Look after a backtest."""
        return await _said(self._desk().backtest_of, request.value)

    async def snoozes(self, request: Asked) -> bytes:
        """List snoozes."""
        return msgspec.json.encode(shapes.Snoozes(await asyncio.to_thread(self._desk().snoozes)))

    async def snooze(self, request: Asked) -> bytes:
        """Snooze."""
        return await _said(self._desk().snooze, self._read(request, shapes.Snooze), request.person)

    async def _move(self, kind: str, request: Asked) -> bytes:
        move = self._read(request, shapes.Move)
        return await _said(self._desk().move, kind, request.value, move, request.person)

    def _file(self, request: Asked) -> shapes.RuleFile | str:
        if request.media_type != TOML:
            return self._read(request, shapes.RuleFile)
        try:
            return request.body.decode()
        except UnicodeDecodeError:
            raise BadRule("the file of rules is not UTF-8") from None

    def _read_as(self, told: dict[str, Any], kind: type[T]) -> T:
        try:
            return msgspec.convert(told, kind)
        except msgspec.ValidationError as reason:
            raise BadQuery(str(reason)) from None

    def _read(self, request: Asked, kind: type[T]) -> T:
        return wish(request.body, kind, self._limits.depth_max)


def read_csv(body: bytes) -> list[shapes.ListRow]:
    """Rows of a list from CSV with a head line; `entity` is needed, the other columns may be left out."""
    try:
        lines = csv.DictReader(StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        names = lines.fieldnames or []
        if any(";" in name for name in names):
            raise BadRule("the CSV has semicolons between its columns: save it with commas")
        if "entity" not in names or (strange := sorted(set(names) - set(CSV_COLUMNS))):
            what = f"does not know column {strange[0][:40]!r}" if "entity" in names else "needs a column 'entity'"
            raise BadRule(f"a CSV of list rows {what}; its columns are {', '.join(CSV_COLUMNS)}")
        seen: dict[str, int] = {}
        return [_csv_row(lines.line_num, line, seen) for line in lines]
    except UnicodeDecodeError:
        raise BadRule("the CSV is not UTF-8: save it as UTF-8") from None
    except csv.Error as reason:
        raise BadRule(f"the CSV cannot be read: {reason}") from None


def _csv_row(number: int, line: dict[str, Any], seen: dict[str, int]) -> shapes.ListRow:
    where = f"line {number} of the CSV"
    try:
        told = {name: value for name, value in line.items() if value}
        row = msgspec.convert(told, shapes.ListRow)
        moment_us("expires", row.expires)
    except (msgspec.ValidationError, TypeError) as reason:
        raise BadRule(f"{where}: {reason}{allowed(str(reason), shapes.ListRow)}") from None
    except BadRule as reason:
        raise BadRule(f"{where}: {reason}") from None
    if (before := seen.setdefault(row.entity, number)) != number:
        raise BadRule(f"{where}: {row.entity[:80]!r} is named on line {before} already")
    if row.action == "add" and not row.reason.strip():
        raise BadRule(f"{where}: say why {row.entity[:80]!r} is on the list, as its reason")
    return row


def _number(request: Asked) -> int:
    return whole_number("the change's number", request.value, 1, 10**18 - 1)


async def _said(call: Callable[..., Any], *args: Any) -> bytes:
    return msgspec.json.encode(await asyncio.to_thread(call, *args))
