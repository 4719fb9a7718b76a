"""How much of the past is left: exp(-x) from plain multiplications, the same bits on every machine.

The C library's exp may differ in the last bit between machines and costs a call; forgetting needs neither. Range
reduction to |r| <= ln(2)/2, then the Taylor series to the 9th power: relative error below 1e-9, tested.
"""

from __future__ import annotations

import numpy as np

from haechi.features.jit import compiled
from haechi.features.words import power_of_two

__all__ = ["fade"]

LOG2_E = 1.4426950408889634
LN_2 = 0.6931471805599453
EXPONENT_MAX = 700.0


@compiled
def fade(x: float) -> float:
    """exp(-x) for x >= 0 (a negative x counts as 0); 0 when nothing is left."""
    if x >= EXPONENT_MAX:
        return 0.0
    y = -max(x, 0.0)
    n = np.int64(y * LOG2_E - 0.5)
    r = y - n * LN_2
    p = 1.0 + r * (1 / 9)
    p = 1.0 + r * (1 / 8) * p
    p = 1.0 + r * (1 / 7) * p
    p = 1.0 + r * (1 / 6) * p
    p = 1.0 + r * (1 / 5) * p
    p = 1.0 + r * (1 / 4) * p
    p = 1.0 + r * (1 / 3) * p
    p = 1.0 + r * 0.5 * p
    return (1.0 + r * p) * power_of_two(n)
