"""Ten million customers and their cards on one machine: how much memory, and how long a decision takes.

Everybody is seen once, so that every record exists; a fifth stays in memory, the rest goes to the cold file. Then
events come from the fifth, one in a hundred from somebody cold.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from haechi.bench.kernel import run_rows
from haechi.bench.traffic import DAY_US, SEOUL_US, START_US, Traffic, bank_spec
from haechi.features import Memory, Spec

__all__ = ["PopulationFigures", "measure_population"]

PORTION = 200_000
MERCHANTS = 20_000
PROBES = 200_000
WARM_UP = 20_000
COLD_SHARE = 0.01


@dataclass(frozen=True)
class PopulationFigures:
    """What the memory of many customers costs."""

    customers: int
    hot_share: float
    bytes_per_entity: dict[str, int]
    resident_gib: float
    resident_peak_gib: float
    cold_file_gib: float
    fill_s: float
    cold_touches: int
    decision_us_p50: float
    decision_us_p99: float
    decision_us_p999: float
    cold_us_p50: float
    cold_us_p99: float


def measure_population(
    folder: Path, customers: int, *, hot_share: float = 0.2, progress: Callable[[int], None] | None = None
) -> PopulationFigures:
    """Fill the memory with customers and their cards, then time single events; `folder` takes the cold file."""
    spec = _spec(int(customers * hot_share), customers)
    cold = folder / "cold.bin"
    memory = Memory(spec, cold=cold)
    begun = time.perf_counter()
    peak = _fill(memory, customers, progress)
    fill_s = time.perf_counter() - begun
    memory.arena.release_cold_pages()
    figures, is_cold = _probe(memory, customers, int(customers * hot_share))
    counts = memory.counts()
    cold_bytes = cold.stat().st_blocks * 512
    cold.unlink()
    resident = _resident_gib()
    return PopulationFigures(
        customers=counts["customer"]["known"],
        hot_share=counts["customer"]["hot"] / customers,
        bytes_per_entity={n: counts[n]["record_bytes"] for n in ("customer", "card", "merchant")},
        resident_gib=resident,
        resident_peak_gib=max(peak, resident),
        cold_file_gib=cold_bytes / 2**30,
        fill_s=fill_s,
        cold_touches=int(is_cold.sum()),
        decision_us_p50=float(np.percentile(figures, 50)),
        decision_us_p99=float(np.percentile(figures, 99)),
        decision_us_p999=float(np.percentile(figures, 99.9)),
        cold_us_p50=float(np.percentile(figures[is_cold], 50)),
        cold_us_p99=float(np.percentile(figures[is_cold], 99)),
    )


def _spec(hot: int, customers: int) -> Spec:
    """Customers, cards and merchants as the default recipe has them, without devices, payees and addresses."""
    whole = bank_spec(hot_max=max(hot, 64), cold_max=2 * customers)
    kept = ("customer", "card", "merchant")
    entities = tuple(
        replace(e, pairs=tuple(p for p in e.pairs if p.target in kept)) for e in whole.entities if e.name in kept
    )
    return replace(whole, entities=entities, features=(), hash="")


def _rows(customers: np.ndarray, start_us: int, seed: int) -> Traffic:
    r = np.random.default_rng(seed)
    n = len(customers)
    ints = np.zeros((n, 6), np.int64)
    ints[:, 0] = start_us + np.arange(n) * 200
    ints[:, 1], ints[:, 2] = np.exp(r.normal(9.0, 1.1, n)).astype(np.int64), SEOUL_US
    ints[:, 3], ints[:, 4], ints[:, 5] = customers + 1, customers + 1, r.integers(1, MERCHANTS, n)
    return Traffic(ints, np.full((n, 2), np.nan))


def _fill(memory: Memory, customers: int, progress: Callable[[int], None] | None) -> float:
    """See every customer once, the coldest first; returns the largest resident size seen in GiB."""
    peak = 0.0
    for at in range(0, customers, PORTION):
        n = min(PORTION, customers - at)
        run_rows(memory, _rows(np.arange(customers - at - n, customers - at), START_US + at * 200, at), 0, n)
        peak = max(peak, _resident_gib())
        memory.arena.release_cold_pages()
        if progress:
            progress(n)
    return peak


def _probe(memory: Memory, customers: int, hot: int) -> tuple[np.ndarray, np.ndarray]:
    """Time single events: mostly of customers seen last, one in a hundred of somebody cold."""
    r = np.random.default_rng(5)
    cold = r.random(PROBES) < COLD_SHARE
    who = np.where(cold, r.integers(hot, customers, PROBES), r.integers(0, hot, PROBES))
    rows = _rows(who, START_US + DAY_US, 6)
    took = np.zeros(PROBES)
    for i in range(PROBES):
        begun = time.perf_counter_ns()
        memory.look_and_learn_encoded(rows.ints[i], rows.floats[i])
        took[i] = (time.perf_counter_ns() - begun) / 1e3
    return took[WARM_UP:], cold[WARM_UP:]


def _resident_gib() -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 2**20
    return 0.0
