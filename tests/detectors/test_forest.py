"""Our forest says what LightGBM says, for every kind of split and every kind of value; anything else is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.detectors.errors import ForestMismatch, UnsupportedForest
from haechi.detectors.forest import CATEGORICAL, NODE, View, join, plant, prove_equal, round_down

from .making import booster, rows, strange_rows

VARIANTS = [
    {},
    {"zero_as_missing": True},
    {"use_missing": False},
    {"objective": "cross_entropy"},
    {"sigmoid": 2.3},
    {"extra_trees": True},
    {"boosting": "dart"},
    {"boost_from_average": False, "max_bin": 1023},
    {"monotone_constraints": [1, 0, 0, 0, 0, 0, 0, 0]},
]


@pytest.mark.parametrize("categories", [[], [3]], ids=["numbers", "categories"])
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_equals_lightgbm_on_real_and_strange_rows(variant, categories) -> None:
    x, y = rows()
    model = booster(x, y, categories=categories, min_data_per_group=20, **variant)
    forest, odd = plant(model.model_to_string()), strange_rows(x)
    expected = model.predict(odd, raw_score=True) * variant.get("sigmoid", 1.0)
    assert bool(categories) == bool((forest.nodes["flags"] & CATEGORICAL).any())
    assert prove_equal(forest, expected, odd) <= 1e-14
    assert np.allclose(1 / (1 + np.exp(-forest.score(odd))), model.predict(odd), atol=1e-12)


def test_a_random_forest_is_averaged() -> None:
    x, y = rows()
    model = booster(x, y, boosting="rf", bagging_fraction=0.6, bagging_freq=1)
    p = model.predict(x)
    prove_equal(plant(model.model_to_string()), np.log(p / (1 - p)), x)


def test_a_model_of_one_leaf_is_a_constant() -> None:
    x, y = rows(200)
    model = booster(x, y, trees=1, min_data_in_leaf=1000)
    forest = plant(model.model_to_string())
    assert len(forest.nodes) == 1
    assert forest.score_one(x[0]) == model.predict(x[:1], raw_score=True)[0]


def test_a_node_is_sixteen_bytes_and_children_are_neighbours() -> None:
    x, y = rows()
    forest = plant(booster(x, y).model_to_string())
    assert NODE.itemsize == 16
    children = forest.nodes["left"][forest.nodes["left"] >= 0]
    assert len(np.unique(np.concatenate([children, children + 1]))) == 2 * len(children)


def test_one_difference_refuses_the_model() -> None:
    x, y = rows()
    model = booster(x, y)
    expected = model.predict(x, raw_score=True)
    expected[7] += 1e-9
    with pytest.raises(ForestMismatch, match="row 7 of 1500"):
        prove_equal(plant(model.model_to_string()), expected, x)
    expected[7] = np.nan
    with pytest.raises(ForestMismatch, match="row 7"):
        prove_equal(plant(model.model_to_string()), expected, x)


def test_joined_forests_score_their_mean_and_cut_ones_their_first_trees() -> None:
    x, y = rows()
    one, two = (
        booster(x, y, seed=s, categories=[3], min_data_per_group=20, bagging_fraction=0.5, bagging_freq=1)
        for s in (1, 2)
    )
    both = join([plant(m.model_to_string(), 0.5) for m in (one, two)])
    odd = strange_rows(x)
    expected = (one.predict(odd, raw_score=True) + two.predict(odd, raw_score=True)) / 2
    assert np.abs(both.score(odd) - expected).max() < 1e-12
    staged = both.staged(odd, [20, 40])
    assert np.array_equal(staged[:, 0], both.cut(20).score(odd))
    assert np.allclose(staged[:, 1], both.score(odd), atol=1e-12)
    assert both.cut(40).score_one(odd[5]) == both.score_one(odd[5])


def test_a_view_walks_whole_rows_with_a_model_of_some_columns() -> None:
    x, y = rows()
    chosen = np.array([5, 0, 3])
    model = booster(x[:, chosen], y, categories=[2])
    wide = plant(model.model_to_string(), view=View(chosen, 8))
    prove_equal(wide, model.predict(x[:, chosen], raw_score=True), x)
    with pytest.raises(UnsupportedForest, match="3 features, 2 were chosen"):
        plant(model.model_to_string(), view=View(chosen[:2], 8))
    with pytest.raises(UnsupportedForest, match="different numbers of features"):
        join([wide, plant(model.model_to_string())])


def test_rows_of_another_width_are_refused() -> None:
    x, y = rows(300)
    forest = plant(booster(x, y, trees=2).model_to_string())
    with pytest.raises(ValueError, match="rows of 8 features"):
        forest.score(x[:, :5])


def test_a_tree_beyond_the_depth_limit_is_refused(monkeypatch) -> None:
    x, y = rows()
    text = booster(x, y).model_to_string()
    monkeypatch.setattr("haechi.detectors.forest.DEPTH_MAX", 2)
    with pytest.raises(UnsupportedForest, match="2 is the limit"):
        plant(text)


@given(st.floats(allow_nan=False, allow_infinity=False, width=64), st.floats(allow_nan=False, width=32))
@settings(max_examples=500, deadline=None)
def test_a_rounded_threshold_answers_as_the_exact_one(threshold: float, value: float) -> None:
    # LightGBM takes values this close to nothing for zero before it compares.
    seen = 0.0 if abs(value) <= float(np.float32(1e-35)) else value
    assert (np.float32(value) <= round_down(threshold)) == (seen <= threshold) or 0 < abs(threshold) < 1.1e-35
