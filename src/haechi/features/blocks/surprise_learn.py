"""Learn what was looked at: damped where it is surprising, never in the calibration, and so that it can be taken back.

Who pays in somebody else's name must not teach the memory that this is usual: an event rarer than 1 in 100 is learned
with weight p / 0.01, at least 1/20, and no more than that of every event that is held. When its verdict arrives, the
rest is learned (good) or the weight is taken back (fraud). What that needs and the memory forgets - weight, gap, tempo,
residual, who was new - is the receipt: 29 bits that travel in the lowest bits of the event's "unexplained" number,
where the journal keeps them.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks import surprise_layout as lay
from haechi.features.blocks.calibration import count, rebuild, shrink
from haechi.features.blocks.cells import bytes_add
from haechi.features.blocks.habit import share_out
from haechi.features.blocks.level import centre_of, level_learn, peers_learn
from haechi.features.blocks.logarithm import half_to
from haechi.features.blocks.news import count_runs, judge_news
from haechi.features.blocks.novelty import find, least_used, slot_add
from haechi.features.blocks.passed import amount_of
from haechi.features.blocks.strangers import learn_strangers
from haechi.features.blocks.surprise import (
    HISTOGRAM,
    SUM_HISTOGRAM,
    centre_at,
    is_fresh,
    place_rank,
    view_of,
)
from haechi.features.control import HELD
from haechi.features.jit import compiled
from haechi.features.words import (
    as_bits,
    from_bits,
    load_f4,
    load_f8,
    load_i8,
    load_u4,
    store_f4,
    store_f8,
    store_i8,
    store_u2,
    store_u4,
    zero_bytes,
)

__all__ = ["learn", "settle", "with_receipt"]

REBUILD_EVENTS, REBUILD_EARLY, EARLY = 4_096, 256, 8_192
SHARES_EVENTS, SHARES_EARLY = 512, 64
WEIGHT_MAX = 1e6
LN_2 = 0.6931471805599453
NEIGHBOURS = ((0, 0.5), (1, 0.25), (-1, 0.25))  # an hour is known to about half an hour


@compiled
def learn(own: int, peers: int, all_peers: int, everybody: int, w: int) -> int:
    """Learn the event in `w`; returns its receipt."""
    code = 0
    every = load_f8(w + 8 * lay.W_BITS_ALL)
    if load_f8(everybody + lay.E_EVENTS) >= lay.DAMP_AFTER and every > lay.DAMP_BITS:
        code = min(np.int64((every - lay.DAMP_BITS) * lay.CODES_PER_HALVING), lay.CODE_MAX)
    weight = half_to(code / lay.CODES_PER_HALVING)
    store_i8(w + 8 * lay.W_CODE, code)
    _calibrate(own, peers, all_peers, everybody, w)
    _teach(own, peers, w, weight)
    if all_peers != peers:
        _teach(own, all_peers, w, weight)
    _teach_popularity(everybody, w)
    learn_strangers(own, everybody, w, weight)
    if load_f8(w + 8 * (lay.W_RAW + lay.AMOUNT)) < 0.0:
        store_f8(w + 8 * lay.W_RESIDUAL, 0.0)  # while nobody knows what is much, she is as all others
    _forget(own, w)
    _remember(own, w, weight)
    _keep_time(own, w)
    return _receipt(w)


@compiled
def _receipt(w: int) -> int:
    residual = np.int64(load_f8(w + 8 * lay.W_RESIDUAL) * 16.0) + 512
    gap, tempo = load_i8(w + 8 * lay.W_GAP) + 1, load_i8(w + 8 * lay.W_TEMPO) + 1
    new = 0
    for i in range(3):
        new |= (1 if load_i8(w + 8 * (lay.W_PARTY_SLOT + i)) < 0 else 0) << i
    return load_i8(w + 8 * lay.W_CODE) | (min(gap, 31) << 6) | (min(tempo, 31) << 11) | (residual << 16) | (new << 26)


@compiled
def with_receipt(unexplained: float, receipt: int) -> float:
    """A number from 0 to 1 that carries a receipt in its lowest bits; it changes by less than 1e-7."""
    bits = as_bits(min(unexplained, 1.0 - 1e-7))
    return from_bits(((bits >> lay.RECEIPT_BITS) << lay.RECEIPT_BITS) | receipt)


@compiled
def _calibrate(own: int, peers: int, all_peers: int, everybody: int, w: int) -> None:
    channel = load_i8(w + 8 * lay.W_CHANNEL)
    events = load_f8(everybody + lay.E_EVENTS) + 1.0
    weight = max(load_f8(everybody + lay.E_WEIGHT), 1.0) * (1.0 + LN_2 / lay.CALIBRATION_HALF_LIFE)
    store_f8(everybody + lay.E_EVENTS, events)
    store_f8(everybody + lay.E_WEIGHT, weight)
    for d in range(lay.D):
        raw = load_f8(w + 8 * (lay.W_RAW + d))
        if raw >= 0.0:
            h = everybody + lay.E_DIMENSIONS + (channel * lay.D + d) * HISTOGRAM
            count(h, lay.DIMENSION_BINS, lay.DIMENSION_STEP, raw, weight)
    count(
        everybody + lay.E_SUM + channel * SUM_HISTOGRAM,
        lay.SUM_BINS,
        lay.SUM_STEP,
        load_f8(w + 8 * lay.W_TOTAL),
        weight,
    )
    age = load_i8(w + 8 * lay.W_AGE)
    if age >= 0:
        _more(everybody + lay.E_AGES + 4 * age, weight)
    count_runs(own, everybody, w)
    for i in range(2):
        group = peers if i == 0 else all_peers
        if i == 0 or all_peers != peers:
            growing = max(load_f8(group + lay.G_WEIGHT), 1.0) * (1.0 + LN_2 / lay.VIEW_HALF_LIFE)
            store_f8(group + lay.G_WEIGHT, growing)
            for v in range(len(lay.VIEWS)):
                raw = load_f8(w + 8 * (lay.W_VIEW + v))
                count(view_of(group, v, channel), lay.VIEW_BINS, lay.VIEW_STEP, raw, growing)
    n = np.int64(events)
    if n % REBUILD_EVENTS == 0 or (n < EARLY and n % REBUILD_EARLY == 0) or n == 1:
        _rebuild_everybody(everybody)
    for i in range(2):
        group = peers if i == 0 else all_peers
        if i == 0 or all_peers != peers:
            _count_group(group, all_peers)


@compiled
def _rebuild_everybody(everybody: int) -> None:
    judge_news(everybody)
    weight = load_f8(everybody + lay.E_WEIGHT)
    small = weight > WEIGHT_MAX
    for channel in range(lay.CHANNELS):
        for d in range(lay.D):
            h = everybody + lay.E_DIMENSIONS + (channel * lay.D + d) * HISTOGRAM
            if small:
                shrink(h, lay.DIMENSION_BINS, 1.0 / weight)
            rebuild(h, lay.DIMENSION_BINS, lay.DIMENSION_STEP, lay.SHAPES[d], 0, 1.0 if small else weight)
        h = everybody + lay.E_SUM + channel * SUM_HISTOGRAM
        if small:
            shrink(h, lay.SUM_BINS, 1.0 / weight)
        rebuild(h, lay.SUM_BINS, lay.SUM_STEP, lay.SUM_SHAPE, 0, 1.0 if small else weight)
    if small:
        for j in range(lay.AGES):
            at = everybody + lay.E_AGES + 4 * j
            store_f4(at, np.float32(np.float64(load_f4(at)) / weight))
        store_f8(everybody + lay.E_WEIGHT, 1.0)


@compiled
def _count_group(group: int, all_peers: int) -> None:
    """Count the event in its group; now and then work out the group's shares, centres and views anew."""
    events = load_f8(group + lay.G_EVENTS) + 1.0
    store_f8(group + lay.G_EVENTS, events)
    n = np.int64(events)
    if n % SHARES_EVENTS == 0 or (n < EARLY and n % SHARES_EARLY == 0) or n & (n - 1) == 0:
        for first, size in (
            (0, lay.HOURS), (lay.HOURS, lay.HOURS), (2 * lay.HOURS, lay.HOURS), (3 * lay.HOURS, lay.HOURS),
            (4 * lay.HOURS, lay.HOURS), (lay.AT_CATEGORIES, 32), (lay.AT_GAPS, 32), (lay.AT_TEMPOS, 32),
        ):  # fmt: skip
            counts = lay.G_COUNTS + 4 * first
            share_out(group + counts, all_peers + counts, size, group + lay.G_SHARES + 4 * first)
        for k in range(lay.CENTRES):
            here = centre_of(group + lay.G_CENTRES, all_peers + lay.G_CENTRES, lay.CENTRES, k)
            store_f4(group + lay.G_CENTRE + 4 * k, np.float32(here))
        if n <= SHARES_EARLY:  # what was learned against the first few prices is worth nothing
            zero_bytes(group + lay.G_LEVEL, 2 * lay.PEER_BYTES)
    if n % REBUILD_EVENTS == 0 or (n < EARLY and n % REBUILD_EARLY == 0) or n == 1:
        _rebuild_views(group, all_peers, n)


