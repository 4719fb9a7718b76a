"""From frames to rows: every value where it belongs, and no row that knows what was not known."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from haechi.features import replay
from haechi.learning.dataset import DAY_US
from haechi.learning.errors import BadProtocol
from haechi.learning.source import local_days

from .making import START_US, frames, source


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def test_the_light_columns_are_those_of_the_frames() -> None:
    cut = frames()
    whole, e = pl.concat(cut), source(cut).events
    assert e.time_us.tolist() == whole["time_us"].to_list()
    assert e.y.tolist() == whole["label"].to_list()
    assert e.amount.tolist() == whole["amount"].to_list()
    for name in ("customer", "merchant"):
        keys, codes = whole[f"entity:{name}"].to_list(), e.entities[name].tolist()
        assert len({*zip(keys, codes, strict=True)}) == len(set(keys)) == len(set(codes))
        assert all((key is None) == (code == -1) for key, code in zip(keys, codes, strict=True))
    assert e.subject == "customer"


def test_rows_are_those_of_the_replay() -> None:
    cut = frames(2_000)
    s = source(cut)
    whole = replay(s.spec, cut).features
    keep = np.arange(5, 2_000, 13)
    assert same(s.rows(keep, None), whole[keep])
    assert len(s.columns.names) == whole.shape[1]


def test_a_hidden_or_younger_label_changes_no_earlier_row() -> None:
    cut = frames(3_000)
    s = source(cut)
    border = START_US + 20 * DAY_US
    until = np.flatnonzero(s.events.time_us <= border)
    visible = s.events.known_at_us <= border
    flowing, frozen = s.rows(until, None), s.rows(until, visible)
    assert same(flowing, frozen)
    # Labels that are not known by the border are drawn anew, and the files end at the border: no bit moves.
    r = np.random.default_rng(1)
    whole = pl.concat(cut)
    label = np.where(visible, whole["label"].to_numpy(), r.integers(-1, 2, len(whole))).astype(np.int8)
    assert same(source([whole.with_columns(label=pl.Series(label))]).rows(until, None), flowing)
    assert same(source([whole.head(len(until))]).rows(until, None), flowing)


def test_labels_of_masked_rows_are_never_seen() -> None:
    cut = frames(3_000)
    s = source(cut)
    every = np.arange(3_000)
    visible = np.random.default_rng(2).random(3_000) < 0.5
    whole = pl.concat(cut)
    flipped = np.where(visible, whole["label"].to_numpy(), 1 - np.abs(whole["label"].to_numpy())).astype(np.int8)
    other = source([whole.with_columns(label=pl.Series(flipped))])
    assert same(s.rows(every, visible), other.rows(every, visible))
    assert not same(s.rows(every, None), other.rows(every, None))


def test_files_without_label_or_events_and_changing_ones_are_told() -> None:
    cut = frames(500)
    with pytest.raises(BadProtocol, match="names no label"):
        source([f.drop("label") for f in cut])
    with pytest.raises(BadProtocol, match="hold no events"):
        source([])
    s = source(cut)
    s.frames = cut[:-1] if len(cut) > 1 else [cut[0].head(10)]
    with pytest.raises(BadProtocol, match="changed while they were read"):
        s.rows(np.arange(3), None)


def test_days_are_those_of_the_calendar() -> None:
    zone = ZoneInfo("Asia/Seoul")
    times = pl.Series([START_US + h * 3_600_000_000 for h in range(0, 60, 5)])
    dates = [datetime.fromtimestamp(t // 10**6, zone).date() for t in times]
    assert local_days(times, "Asia/Seoul").tolist() == [(d - date(1970, 1, 1)).days for d in dates]
