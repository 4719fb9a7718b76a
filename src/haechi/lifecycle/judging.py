"""A challenger against the champion on a home's own history: days that neither of them has learned from.

A model cannot be judged by what it was trained on, and a fresh one was trained on all there is. So its twin is judged:
the same recipe, trained on what was known some weeks ago, on the weeks since. A champion that has seen those weeks too
is represented by its twin of the same day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from time import perf_counter_ns
from typing import Any

import numpy as np

from haechi.detectors import Supervised
from haechi.detectors.artifact import Artifact
from haechi.events.event import Event
from haechi.features import Known, Spec
from haechi.learning.dataset import DAY_US, Events, Index, Mask, Rows, Source
from haechi.learning.evaluate import Settings
from haechi.learning.life.errors import NotAllowed
from haechi.learning.life.gates import Gate, Proof, gates, latency_us
from haechi.learning.life.judged import Judged
from haechi.learning.life.policy import GatePart
from haechi.learning.train import train
from haechi.learning.watch.reference import Reference, sampled
from haechi.learning.watch.scorer import Scorer

__all__ = ["Cut", "age_slices", "judge", "reference_of", "until_of"]

REFERENCE_ROWS = 20_000
OTHERS_JUDGED = 200_000  # events that are no fraud, drawn evenly; each stands for as many as were passed over
PROVEN_ROWS = 256
AGES = ((0, 20, "under 20"), (20, 40, "20 to 39"), (40, 60, "40 to 59"), (60, 200, "60 and over"))
Train = Callable[[Source, int], Artifact]


class Cut:
    """A source as it was at a moment: later events are gone, and so are labels that were not known yet."""

    def __init__(self, source: Source, until_us: int) -> None:
        e, n = source.events, int(np.searchsorted(source.events.time_us, until_us, "right"))
        known = e.known_at_us[:n] <= until_us
        self._source = source
        self.columns = source.columns
        self.events = Events(
            e.time_us[:n], np.where(known, e.y[:n], np.int8(-1)), e.known_at_us[:n],
            {name: codes[:n] for name, codes in e.entities.items()}, e.subject,
            None if e.amount is None else e.amount[:n], None if e.day is None else e.day[:n],
        )  # fmt: skip

    def rows(self, keep: Index, visible: Mask | None) -> Rows:
        """Feature rows; whatever follows the moment changes none of them."""
        if visible is not None:
            visible = np.concatenate([visible, np.zeros(len(self._source.events) - len(visible), bool)])
        return self._source.rows(keep, visible)


def until_of(artifact: Artifact) -> int:
    """The moment up to which a model learned, in microseconds since 1970."""
    told = str(artifact.settings.get("until", "1970-01-01T00:00:00Z"))
    return round(datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp() * 1e6)


def judge(
    source: Source, spec: Spec, challenger: Artifact, champion: Artifact, part: GatePart, *, seed: int = 0,
    train_on: Train | None = None,
) -> tuple[list[Gate], Judged]:  # fmt: skip
    """Hold a challenger against every gate, on the last `part.days` days before it was trained."""
    learn = train_on or trainer(challenger)
    cut_us = until_of(challenger) - part.days * DAY_US
    rows, at, weight = _judged_rows(source, cut_us, until_of(challenger), seed)
    twin = Scorer(learn(Cut(source, cut_us), cut_us), spec)
    held = twin if until_of(champion) > cut_us else Scorer(champion, spec)
    e = source.events
    judged = Judged(
        champion=held.probabilities(rows), challenger=twin.probabilities(rows), y=(e.y[at] == 1).astype(np.int8),
        subject=e.entities[e.subject][at] if e.subject else np.arange(len(at)),
        day=e.day[at] if e.day is not None else e.time_us[at] // DAY_US, weight=weight,
        slices={name: found for name, found in _slices(spec, rows).items() if name in part.slices},
    )  # fmt: skip
    return gates(judged, prove(challenger, champion, spec, rows), part, seed=seed), judged


def trainer(like: Artifact, seed: int | None = None) -> Train:
    """Trains the same recipe on another day: as thoroughly, with the same seed."""
    settings = like.settings
    seed = int(settings.get("seed", 0)) if seed is None else seed
    plans_max = 1 if len(like.texts) == 1 else 3
    return lambda source, until_us: (
        train(source, until_us=until_us, settings=Settings(seed=seed, plans_max=plans_max)).artifact
    )


def prove(challenger: Artifact, champion: Artifact, spec: Spec, rows: Rows) -> Proof:
    """Time both models one event at a time, and count the scores that do not come out the same each way."""
    one, other = Supervised(challenger, spec), Supervised(champion, spec)
    event = Event(id="-", kind="-", time_us=1, entities={})

    def ask(model: Supervised) -> Callable[[Any], float]:
        return lambda row: model.judge(event, Known(row, spec, 0.0)).score

    some = rows[:PROVEN_ROWS]
    alone = np.array([ask(one)(row) for row in some])
    batch = Scorer(challenger, spec).probabilities(some)
    again = Scorer(Artifact.decode(challenger.encode()), spec).probabilities(some)
    differences = int((alone != batch).sum() + (again != batch).sum())
    timed = [latency_us(ask(model), rows, perf_counter_ns) for model in (other, one)]
    return Proof(timed[0], timed[1], differences)


def reference_of(source: Source, until_us: int, *, edges: Rows | None = None, seed: int = 0) -> Reference:
    """What a model was trained on, as histograms: an even draw of the events up to a moment."""
    count = int(np.searchsorted(source.events.time_us, until_us, "right"))
    rows = source.rows(sampled(count, REFERENCE_ROWS, seed), None)
    return Reference.of(rows, source.columns.names, edges=edges)


def _judged_rows(source: Source, since_us: int, until_us: int, seed: int) -> tuple[Rows, Index, np.ndarray]:
    """Rows of the labelled events of a span, their positions, and how many events each stands for."""
    e = source.events
    inside = (e.time_us >= since_us) & (e.time_us < until_us) & (e.y >= 0) & (e.known_at_us <= until_us)
    frauds, others = np.flatnonzero(inside & (e.y == 1)), np.flatnonzero(inside & (e.y == 0))
    if not len(frauds) or not len(others):
        raise NotAllowed("the days before this model was trained hold no known fraud: nothing can be judged by them")
    drawn = others[sampled(len(others), OTHERS_JUDGED, seed)]
    at = np.sort(np.concatenate([frauds, drawn]))
    weight = np.where(e.y[at] == 1, 1.0, len(others) / max(len(drawn), 1))
    return source.rows(at, None), at, weight


def _slices(spec: Spec, rows: Rows) -> Mapping[str, tuple[Index, tuple[str, ...]]]:
    """Protected properties that the rows themselves tell."""
    found: dict[str, tuple[Index, tuple[str, ...]]] = {}
    for at, name in enumerate(spec.names):
        if name.endswith("age_years"):
            found["age"] = age_slices(rows[:, at])
        elif name.rpartition(".")[2] in ("sex", "region"):
            codes = np.nan_to_num(rows[:, at], nan=-1).astype(np.int64)
            words = tuple(str(code) for code in range(int(codes.max(initial=-1)) + 1))
            found[name.rpartition(".")[2]] = (codes, words)
    return found


def age_slices(years: np.ndarray) -> tuple[Index, tuple[str, ...]]:
    """Bands of age, -1 where it is unknown."""
    codes = np.full(len(years), -1, np.int64)
    for code, (low, high, _) in enumerate(AGES):
        codes[(years >= low) & (years < high)] = code
    return codes, tuple(word for *_, word in AGES)
