"""From raw surprise to calibrated bits: how often the recent stream was at least this surprising.

A histogram of raw values and, beside it, a table of -log2 of the share above each bin. What is seen weighs in beside
some pseudo-events of the shape that theory expects (Fisher's sum, a normal tail), so that the first event of a fresh
home gets a sound answer. Beyond the last 25 events the tail goes on exponentially with its mean excess. Nothing here is
ever damped: a calibration that does not see the surprising events forgets its own tail.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks.logarithm import half_to, log2
from haechi.features.jit import compiled
from haechi.features.words import load_f4, store_f4

__all__ = ["calibrated", "count", "histogram_bytes", "rebuild", "shrink"]

AS_IS, NORMAL, FISHER = 0, 1, 2  # shapes that theory expects; from FISHER on: a sum of (shape - FISHER) terms
PSEUDO = 50.0
TAIL_EVENTS = 25.0
TAIL_BODY_EVENTS, TAIL_BODY_SHARE = 100.0, 0.005
SLOPE_MIN, SLOPE_MAX = 0.2, 3.0
LN_2 = 0.6931471805599453
BITS_MAX = 60.0


def histogram_bytes(bins: int) -> int:
    """Bytes of a histogram and its table: float32 each."""
    return 8 * bins


@compiled
def expected(shape: int, raw: float) -> float:
    """Bits of a raw value before anything was seen."""
    if shape == AS_IS:
        return raw
    if shape == NORMAL:
        z = 0.5 * raw - 3.0
        return 1.0 + 1.05 * z + 0.62 * z * z if z > 0.0 else half_to(-1.5 * z)
    # Fisher: the tail of a sum of k exponentials is exp(-x) times the first k terms of the exponential series.
    x = raw * LN_2
    term, total = 1.0, 1.0
    for i in range(1, shape - FISHER):
        term *= x / i
        total += term
    return max(raw - log2(total), 0.0)


@compiled
def rebuild(h: int, bins: int, step: float, shape: int, prior: int, unit: float) -> None:
    """Work the table out; `prior`: a histogram whose table is expected, 0 for theory; `unit`: what one event counts."""
    seen = 0.0
    for b in range(bins):
        seen += np.float64(load_f4(h + 4 * b)) / unit
    table = h + 4 * bins
    above, cut = 0.0, -1
    for b in range(bins - 1, -1, -1):
        here = np.float64(load_f4(h + 4 * b)) / unit
        bits = np.float64(load_f4(prior + 4 * (bins + b))) if prior != 0 else expected(shape, step * b)
        share = (above + here + PSEUDO * half_to(min(bits, BITS_MAX))) / (seen + PSEUDO)
        store_f4(table + 4 * b, np.float32(-log2(min(share, 1.0))))
        above += here
        if cut < 0 and above >= TAIL_EVENTS:
            cut = b
    if seen >= 8.0 * TAIL_EVENTS:
        _continue(h, bins, step, seen, cut, unit)


@compiled
def _continue(h: int, bins: int, step: float, seen: float, cut: int, unit: float) -> None:
    """Go on beyond the last events with the slope of the tail: its mean excess, in bits of raw surprise."""
    table = h + 4 * bins
    reached, excess, start = 0.0, 0.0, bins
    while start > 0 and (start > cut or reached < max(TAIL_BODY_EVENTS, TAIL_BODY_SHARE * seen)):
        start -= 1
        reached += np.float64(load_f4(h + 4 * start)) / unit
    for b in range(start, bins):
        excess += np.float64(load_f4(h + 4 * b)) / unit * (b - start + 0.5) * step
    slope = min(max(reached / (LN_2 * max(excess, 1e-9)), SLOPE_MIN), SLOPE_MAX)
    from_here = np.float64(load_f4(table + 4 * cut))
    for b in range(cut + 1, bins):
        store_f4(table + 4 * b, np.float32(min(from_here + (b - cut) * step * slope, BITS_MAX)))


@compiled
def calibrated(h: int, bins: int, step: float, raw: float) -> float:
    """Bits of a raw value: one look-up, linear between bins."""
    z = raw / step
    table = h + 4 * bins
    if z >= bins - 1:
        return np.float64(load_f4(table + 4 * (bins - 1)))
    b = np.int64(z)
    low = np.float64(load_f4(table + 4 * b))
    return max(low + (z - b) * (np.float64(load_f4(table + 4 * b + 4)) - low), 0.0)


@compiled
def count(h: int, bins: int, step: float, raw: float, weight: float) -> None:
    """Count a raw value."""
    at = h + 4 * min(np.int64(raw / step), bins - 1)
    store_f4(at, load_f4(at) + np.float32(weight))


@compiled
def shrink(h: int, bins: int, factor: float) -> None:
    """Multiply all counts: the weights of new events have grown too large."""
    for b in range(bins):
        store_f4(h + 4 * b, load_f4(h + 4 * b) * np.float32(factor))
