"""Replay and the online call are one function: every row and byte agrees, and nothing looks into the future."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.features import Memory, Replayer, replay

from .making import DAY_US, event, history, spec


def online(frame: pl.DataFrame) -> tuple[np.ndarray, Memory]:
    """Feed a frame one event at a time, labels as they become known, with a naive queue."""
    memory = Memory(spec())
    rows, waiting = [], []
    for row in frame.iter_rows(named=True):
        due = [w for w in waiting if w[0] <= row["time_us"]]
        waiting = [w for w in waiting if w[0] > row["time_us"]]
        for known_at, e, fraud, unexplained in sorted(due, key=lambda w: w[0]):
            memory.learn_label(e, fraud, known_at, unexplained)
        e = event(row)
        known = memory.look_and_learn(e)
        rows.append(known.row)
        if row["label"] >= 0:
            waiting.append((row["known_at_us"], e, bool(row["label"]), known.unexplained))
    return np.stack(rows), memory


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()


def test_online_equals_replay_bit_for_bit() -> None:
    frame = history(3000, 1)
    rows, memory = online(frame)
    again = Memory(spec())
    replayed = replay(spec(), [frame], memory=again)
    assert same(rows, replayed.features)
    # Labels that became known after the last event are still waiting in the replay: compare the records themselves.
    for i in range(len(memory.arena.layout.shelves)):
        assert same(memory.arena.hot_used(i), again.arena.hot_used(i))


@pytest.mark.parametrize("pieces", [2, 7])
def test_chunks_do_not_matter(pieces: int) -> None:
    frame = history(2000, 2)
    whole = replay(spec(), [frame]).features
    step = len(frame) // pieces + 1
    cut = replay(spec(), [frame.slice(i, step) for i in range(0, len(frame), step)]).features
    assert same(whole, cut)


def test_truncated_history_gives_the_same_rows() -> None:
    frame = history(2500, 3)
    assert same(replay(spec(), [frame]).features[:1200], replay(spec(), [frame.head(1200)]).features)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(300, 1400))
def test_a_label_younger_than_its_delay_changes_nothing(seed: int, at: int) -> None:
    frame = history(1500, 4)
    now = frame["time_us"][at]
    young = frame["time_us"].to_numpy() > now - 7 * DAY_US
    r = np.random.default_rng(seed)
    label = np.where(young, r.integers(-1, 2, len(frame)), frame["label"].to_numpy()).astype(np.int8)
    changed = frame.with_columns(label=pl.Series(label))
    assert same(replay(spec(), [frame]).features[: at + 1], replay(spec(), [changed]).features[: at + 1])


def test_an_old_label_changes_later_rows() -> None:
    frame = history(1500, 5)
    other = pl.when(pl.col("id") == "e10").then(1 - pl.col("label").abs()).otherwise("label")
    flipped = frame.with_columns(label=other.cast(pl.Int8))
    a, b = replay(spec(), [frame]).features, replay(spec(), [flipped]).features
    known = int(np.searchsorted(frame["time_us"].to_numpy(), frame["known_at_us"][10]))
    assert same(a[:known], b[:known])
    assert not same(a, b)


def test_invisible_labels_change_nothing() -> None:
    frame = history(1500, 6)
    hidden = frame["id"].to_numpy() >= "e7"
    r = np.random.default_rng(0)
    noise = pl.Series(np.where(hidden, r.integers(-1, 2, len(frame)), frame["label"].to_numpy()).astype(np.int8))
    a = replay(spec(), [frame], visible=lambda _f: ~hidden)
    b = replay(spec(), [frame.with_columns(label=noise)], visible=lambda _f: ~hidden)
    assert same(a.features, b.features)


def test_keep_selects_rows_and_their_columns() -> None:
    frame = history(800, 7)
    every = replay(spec(), [frame])
    mask = frame["time_us"].to_numpy() % 3 == 0
    some = replay(spec(), [frame], keep=lambda _f: mask)
    assert same(some.features, every.features[mask])
    assert some.frame["id"].to_list() == frame.filter(pl.Series(mask))["id"].to_list()


def test_labels_wait_until_they_are_known() -> None:
    replayer = Replayer(Memory(spec()))
    frame = history(100, 8, days=3)
    replayer.feed(frame)
    assert replayer.finish() == int((frame["label"] >= 0).sum())
