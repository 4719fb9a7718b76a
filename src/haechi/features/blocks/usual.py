"""What is usual for a customer, as reasons say it: hours, amounts, gaps, how well a device is known, what was odd.

Everything comes from the same shrunk distributions that judged the event, so a sentence cannot contradict its number;
for a new customer they are her peers' own.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks import surprise_layout as lay
from haechi.features.blocks.habit import middle, window
from haechi.features.blocks.logarithm import half_to
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_f8, load_i8, load_u2, load_u4, store_f4

__all__ = ["usual"]

HOURS_SHARE = 0.8
SD_80 = 1.2815515655446004  # the middle 80 % of a normal distribution
LINK_MAX_US = 12 * 3_600_000_000


@compiled
def two_to(x: float) -> float:
    """2 to the power of x, for |x| up to 60."""
    return half_to(-x) if x <= 0.0 else 1.0 / half_to(x)


@compiled
def usual(own: int, w: int, scale: float, out: int) -> None:
    """Emit 20 numbers of surprise and 31 of what is usual; amounts in major units, times in seconds."""
    for d in range(lay.D):
        if load_f8(w + 8 * (lay.W_RAW + d)) >= 0.0:
            store_f4(out + 4 * d, np.float32(load_f8(w + 8 * (lay.W_BITS + d))))
    o = out + 4 * len(lay.NAMES)
    store_f4(o, np.float32(load_i8(w + 8 * lay.W_CLASS)))
    store_f4(o + 4, np.float32(load_u4(own + lay.O_SEEN)))
    store_f4(o + 8, np.float32(load_f8(w + 8 * lay.W_OWN_HOURS)))
    span = window(w + 8 * lay.W_HOURS, lay.HOURS, HOURS_SHARE)
    store_f4(o + 12, np.float32(0.5 * (span & 63)))
    store_f4(o + 16, np.float32(0.5 * ((span & 63) + (span >> 6))))
    if load_f8(w + 8 * (lay.W_RAW + lay.AMOUNT)) >= 0.0:
        mean, deviation = load_f8(w + 8 * lay.W_LEVEL), load_f8(w + 8 * lay.W_DEVIATION)
        mean += load_f8(w + 8 * lay.W_CENTRE)
        store_f4(o + 20, np.float32(two_to(min(max(mean - SD_80 * deviation, -50.0), 50.0)) * scale))
        store_f4(o + 24, np.float32(two_to(min(max(mean + SD_80 * deviation, -50.0), 50.0)) * scale))
    if load_i8(w + 8 * lay.W_GAP) >= 0:
        _spans(w + 8 * lay.W_GAPS, o + 28)
    if load_i8(w + 8 * lay.W_TEMPO) >= 0:
        store_f4(o + 36, np.float32(load_f8(w + 8 * lay.W_SPAN)))
        _spans(w + 8 * lay.W_TEMPOS, o + 40)
    if load_f8(w + 8 * (lay.W_RAW + lay.OUTFLOW)) > 0.0:
        store_f4(o + 76, np.float32(load_f8(w + 8 * lay.W_OUT) * scale))
    if load_f8(w + 8 * lay.W_HEARD) > 0.0:
        store_f4(o + 80, np.float32(load_f8(w + 8 * lay.W_HEARD)))
        store_f4(o + 84, np.float32(60.0 * load_i8(w + 8 * lay.W_HEARD_MINUTES)))
        store_f4(o + 88, np.float32(load_i8(w + 8 * lay.W_HEARD_KIND)))
    _late(own, w, scale, o + 92)
    _known(own, w, o + 48)


@compiled
def _late(own: int, w: int, scale: float, o: int) -> None:
    """What came in of late, how much of it is gone, how long the limit is new, and how long the party is known."""
    t, came = load_i8(w + 8 * lay.W_T), np.float64(load_f4(own + lay.O_CAME))
    if load_f8(w + 8 * lay.W_PASSED) > 0.0:
        store_f4(o, np.float32(abs(came) * scale))
        store_f4(o + 4, np.float32(load_i8(w + 8 * lay.W_CAME_S)))
        store_f4(o + 8, np.float32(min(load_f8(w + 8 * lay.W_PASSED) / abs(came), 1.0)))
        store_f4(o + 12, np.float32(load_f8(w + 8 * lay.W_PASSES)))
        store_f4(o + 16, np.float32(1.0 if came < 0.0 else 0.0))
    minutes = (t // 60_000_000 - np.int64(load_u4(own + lay.O_LIMIT))) & 0xFFFFFFFF
    if minutes <= lay.LIMIT_MINUTES:
        store_f4(o + 20, np.float32(60.0 * minutes))
    s, kind = load_i8(w + 8 * lay.W_PARTY_SLOT), load_i8(w + 8 * lay.W_KIND)
    if load_i8(w + 8 * lay.W_PARTY) != 0 and s >= 0:
        first = np.int64(load_u2(own + lay.O_SLOTS + 8 * (lay.SLOT_FIRST[kind] + s) + 6))
        store_f4(o + 24, np.float32((t // 86_400_000_000 - first) & 0xFFFF))


@compiled
def _spans(values: int, out: int) -> None:
    """The middle half of the times between events, to the next doubling."""
    store_f4(out, np.float32(two_to(np.float64(middle(values, lay.SPANS, 0.25)))))
    store_f4(out + 4, np.float32(two_to(np.float64(middle(values, lay.SPANS, 0.75) + 1))))


@compiled
def _known(own: int, w: int, o: int) -> None:
    """How well the parties are known, and the last odd event that this one follows."""
    t = load_i8(w + 8 * lay.W_T)
    s = load_i8(w + 8 * lay.W_DEVICE_SLOT)
    if load_i8(w + 8 * lay.W_DEVICE) != 0 and s >= 0:
        minutes = t // 60_000_000 - np.int64(load_u4(own + lay.O_FIRST + 4 * s))
        store_f4(o, np.float32(60.0 * max(minutes, 0)))
    for i in range(3):
        key = lay.W_PARTY if i == 0 else (lay.W_PLACE if i == 1 else lay.W_DEVICE)
        if load_i8(w + 8 * key) != 0:
            known = load_i8(w + 8 * (lay.W_PARTY_SLOT + i)) >= 0
            store_f4(o + 4 + 4 * i, np.float32(1.0 if known else 0.0))
    odd = load_i8(own + lay.O_LINKS)
    if odd != 0 and 0 <= t - odd <= LINK_MAX_US:
        store_f4(o + 16, np.float32((t - odd) * 1e-6))
        store_f4(o + 20, np.float32(load_u4(own + lay.O_LINKS + 12)))
    store_f4(o + 24, np.float32(load_i8(w + 8 * lay.W_CHANNEL)))
