"""Surprise in bits: how unlike its customer an event is, kind by kind, calibrated on the recent stream. Needs no label.

Each kind (hour, amount, category, ...) gets a tail probability under the customer's own habit, shrunk to her peers';
calibration turns it into bits: one in 2^bits events is this unusual for its customer. Their sum, the sum with recent
surprise ("heat") and three views are calibrated again. What was looked at stands in the working space `w`; what is then
learned and emitted reads it there (surprise_learn.py, usual.py).
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks import surprise_layout as lay
from haechi.features.blocks.calibration import calibrated, histogram_bytes
from haechi.features.blocks.cells import WORTH, worth_of
from haechi.features.blocks.habit import LOWER, UNORDERED, judge_strength, predict, tail
from haechi.features.blocks.level import level
from haechi.features.blocks.logarithm import half_to, log2
from haechi.features.blocks.news import news_of
from haechi.features.blocks.novelty import age_share, find, novelty_rate, popularity_share, share_not_above
from haechi.features.blocks.passed import amount_of, look_passed
from haechi.features.jit import compiled
from haechi.features.words import (
    load_f4,
    load_f8,
    load_i8,
    load_u1,
    load_u2,
    load_u4,
    store_f4,
    store_f8,
    store_i8,
    store_u4,
)

__all__ = ["look", "strength_of", "view_of"]

NOTHING = -1.0  # raw surprise of a kind that does not apply
LEVEL_SHIFT, LEVEL_SCALE = 3.0, 2.0  # z is kept as 2 (z + 3), so that it fits the calibration's bins
P_MIN = 1e-12
SPEED_SLOPE, SPEED_FREE = 4.0, 8.0  # bits of a doubling of the speed, beyond 255 km/h
HISTOGRAM = histogram_bytes(lay.DIMENSION_BINS)
SUM_HISTOGRAM, VIEW_HISTOGRAM = histogram_bytes(lay.SUM_BINS), histogram_bytes(lay.VIEW_BINS)
JUDGED_EVERY = 8  # strengths learn from one event in so many, each kind in its turn


@compiled
def strength_of(peers: int, kind: int) -> float:
    """How strongly this kind of habit is shrunk to the peers'."""
    found = load_f8(peers + lay.G_STRENGTHS + 8 * kind)
    return found if found > 0.0 else lay.STRENGTH_DEFAULT


@compiled
def view_of(peers: int, view: int, channel: int) -> int:
    """The histogram of a view in a channel."""
    return peers + lay.G_VIEWS + (view * lay.CHANNELS + channel) * VIEW_HISTOGRAM


@compiled
def look(own: int, peers: int, everybody: int, w: int) -> None:
    """Judge the event whose facts stand in `w`: raw surprise, bits and views are written beside them."""
    for d in range(lay.D):
        store_f8(w + 8 * (lay.W_RAW + d), NOTHING)
    store_i8(w + 8 * lay.W_AGE, -1)
    _look_hour(own, peers, everybody, w)
    _look_amount(own, peers, w)
    if load_i8(w + 8 * lay.W_CATEGORY) >= 0:
        at = load_i8(w + 8 * lay.W_CATEGORY)
        _look_closed(own, peers, everybody, w, 1, at, 0.0, lay.CATEGORY, UNORDERED)
    if load_i8(w + 8 * lay.W_GAP) >= 0:
        at, part = load_i8(w + 8 * lay.W_GAP), load_f8(w + 8 * lay.W_GAP_PART)
        _look_closed(own, peers, everybody, w, 2, at, part, lay.GAP, LOWER)
    if load_i8(w + 8 * lay.W_TEMPO) >= 0:
        at, part = load_i8(w + 8 * lay.W_TEMPO), load_f8(w + 8 * lay.W_TEMPO_PART)
        _look_closed(own, peers, everybody, w, 3, at, part, lay.TEMPO, LOWER)
    _look_open(own, peers, everybody, w, load_i8(w + 8 * lay.W_KIND), lay.W_PARTY, lay.W_PARTY_SLOT, lay.PARTY)
    _look_open(own, peers, everybody, w, lay.PLACES, lay.W_PLACE, lay.W_PLACE_SLOT, lay.PLACE)
    _look_open(own, peers, everybody, w, lay.DEVICES, lay.W_DEVICE, lay.W_DEVICE_SLOT, lay.DEVICE)
    _look_outflow(own, w)
    _look_heard(own, w)
    look_passed(own, peers, w)
    speed = load_f8(w + 8 * lay.W_SPEED)
    if speed >= 0.0:
        # Absolute, not personal: nobody travels faster than an airliner.
        store_f8(w + 8 * (lay.W_RAW + lay.TRAVEL), max(SPEED_SLOPE * (log2(1.0 + speed) - SPEED_FREE), 0.0))
    _add_up(own, peers, everybody, w)


