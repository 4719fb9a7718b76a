"""Thresholds from quiet days: a quiet month raises hardly any alarm, a shift raises one soon."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.learning.watch.quiet import MAD_TO_SD, PRIOR_DAYS, Quiet, _each_left_out, _spread, calm, rehearse

SERIES, MONTHS = 200, 24


def days(r: np.random.Generator, count: int) -> np.ndarray:
    """Log-like values of many series, each with its own level and spread, heavier to the right."""
    level, spread = r.normal(-4, 1, SERIES), r.uniform(0.1, 0.5, SERIES)
    return level + spread * (r.gamma(4.0, 0.5, (count, SERIES)) - 2.0)


def lived_through(found: np.ndarray) -> int:
    """Alarms of the days after the first two weeks; what is quiet is learned again each week."""
    height, nobody = np.zeros(len(found)), np.zeros(len(found), bool)
    quiet = Quiet.learn(found[:14], alarms_per_month=0.25)
    for at in range(14, len(found)):
        if at % 7 == 0:
            quiet = Quiet.learn(found[:at][calm(height[:at], nobody[:at])], alarms_per_month=0.25)
        over = quiet.deviation(found[at])[0] / quiet.threshold
        height[at] = over if over > 1 else 0.0
    return int((height > 0).sum())


def test_a_quiet_month_raises_at_most_one_false_alarm() -> None:
    alarms = []
    for seed in range(MONTHS):
        found = days(np.random.default_rng(seed), 14 + 30)
        alarms.append(lived_through(found))
    assert np.mean(np.array(alarms) <= 1) >= 0.95, alarms
    assert np.mean(alarms) < 0.6, "about a quarter is wanted"


def test_a_series_that_moves_is_found_and_named() -> None:
    found = days(np.random.default_rng(5), 14 + 30)
    quiet = Quiet.learn(found[:14], alarms_per_month=0.25)
    found[20:, 17] += 12 * quiet.spread[17]
    height, at = quiet.deviation(found[20])
    assert height > quiet.threshold
    assert at == 17
    assert int(np.argmax(quiet.deviations(found[20]))) == 17


def test_series_that_say_nothing_raise_nothing() -> None:
    found = days(np.random.default_rng(6), 20)
    found[:, 3] = np.nan
    quiet = Quiet.learn(found, alarms_per_month=1.0)
    assert quiet.deviation(found[0])[0] < quiet.threshold
    assert quiet.deviation(np.full(SERIES, np.nan)) == (0.0, 0)
    constant = Quiet.learn(np.ones((9, 2)), alarms_per_month=1.0)
    assert constant.deviation(np.ones(2))[0] == 0.0


def test_few_days_tell_nothing() -> None:
    with pytest.raises(ValueError, match="6 quiet days are too few"):
        Quiet.learn(np.zeros((6, 2)), alarms_per_month=1.0)


def test_one_loud_day_is_part_of_life_and_several_are_not() -> None:
    height, others = np.array([0, 1.2, 0, 1.2, 3, 1.2, 0, 1.2, 0, 2.5, 0, 0]), np.zeros(12, bool)
    others[11] = True
    told = "the last but one stands alone, and far; on the last day another series was loud"
    assert calm(height, others).tolist() == [
        True, True, True, False, False, False, True, True, True, False, True, False
    ], told  # fmt: skip


def test_each_quiet_day_is_measured_by_the_others() -> None:
    found = days(np.random.default_rng(7), 15)
    found[np.random.default_rng(8).random(found.shape) < 0.2] = np.nan
    found[:, 0], found[:, 1], found[1:, 2] = 1.0, np.nan, np.nan
    level, spread = np.empty((2, 16, SERIES))
    _each_left_out(found, level, spread)
    for left_out in range(16):
        rest = np.delete(found, left_out, axis=0) if left_out < 15 else found
        for series in range(SERIES):
            known = rest[~np.isnan(rest[:, series]), series]
            median = np.median(known) if len(known) else np.nan
            off = np.median(np.abs(known - median)) if len(known) else np.nan
            assert level[left_out, series] == pytest.approx(median, nan_ok=True)
            wanted = max(MAD_TO_SD * off, known.std()) if len(known) else np.nan
            assert spread[left_out, series] == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize("series", [6, 7])
def test_what_many_series_share_is_the_same_to_the_bit_as_with_numpy(series: int) -> None:
    found = np.random.default_rng(9).gamma(2.0, 0.5, (9, series))
    found[np.random.default_rng(10).random(found.shape) < 0.3] = np.nan
    found[0], found[1, 1:] = np.nan, np.nan
    choices = np.arange(11, 20)
    for days_of, row, spread in zip(choices, found, _spread(found, choices, 0.05), strict=True):
        known = ~np.isnan(row)
        usual = np.median(row[known]) if known.any() else 0.0
        wanted = np.sqrt((PRIOR_DAYS * usual**2 + days_of * row**2) / (PRIOR_DAYS + days_of))
        assert spread.tobytes() == np.where(known, np.maximum(wanted, 0.05), 0.05).tobytes()


def test_nothing_is_compiled_any_more_once_it_was_rehearsed() -> None:
    rehearse()
    before = [len(one.signatures) for one in (_each_left_out, _spread)]
    Quiet.learn(days(np.random.default_rng(11), 9), alarms_per_month=1.0)
    assert [len(one.signatures) for one in (_each_left_out, _spread)] == before
    assert min(before) > 0