@compiled
def _rebuild_views(group: int, all_peers: int, n: int) -> None:
    weight = load_f8(group + lay.G_WEIGHT)
    small = weight > WEIGHT_MAX
    for v in range(len(lay.VIEWS)):
        for channel in range(lay.CHANNELS):
            h = view_of(group, v, channel)
            if small:
                shrink(h, lay.VIEW_BINS, 1.0 / weight)
            prior = view_of(all_peers, v, channel) if group != all_peers and n > 1 else 0
            rebuild(h, lay.VIEW_BINS, lay.VIEW_STEP, lay.VIEW_SHAPES[v], prior, 1.0 if small else weight)
    if small:
        store_f8(group + lay.G_WEIGHT, 1.0)


@compiled
def _teach(own: int, group: int, w: int, weight: float) -> None:
    """Let a peer group learn the event; call before the customer does."""
    day, k = load_i8(w + 8 * lay.W_CLASS), load_i8(w + 8 * lay.W_HALF)
    counts = group + lay.G_COUNTS
    for step, share in NEIGHBOURS:
        _more(counts + 4 * (lay.HOURS * day + (k + step + lay.HOURS) % lay.HOURS), weight * share)
    category, channel = load_i8(w + 8 * lay.W_CATEGORY), load_i8(w + 8 * lay.W_CHANNEL)
    if category >= 0:
        _more(counts + 4 * (lay.AT_CATEGORIES + category), weight)
    for first, at in ((lay.AT_GAPS, lay.W_GAP), (lay.AT_TEMPOS, lay.W_TEMPO)):
        if load_i8(w + 8 * at) >= 0:
            _more(counts + 4 * (first + load_i8(w + 8 * at)), weight)
    if load_f8(w + 8 * lay.W_LOG) > -1.0:
        own_level = own + lay.O_LEVEL + lay.LEVEL_BYTES * channel
        peers_learn(group + lay.G_LEVEL + lay.PEER_BYTES * channel, own_level, load_f8(w + 8 * lay.W_RESIDUAL), weight)
        if centre_at(w) >= 0:
            sums = group + lay.G_CENTRES + 16 * centre_at(w)
            store_f8(sums, load_f8(sums) + weight * load_f8(w + 8 * lay.W_LOG))
            store_f8(sums + 8, load_f8(sums + 8) + weight)
    for i in range(3):
        if is_met(w, i):
            kind = load_i8(w + 8 * lay.W_KIND) if i == 0 else i + 1
            tenure = tenure_of(own, kind)
            rates = group + lay.G_NOVELTY + 8 * (lay.TENURES * kind + tenure)
            _more(rates, weight)
            if load_i8(w + 8 * (lay.W_PARTY_SLOT + i)) < 0:
                _more(rates + 4, weight)