@compiled
def _raw(w: int, d: int, p: float) -> None:
    store_f8(w + 8 * (lay.W_RAW + d), -log2(min(max(p, P_MIN), 1.0)))


@compiled
def _look_hour(own: int, peers: int, everybody: int, w: int) -> None:
    """The half-hour on days of this class; own other days count for up to 0.3 of what is expected."""
    day, k = load_i8(w + 8 * lay.W_CLASS), load_i8(w + 8 * lay.W_HALF)
    worth = worth_of(own + lay.O_WORTH, WORTH) * load_f8(w + 8 * lay.W_LEFT)
    alpha = strength_of(peers, 0)
    cells, values = own + lay.O_HOURS + lay.HOURS * day, w + 8 * lay.W_HOURS
    shares = peers + lay.G_SHARES + 4 * lay.HOURS * day
    mass = predict(cells, worth, shares, lay.HOURS, alpha, values)
    others = 0.0
    for j in range(lay.HOURS * lay.CLASSES):
        others += np.float64(load_u1(own + lay.O_HOURS + j))
    others = others * worth - mass
    lent = lay.OTHER_CLASSES * others / (others + alpha)
    if lent > 0.0:
        for j in range(lay.HOURS):
            elsewhere = 0.0
            for c in range(lay.CLASSES):
                elsewhere += np.float64(load_u1(own + lay.O_HOURS + lay.HOURS * c + j))
            here = np.float64(load_u1(cells + j))
            prior = (1.0 - lent) * np.float64(load_f4(shares + 4 * j)) + lent * (elsewhere - here) * worth / others
            store_f8(values + 8 * j, here * worth + alpha * prior)
    store_f8(w + 8 * lay.W_OWN_HOURS, mass)
    _raw(w, lay.HOUR, tail(values, lay.HOURS, k, 0.0, UNORDERED))
    at = np.float64(load_u1(cells + k)) * worth
    _judge(peers, everybody, 0, mass, at, (load_f8(values + 8 * k) - at) / alpha)


@compiled
def _judge(peers: int, everybody: int, kind: int, own: float, at: float, share: float) -> None:
    if own > 0.0 and (np.int64(load_f8(everybody + lay.E_EVENTS)) + kind) % JUDGED_EVERY == 0:
        likelihoods = peers + lay.G_LIKELIHOODS + 8 * lay.STRENGTHS * kind
        judge_strength(likelihoods, peers + lay.G_STRENGTHS + 8 * kind, own, at, max(share, 1e-9))


@compiled
def _look_closed(
    own: int, peers: int, everybody: int, w: int, kind: int, k: int, part: float, d: int, order: int
) -> None:
    """Category, gap or tempo (kind 1, 2, 3): the tail probability of cell k."""
    first = lay.AT_CATEGORIES + lay.CATEGORIES * (kind - 1)
    cells, values = own + lay.O_CATEGORIES + lay.CATEGORIES * (kind - 1), w + 8 * (lay.W_CATEGORIES + 32 * (kind - 1))
    worth = worth_of(own + lay.O_WORTH + 4 * kind, WORTH) * load_f8(w + 8 * lay.W_LEFT)
    alpha = strength_of(peers, kind)
    mass = predict(cells, worth, peers + lay.G_SHARES + 4 * first, lay.CATEGORIES, alpha, values)
    _raw(w, d, tail(values, lay.CATEGORIES, k, part, order))
    at = np.float64(load_u1(cells + k)) * worth
    _judge(peers, everybody, kind, mass, at, (load_f8(values + 8 * k) - at) / alpha)


