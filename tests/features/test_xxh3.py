"""Compiled xxh3 gives what the library gives, bit by bit."""

from __future__ import annotations

import random

import numpy as np
from xxhash import xxh3_64_intdigest

from haechi.features.xxh3 import BYTES_MAX, xxh3


def test_every_length_hashes_as_the_library_does() -> None:
    draw = random.Random(3)
    for seed in (0, 1, 2**63 - 1, *(draw.getrandbits(63) for _ in range(20))):
        for size in range(1, BYTES_MAX + 1):
            text = np.frombuffer(draw.randbytes(size), np.uint8).copy()
            found = xxh3(text.ctypes.data, size, seed)
            assert found % 2**64 == xxh3_64_intdigest(text.tobytes(), seed), (size, seed)
