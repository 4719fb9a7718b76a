"""What is paid abroad: a price in the country's own money, and the won that the card company makes of it that day.

Rates are round averages of 2024 (won for one unit) that move by about a per cent and a half; a price is a multiple of
the country's smallest usual coin, so that it can be read back from the won.
"""

from __future__ import annotations

import math

import numpy as np

from haechi.town.dice import Floats, Ints, hashed
from haechi.town.places import ABROAD

# Country: currency, won for one, smallest step of a price, note that a cash machine gives.
MONEY = {"US": ("USD", 1_364.0, 0.01, 20), "JP": ("JPY", 9.0, 1, 1_000), "VN": ("VND", 0.0545, 1_000, 100_000),
         "TH": ("THB", 38.7, 1, 100), "CN": ("CNY", 189.0, 0.1, 100), "GB": ("GBP", 1_743.0, 0.01, 10),
         "AU": ("AUD", 899.0, 0.01, 20)}  # fmt: skip
# Prices stand at a whole of so much, or a little below it: 49.99, 5,480, 799.
WHOLES = {"US": 1, "JP": 100, "VN": 10_000, "TH": 10, "CN": 1, "GB": 1, "AU": 1}
BELOW = {"US": (0, 0.01, 0.05, 0.5), "JP": (0, 0, 20, 50), "VN": (0, 0, 1_000, 5_000), "TH": (0, 0, 1, 5),
         "CN": (0, 0.1, 0.1, 0.5), "GB": (0, 0.01, 0.01, 0.5), "AU": (0, 0.01, 0.05, 0.5)}  # fmt: skip
_OWN = [MONEY[name] for name, *_ in ABROAD]
_BASE = np.array([1.0, *(won for _, won, *_ in _OWN)])
_NOTE = np.array([1.0, *(note for *_, note in _OWN)])
_WHOLE = np.array([1.0, *(WHOLES[name] for name, *_ in ABROAD)])
_BELOW = np.array([(0.0,) * 4, *(BELOW[name] for name, *_ in ABROAD)])


def rates(day: int) -> Floats:
    """Won for one unit of each country's money on a day (counted as `date.toordinal` does); of Korea's, 1."""
    place = np.arange(len(_BASE))
    chance = (hashed(day * 16 + place, 127) >> np.uint64(40)).astype(np.float64) * 2.0**-24
    moved = 1 + 0.015 * np.sin(day / 19 + 2 * place) + 0.006 * (chance - 0.5)
    found: Floats = np.where(place > 0, _BASE * moved, 1.0)
    return found


def charged(won: Ints, country: Ints, day: int, *, cash: bool = False) -> Ints:
    """The won that a price of about so many costs: abroad, the price is round in the country's own money."""
    rate, whole = rates(day)[country], (_NOTE if cash else _WHOLE)[country]
    local = np.maximum(np.round(won / rate / whole), 1) * whole
    if not cash:
        local = local - _BELOW[country, (hashed(won, 131) % np.uint64(4)).astype(np.int64)]
    found: Ints = np.where(country > 0, np.round(local * rate), won).astype(np.int64)
    return found


def abroad(won: int, country: str, day: int) -> str:
    """A charge in won as the receipt abroad has it: the currency and the price."""
    name, _, step, _ = MONEY[country]
    place = 1 + [other for other, *_ in ABROAD].index(country)
    local = round(won / float(rates(day)[place]) / step) * step
    return f"{name} {local:,.{max(0, -math.floor(math.log10(step)))}f}"
