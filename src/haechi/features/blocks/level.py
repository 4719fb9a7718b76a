"""How high a customer's amounts usually are: a standardised residual, shrunk to her peers, against two references.

The residual is log2 of the amount minus what its category usually costs. Location and scale are shrunk to the peer
group by moments: kappa = variance within customers / variance between them. Besides the mean that forgets in months, an
anchor forgets in years: who raises the amounts by small steps meets the anchor (the test of slow poisoning).
"""

from __future__ import annotations

import math

import numpy as np

from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_f8, store_f4, store_f8

__all__ = ["LEVEL_BYTES", "PEER_BYTES", "centre_of", "level", "level_learn", "peers_learn"]

# Own: weight, sum, sum of squares; weight and sum of the anchor (f4). Peers: weight, sum, squares; within, its weight.
LEVEL_BYTES, PEER_BYTES = 20, 40
HISTORY_MIN = 5.0
FREEDOM = 8.0
ANCHOR_SLACK = 1.0  # so many standard deviations of honest drift are nobody's business
CENTRE_WEIGHT = 5.0


@compiled
def level(own: int, peers: int, left: float, left_slowly: float, x: float, out: int) -> None:
    """Write mean, deviation, z upwards and z downwards of residual x (float64 each) to `out`."""
    n = np.float64(load_f4(own)) * left
    total_n = load_f8(peers)
    peers_mean = load_f8(peers + 8) / total_n if total_n > 1.0 else x
    total = max(load_f8(peers + 16) / total_n - peers_mean * peers_mean, 0.01) if total_n > 30.0 else 1.0
    within = max(load_f8(peers + 24) / load_f8(peers + 32), 0.01) if load_f8(peers + 32) > 30.0 else 0.5 * total
    kappa = within / max(total - within, 0.05 * total)
    own_mean = np.float64(load_f4(own + 4)) / np.float64(load_f4(own)) if load_f4(own) > 0.0 else peers_mean
    squares = max(np.float64(load_f4(own + 8)) * left - n * own_mean * own_mean, 0.0)
    mean = (n * own_mean + kappa * peers_mean) / (n + kappa)
    variance = (FREEDOM * within + squares) / (FREEDOM + max(n - 1.0, 0.0)) * (1.0 + 1.0 / (n + kappa))
    deviation = math.sqrt(max(variance, 1e-3))
    z = (x - mean) / deviation
    anchor_n = np.float64(load_f4(own + 12)) * left_slowly
    anchor = (np.float64(load_f4(own + 16)) * left_slowly + kappa * peers_mean) / (anchor_n + kappa)
    store_f8(out, mean)
    store_f8(out + 8, deviation)
    store_f8(out + 16, max(z, (x - anchor) / deviation - ANCHOR_SLACK))
    store_f8(out + 24, -z)


@compiled
def level_learn(own: int, left: float, left_slowly: float, x: float, weight: float, anchor_weight: float) -> None:
    """Forget, then learn a residual with a weight of its own for the anchor; a negative weight takes it back."""
    for j in range(3):
        store_f4(own + 4 * j, np.float32(np.float64(load_f4(own + 4 * j)) * left))
    for j in range(3, 5):
        store_f4(own + 4 * j, np.float32(np.float64(load_f4(own + 4 * j)) * left_slowly))
    store_f4(own, np.float32(max(np.float64(load_f4(own)) + weight, 0.0)))
    store_f4(own + 4, np.float32(np.float64(load_f4(own + 4)) + weight * x))
    store_f4(own + 8, np.float32(np.float64(load_f4(own + 8)) + weight * x * x))
    store_f4(own + 12, np.float32(max(np.float64(load_f4(own + 12)) + anchor_weight, 0.0)))
    store_f4(own + 16, np.float32(np.float64(load_f4(own + 16)) + anchor_weight * x))


@compiled
def peers_learn(peers: int, own: int, x: float, weight: float) -> None:
    """Let a peer group learn a residual; call before the customer's own sums learn it."""
    store_f8(peers, load_f8(peers) + weight)
    store_f8(peers + 8, load_f8(peers + 8) + weight * x)
    store_f8(peers + 16, load_f8(peers + 16) + weight * x * x)
    n = np.float64(load_f4(own))
    if n > HISTORY_MIN:
        d = x - np.float64(load_f4(own + 4)) / n
        store_f8(peers + 24, load_f8(peers + 24) + weight * d * d * n / (n + 1.0))
        store_f8(peers + 32, load_f8(peers + 32) + weight)


@compiled
def centre_of(sums: int, everybody: int, categories: int, k: int) -> float:
    """What category k costs (log2): the peer group's mean, shrunk to everybody's, shrunk to all categories together.

    Without the last step a category that is new would have no centre, and every amount in it would look absurd.
    """
    n, total = 0.0, 0.0
    for j in range(categories):
        total += load_f8(everybody + 16 * j)
        n += load_f8(everybody + 16 * j + 8)
    every = total / n if n > 0.0 else 0.0
    wide = (load_f8(everybody + 16 * k) + CENTRE_WEIGHT * every) / (load_f8(everybody + 16 * k + 8) + CENTRE_WEIGHT)
    return (load_f8(sums + 16 * k) + CENTRE_WEIGHT * wide) / (load_f8(sums + 16 * k + 8) + CENTRE_WEIGHT)
