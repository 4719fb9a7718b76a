"""One event and a whole frame become the same numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.features.encode import Encoder

from .making import event, history, spec

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(TEXT, st.none() | TEXT, st.none() | st.integers(0, 10**15), TEXT), min_size=1, max_size=12),
    st.integers(0, 2**63),
)
def test_frames_and_events_agree(rows: list[tuple[str, str | None, int | None, str]], seed: int) -> None:
    frame = history(len(rows), 1).with_columns(
        pl.Series("entity:customer", [r[0] for r in rows]),
        pl.Series("entity:merchant", [r[1] for r in rows], dtype=pl.String),
        pl.Series("amount", [r[2] for r in rows], dtype=pl.Int64),
        pl.Series("category:channel", [r[3] for r in rows]),
    )
    encoder = Encoder(spec(), seed)
    ints, floats = encoder.frame(frame)
    one_ints, one_floats = np.zeros(encoder.ints_width, np.int64), np.zeros(encoder.floats_width)
    for i, row in enumerate(frame.iter_rows(named=True)):
        encoder.one(event(row), one_ints, one_floats)
        assert ints[i].tobytes() == one_ints.tobytes()
        assert floats[i].tobytes() == one_floats.tobytes()


def test_local_hours_follow_summer_time() -> None:
    from dataclasses import replace

    berlin = Encoder(replace(spec(), timezone="Europe/Berlin"))
    winter, summer = 1_704_110_400_000_000, 1_719_835_200_000_000
    assert berlin.offset_us(winter) == 3_600_000_000
    assert berlin.offset_us(summer) == 7_200_000_000
