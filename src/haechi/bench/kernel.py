"""How fast history replays: events a second on one core, beside the floors that no kernel can go below."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numba import njit

from haechi.bench.traffic import DAY_US, Traffic, bank_spec, traffic
from haechi.features import Memory, Spec

__all__ = ["KernelFigures", "measure_kernel", "run_rows"]

EVENTS, CUSTOMERS = 1_000_000, 100_000
FEW_CUSTOMERS, REPEATS = 400, 7
PORTION = 4096
STRETCH = 10_000
LINE = 64


@dataclass(frozen=True)
class KernelFigures:
    """Processor microseconds an event, and what they are made of."""

    features: int
    entities_known: int
    arena_mib: float
    record_bytes: dict[str, int]
    us_per_event: float
    us_per_event_warm: float
    events_per_s: float
    events_per_s_warm: float
    events_per_s_quiet: float  # in the quietest tenth of the warm half, stretches of 10,000: others use the machine too
    floor_touch_us: float
    floor_cached_us: float
    floor_share: float  # the larger floor against the figure: fetching and computing can overlap


def run_rows(memory: Memory, rows: Traffic, start: int, stop: int) -> float:
    """Replay rows start to stop, or to the last, and keep no features; returns processor seconds."""
    stop = min(stop, len(rows))
    unexplained, places = np.zeros(len(rows)), np.full(len(rows), -1)
    out = np.zeros(1, np.float32)
    arrays = [rows.ints, rows.floats, out, places, unexplained]
    sizes = [0, rows.ints.strides[0], rows.floats.strides[0], 4 * memory.width, 0, 0, 0]
    table = np.array([a.ctypes.data for a in arrays] + [0] * 6 + sizes, np.int64)
    begun = time.process_time()
    for at in range(start, stop, PORTION):
        table[16], table[11] = at, min(at + PORTION, stop)
        memory.arena.prepare_pages()
        if not memory.run_batch(int(table.ctypes.data)):
            raise memory.refusal()
    return time.process_time() - begun


def measure_kernel(events: int = EVENTS, customers: int = CUSTOMERS, *, labels: bool = False) -> KernelFigures:
    """Replay a million events over six entities with the default recipe, and measure the floors in the same run."""
    spec = bank_spec(labels=labels)
    run_rows(Memory(spec), traffic(2000, 50), 0, 2000)
    rows = traffic(events, customers)
    memory = Memory(spec)
    half = events // 2
    cold = run_rows(memory, rows, 0, half)
    stretches = [run_rows(memory, rows, at, min(at + STRETCH, events)) for at in range(half, events, STRETCH)]
    warm, quiet = sum(stretches), float(np.quantile(stretches[: half // STRETCH], 0.1)) / STRETCH
    counts = memory.counts()
    records = {n: c["record_bytes"] for n, c in counts.items() if not n.endswith(".panes") and n != "values"}
    arena = sum(c["known"] * c["record_bytes"] for c in counts.values())
    touch, cached = _touch_floor(records, arena, half), _cached_floor(spec, rows)
    warm_us = warm / (events - half) * 1e6
    return KernelFigures(
        features=len(memory.spec.features),
        entities_known=sum(c["known"] for c in counts.values()),
        arena_mib=arena / 2**20,
        record_bytes=records,
        us_per_event=(cold + warm) / events * 1e6,
        us_per_event_warm=warm_us,
        events_per_s=events / (cold + warm),
        events_per_s_warm=(events - half) / warm,
        events_per_s_quiet=1 / quiet,
        floor_touch_us=touch,
        floor_cached_us=cached,
        floor_share=max(touch, cached) / warm_us,
    )


def _cached_floor(spec: Spec, rows: Traffic) -> float:
    """The same kernel on the same kind of history with every record in the processor's cache: the cost of computing.

    The history of a few customers is replayed, then replayed again 60 days later; the second pass counts.
    """
    few = rows.ints[rows.ints[:, 3] <= FEW_CUSTOMERS]
    later = few.copy()
    later[:, 0] += 60 * DAY_US
    both = Traffic(np.concatenate([few, later]), np.full((2 * len(few), 2), np.nan))
    best = np.inf
    for _ in range(REPEATS):
        memory = Memory(spec)
        run_rows(memory, both, 0, len(few))
        best = min(best, run_rows(memory, both, len(few), 2 * len(few)))
    return float(best / len(few) * 1e6)


def _touch_floor(records: dict[str, int], arena_bytes: int, events: int) -> float:
    """Read every cache line of as many random records as an event has, from as much memory: the cost of fetching."""
    lines = np.array([size // LINE for size in records.values()], np.int64)
    words = np.ones(max(arena_bytes // 8, 1 << 20), np.int64)
    starts = np.random.default_rng(1).integers(0, len(words) // 8 - int(lines.max()), (events, len(lines)))
    touch_records(words, starts[:10], lines)
    begun = time.process_time()
    touch_records(words, starts, lines)
    return (time.process_time() - begun) / events * 1e6


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def touch_records(words: np.ndarray, starts: np.ndarray, lines: np.ndarray) -> int:
    """Add up one word of each line of each record."""
    total = 0
    for i in range(len(starts)):
        for e in range(len(lines)):
            for line in range(lines[e]):
                total += words[(starts[i, e] + line) * 8]
    return total
