"""What surprise costs: microseconds an event on top of the features, bytes a customer, microseconds for reasons."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from haechi.bench.kernel import run_rows
from haechi.bench.traffic import Traffic, bank_spec, traffic
from haechi.decision.reasons import explain
from haechi.decision.sentence import sentence
from haechi.detectors import behaviours
from haechi.events import Event
from haechi.features import Memory, Spec
from haechi.features.blocks import surprise_layout

__all__ = ["BehaviourFigures", "measure_behaviour"]

EVENTS, CUSTOMERS, REPEATS = 400_000, 40_000, 3
DECISIONS = 2_000


@dataclass(frozen=True)
class BehaviourFigures:
    """The figures of the section."""

    features: int
    us_per_event: float
    us_per_event_without: float
    us_on_top: float
    bytes_per_customer: int
    judge_us: float
    reasons_us_p50: float
    reasons_us_p99: float


def measure_behaviour(events: int = EVENTS, customers: int = CUSTOMERS) -> BehaviourFigures:
    """Replay the same traffic with and without surprise, in turns, and take the best of each."""
    rows = traffic(events, customers)
    with_class = Traffic(np.hstack([rows.ints, np.zeros((len(rows), 1), np.int64)]), rows.floats)
    specs = {True: bank_spec(behaviour=True), False: bank_spec()}
    best = {True: np.inf, False: np.inf}
    for _ in range(REPEATS):
        for wanted, spec in specs.items():
            best[wanted] = min(best[wanted], _warm_us(spec, with_class if wanted else rows))
    judged, told = _reasons(specs[True])
    return BehaviourFigures(
        features=len(specs[True].features),
        us_per_event=best[True],
        us_per_event_without=best[False],
        us_on_top=best[True] - best[False],
        bytes_per_customer=surprise_layout.BYTES,
        judge_us=judged,
        reasons_us_p50=float(np.percentile(told, 50)),
        reasons_us_p99=float(np.percentile(told, 99)),
    )


def _warm_us(spec: Spec, rows: Traffic) -> float:
    """Processor microseconds an event of the second half."""
    run_rows(Memory(spec), Traffic(rows.ints[:1000], rows.floats[:1000]), 0, 1000)
    memory, half = Memory(spec), len(rows) // 2
    run_rows(memory, rows, 0, half)
    return run_rows(memory, rows, half, len(rows)) / (len(rows) - half) * 1e6


def _reasons(spec: Spec) -> tuple[float, np.ndarray]:
    """Microseconds to judge by every view; and of odd events of known customers, for all reasons and both sentences."""
    memory, detectors = Memory(spec), behaviours(spec)
    house: Any = SimpleNamespace(detectors=detectors, left_out=Counter())
    judged, told = 0.0, []
    for i in range(DECISIONS):
        odd = i % 10 == 9
        entities = {"customer": f"c{i % 20}", "merchant": f"m{i % 7}", "device": f"d{i if odd else i % 20}"}
        at = 1_700_000_000_000_000 + i * 3_600_000_000
        event = Event(
            id="e", kind="payment", time_us=at, amount=90_000 if odd else 3_000, currency="KRW", entities=entities
        )
        known = memory.look_and_learn(event)
        started = time.perf_counter_ns()
        signals = [detector.judge(event, known) for detector in detectors]
        judged += time.perf_counter_ns() - started
        if odd and i >= DECISIONS // 10:
            started = time.perf_counter_ns()
            sentence("challenge", 0.1, explain(event, known, signals, house, []), event)
            told.append((time.perf_counter_ns() - started) / 1e3)
    return judged / DECISIONS / 1e3, np.array(told)