@compiled
def centre_at(w: int) -> int:
    """Which centre an amount is held against: of its category, of what has none, or none at all for a transfer."""
    category = load_i8(w + 8 * lay.W_CATEGORY)
    if category >= 0:
        return category
    return -1 if load_i8(w + 8 * lay.W_CHANNEL) == lay.TRANSFER else lay.CATEGORIES


@compiled
def _look_amount(own: int, peers: int, w: int) -> None:
    x = load_f8(w + 8 * lay.W_LOG)
    if not x > -1.0:
        return
    k = centre_at(w)
    centre = np.float64(load_f4(peers + lay.G_CENTRE + 4 * k)) if k >= 0 else 0.0
    if k >= 0 and centre == 0.0:
        centre = x  # the first amount of a group is what things cost there
    # In sixteenths of a doubling: what is learned can then be taken back exactly, from a few bits kept with the event.
    residual = np.floor(min(max(x - centre, -31.0), 31.0) * 16.0 + 0.5) / 16.0
    channel = load_i8(w + 8 * lay.W_CHANNEL)
    store_f8(w + 8 * lay.W_RESIDUAL, residual)
    store_f8(w + 8 * lay.W_CENTRE, centre)
    level(
        own + lay.O_LEVEL + lay.LEVEL_BYTES * channel,
        peers + lay.G_LEVEL + lay.PEER_BYTES * channel,
        load_f8(w + 8 * lay.W_LEFT),
        load_f8(w + 8 * lay.W_LEFT_SLOWLY),
        residual,
        w + 8 * lay.W_LEVEL,
    )
    if load_f8(peers + lay.G_LEVEL + lay.PEER_BYTES * channel) < lay.LEVEL_MIN:
        return  # nobody knows yet what is much here
    for d, z in ((lay.AMOUNT, load_f8(w + 8 * lay.W_UP)), (lay.SMALL, load_f8(w + 8 * lay.W_DOWN))):
        store_f8(w + 8 * (lay.W_RAW + d), LEVEL_SCALE * max(z + LEVEL_SHIFT, 0.0))


@compiled
def _look_open(own: int, peers: int, everybody: int, w: int, kind: int, key_at: int, slot_at: int, d: int) -> None:
    """Who or what the event is with; a key of 0 is nobody."""
    key = load_i8(w + 8 * key_at)
    store_i8(w + 8 * slot_at, -1)
    if key == 0:
        return
    sizes = own + lay.O_OPEN + 12 * kind
    left = load_f8(w + 8 * lay.W_LEFT)
    events, news = np.float64(load_f4(sizes)) * left, np.float64(load_f4(sizes + 4)) * left
    tenure = min(np.int64(log2(np.float64(load_u4(sizes + 8)) + 1.0)), lay.TENURES - 1)
    rates = lay.G_NOVELTY + 8 * lay.TENURES * kind
    rate = novelty_rate(peers + rates, load_i8(w + 8 * lay.W_ALL) + rates, tenure)
    alpha = strength_of(peers, 4 + kind)
    p_new = (news + alpha * rate) / (events + alpha)
    slots, count = own + lay.O_SLOTS + 8 * lay.SLOT_FIRST[kind], lay.SLOTS[kind]
    s = find(slots, count, ((key >> 24) | 1) & 0xFFFFFFFF)
    store_i8(w + 8 * slot_at, s)
    if s >= 0:
        used = share_not_above(slots, count, s)
        if kind == lay.DEVICES:
            store_i8(w + 8 * lay.W_AGE, _age_of(own, w, s))
            used = age_share(everybody + lay.E_AGES, load_i8(w + 8 * lay.W_AGE))
        p = p_new + (1.0 - p_new) * used
        _judge(peers, everybody, 4 + kind, events, events - news, 1.0 - rate)
    else:
        p = p_new
        rank = load_i8(w + 8 * lay.W_RANK) if kind == lay.MERCHANTS else place_rank(everybody, key)
        if kind == lay.MERCHANTS or kind == lay.PLACES:
            ranks = everybody + lay.E_RANKS + (4 * lay.RANKS if kind == lay.PLACES else 0)
            p *= popularity_share(ranks, rank)
        _judge(peers, everybody, 4 + kind, events, news, rate)
    _raw(w, d, p)


