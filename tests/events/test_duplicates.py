"""Goal: an id that comes again is always found, however the rows are cut into chunks."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from haechi.events.duplicates import SeenIds


@given(st.lists(st.lists(st.sampled_from([f"id{i}" for i in range(40)]), max_size=12), max_size=12))
def test_the_second_of_two_is_the_repeated_one(chunks) -> None:
    ids, seen = SeenIds(), set()
    for chunk in chunks:
        expected = []
        for one in chunk:
            expected.append(one in seen)
            seen.add(one)
        assert ids.repeated(pl.Series(chunk, dtype=pl.String)).tolist() == expected


def test_runs_stay_few() -> None:
    ids = SeenIds()
    for chunk in range(200):
        assert not ids.repeated(pl.Series([f"{chunk}-{i}" for i in range(50)])).any()
    assert len(ids._runs) <= 15
    assert sum(map(len, ids._runs)) == 10_000
