"""Categories and attributes: a value becomes a running code in order of first appearance, in every replay."""

from __future__ import annotations

import math

import numpy as np

from haechi.features import control as at
from haechi.features.jit import compiled
from haechi.features.words import load_i8, load_u4, store_f4, store_i8, store_u4

__all__ = ["BIRTH_ORIGIN_DAYS", "TALLIES", "age_band", "age_years", "attribute_code", "category"]

# Dates before 1970 stay positive, because zero means "not told".
BIRTH_ORIGIN_DAYS = 1_000_000
YEAR_DAYS = 365.2425
DAY_US = 86_400_000_000
# Two running numbers for each categorical field, after the shelves in the control block: codes given, events seen.
TALLIES = at.SHELVES + 64 * at.SHELF_WORDS


@compiled
def category(c: int, r: int, number: int, out: int) -> None:
    """Emit the value's code and its share of all events, then count it."""
    tally = c + 8 * (TALLIES + 2 * number)
    count, total = load_i8(r + at.HEAD_COUNT), load_i8(tally + 8)
    if load_u4(r + at.HEAD_CODE) == 0:
        store_i8(tally, load_i8(tally) + 1)
        store_u4(r + at.HEAD_CODE, np.uint32(load_i8(tally)))
    store_f4(out, np.float32(load_u4(r + at.HEAD_CODE)))
    store_f4(out + 4, np.float32(count / max(total, 1)))
    store_i8(r + at.HEAD_COUNT, count + 1)
    store_i8(tally + 8, total + 1)


@compiled
def attribute_code(value: int) -> float:
    """A stable code of an attribute's text: 20 bits of its hash."""
    return np.float32((value >> 20) & 0xFFFFF)


@compiled
def age_years(birth: int, time_us: int, offset_us: int) -> float:
    """Age in years on the local day of the event; NaN when the birth date was never told."""
    if birth == 0:
        return np.nan
    return ((time_us + offset_us) // DAY_US - (birth - BIRTH_ORIGIN_DAYS)) / YEAR_DAYS


@compiled
def age_band(age: float) -> int:
    """Ten-year bands, teens split at school age: people of one band are compared with each other; 0 when unknown."""
    if math.isnan(age) or age < 0.0:
        return 0
    if age < 20.0:
        return 1 if age < 13.0 else (2 if age < 16.0 else 3)
    return 2 + min(int(age / 10.0), 9)