@compiled
def _age_of(own: int, w: int, s: int) -> int:
    """How long the device in slot s has been known: doublings of minutes."""
    minutes = load_i8(w + 8 * lay.W_T) // 60_000_000 - np.int64(load_u4(own + lay.O_FIRST + 4 * s))
    return min(np.int64(log2(np.float64(max(minutes, 0)) + 1.0)), lay.AGES - 1)


@compiled
def _look_outflow(own: int, w: int) -> None:
    """What went of late to payees not known for long, this payment included, beside what a single one usually is."""
    sent = np.float64(load_f4(own + lay.O_OUT)) * half_to(load_f8(w + 8 * lay.W_DT) / lay.OUT_HALF_LIFE_US)
    x = load_f8(w + 8 * lay.W_LOG)
    if load_i8(w + 8 * lay.W_CHANNEL) == lay.TRANSFER:
        raw = 0.0  # to somebody known for long: as usual as can be
        if is_fresh(own, w, load_i8(w + 8 * lay.W_PARTY_SLOT)):
            sent += amount_of(x)
            above = log2(sent) - load_f8(w + 8 * lay.W_CENTRE) - load_f8(w + 8 * lay.W_LEVEL)
            raw = LEVEL_SCALE * max(above / load_f8(w + 8 * lay.W_DEVIATION) + LEVEL_SHIFT, 0.0)
        if load_f8(w + 8 * (lay.W_RAW + lay.AMOUNT)) >= 0.0:
            store_f8(w + 8 * (lay.W_RAW + lay.OUTFLOW), raw)
    store_f8(w + 8 * lay.W_OUT, sent)


@compiled
def hear(own: int, t: int, told: int, risk: float) -> None:
    """A call or message that somebody rated from 0 to 1: the riskiest one of late is kept."""
    i = 0 if told == lay.CALL else 1
    at, minutes = own + lay.O_HEARD + 8 * i, t // 60_000_000
    stays = _minutes_since(at, minutes) <= lay.HEARD_MINUTES[i] and np.float64(load_f4(at)) > risk
    if risk >= 0.0 and not stays:
        store_f4(at, np.float32(min(risk, 1.0)))
        store_u4(at + 4, np.uint32(minutes & 0xFFFFFFFF))


@compiled
def _minutes_since(at: int, minutes: int) -> int:
    return (minutes - np.int64(load_u4(at + 4))) & 0xFFFFFFFF


