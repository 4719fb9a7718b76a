"""The simplest that is not shown to be worse decides; shown is what chance rarely does."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from haechi.learning.metrics import average_precision, fraud_precisions
from haechi.learning.simplest import behind, simplest


def test_frauds_precisions_average_to_average_precision_equal_scores_together() -> None:
    r = np.random.default_rng(0)
    y, score = (r.random(500) < 0.1).astype(np.int8), np.round(r.random(500), 1)
    found = fraud_precisions(y, score)
    assert len(found) == (y == 1).sum()
    assert found.mean() == pytest.approx(average_precision(y, score))
    assert fraud_precisions(np.array([0, 1, 1]), np.array([3.0, 2.0, 1.0])).tolist() == [0.5, 2 / 3]


def better(line: list[np.ndarray], r: np.random.Generator) -> list[np.ndarray]:
    """Better by .02 in the mean, and by chance far better or worse for each fraud."""
    noise = [r.normal(0.0, 0.3, len(one)) for one in line]
    return [one + n - n.mean() + 0.02 for one, n in zip(line, noise, strict=True)]


def test_the_simpler_of_two_that_cannot_be_told_apart_decides() -> None:
    r = np.random.default_rng(1)
    line = [r.random(30), r.random(20)]
    trees = better(line, r)
    found, apart = simplest({"line": line, "trees": trees})
    assert found == "line"
    assert 0.0 < apart["line"][0] < apart["line"][1]
    assert apart["trees"] == (0.0, 0.0)


def test_what_many_frauds_show_to_be_better_decides() -> None:
    r = np.random.default_rng(1)
    line = [r.random(3_000), r.random(2_000)]
    trees = better(line, r)
    assert simplest({"line": line, "trees": trees})[0] == "trees"
    assert simplest({"line": trees, "trees": line})[0] == "line"


@pytest.mark.parametrize(("line_more", "frauds", "chosen"), [
    (-0.002, 2_000, "trees"), (0.002, 2_000, "trees"), (0.03, 2_000, "line"), (-0.002, 40, "line"),
])  # fmt: skip
def test_trees_shown_to_be_as_good_decide(line_more: float, frauds: int, chosen: str) -> None:
    """Not shown to be worse is not enough, nor is a likeness of few: forty frauds cannot show a hundredth."""
    r = np.random.default_rng(2)
    trees = [r.random(frauds), r.random(frauds)]
    noise = [r.normal(0.0, 0.1, frauds) for _ in range(2)]
    line = [one + n - n.mean() + line_more for one, n in zip(trees, noise, strict=True)]
    assert simplest({"line": line, "trees": trees})[0] == chosen


def test_a_handful_that_agrees_by_chance_shows_nothing() -> None:
    few, trees = [np.array([0.5, 0.2])], [np.array([0.499, 0.201])]
    assert behind(few, trees) == (pytest.approx(0.0), 0.5), "one of two weighs a half"
    assert simplest({"few labels": few, "trees": trees})[0] == "few labels"
    assert simplest({"few labels": trees, "trees": few})[0] == "few labels"


def test_noise_is_students_t_of_the_mean_of_rehearsals() -> None:
    better = [np.array([0.5, 0.9]), np.array([0.3, 0.3, 0.6])]
    worse = [np.array([0.4, 0.4]), np.array([0.3, 0.2, 0.2])]
    less, noise = behind(better, worse)
    apart = [np.array([0.1, 0.5]), np.array([0.0, 0.1, 0.4])]
    assert less == pytest.approx((0.3 + 0.5 / 3) / 2)
    variance = (((apart[0] - 0.3) ** 2).sum() + ((apart[1] - 0.5 / 3) ** 2).sum()) / 3
    assert noise == pytest.approx(2.3534 * (variance * (1 / 2 + 1 / 3)) ** 0.5 / 2, rel=1e-4)


def test_one_fraud_shows_nothing_and_rehearsals_without_any_do_not_count() -> None:
    one, other = [np.array([0.9]), np.zeros(0)], [np.array([0.1]), np.zeros(0)]
    assert behind(one, other) == (pytest.approx(0.8), inf)
    assert simplest({"line": other, "trees": one})[0] == "line"
