"""Money that came in and goes on: how much of it and how soon, beside what usually leaves the customer so soon.

What comes in within two hours of each other is one sum. Who passes it on is odd by what leaves beside her usual amount
and by how soon, the less the more of it usually leaves so soon: `share * (2 z + (1 - usual share) * log2(2 h / gap))`.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks import surprise_layout as lay
from haechi.features.blocks.logarithm import half_to, log2
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_f8, load_i8, load_u4, store_f4, store_f8, store_i8, store_u4

__all__ = ["amount_of", "come_in", "look_passed", "raise_limit", "seconds_since"]

GAP_MIN_S = 60.0  # what leaves within a minute leaves at once
DEVIATIONS = 2.0  # bits of a standard deviation above the usual amount
LEARNED = 1.0 / 16.0  # of the usual share, at each sum that came in
PEERS_WEIGHT, PEERS_SHARE = 20.0, 0.1  # theory, until a group has its own


@compiled
def amount_of(logarithm: float) -> float:
    """The amount whose log2 this is, not below zero: 0 to 60."""
    return 1.0 / half_to(logarithm) if logarithm > 0.0 else 1.0


@compiled
def seconds_since(at: int, t: int) -> int:
    """Seconds from the moment kept at `at` to t; a clock that goes backwards makes it very long."""
    return (t // 1_000_000 - np.int64(load_u4(at))) & 0xFFFFFFFF


@compiled
def come_in(own: int, peers: int, t: int, x: float, from_new: bool) -> None:
    """Money comes in; what left of the sum before it becomes habit when that is over."""
    if not x > 0.0:
        return
    came, gone = abs(np.float64(load_f4(own + lay.O_CAME))), np.float64(load_f4(own + lay.O_GONE))
    is_new = from_new
    if came > 0.0 and seconds_since(own + lay.O_CAME_AT, t) <= lay.PASSED_S:
        is_new = is_new or load_f4(own + lay.O_CAME) < 0.0
    elif came > 0.0:
        share, usual = min(gone / came, 1.0), usual_share(own, peers)
        store_f4(own + lay.O_STAYS, np.float32(1.0 + usual + LEARNED * (share - usual)))
        store_f8(peers + lay.G_PASSED, load_f8(peers + lay.G_PASSED) + share)
        store_f8(peers + lay.G_PASSED + 8, load_f8(peers + lay.G_PASSED + 8) + 1.0)
        came, gone = 0.0, 0.0
    # The sign tells whether a sender was new: a customer's block has no byte to spare.
    store_f4(own + lay.O_CAME, np.float32(-(came + x) if is_new else came + x))
    store_f4(own + lay.O_GONE, np.float32(gone))
    store_u4(own + lay.O_CAME_AT, np.uint32((t // 1_000_000) & 0xFFFFFFFF))


@compiled
def usual_share(own: int, peers: int) -> float:
    """How much of what comes in leaves within two hours: the customer's own habit, her peers' before she has one."""
    kept = np.float64(load_f4(own + lay.O_STAYS))
    if kept > 0.0:
        return kept - 1.0
    total = load_f8(peers + lay.G_PASSED) + PEERS_WEIGHT * PEERS_SHARE
    return total / (load_f8(peers + lay.G_PASSED + 8) + PEERS_WEIGHT)


@compiled
def raise_limit(own: int, t: int) -> None:
    """The limit of transfers is changed."""
    store_u4(own + lay.O_LIMIT, np.uint32((t // 60_000_000) & 0xFFFFFFFF))


@compiled
def look_passed(own: int, peers: int, w: int) -> None:
    """How odd it is that so much of what came in leaves so soon; 0 where nothing came in of late."""
    store_f8(w + 8 * lay.W_PASSED, 0.0)
    came = abs(np.float64(load_f4(own + lay.O_CAME)))
    is_money = load_f8(w + 8 * (lay.W_RAW + lay.AMOUNT)) >= 0.0
    if came == 0.0 or not is_money:
        return  # nobody tells what comes in
    raw, since = 0.0, seconds_since(own + lay.O_CAME_AT, load_i8(w + 8 * lay.W_T))
    if since <= lay.PASSED_S:
        gone = np.float64(load_f4(own + lay.O_GONE)) + amount_of(load_f8(w + 8 * lay.W_LOG))
        passed, usual = min(gone, came), usual_share(own, peers)
        above = log2(passed) - load_f8(w + 8 * lay.W_CENTRE) - load_f8(w + 8 * lay.W_LEVEL)
        soon = (1.0 - usual) * max(log2(lay.PASSED_S / (since + GAP_MIN_S)), 0.0)
        raw = passed / came * (DEVIATIONS * max(above / load_f8(w + 8 * lay.W_DEVIATION), 0.0) + soon)
        store_f8(w + 8 * lay.W_PASSED, gone)
        store_f8(w + 8 * lay.W_PASSES, usual)
        store_i8(w + 8 * lay.W_CAME_S, since)
    store_f8(w + 8 * (lay.W_RAW + lay.PASSED), raw)
