"""What stories say of a policy, from rows alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from haechi.commands.behaving import Told, columns_of, figures_of_stories
from haechi.decision import Policy
from haechi.events import Schema
from haechi.features import default_spec
from haechi.learning.unlabelled import KINDS, STATE, VIEWS

SPEC = default_spec(Schema.read("bank"), overrides={"behaviour": True})
P = "behaviour."


def told(habit: list[float], hour: float, amount: float) -> Told:
    rows = np.full((len(habit), len(SPEC.names)), np.nan, np.float32)
    said = {
        "surprise_hour": hour, "surprise_amount": amount, "history": 200.0, "class_history": 90.0, "day_class": 0.0,
        "hours_from": 15.0, "hours_to": 21.0, "amount_low": 1_500.0, "amount_high": 3_900.0, "direction": 0.0,
    }  # fmt: skip
    for name, value in said.items():
        rows[:, SPEC.index(P + name)] = value
    rows[:, SPEC.index(P + "surprise_habit")] = rows[:, SPEC.index(P + "school_habit")] = habit
    rows[:, SPEC.index("customer.age_years")] = 17.5
    rows[:, SPEC.index("amount")], rows[:, SPEC.index("hour")] = 7_000.0, 7.03
    frame = pl.DataFrame({
        "id": [f"s{i}" for i in range(len(habit))], "kind": "payment",
        "time_us": 1_729_807_320_000_000, "amount": 7_000,
        "currency": "KRW", "category:merchant_category": "ice_cream",
    })  # fmt: skip
    return Told("founding", date(2024, 10, 25), frame, rows)


@pytest.mark.parametrize(("hour", "amount"), [(6.0, 5.0), (4.0, 5.0)])
def test_a_story_is_counted_as_the_policy_would_ask(hour: float, amount: float) -> None:
    policy = Policy.parse({"views": {"behaviour.school": {"one_in": 100}}})
    found = figures_of_stories([told([5.0, 6.0, 7.0, 8.0], hour, amount)], SPEC, policy)
    story = found["founding"]
    assert story["pupils"] == 4
    assert story["beyond_1_in_50"] == 0.75
    assert story["asked_about"] == story["beyond_1_in_100"] == 0.5
    assert story["hour_and_amount_lead"] == 1.0, "two sentences, or one that names both"


def test_every_column_that_is_judged_is_there() -> None:
    columns = columns_of(SPEC)
    assert [len(columns[name]) for name in ("bits", "views", "state", "who")] == [len(KINDS), len(VIEWS), len(STATE), 4]
