"""Behaviour: look at an event's surprise, emit it, learn it. The one call that the generated kernel makes.

An event without amount, party and device (a note) is no behaviour, nor is one that others did to the customer (a
deposit, a refund, a verdict: NOT_OWN in encode.py): nothing is judged or learned. Of what she
hears, calls and messages, the rating is kept; of money that comes in, how much and when; of a limit, when it changed.
"""

from __future__ import annotations

import math

import numpy as np

from haechi.features.blocks import surprise_layout as lay
from haechi.features.blocks.calibration import calibrated
from haechi.features.blocks.logarithm import half_to, log2
from haechi.features.blocks.passed import come_in, raise_limit
from haechi.features.blocks.strangers import look_strangers
from haechi.features.blocks.surprise import hear, look, view_of
from haechi.features.blocks.surprise_learn import learn, settle
from haechi.features.blocks.usual import usual
from haechi.features.index import mix
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_f8, load_i8, load_u4, store_f4, store_f8, store_i8

__all__ = ["behaviour", "behaviour_label", "day_class", "place_key"]

CELL_DEGREES = 0.1  # a place is a cell of about ten kilometres
HALF_HOUR_US = 1_800_000_000
RANK_MAX = 31


@compiled
def day_class(told: int, age: float) -> int:
    """The calendar class of a day for this customer: a school break is a working day for those who do not go to school.

    Below 0 the event is not the customer's own doing, and stays so.
    """
    if told < 0:
        return -1
    if told == lay.SCHOOL_BREAK and not lay.PUPIL_FROM <= age < lay.PUPIL_TO:
        return lay.WORKDAY
    return min(told, lay.CLASSES - 1)


@compiled
def place_key(lat: float, lon: float) -> int:
    """The key of the cell that a place lies in; 0 when there is none."""
    if math.isnan(lat) or math.isnan(lon):
        return 0
    return mix((np.int64(np.floor(lat / CELL_DEGREES)) << 20) ^ np.int64(np.floor(lon / CELL_DEGREES)))