@compiled
def key_of(i: int) -> int:
    """Where the key of the i-th open kind of an event stands: party, place, device."""
    return lay.W_PARTY if i == 0 else (lay.W_PLACE if i == 1 else lay.W_DEVICE)


@compiled
def is_met(w: int, i: int) -> bool:
    """Whether the event is with somebody of the i-th open kind; to enter a payee without paying makes nobody known."""
    if i == 0 and load_i8(w + 8 * lay.W_KIND) == lay.PAYEES and not load_f8(w + 8 * lay.W_LOG) > -1.0:
        return False
    return load_i8(w + 8 * key_of(i)) != 0


@compiled
def tenure_of(own: int, kind: int) -> int:
    """Log2 of how many events of this kind the customer had."""
    n, tenure = np.int64(load_u4(own + lay.O_OPEN + 12 * kind + 8)) + 1, 0
    while n > 1 and tenure < lay.TENURES - 1:
        n >>= 1
        tenure += 1
    return tenure


@compiled
def _more(at: int, weight: float) -> None:
    store_f4(at, np.float32(np.float64(load_f4(at)) + weight))


@compiled
def _teach_popularity(everybody: int, w: int) -> None:
    place = load_i8(w + 8 * lay.W_PLACE)
    merchant = load_i8(w + 8 * lay.W_PARTY) != 0 and load_i8(w + 8 * lay.W_KIND) == lay.MERCHANTS
    if merchant and load_i8(w + 8 * lay.W_PARTY_SLOT) < 0:
        _more(everybody + lay.E_RANKS + 4 * load_i8(w + 8 * lay.W_RANK), 1.0)
    if place != 0:
        if load_i8(w + 8 * lay.W_PLACE_SLOT) < 0:
            _more(everybody + lay.E_RANKS + 4 * (lay.RANKS + place_rank(everybody, place)), 1.0)
        _more(everybody + lay.E_PLACES + 4 * ((place >> 20) & (lay.PLACE_COUNTS - 1)), 1.0)


