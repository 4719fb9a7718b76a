"""All that an entity ever paid, in five numbers: count, mean, spread, largest, and two running means.

Welford's update (B. P. Welford, Technometrics 4:419, 1962) keeps the variance exact where sums of squares cancel.
"""

from __future__ import annotations

import math

import numpy as np

from haechi.features.jit import compiled
from haechi.features.words import load_f8, load_i8, store_f4, store_f8, store_i8

__all__ = ["BYTES", "NAMES", "deviation", "moments"]

# count i8, mean f8, sum of squared deviations f8, largest f8, running mean over about 5 f8, over about 20 f8
BYTES = 48
NAMES = ("mean_all", "std_all", "z_all", "ratio_all", "ratio_max", "mean_last5", "mean_last20")

STEP_5 = 1.0 / 3.0
STEP_20 = 2.0 / 21.0
# A deviation needs a spread of at least a tenth of the mean: three equal amounts do not make a fourth one absurd.
SPREAD_SHARE_MIN = 0.1
HISTORY_MIN = 3


@compiled
def deviation(x: float, mean: float, std: float) -> float:
    """How many standard deviations an amount lies above a mean."""
    return (x - mean) / max(std, SPREAD_SHARE_MIN * abs(mean) + 1e-9)


@compiled
def moments(b: int, x: float, scale: float, out: int) -> None:
    """Emit 7 features of the amount x (minor units) against the whole history, then learn x."""
    n = load_i8(b)
    mean, m2, largest = load_f8(b + 8), load_f8(b + 16), load_f8(b + 24)
    last5, last20 = load_f8(b + 32), load_f8(b + 40)
    if n > 0:
        std = math.sqrt(m2 / n)
        store_f4(out, np.float32(mean * scale))
        store_f4(out + 4, np.float32(std * scale))
        store_f4(out + 8, np.float32(deviation(x, mean, std) if n >= HISTORY_MIN else np.nan))
        store_f4(out + 12, np.float32(x / (abs(mean) + 1e-9)))
        store_f4(out + 16, np.float32(x / (abs(largest) + 1e-9)))
        store_f4(out + 20, np.float32(last5 * scale))
        store_f4(out + 24, np.float32(last20 * scale))
    step = x - mean
    mean += step / (n + 1)
    store_i8(b, n + 1)
    store_f8(b + 8, mean)
    store_f8(b + 16, m2 + step * (x - mean))
    store_f8(b + 24, max(largest, x) if n > 0 else x)
    store_f8(b + 32, last5 + STEP_5 * (x - last5) if n > 0 else x)
    store_f8(b + 40, last20 + STEP_20 * (x - last20) if n > 0 else x)
