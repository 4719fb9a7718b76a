"""The evaluation: complete, the same twice, proven, and deaf to labels that nobody could know."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from haechi.learning.dataset import DAY_US
from haechi.learning.errors import BadProtocol
from haechi.learning.evaluate import Settings, evaluate
from haechi.learning.protocol import Folds, RandomSplit, TimeSplit

from .making import START_US, Simple, events

FOLDS = Folds(2, START_US + 40 * DAY_US, 8 * DAY_US, 3 * DAY_US, 4 * DAY_US, drop_known=True)
KEYS = {
    "events", "labelled", "frauds", "protocol", "auc", "ap", "recall_at_fpr", "precision_at_budget", "card_precision",
    "f1", "calibration", "cost", "baseline_logistic", "spread", "by_fold", "seconds",
}  # fmt: skip


@pytest.fixture(scope="module")
def report() -> dict:
    return evaluate(Simple(events()), FOLDS, Settings(budgets=(5, 10)))


def test_the_report_is_complete_and_is_plain_json(report) -> None:
    assert set(report) == KEYS
    assert 0.6 < report["auc"] < 1.0
    assert report["ap"] == pytest.approx(np.mean([f["ap"] for f in report["by_fold"]]))
    assert set(report["card_precision"]) == {"5", "10"}
    assert report["spread"]["over"] == "folds"
    assert {"auc", "ap", "recall_at_fpr"} <= set(report["baseline_logistic"])
    assert set(report["seconds"]) == {"replay", "score", "train"}
    assert report["protocol"] == {
        "name": "folds", "folds": 2, "train_days": 8.0, "delay_days": 3.0, "test_days": 4.0, "drop_known": True,
    }  # fmt: skip
    msgspec.json.encode(report)


def test_every_fold_carries_its_proof(report) -> None:
    for fold in report["by_fold"]:
        proof = fold["proof"]
        newest = max(proof["newest_label_in_training"], *(r["newest_label"] for r in proof["rehearsals"]))
        assert newest <= proof["training_moment"] <= proof["judged"][0]
        assert len(proof["rehearsals"]) >= 2
        assert fold["evidence"]["average_precision"]


def test_twice_is_the_same(report) -> None:
    again = evaluate(Simple(events()), FOLDS, Settings(budgets=(5, 10)))
    assert {k: v for k, v in again.items() if k != "seconds"} == {k: v for k, v in report.items() if k != "seconds"}


def test_labels_that_nobody_could_know_change_no_choice(report) -> None:
    e = events()
    # Every label that was not known at the last fold's training moment is drawn anew: no choice may notice.
    r = np.random.default_rng(9)
    moment = START_US + 55 * DAY_US
    hidden = e.known_at_us > moment
    wild = replace(e, y=np.where(hidden & (e.y >= 0), r.integers(0, 2, len(e)), e.y).astype(np.int8))

    class Same(Simple):
        def rows(self, keep, visible):
            return Simple(e).rows(keep, visible)

    changed = evaluate(Same(wild), replace(FOLDS, drop_known=False), Settings())
    honest = evaluate(Simple(e), replace(FOLDS, drop_known=False), Settings())
    for a, b in zip(changed["by_fold"], honest["by_fold"], strict=True):
        assert a["chosen"] == b["chosen"]
        assert a["evidence"] == b["evidence"]
        assert a["f1"]["threshold"] == b["f1"]["threshold"]
        assert a["calibration"]["mean_probability"] == b["calibration"]["mean_probability"]
    assert changed["ap"] != honest["ap"]


@pytest.mark.parametrize("protocol", [TimeSplit(0.6), RandomSplit(0.5, 1)], ids=lambda p: p.name)
def test_splits_are_judged_with_their_own_threshold_and_a_bootstrap(protocol) -> None:
    told = []
    report = evaluate(Simple(events(3_000)), protocol, Settings(), lambda stage, share: told.append((stage, share)))
    [fold] = report["by_fold"]
    assert report["spread"]["over"] == "bootstrap"
    assert report["spread"]["auc"] > 0
    assert report["f1"]["threshold"] == fold["f1"]["threshold"]
    assert told[-1] == ("done", 1.0)
    assert [share for _, share in told] == sorted(share for _, share in told)


def test_wrong_calls_are_told_in_one_line() -> None:
    e = events(2_000)
    with pytest.raises(BadProtocol, match="no entity 'card' to count alerts by; there are: customer, merchant"):
        evaluate(Simple(e), TimeSplit(0.5), Settings(alert_entity="card"))
    with pytest.raises(BadProtocol, match="no events to learn from"):
        evaluate(Simple(e), replace(FOLDS, start_us=START_US + 200 * DAY_US), Settings())
    one = np.where(np.cumsum(e.y == 1) == 1, e.y, np.minimum(e.y, 0)).astype(np.int8)
    with pytest.raises(BadProtocol, match="1 fraud to learn from"):
        evaluate(Simple(replace(e, y=one)), TimeSplit(0.5), Settings())
