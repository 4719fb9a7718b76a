"""What-if looks: the same row as if the event came next, and a memory that is as it was, byte for byte."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.features import Memory, Replayer
from haechi.features.errors import FeatureError
from haechi.features.frozen import look_frozen
from haechi.features.snapshot import _arrays

from .making import history, spec


def test_a_look_leaves_the_memory_as_it_was(tmp_path) -> None:
    wanted = spec(behaviour=True)
    memory, twin = Memory(wanted), Memory(wanted)
    past = history(3_000, seed=4)
    Replayer(memory).feed(past)
    Replayer(twin).feed(past)
    later = history(40, seed=9, customers=40, merchants=60).with_columns(time_us=past["time_us"][-1] + 1_000_000)
    before = {name: array.copy() for name, array in _arrays(memory)}
    rows = look_frozen(memory, later)
    after = dict(_arrays(memory))
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert not np.array_equal(rows[0], rows[1], equal_nan=True)
    # As if each came next: the first of them really comes, to a twin and to the memory that was asked "what if".
    first = later[:1]
    came, _ = Replayer(twin).feed(first, np.ones(1, bool))
    also, _ = Replayer(memory).feed(first, np.ones(1, bool))
    assert np.array_equal(came[0], rows[0], equal_nan=True)
    assert np.array_equal(also[0], rows[0], equal_nan=True)


def test_a_memory_with_a_cold_file_says_no(tmp_path) -> None:
    with pytest.raises(FeatureError, match="without a cold file"):
        look_frozen(Memory(spec(), cold=tmp_path / "cold"), history(2, seed=1))
