"""How unusual the crowd at an entity is: are the customers of this shop all paying more than they usually do?

Running means of the subjects' own deviations, over the last events and over time, and how many different subjects came.
"""

from __future__ import annotations

import math

import numpy as np

from haechi.features.blocks.fade import fade
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_i8, popcount, store_f4, store_i8

__all__ = ["BYTES", "NAMES", "crowd"]

# f4: running z over 5 and 20, share of large over 20, share of new over 20; weight, z, large decayed over the two
# spans; different subjects ever met f4, padding; then the sketch: day i8, 256 bits of today, 256 bits of yesterday.
SKETCH = 48
BYTES = SKETCH + 8 + 64
NAMES = (
    "crowd_z5",
    "crowd_z20",
    "crowd_large20",
    "crowd_new20",
    "crowd_z_short",
    "crowd_large_short",
    "crowd_z_long",
    "crowd_large_long",
    "subjects_met",
    "subjects_2d",
)
STEP_5, STEP_20 = np.float32(1.0 / 3.0), np.float32(2.0 / 21.0)
LARGE = 2.0
Z_MIN, Z_MAX = -4.0, 8.0
# Linear counting, looked up: how many subjects set this many of 256 bits.
_COUNTED = np.array([-256.0 * math.log(1.0 - bits / 256.0) for bits in range(256)])


@compiled
def _running(cell: int, value: float, step: float, fresh: bool) -> None:
    old = load_f4(cell)
    store_f4(cell, np.float32(value) if fresh else old + step * (np.float32(value) - old))


@compiled
def _sketch(b: int, key: int, day: int) -> float:
    """Count different subjects of today and yesterday (linear counting: Whang et al., TODS 1990), then add this one."""
    today = load_i8(b)
    if day > today:
        for i in range(4):
            store_i8(b + 40 + 8 * i, load_i8(b + 8 + 8 * i) if day == today + 1 else 0)
            store_i8(b + 8 + 8 * i, 0)
        store_i8(b, day)
        today = day
    bits = 0
    for i in range(4):
        bits += popcount(load_i8(b + 8 + 8 * i) | load_i8(b + 40 + 8 * i))
    bit = (key >> 40) & 255
    into = 8 if day == today else 40
    if day >= today - 1:
        cell = b + into + 8 * (bit >> 6)
        store_i8(cell, load_i8(cell) | (1 << (bit & 63)))
    return _COUNTED[min(bits, 255)]


@compiled
def crowd(
    b: int,
    n: int,
    gap_us: float,
    z: float,
    new: bool,
    subject: int,
    day: int,
    short_us: float,
    long_us: float,
    out: int,
) -> None:
    """Emit 10 features of the crowd before this event, then learn how unusual the event is for its own subject."""
    z = min(max(z, Z_MIN), Z_MAX)
    large = 1.0 if z > LARGE else 0.0
    if n > 0:
        for i in range(4):
            store_f4(out + 4 * i, load_f4(b + 4 * i))
    for i in range(2):
        cell = b + 16 + 12 * i
        left = np.float32(fade(gap_us / (short_us if i == 0 else long_us)))
        weight, total, many = load_f4(cell) * left, load_f4(cell + 4) * left, load_f4(cell + 8) * left
        if weight > np.float32(1e-3):
            store_f4(out + 16 + 8 * i, total / weight)
            store_f4(out + 20 + 8 * i, many / weight)
        store_f4(cell, weight + np.float32(1.0))
        store_f4(cell + 4, total + np.float32(z))
        store_f4(cell + 8, many + np.float32(large))
    met = load_f4(b + 40)
    store_f4(out + 32, met)
    store_f4(out + 36, np.float32(_sketch(b + SKETCH, subject, day)))
    _running(b, z, STEP_5, n == 0)
    _running(b + 4, z, STEP_20, n == 0)
    _running(b + 8, large, STEP_20, n == 0)
    _running(b + 12, 1.0 if new else 0.0, STEP_20, n == 0)
    store_f4(b + 40, met + np.float32(1.0 if new else 0.0))
