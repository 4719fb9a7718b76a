"""A customer's level: shrunk to her peers, and held by an anchor that small steps do not move."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.features.blocks.level import LEVEL_BYTES, centre_of, level, level_learn, peers_learn


def judged(own: np.ndarray, peers: np.ndarray, x: float) -> list[float]:
    out = np.zeros(4)
    level(own.ctypes.data, peers.ctypes.data, 1.0, 1.0, x, out.ctypes.data)
    return out.tolist()


def group(mean: float = 11.0, between: float = 0.5, within: float = 0.4) -> np.ndarray:
    n = 10_000.0
    total = between**2 + within**2
    return np.array([n, n * mean, n * (total + mean * mean), n * within**2, n])


def test_without_history_the_peers_decide() -> None:
    own = np.zeros(LEVEL_BYTES // 4, np.float32)
    mean, deviation, up, down = judged(own, group(), 12.0)
    assert mean == pytest.approx(11.0)
    assert up == pytest.approx(-down, abs=1e-6) or up > -down
    assert 1.0 / deviation == pytest.approx(-down)


def test_an_anchor_remembers_what_the_mean_forgot() -> None:
    own = np.zeros(LEVEL_BYTES // 4, np.float32)
    for _ in range(300):
        level_learn(own.ctypes.data, 1.0, 1.0, 11.0, 1.0, 1.0)
    honest = judged(own, group(), 11.1)
    own[:3] = [50.0, 50.0 * 14.0, 50.0 * (14.0**2 + 0.16)]  # the mean was led away in small steps
    led_away = judged(own, group(), 14.0)
    assert abs(led_away[0] - 14.0) < 0.2
    assert led_away[2] > 5.0, "usual for the mean, absurd for the anchor"
    assert honest[2] < 2.0


def test_learning_with_a_negative_weight_takes_back() -> None:
    own, peers = np.zeros(LEVEL_BYTES // 4, np.float32), group()
    level_learn(own.ctypes.data, 1.0, 1.0, 10.5, 1.0, 1.0)
    before = own.copy()
    peers_learn(peers.ctypes.data, own.ctypes.data, 13.0, 0.5)
    level_learn(own.ctypes.data, 1.0, 1.0, 13.0, 0.5, 0.5)
    level_learn(own.ctypes.data, 1.0, 1.0, 13.0, -0.5, -0.5)
    assert np.allclose(own, before, atol=1e-4)
    assert peers[0] == 10_000.5


def test_a_new_category_costs_what_all_do() -> None:
    sums = np.zeros((4, 2))
    sums[0] = [1000 * 11.0, 1000]
    sums[1] = [500 * 15.0, 500]
    nobody = np.zeros((4, 2))
    every = (1000 * 11.0 + 500 * 15.0) / 1500
    assert centre_of(nobody.ctypes.data, sums.ctypes.data, 4, 3) == pytest.approx(every)
    assert centre_of(sums.ctypes.data, sums.ctypes.data, 4, 0) == pytest.approx(11.0, abs=0.02)
