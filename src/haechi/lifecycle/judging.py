"""A challenger against the champion in force, on the days that neither of them has learned from.

No model learns from the youngest days: of them nothing is known but quick reports. Just these days judge, and they grow
for as long as a challenger waits. Whoever is in force decides what people look at, so its catches are known soon, and
what only the other one would have caught waits for a report. Each reported fraud therefore stands for all of its age
that will be reported, by the maturity curve of what nobody looked at.
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
from haechi.learning.life.errors import NotAllowed
from haechi.learning.life.gates import Proof, latency_us
from haechi.learning.life.judged import Judged, Scores
from haechi.learning.life.policy import GatePart
from haechi.learning.maturity import Maturity, estimate
from haechi.learning.watch.reference import Reference, sampled
from haechi.learning.watch.scorer import Scorer

__all__ = ["age_slices", "judge", "prove", "reference_of", "taught_until_of", "until_of"]

REFERENCE_ROWS = 20_000
OTHERS_JUDGED = 200_000  # events that are no fraud, drawn evenly; each stands for as many as were passed over
SEEN_MIN = 0.2  # events so young that fewer of their frauds are reported do not judge
PROVEN_ROWS = 256
AGES = ((0, 20, "under 20"), (20, 40, "20 to 39"), (40, 60, "40 to 59"), (60, 200, "60 and over"))
Say = Callable[[Artifact, Rows], Scores]


def until_of(artifact: Artifact) -> int:
    """The moment up to which a model learned, in microseconds since 1970."""
    return _moment(artifact, "until")


def taught_until_of(artifact: Artifact) -> int:
    """The end of the second of the youngest event that had a part in a model, in microseconds since 1970."""
    return _moment(artifact, "taught_until" if "taught_until" in artifact.settings else "until") + 1_000_000


def _moment(artifact: Artifact, name: str) -> int:
    told = str(artifact.settings.get(name, "1970-01-01T00:00:00Z"))
    return round(datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp() * 1e6)


def judge(
    source: Source, spec: Spec, challenger: Artifact, champion: Artifact, part: GatePart, *, looked: Mask,
    weight: Scores | None = None, say: Say | None = None, seed: int = 0, now_us: int | None = None,
) -> Judged:  # fmt: skip
    """What both models say of the youngest events, which neither has learned from, and what is known of these.

    looked: of which events somebody looked at the outcome, an alert or an answer; weight: how many events each stands
    for; say: a model's probabilities; now_us: until when labels are known, left out: all that there are. NotAllowed
    where nothing can be judged.
    """
    e = source.events
    if now_us is None:
        now_us = max(
            int(e.time_us[-1]), int(e.known_at_us[e.y == 1].max(initial=0))
        )  # labels may be all that came since
    say = say or (lambda model, rows: Scorer(model, spec).probabilities(rows))
    curve = _reported(e, looked, now_us)
    learned_us = max(taught_until_of(challenger), taught_until_of(champion))
    since_us = max(learned_us, now_us - part.days * DAY_US)
    at, stands = _judging(e, since_us, now_us - curve.gap_us(SEEN_MIN), now_us, weight, seed)
    rows, known = source.rows(at, None), curve.known(now_us - e.time_us[at])
    return Judged(
        champion=say(champion, rows), challenger=say(challenger, rows), y=_frauds(e, now_us)[at].astype(np.int8),
        subject=e.entities[e.subject][at] if e.subject else np.arange(len(at)),
        day=e.day[at] if e.day is not None else e.time_us[at] // DAY_US, weight=stands,
        slices={name: found for name, found in _slices(spec, rows).items() if name in part.slices},
        seen=np.where(looked[at], 1.0, np.maximum(known, SEEN_MIN)),
    )  # fmt: skip


def _frauds(e: Events, now_us: int) -> Mask:
    known: Mask = (e.y == 1) & (e.known_at_us <= now_us)
    return known


def _reported(e: Events, looked: Mask, now_us: int) -> Maturity:
    """How soon a fraud is reported that nobody looks for."""
    told = np.flatnonzero(_frauds(e, now_us) & ~looked)
    return estimate(e.known_at_us[told] - e.time_us[told], now_us - e.time_us[told])


def _judging(
    e: Events, since_us: int, until_us: int, now_us: int, weight: Scores | None, seed: int
) -> tuple[Index, Scores]:  # fmt: skip
    """Which events of a span judge, and how many each stands for: every known fraud, an even draw of all others."""
    inside, fraud = (e.time_us >= since_us) & (e.time_us <= until_us), _frauds(e, now_us)
    frauds, others = np.flatnonzero(inside & fraud), np.flatnonzero(inside & ~fraud)
    if not len(frauds) or not len(others):
        raise NotAllowed(
            "the days that neither model has learned from hold no known fraud yet: nothing can be judged by them. Hold "
            "the model to its gates again when some of their frauds were reported"
        )
    drawn = others[sampled(len(others), OTHERS_JUDGED, seed)]
    at = np.sort(np.concatenate([frauds, drawn]))
    stands = np.ones(len(at)) if weight is None else weight[at]
    return at, np.where(fraud[at], stands, stands * len(others) / len(drawn))


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
    # To the bit: a row that no model can judge, such as one of the probes, is not a number each way.
    differences = int(sum((found.view(np.int64) != batch.view(np.int64)).sum() for found in (alone, again)))
    timed = [latency_us(ask(model), rows, perf_counter_ns) for model in (other, one)]
    return Proof(timed[0], timed[1], differences)


def reference_of(source: Source, until_us: int, *, edges: Rows | None = None, seed: int = 0) -> Reference:
    """What a model was trained on, as histograms: an even draw of the events up to a moment."""
    count = int(np.searchsorted(source.events.time_us, until_us, "right"))
    rows = source.rows(sampled(count, REFERENCE_ROWS, seed), None)
    return Reference.of(rows, source.columns.names, edges=edges)


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
