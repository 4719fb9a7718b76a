"""Goal: the sort on disk equals a stable sort in memory."""

from __future__ import annotations

import polars as pl
import pytest

from haechi.events import order
from haechi.events.order import TimeSorter


@pytest.mark.parametrize("rows", [1, 7, 100])
@pytest.mark.parametrize("times", [1, 5, 1000])
def test_many_runs_merge_into_one_stable_order(monkeypatch, rows, times) -> None:
    monkeypatch.setattr(order, "BUFFER_ROWS_MIN", 16)
    sorter = TimeSorter(rows)
    content = [(i * 7919 % 1009 % times, i) for i in range(600)]
    for start in range(0, 600, 50):
        part = content[start : start + 50]
        sorter.add(pl.DataFrame({"time_us": [t for t, _ in part], "n": [n for _, n in part]}))
    frames = list(sorter.frames())
    sorter.close()
    assert all(f.height <= rows for f in frames)
    assert pl.concat(frames).rows() == sorted(content, key=lambda r: r[0])


def test_nothing_sorts_to_nothing() -> None:
    sorter = TimeSorter(10)
    assert list(sorter.frames()) == []
    sorter.close()
