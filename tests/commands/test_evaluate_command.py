"""From raw files to an honest report, without a home."""

from __future__ import annotations

import json

import pytest

REPORT = {
    "events", "labelled", "frauds", "protocol", "auc", "ap", "recall_at_fpr", "precision_at_budget", "card_precision",
    "calibration", "by_fold", "baseline_logistic", "seconds",
}  # fmt: skip


def test_folds_give_every_figure_and_their_proof(haechi, town) -> None:
    said = haechi("evaluate", "--schema", town / "shop.toml", town / "payments.jsonl", "--folds", 1, "--start",
                  "2024-08-15", "--train", "5d", "--delay", "2d", "--test", "3d", "--drop-known", "--alert-budget", 5,
                  "--json")  # fmt: skip
    assert said.status == 0, said.err
    report = json.loads(said.out)
    assert set(report) >= REPORT
    assert 0.5 < report["auc"] <= 1
    assert set(report["card_precision"]) == {"5"}
    assert set(report["seconds"]) >= {"read", "replay", "train", "score"}
    proof = report["by_fold"][0]["proof"]
    assert proof["newest_label_in_training"] <= proof["training_moment"] == "2024-08-21T15:00:00Z", "Korean midnight"


def test_a_split_reads_as_a_table(haechi, town, tmp_path) -> None:
    features = tmp_path / "features.toml"
    features.write_text('windows = ["1h", "1d", "7d"]\n')
    said = haechi("evaluate", "--schema", town / "shop.toml", town / "payments.jsonl", "--split", "time:0.7",
                  "--features", features)  # fmt: skip
    assert said.status == 0, said.err
    for word in ("logistic baseline", "average precision", "youngest label used", "seconds: read"):
        assert word in said.out


def test_behaviour_is_judged_beside_the_same_without_it(haechi, town) -> None:
    words = ("evaluate", "--schema", town / "shop.toml", town / "payments.jsonl", "--split", "time:0.7", "--quick",
             "--behaviour", "both")  # fmt: skip
    said = haechi(*words, "--json")
    assert said.status == 0, said.err
    report = json.loads(said.out)
    assert set(report) == {"without", "with", "gain"}
    assert report["with"]["features"] > report["without"]["features"] + 30
    assert report["gain"]["ap"] == pytest.approx(report["with"]["ap"] - report["without"]["ap"])
    said = haechi(*words)
    for word in ("without behaviour", "with behaviour", "behaviour adds"):
        assert word in said.out


def test_a_stream_shows_what_retraining_is_worth(haechi, town) -> None:
    said = haechi("evaluate", "--schema", town / "shop.toml", town / "payments.jsonl", "--retrain", "5d", "--start",
                  "70%", "--quick")  # fmt: skip
    assert said.status == 0, said.err
    for word in ("retrained", "four times as seldom", "frozen", "mean of months", "youngest label used"):
        assert word in said.out


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--retrain", "7d", "--folds", 1), "--retrain stands alone"),
        (("--retrain", "often"), "is no duration"),
        ((), "either --folds N"),
        (("--folds", 2), "--folds needs --start"),
        (("--folds", 2, "--start", "soon"), "is no time"),
        (("--folds", 2, "--start", "2024-08-15", "--train", "seven"), "is no duration"),
        (("--split", "time:2"), "is no split"),
        (("--split", "time:0.5", "--drop-known"), "belong to --folds"),
        (("--split", "time:0.5", "--folds", 1), "either --folds N"),
        (("--retrain", "7d", "--behaviour", "both"), "--behaviour both judges --folds or --split"),
    ],
)
def test_a_contradiction_is_a_wrong_call(haechi, town, words, what) -> None:
    said = haechi("evaluate", "--schema", town / "shop.toml", town / "payments.jsonl", *words)
    assert said.status == 2
    assert what in " ".join(said.err.replace("│", " ").split())


def test_an_entity_that_is_not_there_is_one_line(haechi, town) -> None:
    said = haechi("evaluate", "--schema", town / "shop.toml", town / "payments.jsonl", "--split", "time:0.5",
                  "--alert-entity", "phone")  # fmt: skip
    assert said.status == 1
    assert said.err.startswith("haechi: there is no entity 'phone'")
