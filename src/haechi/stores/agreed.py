"""The rows of what people agreed on: rule versions, changes with their answers, list rows and the history."""

from __future__ import annotations

from typing import Literal

import msgspec

Answer = Literal["approve", "reject", "withdraw"]
State = Literal["waiting", "done", "rejected", "withdrawn"]


class RuleVersion(msgspec.Struct, frozen=True):
    """One version of a rule or typology: never changed, never removed."""

    kind: str
    name: str
    version: int
    content: str
    hash: str
    author: str
    created_us: int
    comment: str


class Approval(msgspec.Struct, frozen=True):
    """What one person answered to a change."""

    person: str
    answer: Answer
    comment: str
    at_us: int


class Change(msgspec.Struct, frozen=True):
    """What somebody asks for: a lane of a version, or other rows of a list; `needs` others must agree."""

    id: int
    kind: str
    name: str
    version: int
    content: str
    author: str
    created_us: int
    needs: int
    comment: str
    state: State
    rows: int = 0
    answers: tuple[Approval, ...] = ()


class ListRow(msgspec.Struct, frozen=True):
    """One entity on a list, or taken from it: why, who answers for it, and until when."""

    entity: str
    action: Literal["add", "remove"] = "add"
    reason: str = ""
    owner: str = ""
    expires_us: int | None = None


class HistoryRow(msgspec.Struct, frozen=True):
    """Something that took effect; `change_id` names what was agreed, where somebody had to agree."""

    number: int
    what: Literal["trial", "lane", "list", "snooze"]
    kind: str
    name: str
    version: int
    content: str
    person: str
    at_us: int
    change_id: int | None = None


class RuleSetRow(msgspec.Struct, frozen=True):
    """A set of rules that was in force: what it is made of, and the last journal entry before it."""

    hash: str
    through: int
    after_seq: int
    at_us: int
