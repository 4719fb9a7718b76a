"""When requests are due in an open loop: fixed before the test, whatever the server does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_BLOCK = 4_096


def due_ns(rate_per_s: float, arrivals: str, seed: int) -> Iterator[int]:
    """Nanoseconds after the start at which requests are due, without end."""
    if arrivals == "poisson":
        return _poisson(rate_per_s, seed)
    return _constant(rate_per_s)


def _constant(rate_per_s: float) -> Iterator[int]:
    step_ns = 1e9 / rate_per_s
    n = 0
    while True:
        yield int(n * step_ns)
        n += 1


def _poisson(rate_per_s: float, seed: int) -> Iterator[int]:
    rng = np.random.default_rng(seed)
    at_ns = 0.0
    while True:
        for gap_ns in rng.exponential(1e9 / rate_per_s, _BLOCK).tolist():
            at_ns += gap_ns
            yield int(at_ns)
