"""What haechi.toml asked of models, and since when: each change that was found, by whose account, and what is new."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from haechi.learning.life.policy import ModelsPart
from haechi.stores import Tables, Work

__all__ = ["Practice", "Practised"]

_ALL = "SELECT number, version, person, written_us, at_us, told FROM model_policies"


class Practice(msgspec.Struct, frozen=True):
    """A policy as it was found: by whose account the settings were read, when their file was written, what is new."""

    number: int
    version: str
    person: str
    written_us: int
    at_us: int
    told: str


class Practised:
    """The policies of one home, in the order in which they were found."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def newest(self) -> Practice | None:
        """What counts now; None in a home that no step was taken in."""
        rows = self._tables.rows(_ALL + " ORDER BY number DESC LIMIT 1")
        return Practice(*rows[0]) if rows else None

    def at(self, at_us: int) -> Practice | None:
        """What counted at a moment."""
        rows = self._tables.rows(_ALL + " WHERE at_us <= :at ORDER BY number DESC LIMIT 1", {"at": at_us})
        return Practice(*rows[0]) if rows else None

    def note(self, part: ModelsPart, person: str, written_us: int, now_us: int) -> str:
        """Keep a policy that is not the newest one; gives its version."""
        content, newest = msgspec.json.encode(part, order="sorted"), self.newest()
        version = hashlib.sha256(content).hexdigest()[:12]
        if newest is not None and newest.version == version:
            return version
        told = "" if newest is None else _difference(self._content(newest.number), msgspec.json.decode(content))

        def task(work: Work) -> None:
            work.add("model_policies", {
                "number": work.next("model_policies"), "version": version, "person": person, "written_us": written_us,
                "at_us": now_us, "told": told, "content": content.decode(),
            })  # fmt: skip

        self._tables.do(task)
        return version

    def _content(self, number: int) -> dict[str, Any]:
        rows = self._tables.rows("SELECT content FROM model_policies WHERE number = :n", {"n": number})
        found: dict[str, Any] = msgspec.json.decode(rows[0][0])
        return found


def _difference(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What is not the same, name by name."""
    old, new = _flat(before), _flat(after)
    names = [name for name in sorted(old | new) if old.get(name) != new.get(name)]
    return "; ".join(f"{name}: {_word(old.get(name))} -> {_word(new.get(name))}" for name in names)


def _flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
    return found


def _word(value: Any) -> str:
    return msgspec.json.encode(value).decode()
