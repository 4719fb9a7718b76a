"""A town on disk from the command line."""

from __future__ import annotations

import json

import pytest

SMALL = ("--days", 3, "--customers", 40, "--shops", 20)


def test_a_town_is_written_and_told_about(haechi, tmp_path) -> None:
    out = tmp_path / "town"
    said = haechi("simulate", *SMALL, "--seed", 7, "--out", out, "--json")
    assert said.status == 0
    told = json.loads(said.out)
    assert told["events"] == len((out / "events.jsonl").read_text().splitlines())
    assert told["labels"] == len((out / "labels.jsonl").read_text().splitlines())
    assert told["frauds"] == len((out / "truth" / "truth.jsonl").read_text().splitlines())
    assert {told["days"], told["customers"], told["seed"]} == {3, 40, 7}


def test_the_same_seed_gives_the_same_bytes(haechi, tmp_path) -> None:
    for name in ("a", "b"):
        haechi("simulate", *SMALL, "--seed", 1, "--out", tmp_path / name)
    assert (tmp_path / "a/events.jsonl").read_bytes() == (tmp_path / "b/events.jsonl").read_bytes()


def test_history_carries_its_labels_and_reads_through_the_bank_schema(haechi, tmp_path) -> None:
    out = tmp_path / "town"
    said = haechi("simulate", "--days", 10, "--customers", 40, "--labelled", "--format", "parquet",
                  "--start", "2024-03-02", "--out", out)  # fmt: skip
    assert said.status == 0
    assert "payments of 40 customers in 10 days" in said.out
    checked = json.loads(haechi("schema", "check", "bank", out / "events.parquet", "--json").out)
    assert checked["rows"] == checked["accepted"]
    assert checked["labels"]["legitimate"] > 0
    assert checked["first_time"].startswith("2024-03-01T15:00")


def test_a_town_is_never_overwritten_unasked(haechi, tmp_path) -> None:
    assert haechi("simulate", *SMALL, "--out", tmp_path).status == 0
    again = haechi("simulate", *SMALL, "--out", tmp_path)
    assert again.status == 1
    assert "already there" in again.err
    assert haechi("simulate", *SMALL, "--out", tmp_path, "--force").status == 0


@pytest.mark.parametrize("words", [("--days", 0), ("--customers", -1), ("--seed", -1), ("--start", "tomorrow")])
def test_an_impossible_town_is_a_wrong_call(haechi, tmp_path, words) -> None:
    assert haechi("simulate", *words, "--out", tmp_path / "t").status == 2
    assert not (tmp_path / "t").exists()
