"""Training for use: what is known teaches, and earlier moments rehearse it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from haechi.learning.dataset import DAY_US
from haechi.learning.errors import BadProtocol
from haechi.learning.live import Live

from .making import START_US, events

NOW = START_US + 50 * DAY_US


def test_only_known_labels_teach() -> None:
    e = events()
    rows = Live(NOW).training(e)
    assert (e.known_at_us[rows] <= NOW).all()
    assert (e.y[rows] >= 0).all()


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