@compiled
def _facts(
    w: int, own: int, t: int, local: int, day_us: int, day: int, x: float, category: int, merchant: int, payee: int,
    popularity: float, place: int, device: int, speed: float, dice: int,
) -> bool:  # fmt: skip
    """Write what is known of the event itself into `w`; False when it is no behaviour."""
    if day < 0 or (not x > 0.0 and merchant == 0 and payee == 0 and device == 0):
        return False
    store_i8(w + 8 * lay.W_T, t)
    store_i8(w + 8 * lay.W_CLASS, day)
    store_i8(w + 8 * lay.W_HALF, local % day_us // HALF_HOUR_US)
    channel = lay.TRANSFER if payee != 0 else lay.PURCHASE
    store_i8(w + 8 * lay.W_CHANNEL, channel if x > 0.0 else lay.OTHER)
    store_i8(w + 8 * lay.W_CATEGORY, min(category, lay.CATEGORIES) - 1)
    store_f8(w + 8 * lay.W_LOG, max(log2(x), 0.0) if x > 0.0 else -2.0)
    store_i8(w + 8 * lay.W_KIND, lay.PAYEES if payee != 0 else lay.MERCHANTS)
    store_i8(w + 8 * lay.W_PARTY, payee if payee != 0 else merchant)
    store_i8(w + 8 * lay.W_RANK, min(np.int64(2.0 * log2(popularity + 1.0)), RANK_MAX))
    store_i8(w + 8 * lay.W_PLACE, place)
    store_i8(w + 8 * lay.W_DEVICE, device)
    store_f8(w + 8 * lay.W_SPEED, speed if speed >= 0.0 else -1.0)
    store_i8(w + 8 * lay.W_DICE, mix(t ^ dice) & 0x7FFFFFFFFFFFFFFF)
    store_f8(w + 8 * lay.W_RESIDUAL, 0.0)
    store_f8(w + 8 * lay.W_CENTRE, 0.0)
    store_f8(w + 8 * lay.W_ANCHOR, 1.0)
    _pace(w, own, t)
    return True


@compiled
def _pace(w: int, own: int, t: int) -> None:
    """How long since the last event and since the fourth before it; a clock that goes backwards counts as no time."""
    seen = np.int64(load_u4(own + lay.O_SEEN))
    dt = max(t - load_i8(own + lay.O_LAST), 0) if seen > 0 else 0
    store_f8(w + 8 * lay.W_DT, np.float64(dt))
    store_f8(w + 8 * lay.W_LEFT, half_to(dt / lay.HALF_LIFE_US))
    store_f8(w + 8 * lay.W_LEFT_SLOWLY, half_to(dt / lay.HALF_LIFE_ANCHOR_US))
    store_i8(w + 8 * lay.W_GAP, -1)
    store_i8(w + 8 * lay.W_TEMPO, -1)
    if seen > 0:
        _span(w, dt * 1e-6, lay.W_GAP, lay.W_GAP_PART)
    if seen >= lay.PAST:
        span = max(t - load_i8(own + lay.O_PAST + 8 * (seen % lay.PAST)), 0) * 1e-6
        store_f8(w + 8 * lay.W_SPAN, span)
        _span(w, span, lay.W_TEMPO, lay.W_TEMPO_PART)


@compiled
def _span(w: int, seconds: float, at: int, part_at: int) -> None:
    z = log2(seconds + 1.0)
    k = min(np.int64(z), lay.SPANS - 2)
    store_i8(w + 8 * at, k)
    store_f8(w + 8 * part_at, min(z - k, 1.0))


@compiled
def behaviour(
    own: int, peers: int, all_peers: int, everybody: int, w: int, scale: float, out: int, t: int, local: int,
    day_us: int, told: int, age: float, risk: float, from_new: bool, x: float, category: int, merchant: int, payee: int,
    is_new: int, popularity: float, place: int, device: int, speed: float, dice: int,
) -> int:  # fmt: skip
    """Judge, emit 56 features, learn; returns the receipt of what was learned (0: this is no behaviour).

    told: the calendar class of the day, or below 0 what is not the customer's own doing; risk: its rating, or NaN;
    from_new: whether the other party of money that comes in is new; is_new: whether the shop is (-1: there is none).
    """
    if told == lay.CALL or told == lay.MESSAGE:
        hear(own, t, told, risk)
    elif told == lay.DEPOSIT:
        come_in(own, peers, t, x, from_new)
    elif told == lay.LIMIT:
        raise_limit(own, t)
    day = day_class(told, age)
    if not _facts(w, own, t, local, day_us, day, x, category, merchant, payee, popularity, place, device, speed, dice):
        return 0
    store_i8(w + 8 * lay.W_ALL, all_peers)
    look(own, peers, everybody, w)
    usual(own, w, scale, out)
    channel = load_i8(w + 8 * lay.W_CHANNEL)
    o = out + 4 * lay.D
    for v in range(len(lay.VIEWS)):
        h = view_of(peers, v, channel)
        here = calibrated(h, lay.VIEW_BINS, lay.VIEW_STEP, load_f8(w + 8 * (lay.W_VIEW + v)))
        store_f4(o + 4 * v, np.float32(here))
    last = out + 4 * (len(lay.NAMES) + len(lay.NAMES_USUAL) - 1)
    if day == lay.WORKDAY and lay.PUPIL_FROM <= age < lay.PUPIL_TO:
        store_f4(last - 20, load_f4(o + 4 * lay.HABIT))
        store_f4(last - 16, load_f4(out + 4 * lay.HOUR))
        store_f4(last - 12, load_f4(out + 4 * lay.AMOUNT))
    look_strangers(own, everybody, w, is_new if payee == 0 else -1, last - 8)
    o += 4 * len(lay.VIEWS)
    store_f4(o, np.float32(load_f8(w + 8 * lay.W_BITS_ALL)))
    store_f4(o + 4, np.float32(load_f8(w + 8 * lay.W_WARM)))
    receipt = learn(own, peers, all_peers, everybody, w)
    weight = half_to(load_i8(w + 8 * lay.W_CODE) / lay.CODES_PER_HALVING)
    store_f4(last, np.float32(weight))
    return receipt


@compiled
def behaviour_label(
    own: int, w: int, said: int, unexplained: int, t: int, local: int, day_us: int, day: int, x: float, category: int,
    merchant: int, payee: int, place: int, device: int, dice: int,
) -> int:  # fmt: skip
    """The verdict on an earlier event (0, 1), or that it is held (2); returns its receipt from now on.

    `unexplained` are the bits of the number that carries the receipt.
    """
    receipt = unexplained & ((1 << lay.RECEIPT_BITS) - 1)
    if receipt == 0 or not _facts(
        w, own, t, local, day_us, day, x, category, merchant, payee, 0.0, place, device, -1.0, dice
    ):
        return receipt
    return settle(own, w, said, receipt)
