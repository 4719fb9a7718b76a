"""Logarithms to the base 2 from plain arithmetic: the same bits on every machine, and a third of the library's time.

The exponent is read off the float64; the rest is the area-tangent series of the mantissa between sqrt(1/2) and sqrt(2).
Absolute error below 1e-9, tested.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks.fade import LN_2, fade
from haechi.features.jit import compiled
from haechi.features.words import as_bits, from_bits

__all__ = ["half_to", "log2"]

SMALLEST = 1e-300
MANTISSA = (1 << 52) - 1
ONE = 1023 << 52
SQRT_2 = 1.4142135623730951
TWO_OVER_LN_2 = 2.8853900817779268


@compiled
def log2(x: float) -> float:
    """The logarithm of x to the base 2; of nothing or less, that of 1e-300."""
    bits = as_bits(max(np.float64(x), SMALLEST))
    exponent = np.float64((bits >> 52) - 1023)
    m = from_bits((bits & MANTISSA) | ONE)
    if m > SQRT_2:
        m *= 0.5
        exponent += 1.0
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    return exponent + TWO_OVER_LN_2 * s * (1.0 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11))))))


@compiled
def half_to(x: float) -> float:
    """One half to the power of x, for x >= 0."""
    return fade(x * LN_2)
