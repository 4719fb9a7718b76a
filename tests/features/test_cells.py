"""Counts in one byte against exact ones."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.features.blocks.cells import WORTH, bytes_add


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(50, 400), st.floats(0.9, 1.0))
def test_shares_stay_close_to_exact_counts(seed: int, events: int, left: float) -> None:
    r = np.random.default_rng(seed)
    cells, worth = np.zeros(32, np.uint8), np.zeros(1, np.float32)
    exact = np.zeros(32)
    for _ in range(events):
        k = int(min(r.geometric(0.3), 32) - 1)
        worth *= np.float32(left)
        exact *= left
        bytes_add(cells.ctypes.data, 32, worth.ctypes.data, k, 1.0, int(r.integers(0, 2**62)))
        exact[k] += 1.0
    ours = cells * float(worth[0])
    assert np.abs(ours - exact).sum() / exact.sum() < 0.12


def test_a_long_sleep_forgets_everything_and_overflow_halves() -> None:
    cells, worth = np.zeros(8, np.uint8), np.zeros(1, np.float32)
    for i in range(100):
        bytes_add(cells.ctypes.data, 8, worth.ctypes.data, 3, 1.0, i * 7919)
    assert cells[3] > 127
    assert abs(float(cells[3]) * float(worth[0]) - 100) < 2
    worth *= np.float32(1e-20)
    bytes_add(cells.ctypes.data, 8, worth.ctypes.data, 1, 1.0, 1)
    assert cells.tolist() == [0, 16, 0, 0, 0, 0, 0, 0]
    assert worth[0] == np.float32(WORTH)
    bytes_add(cells.ctypes.data, 8, worth.ctypes.data, 1, -1.0, 1)
    bytes_add(cells.ctypes.data, 8, worth.ctypes.data, 1, -1.0, 1)
    assert cells.sum() == 0