@compiled
def _look_heard(own: int, w: int) -> None:
    """How risky what the customer heard before a transfer was: the riskier of call and message; 0 when long ago."""
    store_f8(w + 8 * lay.W_HEARD, 0.0)
    has_heard = load_i8(own + lay.O_HEARD) != 0 or load_i8(own + lay.O_HEARD + 8) != 0
    if load_i8(w + 8 * lay.W_CHANNEL) != lay.TRANSFER or not has_heard:
        return  # nobody tells what this customer hears
    for i in range(2):
        at = own + lay.O_HEARD + 8 * i
        since, risk = _minutes_since(at, load_i8(w + 8 * lay.W_T) // 60_000_000), np.float64(load_f4(at))
        if since <= lay.HEARD_MINUTES[i] and risk > load_f8(w + 8 * lay.W_HEARD):
            store_f8(w + 8 * lay.W_HEARD, risk)
            store_i8(w + 8 * lay.W_HEARD_MINUTES, since)
            store_i8(w + 8 * lay.W_HEARD_KIND, i)
    store_f8(w + 8 * (lay.W_RAW + lay.HEARD), lay.HEARD_SCALE * load_f8(w + 8 * lay.W_HEARD))


@compiled
def _drained(w: int) -> float:
    """What goes to new payees, the more if it follows something risky that the customer heard, or had just come in."""
    bits, out = w + 8 * lay.W_BITS, load_f8(w + 8 * (lay.W_BITS + lay.OUTFLOW))
    side = load_f8(bits + 8 * lay.HEARD) + load_f8(bits + 8 * lay.PASSED)
    return out + lay.PRIORS[lay.HEARD] * side if out > 0.0 else 0.0


@compiled
def is_fresh(own: int, w: int, s: int) -> bool:
    """Whether the payee in slot s (-1: in none) was first paid less than a month before the event in `w`."""
    if s < 0:
        return True
    today = load_i8(w + 8 * lay.W_T) // 86_400_000_000
    first = np.int64(load_u2(own + lay.O_SLOTS + 8 * (lay.SLOT_FIRST[lay.PAYEES] + s) + 6))
    return ((today - first) & 0xFFFF) < lay.FRESH_DAYS


@compiled
def place_rank(everybody: int, key: int) -> int:
    """How popular a place is, in half-octaves."""
    seen = np.float64(load_f4(everybody + lay.E_PLACES + 4 * ((key >> 20) & (lay.PLACE_COUNTS - 1))))
    return min(np.int64(2.0 * log2(seen + 1.0)), lay.RANKS - 1)


@compiled
def _add_up(own: int, peers: int, everybody: int, w: int) -> None:
    """Calibrate each kind, add the bits, calibrate the sum, its run and the views."""
    channel = load_i8(w + 8 * lay.W_CHANNEL)
    raw, bits = w + 8 * lay.W_RAW, w + 8 * lay.W_BITS
    total, place, amount = 0.0, 0.0, 0.0
    for d in range(lay.D):
        here = max(load_f8(raw + 8 * d), 0.0)
        if load_f8(raw + 8 * d) >= 0.0:
            h = everybody + lay.E_DIMENSIONS + (channel * lay.D + d) * HISTOGRAM
            here = calibrated(h, lay.DIMENSION_BINS, lay.DIMENSION_STEP, here)
        store_f8(bits + 8 * d, here)
        part = here * news_of(everybody, channel, d)
        # Place and travel are one concept, and amount, outflow and what is passed on: the stronger counts.
        if d == lay.TRAVEL:
            part = max(part - place, 0.0)
        elif d == lay.OUTFLOW or d == lay.PASSED:
            part = max(part - amount, 0.0)
            amount += part
        elif d == lay.PLACE:
            place = part
        elif d == lay.AMOUNT:
            amount = part
        total += part
    mean_n = np.float64(load_f4(own + lay.O_MEAN_N)) * load_f8(w + 8 * lay.W_LEFT)
    mean = np.float64(load_f4(own + lay.O_MEAN)) * load_f8(w + 8 * lay.W_LEFT)
    total = max(total - lay.OWN_MEAN_SHARE * mean / (mean_n + lay.OWN_MEAN_WEIGHT), 0.0)
    every = calibrated(everybody + lay.E_SUM + channel * SUM_HISTOGRAM, lay.SUM_BINS, lay.SUM_STEP, total)
    drain = calibrated(view_of(peers, lay.DRAIN, channel), lay.VIEW_BINS, lay.VIEW_STEP, _drained(w))
    found = max(every, drain + lay.DRAIN_LEAD) if drain > 0.0 else every
    warm = np.float64(load_f4(own + lay.O_HEAT)) * half_to(load_f8(w + 8 * lay.W_DT) / lay.HEAT_HALF_LIFE_US)
    run = found + min(warm, lay.HEAT_GATE * found)
    store_f8(w + 8 * lay.W_TOTAL, total)
    store_f8(w + 8 * lay.W_BITS_ALL, every)
    store_f8(w + 8 * lay.W_WARM, warm)
    store_f8(w + 8 * (lay.W_VIEW + lay.RUN), run)
    store_f8(w + 8 * lay.W_VIEW, min(load_f8(bits + 8 * lay.HOUR), load_f8(bits + 8 * lay.AMOUNT)))
    store_f8(w + 8 * (lay.W_VIEW + 1), load_f8(bits + 8 * lay.PARTY) + load_f8(bits + 8 * lay.DEVICE))
    burst = max(load_f8(bits + 8 * lay.GAP), load_f8(bits + 8 * lay.TEMPO)) + load_f8(bits + 8 * lay.SMALL)
    store_f8(w + 8 * (lay.W_VIEW + 2), burst)
    store_f8(w + 8 * (lay.W_VIEW + lay.DRAIN), _drained(w))
