"""Training a home's model: sealed, explained by its rehearsals, the same twice, and blind to the future."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from haechi.detectors import Supervised, UntrainableSet
from haechi.events import Event
from haechi.features import Memory
from haechi.learning.dataset import DAY_US
from haechi.learning.evaluate import Settings
from haechi.learning.train import Trained, reference_row, train

from .making import START_US, Simple, events, frames, source

NOW = START_US + 36 * DAY_US


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(source(frames()), until_us=NOW, settings=Settings(budgets=(3,)))


def test_the_report_tells_how_it_did_on_rehearsals(trained) -> None:
    report = trained.report
    assert report["ap"] > 0.5
    assert report["beats_baseline"] == (report["ap"] > report["baseline"]["ap"])
    assert report["baseline"]["name"] == ("chance" if report["chosen"]["model"] == "linear" else "logistic")
    assert report["version"] == trained.artifact.version
    assert report["protocol"]["rehearsals"] == len(report["by_fold"]) >= 2
    newest = max(r["newest_label"] for r in report["proof"]["rehearsals"])
    assert newest <= report["proof"]["training_moment"]
    msgspec.json.encode(report)


def test_twice_is_the_same_bytes_and_the_future_does_not_matter(trained) -> None:
    assert train(source(frames()), until_us=NOW, settings=Settings(budgets=(3,))).artifact.encode() == (
        trained.artifact.encode()
    )
    future = [f.filter(f["time_us"] <= NOW) for f in frames()]
    assert train(source(future), until_us=NOW, settings=Settings()).artifact.encode() == trained.artifact.encode()


def test_the_sealed_model_decides_for_a_memory_of_the_same_features(trained) -> None:
    s = source(frames())
    memory, detector = Memory(s.spec), Supervised(trained.artifact, s.spec)
    for i in range(30):
        calm = payment(i, 8_000)
        known = memory.look_and_learn(calm)
    wild = payment(31, 90_000)
    known_wild = memory.look_and_learn(wild)
    signal = detector.judge(wild, known_wild)
    assert signal.score > 3 * detector.judge(calm, known).score
    assert detector.explain(wild, known_wild, signal)


def payment(i: int, amount: int) -> Event:
    entities = {"customer": "c2", "merchant": f"m{1 + i % 20}"}
    time = START_US + i * DAY_US // 2
    return Event(id=f"x{i}", kind="payment", time_us=time, amount=amount, currency="KRW", entities=entities)


def test_nothing_to_learn_is_refused() -> None:
    e = events()
    with pytest.raises(UntrainableSet, match="is a fraud"):
        train(Simple(replace(e, y=np.minimum(e.y, 0))), until_us=START_US + 50 * DAY_US, settings=Settings())


def test_the_reference_is_the_median_of_what_is_known() -> None:
    rows = np.array([[1, np.nan, 5], [3, np.nan, np.nan], [9, np.nan, 7]], dtype=np.float32)
    assert np.array_equal(reference_row(rows), np.array([3, np.nan, 6], dtype=np.float32), equal_nan=True)
