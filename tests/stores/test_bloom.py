"""The sieve never says "new" of a key it has seen, and says it of nearly all others."""

from __future__ import annotations

import random

import numpy as np
import pytest

from haechi.stores.bloom import FEW, KEYS_MIN, Bloom


@pytest.mark.parametrize("count", [100, KEYS_MIN, 5 * KEYS_MIN])
def test_no_key_is_forgotten_and_few_are_mistaken(count: int) -> None:
    dice = random.Random(count)
    bloom = Bloom()
    keys = [dice.getrandbits(63) for _ in range(count)]
    for key in keys:
        bloom.add(key)
    assert bloom.count == count
    assert all(bloom.may_hold(key) for key in keys)
    mistaken = sum(bloom.may_hold(dice.getrandbits(63)) for _ in range(20_000))
    assert mistaken <= 20_000 * 0.03


def test_many_at_once_is_the_same_as_one_by_one() -> None:
    keys = np.random.default_rng(1).integers(1, 2**63 - 1, 3 * KEYS_MIN)
    one, many = Bloom(len(keys)), Bloom(len(keys))
    for key in keys.tolist():
        one.add(key)
    many.add_all(np.array_split(keys, 7))
    assert one._top == many._top
    assert one.count == many.count == len(keys)


def test_a_run_larger_than_the_room_makes_room() -> None:
    keys = np.random.default_rng(2).integers(1, 2**63 - 1, 4 * KEYS_MIN)
    bloom = Bloom()
    bloom.add_all([keys[:10], keys[10:]])
    assert bloom.count == len(keys)
    assert all(bloom.may_hold(key) for key in keys[::97].tolist())


@pytest.mark.parametrize("asked", [FEW - 1, FEW])
def test_one_known_key_among_many_new_ones_is_seen(asked: int) -> None:
    keys = np.random.default_rng(3).integers(1, 2**63 - 1, 2 * KEYS_MIN).tolist()
    bloom = Bloom()
    for key in keys:
        bloom.add(key)
    assert bloom._older, "in every layer"
    new = [key for key in range(1, 100) if not bloom.may_hold(key)][: asked - 1]
    assert not bloom.may_hold_any(new)
    assert all(bloom.may_hold_any([*new, key]) for key in keys[::5_000])
