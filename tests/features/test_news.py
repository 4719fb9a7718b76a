"""How much a kind of surprise counts: more where it comes in runs, and not because customers were once unknown."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.features.blocks import surprise_layout as lay
from haechi.features.blocks.news import FAR_OUT_BITS, NEWS_MAX, count_runs, judge_news, news_of

CUSTOMERS, EVENTS = 60, 260
YOUNG = 20


def weight(out: np.ndarray, kind: int = lay.AMOUNT) -> float:
    """What the weight of a kind becomes, given which events were far out: bool [customers, events]."""
    everybody, w = np.zeros(lay.EVERYBODY_BYTES, np.uint8), np.zeros(lay.WORK_AT)
    facts, at = w.ctypes.data, everybody.ctypes.data
    w[lay.W_RAW : lay.W_RAW + lay.D] = -1.0
    w[lay.W_RAW + kind] = 1.0
    for row in out:
        own = np.zeros(lay.BYTES, np.uint8)
        seen = own[lay.O_SEEN : lay.O_SEEN + 4].view(np.uint32)
        for n, is_out in enumerate(row):
            seen[0] = n
            w[lay.W_BITS + kind] = FAR_OUT_BITS + 1.0 if is_out else 0.0
            count_runs(own.ctypes.data, at, facts)
    judge_news(at)
    return float(news_of(at, lay.PURCHASE, kind)) / lay.PRIORS[kind]


@pytest.fixture
def at_random() -> np.ndarray:
    """One event in fifty, at no particular time."""
    return np.random.default_rng(3).random((CUSTOMERS, EVENTS)) < 0.02


def test_what_comes_at_random_counts_as_before(at_random: np.ndarray) -> None:
    assert weight(at_random) == 1.0


def test_what_comes_in_runs_counts_more_and_never_without_limit(at_random: np.ndarray) -> None:
    runs = at_random & (np.random.default_rng(4).random(at_random.shape) < 0.1)
    for c in range(0, CUSTOMERS, 3):
        runs[c, 120:160:2] = True
    assert 1.0 < weight(runs) <= NEWS_MAX
    runs[:, 120:160] = True
    assert weight(runs) == NEWS_MAX


def test_being_odd_while_young_is_no_run(at_random: np.ndarray) -> None:
    at_random[:, :YOUNG] = True
    assert weight(at_random) == 1.0


def test_what_identities_repeat_is_not_asked(at_random: np.ndarray) -> None:
    at_random[:, 100:140] = True
    assert weight(at_random, lay.DEVICE) == 1.0
