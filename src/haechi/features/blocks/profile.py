"""When an entity is usually active: shares of its hours (weekdays and weekends apart) and of its weekdays.

Forward decay (Cormode, Shkapenyuk, Srivastava, Xu, ICDE 2009): a new event weighs exp((t - landmark) / tau), so old
cells need no touch. The landmark moves before the weight can overflow.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks.fade import fade
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_i8, store_f4, store_i8

__all__ = ["BYTES", "NAMES", "profile"]

# landmark i8; 24 hours x (weekday, weekend) f4, 7 weekdays f4, total f4
BYTES = 8 + (48 + 7 + 1) * 4
NAMES = ("hour_share", "hour3_share", "weekday_share")
TAU_US = 30 * 86_400 * 1_000_000.0
EXPONENT_MAX = 20.0
TOTAL = 8 + 55 * 4


@compiled
def profile(b: int, time_us: int, hour: int, weekday: int, out: int) -> None:
    """Emit 3 shares of the entity's past events at this hour, around it and on this weekday, then learn the hour."""
    if load_i8(b) == 0:
        store_i8(b, time_us)
    age = (time_us - load_i8(b)) / TAU_US
    if age > EXPONENT_MAX:
        shrink = np.float32(fade(age))
        for i in range(56):
            store_f4(b + 8 + 4 * i, load_f4(b + 8 + 4 * i) * shrink)
        store_i8(b, time_us)
        age = 0.0
    weight = 1.0 / fade(age)
    day = b + 8 + (96 if weekday >= 5 else 0)
    total = np.float64(load_f4(b + TOTAL))
    if total > 0.0:
        here = np.float64(load_f4(day + 4 * hour))
        before, after = load_f4(day + 4 * ((hour + 23) % 24)), load_f4(day + 4 * ((hour + 1) % 24))
        # One event of today's weight spread over all cells keeps a first visit from looking impossible (Laplace).
        whole = 1.0 / (total + weight)
        store_f4(out, np.float32((here + weight / 48) * whole))
        store_f4(out + 4, np.float32((here + before + after + weight / 16) * whole))
        store_f4(out + 8, np.float32((load_f4(b + 8 + 4 * (48 + weekday)) + weight / 7) * whole))
    w = np.float32(weight)
    store_f4(day + 4 * hour, load_f4(day + 4 * hour) + w)
    store_f4(b + 8 + 4 * (48 + weekday), load_f4(b + 8 + 4 * (48 + weekday)) + w)
    store_f4(b + TOTAL, load_f4(b + TOTAL) + w)
