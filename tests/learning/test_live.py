"""Training for use: what is known teaches, and earlier moments rehearse it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from haechi.learning.dataset import DAY_US, Events
from haechi.learning.errors import BadProtocol
from haechi.learning.live import Live

from .making import START_US, events

NOW = START_US + 50 * DAY_US


def test_only_known_labels_teach() -> None:
    e = events()
    rows = Live(NOW).training(e)
    assert (e.known_at_us[rows] <= NOW).all()
    assert (e.y[rows] >= 0).all()


def test_days_of_which_only_frauds_are_known_do_not_teach() -> None:
    """Harmless payments settle after a week, frauds are reported within hours: the last week would be all fraud."""
    n = 50 * 24
    time_us = START_US + np.arange(n) * (DAY_US // 24)
    y = (np.arange(n) % 20 == 0).astype(np.int8)
    known_at_us = time_us + np.where(y == 1, DAY_US // 8, 7 * DAY_US)
    e = Events(time_us, y, known_at_us)
    live = Live(NOW)
    for taught, moment_us in [(live.training(e), NOW), *((r.train, r.moment_us) for r in live.rehearsals(e))]:
        last = taught[e.time_us[taught] >= moment_us - 14 * DAY_US]
        assert len(last) > 100
        assert e.y[last].mean() == pytest.approx(0.05, abs=0.02)


def test_rehearsals_lie_in_the_known_past_newest_first() -> None:
    e = events()
    rounds = Live(NOW).rehearsals(e)
    assert len(rounds) == 3
    assert [r.moment_us for r in rounds] == sorted((r.moment_us for r in rounds), reverse=True)
    for r in rounds:
        assert (e.known_at_us[r.train] <= r.moment_us).all()
        assert (e.time_us[r.test] >= r.moment_us).all()
        assert (e.known_at_us[r.test] <= NOW).all()


def test_too_little_history_is_told() -> None:
    e = events()
    with pytest.raises(BadProtocol, match="no event has a known label yet"):
        Live(START_US).rehearsals(e)
    few = replace(e, y=np.where((e.y == 1) & (np.arange(len(e)) > 30), np.int8(0), e.y))
    with pytest.raises(BadProtocol, match="too few to rehearse"):
        Live(NOW).rehearsals(few)
