"""Strangers: shops new to a customer where she usually has her own, and how many of them came in a row.

How often a shop is new depends on how often she bought in its category before: everybody's rates by category and by
doublings of that count say what to expect. A payment is then worth the logarithm of how much likelier it is from
somebody else, who knows none of her shops, than from her; their sum fades, never falls below nothing, and so finds the
moment at which a card changed hands (Page, Continuous inspection schemes, Biometrika 1954).
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks import surprise_layout as lay
from haechi.features.blocks.cells import WORTH, worth_of
from haechi.features.blocks.logarithm import half_to, log2
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_f8, load_i8, load_u1, store_f4, store_f8, store_i8

__all__ = ["learn_strangers", "look_strangers"]

OTHERS_NEW = 0.75  # of what somebody else buys in her name, so much is in shops that are new to her
HALF_LIFE_US = 12 * 3_600e6
MET_MAX = 1e6  # the last million of a category


@compiled
def look_strangers(own: int, everybody: int, w: int, is_new: int, out: int) -> None:
    """Emit what a shop's being new (1) or not (0) is worth, and the sum at counters; below 0: there is no shop."""
    faded = np.float64(load_f4(own + lay.O_STRANGERS)) * half_to(load_f8(w + 8 * lay.W_DT) / HALF_LIFE_US)
    store_f8(w + 8 * lay.W_STRANGERS, faded)
    store_i8(w + 8 * lay.W_IS_NEW, -1)
    category = load_i8(w + 8 * lay.W_CATEGORY)
    if is_new < 0 or category < 0:
        return
    worth = worth_of(own + lay.O_WORTH + 4, WORTH) * load_f8(w + 8 * lay.W_LEFT)
    count = np.float64(load_u1(own + lay.O_CATEGORIES + category)) * worth
    met = lay.E_MET + 8 * (lay.TENURES * category + min(np.int64(log2(count + 1.0)), lay.TENURES - 1))
    rate = (np.float64(load_f4(everybody + met + 4)) + 1.0) / (np.float64(load_f4(everybody + met)) + 2.0)
    share = OTHERS_NEW if is_new == 1 else 1.0 - OTHERS_NEW
    here = log2(share) - log2(rate if is_new == 1 else 1.0 - rate)
    store_i8(w + 8 * lay.W_IS_NEW, is_new)
    store_i8(w + 8 * lay.W_MET, met)
    store_f4(out, np.float32(here))
    if load_i8(w + 8 * lay.W_DEVICE) == 0:
        store_f8(w + 8 * lay.W_STRANGERS, max(faded + here, 0.0))
        store_f4(out + 4, np.float32(max(faded + here, 0.0)))


@compiled
def learn_strangers(own: int, everybody: int, w: int, weight: float) -> None:
    """Keep the sum, and let everybody's rates learn."""
    store_f4(own + lay.O_STRANGERS, np.float32(load_f8(w + 8 * lay.W_STRANGERS)))
    is_new = load_i8(w + 8 * lay.W_IS_NEW)
    if is_new < 0:
        return
    at = everybody + load_i8(w + 8 * lay.W_MET)
    met, new = np.float64(load_f4(at)) + weight, np.float64(load_f4(at + 4)) + weight * is_new
    kept = 0.5 if met > MET_MAX else 1.0
    store_f4(at, np.float32(met * kept))
    store_f4(at + 4, np.float32(new * kept))
