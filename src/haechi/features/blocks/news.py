"""How much a kind of surprise counts: does it come in runs, or at random? Learned from the stream, without labels.

A calibrated kind that carries no signal is as often far out as one that does, and a plain sum drowns in it. But theft
comes in runs: the same customer is far out again within the next events, and no longer some weeks later. Honest
extremes come at random, or belong to the person and come back at any distance. So each kind is asked how much more
often it repeats at 5 to 24 events' distance than at 44 to 63, and what is shown beyond chance raises its weight:
1 + 2 (log2(ratio) - 1), from a ratio of 2 on, at most 5.5: more would leave one kind to decide alone. Both distances
are asked of the same events, those with so many before them: a customer of whom little is known yet is far out often,
and has nothing long ago to be held against.
"""

from __future__ import annotations

import math

import numpy as np

from haechi.features.blocks import surprise_layout as lay
from haechi.features.blocks.logarithm import log2
from haechi.features.jit import compiled
from haechi.features.words import load_f8, load_i8, load_u4, popcount, store_f8, store_i8

__all__ = ["count_runs", "judge_news", "news_of"]

FAR_OUT_BITS = 9.0
NEAR = ((1 << 24) - 1) ^ ((1 << 4) - 1)  # 5 to 24 events ago: the pace of five events overlaps with the last four
FAR_SHIFT, FAR = 43, (1 << 20) - 1
REACH = FAR_SHIFT + 20  # earlier events that both distances need
NEWS_MAX = 5.5
SURE = 2.0  # standard deviations


@compiled
def news_of(everybody: int, channel: int, d: int) -> float:
    """How much a kind counts in a channel: its prior, or more where it comes in runs."""
    found = load_f8(everybody + lay.E_NEWS + 8 * (channel * lay.D + d))
    if d == lay.PASSED and channel != lay.TRANSFER:
        return 0.0  # an allowance that is spent at once is told, but counts nothing
    return lay.PRIORS[d] * (found if found > 0.0 else 1.0)


@compiled
def count_runs(own: int, everybody: int, w: int) -> None:
    """Count for each kind that applies whether it is far out, and whether it was some events ago."""
    channel = load_i8(w + 8 * lay.W_CHANNEL)
    reaches = np.int64(load_u4(own + lay.O_SEEN)) >= REACH
    for d in range(lay.D):
        if load_f8(w + 8 * (lay.W_RAW + d)) < 0.0:
            continue
        history = load_i8(own + lay.O_RUNS + 8 * d)
        out = load_f8(w + 8 * (lay.W_BITS + d)) > FAR_OUT_BITS
        at = everybody + lay.E_TOGETHER + 32 * (channel * lay.D + d)
        if reaches and history != 0:
            near, far = popcount(history & NEAR), popcount((history >> FAR_SHIFT) & FAR)
            store_f8(at + 8, load_f8(at + 8) + near)
            store_f8(at + 24, load_f8(at + 24) + far)
            if out:
                store_f8(at, load_f8(at) + near)
                store_f8(at + 16, load_f8(at + 16) + far)
        store_i8(own + lay.O_RUNS + 8 * d, (history << 1) | (1 if out else 0))


@compiled
def judge_news(everybody: int) -> None:
    """Work the weights out from what was counted; chance is given two standard deviations on both sides."""
    for i in range(lay.CHANNELS * lay.D):
        if i % lay.D >= lay.PARTY:
            continue
        at = everybody + lay.E_TOGETHER + 32 * i
        near, chances, far, far_chances = load_f8(at), load_f8(at + 8), load_f8(at + 16), load_f8(at + 24)
        least = (near - SURE * math.sqrt(near)) / max(chances, 1.0)
        most = (far + 1.0 + SURE * math.sqrt(far + 1.0)) / max(far_chances, 1.0)
        ratio = least / max(most, 1e-9) if far_chances > 0.0 else 1.0
        weight = 1.0 + 2.0 * max(log2(max(ratio, 1.0)) - 1.0, 0.0)
        store_f8(everybody + lay.E_NEWS + 8 * i, min(weight, NEWS_MAX))
