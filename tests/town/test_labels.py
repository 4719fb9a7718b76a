"""Labels arrive late, and some never."""

from __future__ import annotations

import numpy as np

from haechi.town import Parameters
from haechi.town.labels import DAY_US, HOUR_US, NEVER, known_at

N = 20_000


def delays(fraud: bool) -> np.ndarray:
    times = np.full(N, 1_700_000_000_000_000)
    return known_at(Parameters(), times, np.full(N, fraud), np.random.default_rng(2)) - times


def test_frauds_are_reported_within_hours_to_weeks() -> None:
    known = delays(True)
    known = known[known >= 0]
    assert known.min() >= HOUR_US
    assert known.max() <= 45 * DAY_US
    assert 36 * HOUR_US < np.median(known) < 60 * HOUR_US
    assert (known > 7 * DAY_US).mean() > 0.1


def test_silence_settles_a_payment() -> None:
    known = delays(False)
    assert set(known[known >= 0]) == {7 * DAY_US}


def test_a_missing_label_tells_nothing() -> None:
    def missing(fraud: bool) -> float:
        return float(
            (known_at(Parameters(), np.zeros(N, np.int64), np.full(N, fraud), np.random.default_rng(3)) == NEVER).mean()
        )

    assert abs(missing(True) - 0.1) < 0.01
    assert missing(True) == missing(False)
