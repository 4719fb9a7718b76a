"""Rows abreast get the sums that rows alone get, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.detectors.abreast import ROWS_MIN, WIDTHS
from haechi.detectors.forest import Forest, plant, walk

from .making import booster, rows, strange_rows


@pytest.fixture(scope="module")
def planted() -> tuple[Forest, np.ndarray]:
    x, y = rows()
    return plant(booster(x, y).model_to_string()), np.concatenate([x[:200], strange_rows(x)[:200]]).astype(np.float32)


@pytest.mark.parametrize("count", [ROWS_MIN, *(w + more for w in WIDTHS for more in (-1, 0, 1)), 200])
def test_as_many_rows_as_you_like_are_walked_as_one(planted: tuple[Forest, np.ndarray], count: int) -> None:
    forest, x = planted
    # Every second one, so that known and unknown values stand side by side.
    chosen = np.ascontiguousarray(np.concatenate([x[::2], x[1::2]])[:count])
    alone = [walk(forest.nodes, forest.values, forest.roots, forest.bits, row) for row in chosen]
    assert forest.score(chosen).tolist() == alone


def test_sets_of_categories_are_walked_one_by_one() -> None:
    x, y = rows()
    forest = plant(booster(x, y, categories=[0]).model_to_string())
    assert forest._abreast is None
    chosen = x[:20].astype(np.float32)
    alone = [walk(forest.nodes, forest.values, forest.roots, forest.bits, row) for row in chosen]
    assert forest.score(chosen).tolist() == alone
