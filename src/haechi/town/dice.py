"""Every draw of the town: generators keyed by what they are for, and fixed traits of people by hashing.

A generator is counter-based (Philox) and its key is made from seed, purpose, day and block, so any day can be drawn in
any order, in any process, and is the same. What stays with a person or a shop for good is a hash of its number.
"""

from __future__ import annotations

from enum import IntEnum
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


class Purpose(IntEnum):
    """What a generator is for: no two purposes share a stream."""

    PEOPLE = 1
    MERCHANTS = 2
    SHOPPING = 3
    MONEY = 4
    PHONE = 5
    CAMPAIGNS = 6
    STORY = 7
    LABELS = 8
    REACTIONS = 9
    VARIANTS = 10
    CREWS = 11


def mix(value: int) -> int:
    """Scramble 64 bits (the finaliser of SplitMix64, Steele, Lea, Flood 2014)."""
    value = (value + GOLDEN) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def generator(seed: int, purpose: Purpose, *place: int) -> np.random.Generator:
    """The generator of a purpose at a place (day, block, number)."""
    key = mix(seed & MASK) ^ mix(seed >> 64)
    for part in (int(purpose), *place):
        key = mix(key ^ (part & MASK))
    return np.random.Generator(np.random.Philox(key=key | (mix(key) << 64)))


def hashed(numbers: npt.ArrayLike, salt: int) -> npt.NDArray[np.uint64]:
    """64 scrambled bits for each number; the same number and salt always give the same."""
    with np.errstate(over="ignore"):
        value = np.asarray(numbers).astype(np.uint64) + np.uint64(mix(salt & MASK))
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        value ^= value >> np.uint64(31)
    return value


def uniform(numbers: npt.ArrayLike, salt: int) -> Floats:
    """A fixed trait of each number, uniform in [0, 1)."""
    trait: Floats = (hashed(numbers, salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return trait


_QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 4096) for i in range(4096)])


def normal(numbers: npt.ArrayLike, salt: int) -> Floats:
    """A fixed trait of each number, standard normal."""
    trait: Floats = _QUANTILES[(hashed(numbers, salt) >> np.uint64(52)).astype(np.int64)]
    return trait


class Dice:
    """One loaded die per row of weights, thrown for many rows at once.

    All cumulative weights lie in one rising line, row r between r and r + 1, so that a throw is one binary search.
    """

    def __init__(self, weights: Floats) -> None:
        cumulative = np.cumsum(weights, axis=1)
        cumulative /= cumulative[:, -1:]
        self.faces = weights.shape[1]
        self._line = (cumulative + np.arange(len(weights))[:, None]).ravel()

    def throw(self, row: Ints, rng: np.random.Generator) -> Ints:
        """One face per row number."""
        found = np.searchsorted(self._line, row + rng.random(len(row)), side="right") - row * self.faces
        faces: Ints = np.clip(found, 0, self.faces - 1)
        return faces
