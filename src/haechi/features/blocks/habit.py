"""Habits of one closed kind (hour, category, gap, tempo): a customer's own counts, shrunk to those of her peers.

Two-level Dirichlet shrinkage: P(k) = (own(k) + alpha * peers(k)) / (own + alpha). How strongly to shrink is learned: by
the chain rule the product of predictive terms is the Dirichlet-multinomial marginal likelihood, so adding up the
logarithms for a grid of alphas and taking the best is maximum likelihood without iteration and without history.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks.logarithm import log2
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_f8, load_u1, store_f4, store_f8

__all__ = ["STRENGTHS", "judge_strength", "middle", "predict", "share_out", "tail", "window"]

STRENGTHS = 13
STRENGTH_FIRST = 0.25  # the grid: 2^-2 .. 2^10
BETA = 20.0  # weight of everybody's shares in a peer group's
UNORDERED, LOWER = 0, 1


@compiled
def predict(cells: int, worth: float, shares: int, count: int, alpha: float, out: int) -> float:
    """Write own counts plus alpha times the peers' shares (float64 each) to `out`; returns the own mass."""
    own = 0.0
    for j in range(count):
        here = np.float64(load_u1(cells + j)) * worth
        own += here
        store_f8(out + 8 * j, here + alpha * np.float64(load_f4(shares + 4 * j)))
    return own


@compiled
def tail(values: int, count: int, k: int, fraction: float, kind: int) -> float:
    """How likely a value no likelier than k is (unordered), or one below k and `fraction` of it (lower).

    The value itself counts in full, so that the most usual one has probability 1: a customer who always does the same
    is not surprising when she does it again.
    """
    whole, inside = 0.0, 0.0
    at = load_f8(values + 8 * k)
    for j in range(count):
        here = load_f8(values + 8 * j)
        whole += here
        if kind == UNORDERED:
            inside += here if here <= at else 0.0
        else:
            inside += here if j < k else (fraction * here if j == k else 0.0)
    return inside / max(whole, 1e-12)


@compiled
def judge_strength(likelihoods: int, chosen: int, own: float, at: float, share: float) -> None:
    """Add this event to the likelihood of every strength and keep the best; own mass, own count at k, peers' share."""
    best, best_value = 0, -1e300
    alpha = STRENGTH_FIRST
    for j in range(STRENGTHS):
        value = load_f8(likelihoods + 8 * j) + log2((at + alpha * share) / (own + alpha))
        store_f8(likelihoods + 8 * j, value)
        if value > best_value:
            best, best_value = j, value
        alpha *= 2.0
    store_f8(chosen, STRENGTH_FIRST * np.float64(1 << best))


@compiled
def share_out(counts: int, everybody: int, count: int, out: int) -> None:
    """Shares of a peer group, shrunk to everybody's counts, which are shrunk to an even spread."""
    own, whole = 0.0, 0.0
    for j in range(count):
        own += np.float64(load_f4(counts + 4 * j))
        whole += np.float64(load_f4(everybody + 4 * j))
    for j in range(count):
        base = (np.float64(load_f4(everybody + 4 * j)) + 0.5) / (whole + 0.5 * count)
        store_f4(out + 4 * j, np.float32((np.float64(load_f4(counts + 4 * j)) + BETA * base) / (own + BETA)))


@compiled
def window(values: int, count: int, share: float) -> int:
    """The shortest stretch round the circle that holds a share of the mass: start + 64 * length."""
    whole = 0.0
    for j in range(count):
        whole += load_f8(values + 8 * j)
    best, length, inside, end = 0, count, 0.0, 0
    for start in range(count):
        while inside < share * whole and end - start < count:
            inside += load_f8(values + 8 * (end % count))
            end += 1
        if end - start < length:
            best, length = start, end - start
        inside -= load_f8(values + 8 * start)
    return best + 64 * length


@compiled
def middle(values: int, count: int, share: float) -> int:
    """The cell at which the running mass first reaches a share of the whole."""
    whole, inside = 0.0, 0.0
    for j in range(count):
        whole += load_f8(values + 8 * j)
    for j in range(count):
        inside += load_f8(values + 8 * j)
        if inside >= share * whole:
            return j
    return count - 1
