"""Records move between memory and the cold file, and no decision can tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from haechi.events import Event
from haechi.features import Memory, MemoryFull, replay

from .making import event, history, spec

SMALL = {"memory": {"hot": 64, "cold": 50_000}}


def test_eviction_and_return_change_no_bit(tmp_path: Path) -> None:
    frame = history(4000, 21, customers=400, merchants=300)
    small = Memory(spec(**SMALL), cold=tmp_path / "cold.bin")
    a = replay(spec(**SMALL), [frame], memory=small).features
    b = replay(spec(), [frame]).features
    assert a.tobytes() == b.tobytes()
    counts = small.counts()["customer"]
    assert counts["hot"] == 64
    assert counts["evicted"] > 500
    assert counts["returned"] > 300
    assert counts["known"] == frame["entity:customer"].n_unique()


def test_without_a_cold_file_a_full_memory_says_what_to_do() -> None:
    with pytest.raises(MemoryFull, match=r"no room for another customer: its 64 hot records .* raise the budget"):
        replay(spec(**SMALL), [history(3000, 22, customers=400)])


def test_a_refused_event_leaves_the_memory_as_it_was() -> None:
    base = history(1, 1).row(0, named=True) | {"amount": 5000, "entity:customer": "c"}

    def payment(k: int, merchant: str) -> Event:
        return event(base | {"id": f"e{k}", "entity:merchant": merchant, "time_us": base["time_us"] + k})

    refusing, spared = Memory(spec(**SMALL)), Memory(spec(**SMALL))
    for memory in (refusing, spared):
        for k in range(64):
            memory.look_and_learn(payment(k, f"m{k}"))
    with pytest.raises(MemoryFull, match="no room for another merchant"):
        refusing.look_and_learn(payment(64, "one too many"))
    after = [memory.look_and_learn(payment(65, "m3")).row.tobytes() for memory in (refusing, spared)]
    assert after[0] == after[1]


def test_a_full_cold_file_is_named(tmp_path: Path) -> None:
    tight = {"memory": {"hot": 64, "cold": 80}}
    with pytest.raises(MemoryFull, match="cold records are all in use"):
        replay(spec(**tight), [history(4000, 24, customers=900)], memory=Memory(spec(**tight), cold=tmp_path / "c"))


def test_the_index_grows_to_many_entities() -> None:
    memory = Memory(spec(memory={"hot": 200_000}))
    frame = history(60_000, 25, customers=50_000, merchants=40_000)
    replay(spec(memory={"hot": 200_000}), [frame], memory=memory, keep=lambda f: np.zeros(f.height, bool))
    assert memory.counts()["customer"]["known"] == frame["entity:customer"].n_unique()
    assert memory.counts()["merchant"]["known"] == frame["entity:merchant"].drop_nulls().n_unique()
