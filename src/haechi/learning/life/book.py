"""The rows of the life of models: read and added, never changed. Triggers refuse the rest (0006_models)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from haechi.learning.life.errors import NoSuchModel
from haechi.learning.life.standing import HistoryRow
from haechi.stores import Tables, Work

Answer = Literal["approve", "reject", "withdraw"]
State = Literal["waiting", "done", "rejected", "withdrawn"]
_MODELS = "SELECT version, author, at_us, content FROM models"
_CHANGES = """
SELECT id, model, step, share_ppm, author, created_us, needs, comment,
    CASE WHEN EXISTS (SELECT 1 FROM model_history h WHERE h.change_id = c.id) THEN 'done'
         ELSE COALESCE((SELECT CASE a.answer WHEN 'reject' THEN 'rejected' ELSE 'withdrawn' END
                        FROM model_answers a WHERE a.change_id = c.id AND a.answer <> 'approve'), 'waiting')
    END AS state
FROM model_changes c
"""
_HISTORY = "SELECT number, what, model, step, share_ppm, person, at_us, change_id, why FROM model_history"
_NEWEST_GATES = """
SELECT number, model, run, name, value, threshold, passed, content, at_us FROM model_gates
WHERE model = :model AND run = (SELECT MAX(run) FROM model_gates WHERE model = :model) ORDER BY number
"""


class Known(msgspec.Struct, frozen=True):
    """A model that entered this home's life: who had it trained, when, and why."""

    version: str
    author: str
    at_us: int
    content: dict[str, Any]


class Said(msgspec.Struct, frozen=True):
    """What one person answered to a change."""

    person: str
    answer: Answer
    comment: str
    at_us: int


class Change(msgspec.Struct, frozen=True):
    """What somebody asks for: a step of a model; `needs` others must agree."""

    id: int
    model: str
    step: Literal["shadow", "canary", "champion"]
    share_ppm: int
    author: str
    created_us: int
    needs: int
    comment: str
    state: State
    answers: tuple[Said, ...] = ()


class GateRow(msgspec.Struct, frozen=True):
    """One gate that a model was held against."""

    number: int
    model: str
    run: int
    name: str
    value: float | None
    threshold: float
    passed: bool
    content: dict[str, Any]
    at_us: int


class Book:
    """What is written down about models."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def models(self) -> list[Known]:
        """Every model that entered this home's life, oldest first."""
        rows = self.tables.rows(_MODELS + " ORDER BY at_us, version")
        return [Known(version, author, at_us, msgspec.json.decode(content)) for version, author, at_us, content in rows]

    def history(self) -> list[HistoryRow]:
        """What took effect, in order."""
        return [HistoryRow(*row) for row in self.tables.rows(_HISTORY + " ORDER BY number")]

    def change(self, id_: int) -> Change:
        """One change with its answers."""
        rows = self.tables.rows(_CHANGES + " WHERE id = :id", {"id": id_})
        if not rows:
            raise NoSuchModel(f"there is no change {id_} of a model")
        return self._change(rows[0])

    def changes(self, state: str | None = None, before: int | None = None, limit: int = 100) -> list[Change]:
        """Changes, the newest first; page on with the last `id`."""
        asked = f"SELECT * FROM ({_CHANGES}) found WHERE (:state IS NULL OR state = :state)"  # noqa: S608
        asked += " AND (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit"
        rows = self.tables.rows(asked, {"state": state, "before": before, "limit": limit})
        return [self._change(row) for row in rows]

    def gates(self, model: str) -> list[GateRow]:
        """What the gates said of a model the last time it was held against them."""
        rows = self.tables.rows(_NEWEST_GATES, {"model": model})
        return [gate_row(row) for row in rows]

    def keep_gates(self, model: str, found: Sequence[tuple[str, float | None, float, bool, str]], at_us: int) -> None:
        """Keep what the gates said: (name, value, threshold, passed, JSON)."""

        def task(work: Work) -> None:
            run = int(work.rows("SELECT COALESCE(MAX(run), 0) + 1 FROM model_gates")[0][0])
            for name, value, threshold, passed, content in found:
                work.add("model_gates", {
                    "number": work.next("model_gates"), "model": model, "run": run, "name": name, "value": value,
                    "threshold": threshold, "passed": int(passed), "content": content, "at_us": at_us,
                })  # fmt: skip

        self.tables.do(task)

    def _change(self, row: tuple[Any, ...]) -> Change:
        asked = "SELECT person, answer, comment, at_us FROM model_answers WHERE change_id = :id ORDER BY at_us, person"
        answers = tuple(Said(*said) for said in self.tables.rows(asked, {"id": row[0]}))
        return Change(**dict(zip(Change.__struct_fields__, (*row, answers), strict=True)))


def gate_row(row: tuple[Any, ...]) -> GateRow:
    """A row of the table as a gate."""
    number, model, run, name, value, threshold, passed, content, at_us = row
    return GateRow(number, model, run, name, value, threshold, bool(passed), msgspec.json.decode(content), at_us)


def add_history(work: Work, row: HistoryRow) -> None:
    """Let something take effect, as the next row of the history."""
    work.add("model_history", msgspec.structs.asdict(row))


def add_answer(work: Work, change_id: int, said: Said) -> None:
    """Take down what a person answers."""
    work.add("model_answers", {"change_id": change_id, **msgspec.structs.asdict(said)})
