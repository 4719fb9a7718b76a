"""Shapley values are exact: they equal the definition, and they sum to the difference of the scores."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.detectors.forest import Forest, plant
from haechi.detectors.shapley import base_value, path_differences, shapley

from .making import booster, rows, strange_rows


def by_definition(forest: Forest, row: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Sum over all coalitions: features inside take the row's values, those outside the reference's."""
    n = len(row)

    def worth(coalition: tuple[int, ...]) -> float:
        mixed = reference.copy()
        mixed[list(coalition)] = row[list(coalition)]
        return forest.score_one(mixed)

    values = np.zeros(n)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        for size in range(n):
            share = factorial(size) * factorial(n - size - 1) / factorial(n)
            for s in combinations(others, size):
                values[i] += share * (worth((*s, i)) - worth(s))
    return values


@pytest.fixture(scope="module")
def forests() -> list[Forest]:
    x, y = rows()
    x = x[:, [0, 1, 3, 4, 5]]
    return [
        plant(booster(x, y, trees=8, categories=c, num_leaves=leaves, seed=s).model_to_string())
        for c, leaves, s in (([], 4, 1), ([2], 12, 2), ([], 31, 3))
    ]


@given(which=st.integers(0, 2), a=st.integers(0, 2999), b=st.integers(0, 2999))
@settings(max_examples=40, deadline=None)
def test_equals_the_definition(forests, which: int, a: int, b: int) -> None:
    x = strange_rows(rows()[0][:, [0, 1, 3, 4, 5]])
    assert np.abs(shapley(forests[which], x[a], x[b]) - by_definition(forests[which], x[a], x[b])).max() < 1e-12


def test_contributions_sum_to_the_difference_of_scores() -> None:
    x, y = rows()
    forest = plant(booster(x, y, trees=100, categories=[3], num_leaves=31).model_to_string())
    odd = strange_rows(x)
    for i in range(0, len(odd), 7):
        other = odd[-1 - i]
        difference = forest.score_one(odd[i]) - forest.score_one(other)
        assert abs(shapley(forest, odd[i], other).sum() - difference) < 1e-9
        assert abs(path_differences(forest, odd[i]).sum() + base_value(forest) - forest.score_one(odd[i])) < 1e-9


def test_a_row_against_itself_explains_nothing() -> None:
    x, y = rows(400)
    forest = plant(booster(x, y, trees=5).model_to_string())
    assert not shapley(forest, x[0], x[0]).any()


def test_the_mean_of_the_training_scores_is_where_path_differences_start() -> None:
    x, y = rows(400)
    forest = plant(booster(x, y, trees=5).model_to_string())
    assert base_value(forest) == pytest.approx(forest.score(x).mean(), abs=1e-9)