@compiled
def _forget(own: int, w: int) -> None:
    """Let time pass: worths and sums fade, cells stay as they are."""
    left = load_f8(w + 8 * lay.W_LEFT)
    for i in range(5):
        at = own + lay.O_WORTH + 4 * i
        store_f4(at, np.float32(np.float64(load_f4(at)) * left))
    for kind in range(lay.OPEN):
        for i in range(2):
            at = own + lay.O_OPEN + 12 * kind + 4 * i
            store_f4(at, np.float32(np.float64(load_f4(at)) * left))
    for channel in range(2):
        level_at = own + lay.O_LEVEL + lay.LEVEL_BYTES * channel
        level_learn(level_at, left, load_f8(w + 8 * lay.W_LEFT_SLOWLY), 0.0, 0.0, 0.0)
    for at in (own + lay.O_MEAN_N, own + lay.O_MEAN):
        store_f4(at, np.float32(np.float64(load_f4(at)) * left))


@compiled
def _remember(own: int, w: int, weight: float) -> None:
    """The customer's own counts learn the event with a weight; a negative one takes it back."""
    dice = load_i8(w + 8 * lay.W_DICE)
    day, k = load_i8(w + 8 * lay.W_CLASS), load_i8(w + 8 * lay.W_HALF)
    for step, share in NEIGHBOURS:
        at = lay.HOURS * day + (k + step + lay.HOURS) % lay.HOURS
        bytes_add(own + lay.O_HOURS, lay.HOURS * lay.CLASSES, own + lay.O_WORTH, at, weight * share, dice >> (step & 3))
    for i in range(3):
        k = load_i8(w + 8 * (lay.W_CATEGORY if i == 0 else (lay.W_GAP if i == 1 else lay.W_TEMPO)))
        if k >= 0:
            bytes_add(own + lay.O_CATEGORIES + 32 * i, 32, own + lay.O_WORTH + 4 * (i + 1), k, weight, dice >> (4 + i))
    if load_f8(w + 8 * lay.W_LOG) > -1.0:
        at = own + lay.O_LEVEL + lay.LEVEL_BYTES * load_i8(w + 8 * lay.W_CHANNEL)
        anchor_weight = weight * load_f8(w + 8 * lay.W_ANCHOR)
        level_learn(at, 1.0, 1.0, load_f8(w + 8 * lay.W_RESIDUAL), weight, anchor_weight)
    for i in range(3):
        if is_met(w, i):
            _remember_one(own, w, i, weight, dice)


