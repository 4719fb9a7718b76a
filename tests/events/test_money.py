"""Goal: money is exact, and what is not money is refused."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.events import BadRow, BadSchema, exponent, minor_units
from haechi.events.money import EXPONENTS, is_finer


@pytest.mark.parametrize(
    ("value", "currency", "units"),
    [
        (7000, "KRW", 7000),
        ("7000", "KRW", 7000),
        (7000.0, "KRW", 7000),
        (0.29, "EUR", 29),
        ("0.29", "EUR", 29),
        (1.15, "EUR", 115),
        (4.35, "EUR", 435),
        (1.234, "KWD", 1234),
        ("1e3", "EUR", 100_000),
        (Decimal("0.1"), "EUR", 10),
        (0.125, "EUR", 12),
        (0.135, "EUR", 14),
        ("2.675", "EUR", 268),
        (2.665, "EUR", 266),
        (0.5, "KRW", 0),
        (1.5, "KRW", 2),
        ("", "EUR", None),
        (None, "EUR", None),
        (float("nan"), "EUR", None),
        ("NaN", "EUR", None),
        (0, "EUR", 0),
        (10**15, "KRW", 10**15),
        ("1e-400", "EUR", 0),
        (-0.0, "EUR", 0),
    ],
)
def test_amounts_become_whole_minor_units(value, currency, units) -> None:
    assert minor_units(value, exponent(currency)) == units


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-0.01, "negative_amount"),
        ("-5", "negative_amount"),
        (-5, "negative_amount"),
        (1e14, "absurd_amount"),
        ("9" * 40, "absurd_amount"),
        (10**20, "absurd_amount"),
        ("1e999", "absurd_amount"),
        (float("inf"), "infinite"),
        ("inf", "infinite"),
        ("ten", "not_a_number"),
        (True, "not_a_number"),
        ([1], "not_a_number"),
        ("1_0", "not_a_number"),
        ("1,000", "not_a_number"),
        ("1" * 65, "not_a_number"),
        ("1" * 70_000, "too_long"),
        (b"1", "not_a_number"),
    ],
)
def test_what_is_no_amount_says_why(value, code) -> None:
    with pytest.raises(BadRow) as caught:
        minor_units(value, 2)
    assert caught.value.code == code
    assert len(str(caught.value)) < 200


@given(st.decimals(0, 10**12, places=6), st.sampled_from([0, 2, 3, 4]))
def test_text_is_rounded_half_to_even(value, decimals) -> None:
    expected = int((value.scaleb(decimals)).quantize(Decimal(1), ROUND_HALF_EVEN))
    if expected <= 10**15:
        assert minor_units(str(value), decimals) == expected


@given(st.integers(0, 10**15 - 1), st.sampled_from([0, 2, 3, 4]))
def test_a_float_that_means_whole_units_is_those_units(units, decimals) -> None:
    value = float(Decimal(units).scaleb(-decimals))
    assert minor_units(value, decimals) == units
    assert not is_finer(value, decimals)


def test_sign_may_be_dropped_on_request() -> None:
    assert minor_units(-1.5, 2, absolute=True) == 150


def test_currencies_know_their_decimals() -> None:
    assert (exponent("KRW"), exponent("EUR"), exponent("KWD"), exponent("CLF")) == (0, 2, 3, 4)
    assert len(EXPONENTS) > 150
    with pytest.raises(BadSchema, match="did you mean EUR"):
        exponent("EURO")


@pytest.mark.parametrize(
    ("value", "finer"), [("0.125", True), (0.12, False), (None, False), ("nan", False), (3, False)]
)
def test_rounding_is_noticed(value, finer) -> None:
    assert is_finer(value, 2) is finer
