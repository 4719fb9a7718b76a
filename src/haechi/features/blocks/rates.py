"""How busy an entity has been lately, fading smoothly: decayed counts and sums for each window.

Decay answers "how much lately" without edges; it never backs a written rule, which needs exact counts.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks.fade import fade
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_i8, store_f4

__all__ = ["NAMES", "WINDOW_BYTES", "rates"]

WINDOW_BYTES = 8  # count f4, sum f4
NAMES = ("rate", "flow")


@compiled
def rates(b: int, windows: int, windows_count: int, gap_us: float, x: float, scale: float, out: int) -> None:
    """Emit the decayed count and sum of each window, then learn one event of amount x."""
    for w in range(windows_count):
        left = np.float32(fade(gap_us / np.float64(load_i8(windows + 8 * w))))
        cell = b + WINDOW_BYTES * w
        count, total = load_f4(cell) * left, load_f4(cell + 4) * left
        store_f4(out + 8 * w, count)
        store_f4(out + 8 * w + 4, total)
        store_f4(cell, count + np.float32(1.0))
        store_f4(cell + 4, total + np.float32(x * scale))
