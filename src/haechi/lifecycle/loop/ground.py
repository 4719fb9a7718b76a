"""A town as the loop sees it: the events that somebody decides with their feature rows, late labels, and the truth.

Features come from one replay of everything that happened, each label flowing in at the moment it became known. Every
fraud is kept and an even draw of the other events; each of those stands for as many as were passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from haechi.events import Schema, read_frames
from haechi.features import Spec, default_spec
from haechi.features.replay import replay
from haechi.learning.dataset import Columns, Events, Index, Mask, Rows
from haechi.learning.errors import BadProtocol
from haechi.learning.source import local_days
from haechi.learning.watch.novelty import Novelty
from haechi.town.report.folder import TownFolder

__all__ = ["NEVER_US", "Ground", "Known", "ground"]

JUDGED_KINDS = ("payment", "transfer", "withdrawal")
ROWS = 200_000
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


def ground(
    folder: Path, *, rows: int = ROWS, seed: int = 0, progress: Callable[[int], None] = lambda rows: None
) -> Ground:
    """Read a town that was written with its labels."""
    town = TownFolder.open(folder)
    truth = pl.read_parquet(folder / "truth" / "events.parquet", columns=["event_id", "typology", "fraud"])
    frauds = truth.filter("fraud").unique("event_id")
    schema = Schema.read("bank")
    frames = read_frames(schema, town.labelled(folder / "labelled.parquet"))
    judged = town.events().filter(pl.col("kind").is_in(JUDGED_KINDS)).select(pl.len())
    share = min(1.0, rows / max(judged.collect(engine="streaming").item(), 1))
    rng = np.random.default_rng([seed, 83])
    always = frauds["event_id"].implode()

    def keep(frame: pl.DataFrame) -> Mask:
        chosen = frame["id"].is_in(always).to_numpy() | (frame["label"].to_numpy() == 1)
        chosen |= rng.random(frame.height) < share
        return np.asarray(chosen & frame["kind"].is_in(JUDGED_KINDS).to_numpy())

    spec = default_spec(frames.schema, overrides={"behaviour": True})  # what surprises is told by behaviour
    entities = tuple(f"entity:{name}" for name in frames.schema.entity_names[1:])  # the subject's own comes by itself
    done = replay(spec, frames, keep=keep, columns=(*COLUMNS, *entities), progress=progress)
    return _ground(done.frame, done.features, spec, frauds, share, schema.timezone)


def _ground(
    frame: pl.DataFrame, matrix: Rows, spec: Spec, frauds: pl.DataFrame, share: float, timezone: str
) -> Ground:  # fmt: skip
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


def _codes(keys: pl.Series) -> Index:
    """A number for each key, -1 where it is missing."""
    return keys.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
