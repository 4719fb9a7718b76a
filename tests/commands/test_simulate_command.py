"""A town on disk from the command line."""

from __future__ import annotations

import json

import polars as pl
import pytest

from haechi.commands.simulate_command import processes_for
from haechi.town import STORIES, parameters, write_town

SMALL = ("--days", 3, "--customers", 60)


def test_a_town_is_written_and_told_about(haechi, tmp_path) -> None:
    out = tmp_path / "town"
    said = haechi("simulate", *SMALL, "--seed", 7, "--out", out, "--json")
    assert said.status == 0
    told = json.loads(said.out)
    assert told["events"] == len((out / "events.jsonl").read_text().splitlines())
    assert told["labels"] == len((out / "labels.jsonl").read_text().splitlines())
    assert told["frauds"] == pl.read_parquet(out / "truth/events.parquet")["fraud"].sum()
    assert {told["days"], told["customers"], told["seed"]} == {3, 60, 7}


def test_history_carries_its_labels_and_reads_through_the_bank_schema(haechi, tmp_path) -> None:
    out = tmp_path / "town"
    said = haechi("simulate", "--days", 10, "--customers", 60, "--labelled", "--format", "parquet",
                  "--start", "2024-03-02", "--out", out)  # fmt: skip
    assert said.status == 0
    assert "events of 60 customers in 10 days" in said.out
    checked = json.loads(haechi("schema", "check", "bank", *sorted((out / "events").iterdir()), "--json").out)
    assert checked["rows"] == checked["accepted"]
    assert checked["labels"]["legitimate"] > 0
    assert checked["first_time"].startswith("2024-03-01T15:00")


def test_the_truth_cannot_be_imported_by_accident(haechi, tmp_path) -> None:
    assert haechi("simulate", *SMALL, "--out", tmp_path / "town").status == 0
    home = tmp_path / "home"
    assert haechi("init", home).status == 0
    for name in ("events", "campaigns", "people"):
        said = haechi("import", "--home", home, "--schema", "bank", tmp_path / "town" / "truth" / f"{name}.parquet")
        assert said.status == 1, name
        assert said.err


def test_a_town_is_never_overwritten_unasked(haechi, tmp_path) -> None:
    assert haechi("simulate", *SMALL, "--out", tmp_path).status == 0
    again = haechi("simulate", *SMALL, "--out", tmp_path)
    assert again.status == 1
    assert "already there" in again.err
    assert haechi("simulate", *SMALL, "--out", tmp_path, "--force").status == 0


def test_a_town_that_is_broken_off_says_so_and_goes_on_when_asked_again(haechi, tmp_path, monkeypatch) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert haechi("simulate", *SMALL, "--out", whole).status == 0

    def interrupted(*given: object, **more: object) -> None:
        days = []

        def on_day(day: int, events: int) -> None:
            days.append(day)
            if len(days) == 2:
                raise KeyboardInterrupt

        write_town(*given, **(more | {"on_day": on_day}))

    monkeypatch.setattr("haechi.town.write_town", interrupted)
    said = haechi("simulate", *SMALL, "--out", broken)
    assert said.status == 130
    assert "is marked as unfinished; the same command goes on from there" in said.err
    assert "is not finished" in haechi("simulate", "--town", broken, "--report").err
    monkeypatch.undo()
    assert haechi("simulate", *SMALL, "--out", broken).status == 0
    for name in ("events.jsonl", "labels.jsonl", "truth/events.parquet"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.parametrize(
    "words",
    [("--days", 0), ("--customers", -1), ("--seed", -1), ("--start", "tomorrow"), ("--profile", "tiny"),
     ("--processes", 0), ("--parameters", "nowhere.toml")],
)  # fmt: skip
def test_an_impossible_town_is_a_wrong_call(haechi, tmp_path, words) -> None:
    assert haechi("simulate", *words, "--out", tmp_path / "t").status == 2
    assert not (tmp_path / "t").exists()


def test_a_town_needs_a_folder(haechi) -> None:
    said = haechi("simulate", *SMALL)
    assert said.status == 2
    assert "--out DIR" in said.err


def test_a_story_is_printed_or_written(haechi, tmp_path) -> None:
    told = json.loads(haechi("simulate", "--list-stories", "--json").out)
    assert set(told) == set(STORIES)
    printed = haechi("simulate", "--story", "founding", "--customers", 500)
    events = [json.loads(line) for line in printed.out.splitlines()]
    assert events[-1]["time"] == "2024-10-25T07:02:00+09:00"
    assert events[-1]["amount"] == 7_000
    assert len({event["customer"] for event in events}) == 1
    said = haechi("simulate", "--story", "founding", "--customers", 500, "--out", tmp_path / "story", "--json")
    written = json.loads(said.out)
    assert written["events"] == len(events) - 1
    assert json.loads((tmp_path / "story/event.jsonl").read_text()) == events[-1]


def test_an_unknown_story_is_named(haechi) -> None:
    said = haechi("simulate", "--story", "winter")
    assert said.status == 1
    assert "no story is called" in said.err


def test_as_many_processes_as_fit_into_four_gibibytes(monkeypatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert processes_for(parameters("small")) == 1
    assert processes_for(parameters("standard")) == 4
    assert processes_for(parameters("standard", customers=500_000)) == 2
    assert processes_for(parameters("large")) == 1
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert processes_for(parameters("standard")) == 2
