"""Model texts: what is read, and what is refused by name."""

from __future__ import annotations

import pytest

from haechi.detectors.errors import UnsupportedForest
from haechi.detectors.lightgbm_text import read_model

from .making import booster, rows


def test_trees_categories_and_objective_are_read() -> None:
    x, y = rows()
    model = read_model(booster(x, y, trees=3, categories=[3], sigmoid=1.5, min_data_per_group=20).model_to_string())
    assert (len(model.trees), model.feature_count, model.sigmoid, model.averaged) == (3, 8, 1.5, False)
    sets = [tree.category_words(0) for tree in model.trees if tree.cat_threshold]
    assert sets
    assert all(len(tree.leaf_value) == tree.leaves for tree in model.trees)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"objective": "regression"}, "objective 'regression' is not known"),
        ({"objective": "multiclass", "num_class": 3}, "several classes"),
        ({"linear_tree": True}, "linear leaves"),
    ],
)
def test_what_the_forest_cannot_walk_is_refused(settings, said) -> None:
    x, y = rows(600)
    with pytest.raises(UnsupportedForest, match=said):
        read_model(booster(x, y, trees=2, **settings).model_to_string())


def test_a_text_without_trees_is_refused() -> None:
    with pytest.raises(UnsupportedForest, match="no trees"):
        read_model("tree\nobjective=binary sigmoid:1\nfeature_names=a b\n")
