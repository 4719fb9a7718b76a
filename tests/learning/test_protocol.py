"""Rounds and rehearsals: who teaches, who judges, what was known when, and the proof of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from haechi.learning.dataset import DAY_US, Events
from haechi.learning.errors import BadProtocol, LeakFound
from haechi.learning.protocol import (
    Folds,
    RandomSplit,
    TimeSplit,
    check_honest,
    read_duration,
    read_split,
    stamp,
    usable,
)

from .making import DELAY_DAYS, START_US, events


def folds(**changes) -> Folds:
    plain = {"count": 2, "start_us": START_US + 30 * DAY_US, "train_us": 5 * DAY_US, "delay_us": 3 * DAY_US}
    return Folds(**(plain | {"test_us": 4 * DAY_US, "drop_known": True} | changes))


def day_of(e: Events, rows: np.ndarray) -> np.ndarray:
    return (e.time_us[rows] - START_US) // DAY_US


def test_folds_train_wait_and_judge_labelled_rows() -> None:
    e = events()
    first, second = folds(drop_known=False).rounds(e)
    assert (day_of(e, first.train).min(), day_of(e, first.train).max()) == (30, 34)
    assert (day_of(e, first.test).min(), day_of(e, first.test).max()) == (38, 41)
    assert set(first.day) == {0, 1, 2, 3}
    assert (e.y[first.train] >= 0).all()
    assert (e.y[first.test] >= 0).all()
    assert second.moment_us - first.moment_us == 4 * DAY_US
    assert first.visible is None


def known_cards(e: Events, since: int, moment: int, day: int) -> set[int]:
    """The Handbook's rule, written out: frauds of the training week, then day by day those of (day - delay - 1)."""
    subject = e.entities["customer"]
    days = (e.time_us - START_US) // DAY_US
    border = (moment - START_US) // DAY_US + day - DELAY_DAYS
    return set(subject[(days >= since) & (days < border) & (e.y == 1)].tolist())


def test_known_cards_are_dropped_day_by_day() -> None:
    e = events()
    kept, every = folds(train_us=4 * DAY_US).rounds(e)[0], folds(train_us=4 * DAY_US, drop_known=False).rounds(e)[0]
    expected = [
        row
        for row, day in zip(every.test.tolist(), every.day.tolist(), strict=True)
        if e.entities["customer"][row] not in known_cards(e, 30, every.moment_us, day)
    ]
    assert kept.test.tolist() == expected
    assert 0 < len(kept.test) < len(every.test)
    assert kept.drop_found


def test_longer_training_judges_the_same_events() -> None:
    e = events()
    week = folds(train_us=4 * DAY_US).rounds(e)[0]
    longer = folds(start_us=START_US + 14 * DAY_US, train_us=20 * DAY_US).rounds(e)[0]
    assert longer.moment_us == week.moment_us
    assert np.array_equal(longer.test, week.test)
    assert len(longer.train) > len(week.train)


def test_dropping_known_needs_a_subject() -> None:
    with pytest.raises(BadProtocol, match="needs a subject"):
        folds().rounds(replace(events(), subject=None))


def test_rehearsals_are_the_same_scheme_moved_back_until_its_labels_are_known() -> None:
    e = events()
    outer = folds().rounds(e)[0]
    rehearsals = folds().rehearsals(e, outer)
    assert [(day_of(e, r.train).min(), day_of(e, r.test).max()) for r in rehearsals] == [
        (23, 34), (19, 30), (15, 26), (11, 22),
    ]  # fmt: skip
    # The last judged day of the newest rehearsal became known exactly when the real training happens.
    assert stamp(outer.moment_us) == stamp(START_US + (35 + DELAY_DAYS) * DAY_US)


def test_a_fold_without_room_for_a_rehearsal_is_refused() -> None:
    e = events()
    early = folds(start_us=START_US)
    with pytest.raises(BadProtocol, match="no room for a rehearsal"):
        early.rehearsals(e, early.rounds(e)[0])


@pytest.mark.parametrize("protocol", [folds(), TimeSplit(0.6), RandomSplit(0.4, 3)], ids=lambda p: p.name)
def test_every_round_is_proven_honest(protocol) -> None:
    e = events()
    for outer in protocol.rounds(e):
        rehearsals = protocol.rehearsals(e, outer)
        proof = check_honest(e, outer, rehearsals)
        assert proof["newest_label_in_training"] <= proof["training_moment"]
        assert len(proof["rehearsals"]) == len(rehearsals) > 0
        assert all(r["newest_label"] <= proof["training_moment"] for r in proof["rehearsals"])