@compiled
def _remember_one(own: int, w: int, i: int, weight: float, dice: int) -> None:
    """Whom or what the event was with."""
    kind = load_i8(w + 8 * lay.W_KIND) if i == 0 else i + 1
    slots, size = own + lay.O_SLOTS + 8 * lay.SLOT_FIRST[kind], lay.SLOTS[kind]
    key, minutes = load_i8(w + 8 * key_of(i)), load_i8(w + 8 * lay.W_T) // 60_000_000
    print_ = ((key >> 24) | 1) & 0xFFFFFFFF
    s = find(slots, size, print_)
    if s < 0 and weight > 0.0:
        s = least_used(slots, size)
        store_u4(slots + 8 * s, np.uint32(print_))
        store_u2(slots + 8 * s + 4, np.uint16(0))
        store_u2(slots + 8 * s + 6, np.uint16((minutes // 1440) & 0xFFFF))
        if kind == lay.DEVICES:
            store_u4(own + lay.O_FIRST + 4 * s, np.uint32(minutes & 0xFFFFFFFF))
    if s >= 0:
        slot_add(slots, size, own + lay.O_WORTH + 16, own + lay.O_SLOTS, lay.ALL_SLOTS, s, weight, dice)
    sizes = own + lay.O_OPEN + 12 * kind
    store_f4(sizes, np.float32(max(np.float64(load_f4(sizes)) + weight, 0.0)))
    if load_i8(w + 8 * (lay.W_PARTY_SLOT + i)) < 0:
        store_f4(sizes + 4, np.float32(max(np.float64(load_f4(sizes + 4)) + weight, 0.0)))
    if load_i8(w + 8 * lay.W_CODE) >= 0:
        store_u4(sizes + 8, np.uint32(load_u4(sizes + 8) + np.uint32(1)))


@compiled
def _keep_time(own: int, w: int) -> None:
    """Last times, heat, the customer's own mean surprise, and links to odd events for later ones."""
    t, every = load_i8(w + 8 * lay.W_T), load_f8(w + 8 * lay.W_BITS_ALL)
    seen = np.int64(load_u4(own + lay.O_SEEN))
    store_i8(own + lay.O_PAST + 8 * (seen % lay.PAST), t)
    store_u4(own + lay.O_SEEN, np.uint32(min(seen + 1, 4_000_000_000)))
    store_i8(own + lay.O_LAST, max(load_i8(own + lay.O_LAST), t))
    store_f4(own + lay.O_OUT, np.float32(load_f8(w + 8 * lay.W_OUT)))
    if load_f8(w + 8 * lay.W_PASSED) > 0.0:
        store_f4(own + lay.O_GONE, np.float32(load_f8(w + 8 * lay.W_PASSED)))
    # A device that was new an hour ago is old news: it is odd again at each use, and would heat up by itself.
    fresh = every
    if load_i8(w + 8 * lay.W_DEVICE_SLOT) >= 0:
        fresh -= load_f8(w + 8 * (lay.W_BITS + lay.DEVICE))
    heat = min(load_f8(w + 8 * lay.W_WARM) + max(fresh - lay.HEAT_FLOOR, 0.0), lay.HEAT_MAX)
    store_f4(own + lay.O_HEAT, np.float32(heat))
    _more(own + lay.O_MEAN_N, 1.0)
    _more(own + lay.O_MEAN, load_f8(w + 8 * lay.W_TOTAL))
    if every < lay.ODD_BITS:
        return
    for i in range(lay.LINKS - 1, 0, -1):
        for j in range(2):
            store_i8(own + lay.O_LINKS + 16 * i + 8 * j, load_i8(own + lay.O_LINKS + 16 * (i - 1) + 8 * j))
    strongest = 0
    for d in range(1, lay.D):
        if load_f8(w + 8 * (lay.W_BITS + d)) > load_f8(w + 8 * (lay.W_BITS + strongest)):
            strongest = d
    store_i8(own + lay.O_LINKS, t)
    store_f4(own + lay.O_LINKS + 8, np.float32(every))
    store_u4(own + lay.O_LINKS + 12, np.uint32(strongest))


@compiled
def _take_back_outflow(own: int, w: int, age: int) -> None:
    """What a fraud sent to a payee not known for long no longer counts as sent by the customer."""
    if load_i8(w + 8 * lay.W_CHANNEL) != lay.TRANSFER:
        return
    print_ = ((load_i8(w + 8 * lay.W_PARTY) >> 24) | 1) & 0xFFFFFFFF
    slots = own + lay.O_SLOTS + 8 * lay.SLOT_FIRST[lay.PAYEES]
    if is_fresh(own, w, find(slots, lay.SLOTS[lay.PAYEES], print_)):
        sent = amount_of(load_f8(w + 8 * lay.W_LOG)) * half_to(age / lay.OUT_HALF_LIFE_US)
        store_f4(own + lay.O_OUT, np.float32(max(np.float64(load_f4(own + lay.O_OUT)) - sent, 0.0)))


@compiled
def settle(own: int, w: int, said: int, receipt: int) -> int:
    """The verdict on an event that was learned: take its weight back (fraud), or learn the rest (good).

    Where it is held until there is one, all but the least weight is taken back. Returns its receipt from now on.
    """
    last = load_i8(own + lay.O_LAST)
    if load_u4(own + lay.O_SEEN) == 0:
        return receipt
    code, fraud = receipt & 63, said == 1
    weight = half_to(code / lay.CODES_PER_HALVING)
    change = -weight if fraud else 1.0 - weight
    if said == HELD:
        change = half_to(lay.CODE_MAX / lay.CODES_PER_HALVING) - weight
        receipt += lay.CODE_MAX - code
    if change == 0.0:
        return receipt
    age = max(last - load_i8(w + 8 * lay.W_T), 0)
    if fraud:
        _take_back_outflow(own, w, age)
    store_i8(w + 8 * lay.W_GAP, ((receipt >> 6) & 31) - 1)
    store_i8(w + 8 * lay.W_TEMPO, ((receipt >> 11) & 31) - 1)
    store_f8(w + 8 * lay.W_RESIDUAL, (((receipt >> 16) & 1023) - 512) / 16.0)
    for i in range(3):
        store_i8(w + 8 * (lay.W_PARTY_SLOT + i), -1 if (receipt >> (26 + i)) & 1 else 0)
    store_i8(w + 8 * lay.W_CODE, -1)
    left = half_to(age / lay.HALF_LIFE_US)
    store_f8(w + 8 * lay.W_ANCHOR, half_to(age / lay.HALF_LIFE_ANCHOR_US) / max(left, 1e-12))
    _remember(own, w, change * left)
    return receipt
