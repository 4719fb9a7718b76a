"""Where the nodes of a small graph stand: forces on numpy arrays, seeded, so that a picture is the same every day.

Fruchterman and Reingold, "Graph drawing by force-directed placement" (1991): every pair pushes apart, every edge pulls
together, and steps get shorter. The middle node stays in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["placed"]

Points = npt.NDArray[np.float64]
STEPS = 70
SEED = 7
PULL_IN = 0.06  # towards the middle, so that what hangs on one edge does not drift away


def placed(count: int, edges: Sequence[tuple[int, int]], middle: int, *, shape: tuple[float, float]) -> Points:
    """Places [count, 2] inside a box of width and height `shape`; the same graph always stands the same."""
    if count == 1:
        return np.array([[shape[0] / 2, shape[1] / 2]])
    ends = np.array(edges, np.int64).reshape(-1, 2)
    at = _begun(count, ends, middle)
    best = 1.0 / np.sqrt(count)
    for step in range(STEPS):
        reach = 0.12 * (1 - step / STEPS) + 0.003
        move = _forces(at, ends, best) - PULL_IN * at
        length = np.sqrt((move**2).sum(axis=1, keepdims=True)) + 1e-9
        at = at + move / length * np.minimum(length, reach)
        at -= at[middle]
    return _fitted(at, shape)


def _begun(count: int, ends: npt.NDArray[np.int64], middle: int) -> Points:
    """Rings by distance from the middle, children near their parents, with a little seeded noise."""
    hops = np.full(count, count)
    hops[middle] = 0
    angle = np.zeros(count)
    first = [n for n in range(count) if n != middle]
    angle[first] = np.linspace(0, 2 * np.pi, len(first), endpoint=False)
    for _ in range(3):
        for one, other in [*ends.tolist(), *ends[:, ::-1].tolist()]:
            if hops[one] + 1 < hops[other]:
                hops[other] = hops[one] + 1
                angle[other] = angle[one] if one != middle else angle[other]
    noise = np.random.default_rng(SEED).normal(0, 0.02, (count, 2))
    radius = 0.25 * np.minimum(hops, 4)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) + noise


def _forces(at: Points, ends: npt.NDArray[np.int64], best: float) -> Points:
    """Push of every pair (best^2 / distance) and pull of every edge (distance^2 / best)."""
    x, y = at[:, 0], at[:, 1]
    across, up = x[:, None] - x[None, :], y[:, None] - y[None, :]
    push = best * best / (across * across + up * up + 1e-4)
    move = np.stack([(across * push).sum(axis=1), (up * push).sum(axis=1)], axis=1)
    if len(ends):
        apart = at[ends[:, 0]] - at[ends[:, 1]]
        pull = apart * (np.sqrt((apart**2).sum(axis=1, keepdims=True)) / best)
        np.subtract.at(move, ends[:, 0], pull)
        np.add.at(move, ends[:, 1], pull)
    return move


def _fitted(at: Points, shape: tuple[float, float]) -> Points:
    """Spread over the box, each axis for itself; a straight line of nodes stands in the middle of the other axis."""
    low, high = at.min(axis=0), at.max(axis=0)
    reach = high - low
    size = np.array(shape)
    share = np.where(reach > 1e-6, (at - low) / np.where(reach > 1e-6, reach, 1.0), 0.5)
    found: Points = share * size
    return found
