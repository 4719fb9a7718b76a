"""Ranges and bounds: which conditions can only go one way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.rules import BadRule
from haechi.rules.always import values
from haechi.rules.check import check
from haechi.rules.expression import Constant, Expression, Input, Leaf, Operation, Word

from .making import names

NEVER = (
    "hour > 23",
    "hour < 0",
    "hour == 24",
    "amount < 0 won",
    "risk < risk",
    "amount > 5 won and amount < 3 won",
    "amount >= 5 won and amount < 5 won",
    "hour == 3 and hour == 4",
    "hour == 3 and hour != 3",
    "hour == 3 and hour > 3",
    'kind == "a" and kind == "b"',
    'kind == "a" and kind not in ("a", "b")',
    "not hour <= 23",
    "3 > 5",
    "hour * 2 > 46",
    "hour + hour > 46",
    "hour - 24 > 0",
    "abs(lat) > 90",
    "hour % 5 >= 5",
    "min(hour, risk) > 23",
    "customer.device.share > 1",
    "is_holiday and hour > 30",
    "not (hour < 5 or hour >= 5)",
    "hour / 2 > 12",
    "hour < 3 and 5 < hour",
    "3 < hour and hour < 3",
    'count(customer, "1h") < 0',
    "amount / 2 < 0 won",
    "hour < 5 and (hour > 6 and risk > 1)",
)
ALWAYS = (
    "hour >= 0",
    "hour <= 23",
    "amount >= 0 won",
    "risk == risk",
    "risk <= risk",
    "hour < 5 or hour >= 5",
    "hour < 7 or hour > 3",
    "hour != 3 or hour != 4",
    'kind != "a" or kind != "b"',
    "not hour > 23",
    "3 < 5",
    "2 == 2",
    "max(hour, 30) > 29",
    "is_holiday or hour < 99",
    "not (hour == 3 and hour == 4)",
    'count(customer, "1h") >= 0',
    "hour * 0 == 0",
)
SOMETIMES = (
    "hour > 22",
    "hour < 1",
    "risk < lat",
    "hour == 3 or hour == 4",
    "hour != 3 and hour != 4",
    "amount > 5 won or amount < 3 won",
    "hour >= 5 and hour <= 5",
    'kind == "a" or kind == "b"',
    "hour / risk > 3",
    "risk % duration_s > 100",
    "risk * risk < 0",
    "abs(lat) > 89",
    "is_holiday",
    "not is_holiday",
    "known(risk)",
    "hour < lat",
    "risk / 0 > 3",
    "hour / hour > 2",
    "hour % lat < 0",
)


@pytest.mark.parametrize("text", NEVER)
def test_what_can_never_be_true_is_told(text: str) -> None:
    with pytest.raises(BadRule, match="this is never true"):
        check(text, names())


@pytest.mark.parametrize("text", ALWAYS)
def test_what_is_always_true_is_told(text: str) -> None:
    with pytest.raises(BadRule, match="this is always true"):
        check(text, names())


@pytest.mark.parametrize("text", SOMETIMES)
def test_what_can_go_both_ways_is_accepted(text: str) -> None:
    assert check(text, names()).warnings == ()


X = Input("number", "x")
small = st.integers(-5, 5).map(float)


def expressions() -> st.SearchStrategy[Expression]:
    leaves = st.one_of(
        small.map(Constant), st.tuples(small, small).map(lambda p: Leaf(X, min(p), max(p))), st.just(Leaf(X))
    )
    signs = st.sampled_from(("+", "-", "*", "/", "%", "min", "max"))
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.tuples(signs, parts, parts).map(lambda t: Operation(t[0], t[1:])),
            parts.map(lambda p: Operation("abs", (p,))),
        ),
        max_leaves=4,
    )


def calculated(expression: Expression, pick: float) -> list[float]:
    """Values that an expression really takes, at the ends and inside of every range."""
    if isinstance(expression, Constant):
        return [expression.value]
    if isinstance(expression, Leaf):
        low, high = max(expression.low, -9.0), min(expression.high, 9.0)
        return [low, high, low + (high - low) * pick]
    assert isinstance(expression, Operation)
    parts = [calculated(part, pick) for part in expression.parts]
    if expression.sign == "abs":
        return [abs(v) for v in parts[0]]
    ways = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
            "%": lambda a, b: a % b, "min": min, "max": max}  # fmt: skip
    return [ways[expression.sign](a, b) for a in parts[0] for b in parts[1] if b != 0 or expression.sign not in "/%"]


@given(expressions(), st.floats(0, 1))
def test_no_value_lies_outside_its_range(expression: Expression, pick: float) -> None:
    low, high = values(expression)
    for value in calculated(expression, pick):
        assert low - 1e-9 <= value <= high + 1e-9


def test_texts_and_truths_have_no_range() -> None:
    assert values(Word(X, "a")) == (float("-inf"), float("inf"))
    assert values(Operation("known", (Leaf(X),))) == (float("-inf"), float("inf"))
