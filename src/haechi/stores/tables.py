"""The small tables beside the journal: who may ask, whom to call, and what the house knows about itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

import apsw
import msgspec

from haechi.stores.dialect import SQLITE
from haechi.stores.errors import DuplicateKey
from haechi.stores.link import Link, Value

_KEYS = "SELECT hash, name, scopes, created_us, revoked_us FROM api_keys"
_ALERTS = "SELECT seq, id, event_id, action, created_us, state FROM alerts"


class Submit(Protocol):
    """Whatever writes: the journal's `submit`."""

    def __call__(self, task: Callable[[apsw.Connection], Any]) -> Future[Any]:
        """Have the writer do a task in a transaction of its own."""


class ApiKey(msgspec.Struct, frozen=True):
    """One API key: never the key itself, only its hash."""

    hash: str
    name: str
    scopes: tuple[str, ...]
    created_us: int
    revoked_us: int | None = None


class AlertRow(msgspec.Struct, frozen=True):
    """One alert of the outbox, with the number of the decision that asked for a person."""

    seq: int
    id: str
    event_id: str
    action: str
    created_us: int
    state: str


def _run(sql: str, values: dict[str, Value]) -> Callable[[apsw.Connection], int]:
    def task(connection: apsw.Connection) -> int:
        connection.execute(SQLITE.statement(sql), values)
        return connection.changes()

    return task


class SqliteMeta:
    """Names and values: schema, spec hash, the home's own id."""

    def __init__(self, reading: Link, submit: Submit) -> None:
        self._reading, self._submit = reading, submit

    def get(self, name: str) -> str | None:
        """The value of a name; None when it was never set."""
        rows = self._reading.rows("SELECT value FROM meta WHERE name = :name", {"name": name})
        return str(rows[0][0]) if rows else None

    def set(self, name: str, value: str) -> None:
        """Give a name a value, durably."""
        sql = (
            "INSERT INTO meta (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        self._submit(_run(sql, {"name": name, "value": value})).result()


class SqliteKeys:
    """API keys, hashed at rest."""

    def __init__(self, reading: Link, submit: Submit) -> None:
        self._reading, self._submit = reading, submit

    def add(self, key: ApiKey) -> None:
        """Keep a new key; its name and hash must be new too."""
        sql = (
            "INSERT INTO api_keys (hash, name, scopes, created_us, revoked_us)"
            " VALUES (:hash, :name, :scopes, :created_us, :revoked_us)"
        )
        try:
            self._submit(_run(sql, {**msgspec.structs.asdict(key), "scopes": " ".join(key.scopes)})).result()
        except apsw.ConstraintError as error:
            raise DuplicateKey(f"a key named {key.name!r} or with this hash exists; choose another name") from error

    def find(self, hash_: str) -> ApiKey | None:
        """The key with this hash, revoked or not."""
        rows = self._reading.rows(_KEYS + " WHERE hash = :hash", {"hash": hash_})
        return _key(rows[0]) if rows else None

    def all(self) -> list[ApiKey]:
        """Every key, oldest first."""
        return [_key(row) for row in self._reading.rows(_KEYS + " ORDER BY created_us, name")]

    def revoke(self, name: str, revoked_us: int) -> bool:
        """End a key from this time on; False when no living key has that name."""
        sql = "UPDATE api_keys SET revoked_us = :revoked_us WHERE name = :name AND revoked_us IS NULL"
        return bool(self._submit(_run(sql, {"name": name, "revoked_us": revoked_us})).result())


def _key(row: tuple[Any, ...]) -> ApiKey:
    hash_, name, scopes, created_us, revoked_us = row
    return ApiKey(hash_, name, tuple(scopes.split()), created_us, revoked_us)


class SqliteAlerts:
    """The outbox: a person is called at least once for every decision that asked for one."""

    def __init__(self, reading: Link, submit: Submit) -> None:
        self._reading, self._submit = reading, submit

    def in_state(self, state: str, after_seq: int = 0, limit: int = 200) -> list[AlertRow]:
        """Alerts in one state, in the order of their decisions; page on with the last `seq`."""
        rows = self._reading.rows(
            _ALERTS + " WHERE state = :state AND seq > :after ORDER BY seq LIMIT :limit",
            {"state": state, "after": after_seq, "limit": limit},
        )
        return [AlertRow(*row) for row in rows]

    def find(self, id_: str) -> AlertRow | None:
        """One alert by its id."""
        rows = self._reading.rows(_ALERTS + " WHERE id = :id", {"id": id_})
        return AlertRow(*rows[0]) if rows else None

    def move(self, id_: str, state: str, *, was: str) -> bool:
        """Put an alert into another state; False when somebody was faster."""
        sql = "UPDATE alerts SET state = :state WHERE id = :id AND state = :was"
        return bool(self._submit(_run(sql, {"id": id_, "state": state, "was": was})).result())
