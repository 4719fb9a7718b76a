"""The isolation forest is scikit-learn's, walked faster, and an opinion from the first day on."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest as Grower

from haechi.detectors.isolation import Isolation, flatten, grow
from haechi.events import Event
from haechi.features import Known

EVENT = Event(id="e", kind="payment", time_us=1, entities={})


def rows(n: int, width: int, seed: int) -> np.ndarray:
    r = np.random.default_rng(seed)
    return r.exponential(1.44, (n, width)).astype(np.float32)


@pytest.mark.parametrize(("n", "width", "trees"), [(2_000, 12, 100), (300, 3, 20), (100, 1, 5)])
def test_scores_equal_scikit_learns(n: int, width: int, trees: int) -> None:
    seen = rows(n, width, 1)
    grown = Grower(n_estimators=trees, max_samples=min(256, n), random_state=3).fit(seen)
    ours = flatten(grown, np.arange(width), seen).score(seen)
    assert np.abs(ours + grown.score_samples(seen)).max() < 1e-9


def test_what_is_far_out_is_rare_and_never_rarer_than_the_sample_can_prove() -> None:
    seen = rows(1_000, 6, 2)
    forest = grow(seen, np.arange(6), seed=5)
    far = np.full((1, 6), 60.0, np.float32)
    paths = np.append(forest.forest.score(far), 1e9)  # the other is deeper in the crowd than anything
    scores, one_in = np.empty((2, 2))
    forest.judge(np.repeat(far, 2, axis=0), paths, scores, one_in)
    assert scores[0] > forest.reference[-1]
    assert one_in.tolist() == [1_001.0, 1.0]
    assert forest.version == grow(seen, np.arange(6), seed=5).version


def test_unknown_values_count_as_nothing_odd_and_an_empty_row_gets_no_opinion() -> None:
    seen = rows(500, 4, 3)
    wide = np.full((500, 6), np.nan, np.float32)
    wide[:, [1, 2, 4, 5]] = seen
    forest = grow(wide, np.array([1, 2, 4, 5]), seed=5)
    assert np.isfinite(forest.score(np.full((1, 6), np.nan, np.float32))).all()
    detector = Isolation(forest)
    nothing = detector.judge(EVENT, Known(np.full(6, np.nan, np.float32), None, 0.0))  # type: ignore[arg-type]
    assert (nothing.score, nothing.one_in) == (0.0, 1.0)
    something = detector.judge(EVENT, Known(wide[0], None, 0.0))  # type: ignore[arg-type]
    assert 0.0 < something.score < 1.0
    assert something.one_in >= 1.0
