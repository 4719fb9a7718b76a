"""How long one decision takes in process: look and learn, a model of 200 trees, exact reasons - event by event."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from haechi.bench.kernel import run_rows
from haechi.bench.traffic import ENTITIES, Traffic, bank_spec, hashed, traffic
from haechi.detectors.artifact import Fitted, seal
from haechi.detectors.boosting import Plan, fit, prepare
from haechi.detectors.calibration import Calibration
from haechi.detectors.forest import View
from haechi.detectors.supervised import Supervised
from haechi.events import Event
from haechi.features import Known, Memory
from haechi.learning.train import reference_row

__all__ = ["OnlineFigures", "measure_online"]

EVENTS, CUSTOMERS = 300_000, 100_000
LEARNED = 250_000
PROBES = 20_000
TREES, LEAVES = 200, 31
TRAINING_ROWS = 20_000
COUNTED = 5_000
CALM = 3


@dataclass(frozen=True)
class OnlineFigures:
    """Microseconds of single calls from Python, one event after another on one core."""

    features: int
    trees: int
    look_us: dict[str, float]
    judge_us: dict[str, float]
    explain_us: dict[str, float]
    whole_us: dict[str, float]  # look and learn, judge, reasons: for every event, as if each were held
    calm_us: dict[str, float]  # judge and reasons once more, the best of CALM times: what they take when left alone
    own_us: dict[str, float]  # all of it in processor time of this thread: without what others on the machine took
    counting_us: dict[str, float]  # counting to a fixed number between them: what the machine does to anybody


def measure_online() -> OnlineFigures:
    """Warm a memory with 250,000 events, train a model on its rows, then decide 20,000 events, each with reasons."""
    rows = traffic(EVENTS, CUSTOMERS)
    memory = Memory(bank_spec())
    run_rows(memory, hashed(rows), 0, LEARNED - TRAINING_ROWS)
    detector = _model(memory, hashed(rows))
    gc.collect()
    gc.freeze()
    took, counted, calm = np.zeros((PROBES, 4)), np.zeros(PROBES), np.zeros(PROBES)
    for i in range(PROBES):
        event = _event(rows, LEARNED + i)
        took[i], known = _one(memory, detector, event)
        counted[i] = _counting()
        calm[i] = min(_again(detector, event, known) for _ in range(CALM))
    gc.unfreeze()
    took, counted, calm = took[1000:], counted[1000:], calm[1000:]
    look, judge, explain = (_percentiles(took[:, k]) for k in range(3))
    whole, own, counting = _percentiles(took[:, :3].sum(axis=1)), _percentiles(took[:, 3]), _percentiles(counted)
    return OnlineFigures(
        len(memory.spec.features), TREES, look, judge, explain, whole, _percentiles(calm), own, counting
    )


def _one(memory: Memory, detector: Supervised, event: Event) -> tuple[list[float], Known]:
    clock: Callable[[], int] = time.perf_counter_ns
    own = time.thread_time_ns()
    a = clock()
    known = memory.look_and_learn(event)
    b = clock()
    signal = detector.judge(event, known)
    c = clock()
    detector.explain(event, known, signal)
    d = clock()
    return [(b - a) / 1e3, (c - b) / 1e3, (d - c) / 1e3, (time.thread_time_ns() - own) / 1e3], known


def _again(detector: Supervised, event: Event, known: Known) -> float:
    begun = time.perf_counter_ns()
    detector.explain(event, known, detector.judge(event, known))
    return (time.perf_counter_ns() - begun) / 1e3


def _counting() -> float:
    """Microseconds for as much work each time, about as long as a decision."""
    begun = time.perf_counter_ns()
    for _ in range(COUNTED):
        pass
    return (time.perf_counter_ns() - begun) / 1e3


def _model(memory: Memory, rows: Traffic) -> Supervised:
    """A forest that has something to find: odd amounts, new merchants, bursts; its accuracy does not matter here."""
    known = [_encoded(memory, rows, i) for i in range(LEARNED - TRAINING_ROWS, LEARNED)]
    matrix = np.stack([k.row for k in known])
    spec = memory.spec
    odd = np.nan_to_num(
        matrix[:, [spec.index(n) for n in ("customer.z_30d", "customer.merchant.new", "card.count_1h")]]
    )
    odds = odd @ np.array([0.8, 1.2, 0.6]) - 5.0
    y = (np.random.default_rng(3).random(len(odds)) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    plan = Plan("bench", trees=TREES, leaves=LEAVES, learning_rate=0.05, leaf_rows_min=20)
    text = fit(plan, prepare(matrix, y, np.ones(len(y)), seed=0, plan=plan), seed=0)
    artifact = seal(
        Fitted((text,), View.whole(matrix.shape[1])),
        matrix,
        names=spec.names,
        roles=tuple(f.role for f in spec.features),
        spec_hash=spec.hash,
        reference=reference_row(matrix[y == 0]),
        calibration=Calibration(),
        settings={},
        seed=0,
    )
    return Supervised(artifact, spec)


def _encoded(memory: Memory, rows: Traffic, i: int) -> Known:
    return memory.look_and_learn_encoded(rows.ints[i], rows.floats[i])


def _event(rows: Traffic, i: int) -> Event:
    values = rows.ints[i].tolist()
    entities = {name: str(key) for name, key in zip(ENTITIES, values[3:], strict=True)}
    return Event(id=f"e{i}", kind="payment", time_us=values[0], entities=entities, amount=values[1], currency="KRW")


def _percentiles(took: np.ndarray) -> dict[str, float]:
    return {f"p{q:g}": round(float(np.percentile(took, q)), 1) for q in (50, 99, 99.9)}
