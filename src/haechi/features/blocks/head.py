"""The head of every record: how often and when its entity was seen, and where it was last."""

from __future__ import annotations

import math

import numpy as np

from haechi.features import control as at
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_i8, load_u4, store_f4, store_i8, store_u4

__all__ = ["NAMES", "NAMES_PLACE", "arrive", "travel"]

NAMES = ("events", "gap_s", "age_s")
NAMES_PLACE = ("km", "km_per_hour")
EARTH_KM = 6371.0088
# Two readings a minute apart must not become thousands of kilometres an hour through rounding of the place.
HOURS_MIN = 0.02


@compiled
def arrive(c: int, r: int, time_us: int, out: int) -> float:
    """Emit count, gap and age in seconds, then note the arrival; returns the gap in microseconds (negative: late)."""
    count = load_i8(r + at.HEAD_COUNT)
    last = load_i8(r + at.HEAD_LAST)
    store_f4(out, np.float32(count))
    gap = 0.0
    if count > 0:
        gap = np.float64(time_us - last)
        store_f4(out + 4, np.float32(max(gap, 0.0) * 1e-6))
        store_f4(out + 8, np.float32(max(time_us - load_i8(r + at.HEAD_FIRST), 0) * 1e-6))
        if time_us < last:
            store_u4(r + at.HEAD_LATE, np.uint32(load_u4(r + at.HEAD_LATE) + np.uint32(1)))
            store_i8(c + 8 * at.LATE, load_i8(c + 8 * at.LATE) + 1)
    else:
        store_i8(r + at.HEAD_FIRST, time_us)
    store_i8(r + at.HEAD_COUNT, count + 1)
    store_i8(r + at.HEAD_LAST, max(last, time_us))
    return gap


@compiled
def travel(r: int, known: bool, gap_us: float, lat: float, lon: float, out: int) -> None:
    """Emit kilometres and speed since the last place (haversine), then note the place."""
    if math.isnan(lat) or math.isnan(lon):
        return
    old_lat, old_lon = np.float64(load_f4(r + at.HEAD_LAT)), np.float64(load_f4(r + at.HEAD_LON))
    # Nobody pays in the Gulf of Guinea: all zero bytes mean that no place has been noted yet.
    if known and (old_lat != 0.0 or old_lon != 0.0):
        a = math.radians(lat - old_lat) / 2
        b = math.radians(lon - old_lon) / 2
        h = math.sin(a) ** 2 + math.cos(math.radians(lat)) * math.cos(math.radians(old_lat)) * math.sin(b) ** 2
        km = 2 * EARTH_KM * math.asin(math.sqrt(min(h, 1.0)))
        store_f4(out, np.float32(km))
        store_f4(out + 4, np.float32(km / (max(gap_us, 0.0) / 3.6e9 + HOURS_MIN)))
    store_f4(r + at.HEAD_LAT, np.float32(lat))
    store_f4(r + at.HEAD_LON, np.float32(lon))
