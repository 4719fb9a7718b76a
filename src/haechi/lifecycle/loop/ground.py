"""What the loop has seen of a town: events that somebody decides, their feature rows, late labels, and the truth.

Every fraud is kept and an even draw of the other events; each of those stands for as many as were passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from haechi.features import Spec
from haechi.learning.dataset import Columns, Events, Index, Mask, Rows
from haechi.learning.errors import BadProtocol
from haechi.learning.source import local_days
from haechi.learning.watch.novelty import Novelty

__all__ = ["COLUMNS", "NEVER_US", "Ground", "Known", "ground_of", "joined"]

NEVER_US = 2**62
COLUMNS = ("id", "kind", "time_us", "amount", "label", "known_at_us")
Scores = np.ndarray


@dataclass(frozen=True)
class Ground:
    """Events in time order; `weight` says how many each stands for, `typology` names frauds ('' for all else)."""

    ids: pl.Series
    events: Events
    columns: Columns
    spec: Spec
    matrix: Rows
    truth: Mask
    typology: np.ndarray
    weight: Scores
    surprise: list[str]
    age: Scores

    @property
    def span_us(self) -> tuple[int, int]:
        """From the first event to the last."""
        return int(self.events.time_us[0]), int(self.events.time_us[-1])

    @property
    def last_third(self) -> Index:
        """The events of the last third of the time."""
        first_us, last_us = self.span_us
        return np.flatnonzero(self.events.time_us >= last_us - (last_us - first_us) / 3)


class Known:
    """A source as it was at a moment, labels as they were known then; rows come from the one replay."""

    def __init__(self, ground: Ground, until_us: int, y: np.ndarray, known_at_us: Index) -> None:
        """`y` and `known_at_us` are all labels that will ever be; what is known later is not shown."""
        e, n = ground.events, int(np.searchsorted(ground.events.time_us, until_us, "right"))
        known = known_at_us[:n] <= until_us
        self._matrix = ground.matrix
        self.columns = ground.columns
        self.events = Events(
            e.time_us[:n], np.where(known, y[:n], np.int8(-1)).astype(np.int8), known_at_us[:n],
            {name: codes[:n] for name, codes in e.entities.items()}, e.subject,
            None if e.amount is None else e.amount[:n], None if e.day is None else e.day[:n],
        )  # fmt: skip

    def rows(self, keep: Index, visible: Mask | None) -> Rows:
        """Feature rows; other labels than those that flowed in cannot be had from one replay."""
        if visible is not None:
            raise BadProtocol("the loop trains on labels as they flowed in")
        return self._matrix[keep]


def ground_of(
    frame: pl.DataFrame, matrix: Rows, spec: Spec, frauds: pl.DataFrame, share: float, timezone: str
) -> Ground:  # fmt: skip
    """Kept events with their rows; `frauds` names the true ones and their typology, `share` of the others was drawn."""
    named = frame.select("id").join(frauds, left_on="id", right_on="event_id", how="left", maintain_order="left")
    typology = named["typology"].fill_null("").to_numpy().astype(object)
    truth = typology != ""
    label = frame["label"].fill_null(-1).to_numpy().astype(np.int8)
    known_us = frame["known_at_us"].fill_null(NEVER_US).to_numpy()
    time_us = frame["time_us"].to_numpy()
    entities = {c.removeprefix("entity:"): _codes(frame[c]) for c in frame.columns if c.startswith("entity:")}
    features = spec.features
    columns = Columns(
        tuple(f.name for f in features), tuple(f.family for f in features), tuple(f.role for f in features), spec.hash
    )
    events = Events(
        time_us, label, np.maximum(known_us, time_us), entities, spec.subject.name if spec.subject else None,
        frame["amount"].fill_null(0).to_numpy(), local_days(frame["time_us"], timezone),
    )  # fmt: skip
    weight = np.where(truth | (label == 1), 1.0, 1.0 / share)
    surprise = Novelty(spec).kinds(matrix, np.zeros(len(matrix)), 1.0, frame["kind"].to_list())
    ages = [at for at, name in enumerate(columns.names) if name.endswith("age_years")]
    age = matrix[:, ages[0]].astype(np.float64) if ages else np.full(len(matrix), np.nan)
    return Ground(frame["id"], events, columns, spec, matrix, truth, typology, weight, surprise, age)


def joined(parts: Sequence[Ground]) -> Ground:
    """Several that followed each other, as one."""
    first, events = parts[0], [part.events for part in parts]

    def all_of(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    e = Events(
        np.concatenate([one.time_us for one in events]), np.concatenate([one.y for one in events]),
        np.concatenate([one.known_at_us for one in events]),
        {name: np.concatenate([one.entities[name] for one in events]) for name in first.events.entities},
        first.events.subject, _optional([one.amount for one in events]), _optional([one.day for one in events]),
    )  # fmt: skip
    surprise = [word for part in parts for word in part.surprise]
    return Ground(
        pl.concat([part.ids for part in parts]), e, first.columns, first.spec, all_of("matrix"), all_of("truth"),
        all_of("typology"), all_of("weight"), surprise, all_of("age"),
    )  # fmt: skip


def _optional(parts: Sequence[Index | None]) -> Index | None:
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if there else None


def _codes(keys: pl.Series) -> Index:
    """A number for each key, the same whenever it comes, -1 where it is missing."""
    numbers = (keys.hash(seed=0).to_numpy() >> np.uint64(1)).astype(np.int64)
    return np.where(keys.is_null().to_numpy(), -1, numbers)
