"""Raw fields as numbers: what an event says itself, and nothing that another event said."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from haechi.learning.raw import PRIOR_EVENTS, RawFields

HOUR_US = 3_600_000_000
SEOUL_US = 9 * HOUR_US


def learned(frame: pl.DataFrame, y: list[bool], ids: list[str] | None = None) -> dict[str, np.ndarray]:
    fields = RawFields.learn(frame, np.array(y), np.ones(frame.height), ids or [])
    return fields.fields(frame, np.zeros(frame.height, np.int64), SEOUL_US)


def test_a_moment_is_hour_weekday_and_day_of_the_place() -> None:
    frame = pl.DataFrame({"amount": [1]})
    fields = RawFields.learn(frame, np.array([True]), np.ones(1), [])
    friday_0702_us = (1_729_807_320 + 0) * 1_000_000  # 2024-10-24T22:02:00Z
    found = fields.fields(frame, np.array([friday_0702_us]), SEOUL_US)["time"]
    assert found[0].tolist() == pytest.approx([7 + 2 / 60, 4, 25], abs=1e-3)


def test_numbers_stay_and_missing_ones_are_missing() -> None:
    found = learned(pl.DataFrame({"amount": [7_000, None], "on": [True, False]}), [True, False])
    assert found["amount"][0, 0] == 7_000
    assert np.isnan(found["amount"][1, 0])
    assert found["on"].ravel().tolist() == [1, 0]


def test_a_word_is_its_fraud_rate_pulled_to_the_mean() -> None:
    frame = pl.DataFrame({"channel": ["app"] * 50 + ["pos"] * 50})
    found = learned(frame, [True] * 10 + [False] * 90)["channel"].ravel()
    assert found[0] == pytest.approx((10 + PRIOR_EVENTS * 0.1) / (50 + PRIOR_EVENTS))
    assert found[-1] == pytest.approx(PRIOR_EVENTS * 0.1 / (50 + PRIOR_EVENTS))


def test_an_unknown_word_says_nothing() -> None:
    frame = pl.DataFrame({"channel": ["app", "pos"]})
    fields = RawFields.learn(frame, np.array([True, False]), np.ones(2), [])
    new = fields.fields(pl.DataFrame({"channel": ["telex"]}), np.zeros(1, np.int64), 0)["channel"]
    assert new[0, 0] == pytest.approx(0.5)


def test_who_was_in_a_fraud_is_not_remembered() -> None:
    frame = pl.DataFrame({"payee": ["a-11", "a-22", "a-33", "a-44"]})
    found = learned(frame, [True, False, False, False], ["payee"])["payee"]
    length, shape, last, first = found.T
    assert len(set(length)) == len(set(shape)) == 1
    assert last.tolist() == first.tolist() == [11, 22, 33, 44]


def test_how_an_id_is_made_is_seen() -> None:
    frame = pl.DataFrame({"payee": ["a-1", "mule-2", None]})
    found = learned(frame, [False, True, False], ["payee"])["payee"]
    assert found[1, 0] == 6
    assert found[1, 1] > found[0, 1]
    assert np.isnan(found[2, 0])
    address = learned(pl.DataFrame({"ip": ["10.3.0.77"]}), [True], ["ip"])["ip"][0]
    assert address[2:].tolist() == [77, 10]


def test_a_column_of_many_texts_is_taken_for_ids() -> None:
    frame = pl.DataFrame({"terminal": [f"m{n}" for n in range(300)]})
    assert learned(frame, [n < 9 for n in range(300)])["terminal"].shape == (300, 4)


def test_weights_count() -> None:
    frame = pl.DataFrame({"channel": ["app", "app", "pos"]})
    fields = RawFields.learn(frame, np.array([True, False, False]), np.array([1.0, 99.0, 900.0]), [])
    assert fields.mean_rate == pytest.approx(0.001)
    assert fields.rates["channel"]["app"] == pytest.approx((1 + PRIOR_EVENTS * 0.001) / (100 + PRIOR_EVENTS))