def test_slow_labels_neither_teach_nor_choose() -> None:
    e = events()
    slow = np.zeros(len(e), dtype=bool)
    slow[::3] = True
    late = replace(e, known_at_us=e.known_at_us + slow * 40 * DAY_US)
    outer = folds(drop_known=False).rounds(late)[0]
    rehearsals = folds(drop_known=False).rehearsals(late, outer)
    check_honest(late, outer, rehearsals)
    assert not slow[outer.train].any()
    assert all(not slow[r.test].any() for r in rehearsals)
    # Rows are remembered by name, so another cut has another name.
    assert (
        len({r.name for r in rehearsals} | {r.name for r in folds(drop_known=False).rounds(late)})
        == len(rehearsals) + 2
    )
    assert slow[outer.test].any()  # whoever judges may wait for the truth


def test_a_time_split_stops_labels_at_its_border() -> None:
    e = events()
    [outer] = TimeSplit(0.6).rounds(e)
    assert e.time_us[outer.train].max() < outer.moment_us <= e.time_us[outer.test].min()
    assert (e.known_at_us[outer.visible] <= outer.moment_us).all()
    for r in TimeSplit(0.6).rehearsals(e, outer):
        assert e.time_us[r.test].max() < outer.moment_us
        assert (e.known_at_us[r.visible] <= r.moment_us).all()


def test_a_random_split_shows_only_its_training_labels() -> None:
    e = events()
    protocol = RandomSplit(0.4, 3)
    [outer] = protocol.rounds(e)
    assert outer.visible.sum() == len(outer.train)
    assert len(outer.train) == pytest.approx(0.4 * len(e.labelled), abs=1)
    assert e.y[outer.train].mean() == pytest.approx(e.y[outer.test].mean(), abs=0.001)
    assert np.array_equal(outer.train, protocol.rounds(e)[0].train)
    assert not np.array_equal(outer.train, RandomSplit(0.4, 4).rounds(e)[0].train)
    rehearsals = protocol.rehearsals(e, outer)
    assert np.array_equal(np.sort(np.concatenate([r.test for r in rehearsals])), outer.train)
    for r in rehearsals:
        assert not r.visible[r.test].any()
        assert not r.visible[outer.test].any()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_of_nothing_or_all_is_refused(share) -> None:
    for protocol in (TimeSplit(share), RandomSplit(share, 0)):
        with pytest.raises(BadProtocol, match="between 0 and 1"):
            protocol.rounds(events(200))


def test_leaks_and_empty_sides_are_found() -> None:
    e = events()
    [outer] = TimeSplit(0.6).rounds(e)
    rehearsals = TimeSplit(0.6).rehearsals(e, outer)
    with pytest.raises(LeakFound, match="learned from"):
        check_honest(e, replace(outer, test=outer.train[:5]), rehearsals)
    with pytest.raises(LeakFound, match="not known yet"):
        check_honest(e, replace(outer, moment_us=outer.moment_us - 30 * DAY_US), rehearsals)
    with pytest.raises(LeakFound, match=r"holds events that time:0\.6 judges"):
        check_honest(e, outer, [replace(rehearsals[0], test=outer.test[:3])])
    younger = replace(outer, train=outer.train[:50], moment_us=int(e.known_at_us[outer.train[49]]))
    with pytest.raises(LeakFound, match="was not known when"):
        check_honest(e, younger, rehearsals)


def test_rounds_without_frauds_on_both_sides_are_left_out_or_told() -> None:
    e = events()
    [outer] = TimeSplit(0.6).rounds(e)
    rehearsals = TimeSplit(0.6).rehearsals(e, outer)
    assert usable(e, outer, rehearsals) == rehearsals
    assert usable(e, outer, [replace(rehearsals[0], test=outer.test[:0]), rehearsals[1]]) == rehearsals[1:]
    frauds = outer.test[e.y[outer.test] == 1]
    for wrong, said in (
        (replace(outer, test=outer.test[:0]), "no events to judge"),
        (replace(outer, train=outer.train[:0]), "no events to learn from"),
        (replace(outer, test=outer.test[e.y[outer.test] == 0]), "no frauds to judge"),
        (replace(outer, train=frauds[:1]), "1 fraud to learn from"),
        (replace(outer, train=frauds[:5]), "too few legitimate events to learn from"),
    ):
        with pytest.raises(BadProtocol, match=said):
            usable(e, wrong, rehearsals)
        with pytest.raises(BadProtocol, match=f"cannot be rehearsed: its newest rehearsal has {said}"):
            usable(e, outer, [wrong])


def test_durations_and_splits_are_read() -> None:
    assert read_duration("7d") == 7 * DAY_US
    assert read_duration("90m") == 5_400_000_000
    assert read_split("time:0.8", seed=1) == TimeSplit(0.8)
    assert read_split("random:.4", seed=1) == RandomSplit(0.4, 1)
    for wrong in ("7", "d", "0d", "-1d", "7 days"):
        with pytest.raises(BadProtocol, match="no duration"):
            read_duration(wrong)
    for wrong in ("time", "time:2", "random:0,4", "weeks:0.5"):
        with pytest.raises(BadProtocol, match="no split"):
            read_split(wrong, seed=0)
