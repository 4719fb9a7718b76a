"""A home's history becomes a model, and the first good one decides."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from haechi.app import create_home, life_of, open_shut
from haechi.commands.history import copy_history
from haechi.commands.importing import bring_in
from haechi.learning.registry import Registry
from haechi.stores import LABEL, LEARNED, Entry, Home


@pytest.fixture(scope="module")
def home(town, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("homes") / "home"
    create_home(path, town / "shop.toml")
    bring_in(path, [town / "payments.jsonl"])
    return path


def test_the_first_model_that_beats_the_baseline_decides(haechi, home) -> None:
    said = haechi("train", "--home", home, "--quick", "--json")
    assert said.status == 0, said.err
    report = json.loads(said.out)
    assert report["beats_baseline"], "the town has more fraud than a straight line can tell"
    assert report["status"] == "champion"
    assert "beats its baseline: promoted" in report["outcome"]
    champion = Registry(Home(home).models).champion()
    assert champion is not None
    assert champion.version == report["version"]


def test_the_same_history_and_seed_are_the_same_model(haechi, home) -> None:
    said = haechi("train", "--home", home, "--quick")
    assert said.status == 0, said.err
    assert "the same model decides already" in said.out
    assert "logistic baseline" in said.out
    assert "who decides" in said.out
    assert len(Registry(Home(home).models).entries()) == 1


def test_a_later_model_challenges_until_others_agree(haechi, home) -> None:
    words = ("train", "--home", home, "--quick", "--until", "2024-08-20")
    first = haechi(*words)
    assert "challenger: a champion decides already" in first.out, first.err
    assert "as known at 2024-08-19T15:00:00Z" in first.out
    assert "needs a reason for whoever asks later" in haechi(*words, "--promote", "--even-if-weak").err
    promoted = haechi(*words, "--promote", "--even-if-weak", "-m", "we know why")
    assert "not promoted: " in promoted.out
    assert "has not been shadow nor canary" in promoted.out
    (home / "haechi.toml").write_text("[models]\nbefore_champion = []\n")
    asked = haechi(*words, "--promote", "--person", "ana", "-m", "two weeks in shadow")
    assert "waits for a colleague: haechi models approve 1" in asked.out
    with open_shut(home) as shut:
        (change,) = life_of(shut).book.changes()
    assert (change.author, change.comment) == ("ana", "two weeks in shadow")
    (home / "haechi.toml").write_text("[models]\nbefore_champion = []\napprovers = { champion = 0 }\n")
    assert "challenger: promoted: haechi.toml asks for nobody's consent" in haechi(*words, "--promote").out
    states = sorted(e.status for e in Registry(Home(home).models).entries())
    assert states == ["champion", "retired"]


def test_what_was_told_later_counts_and_order_is_by_time(town, tmp_path) -> None:
    create_home(tmp_path / "h", town / "shop.toml")
    lines = (town / "payments.jsonl").read_text().splitlines()[:60]
    (tmp_path / "some.jsonl").write_text("\n".join(lines[:50]) + "\n")
    bring_in(tmp_path / "h", [tmp_path / "some.jsonl"])
    late, labelled = json.loads(lines[0]) | {"id": "late"}, json.loads(lines[50])
    with open_shut(tmp_path / "h") as shut:
        journal = shut.store.journal
        for row in (labelled, late):
            body = {k: v for k, v in row.items() if k != "fraud"}
            time_us = shut.schema.event(body).time_us
            journal.write(Entry(type=LEARNED, event_id=row["id"], time_us=time_us, body=json.dumps(body).encode()))
        told = {"event_id": labelled["id"], "fraud": True, "known_at_us": time_us + 5, "source": ""}
        journal.write(Entry(type=LABEL, event_id=labelled["id"], time_us=time_us + 5, body=json.dumps(told).encode()))
    (tmp_path / "copy").mkdir()
    history = copy_history(tmp_path / "h", tmp_path / "copy")
    whole = pl.concat(list(history))
    assert history.events == whole.height == 52
    assert whole["time_us"].is_sorted()
    assert whole["id"].to_list().index("late") <= 2, "a late event stands where it happened"
    row = whole.row(by_predicate=pl.col("id") == labelled["id"], named=True)
    assert (row["label"], row["known_at_us"]) == (1, time_us + 5)
    assert whole.filter(id="late")["label"].to_list() == [-1]


def test_while_a_server_works_the_archive_teaches(haechi, home, tmp_path) -> None:
    with open_shut(home):
        history = copy_history(home, tmp_path)
    assert not history.whole
    assert history.events > 1_000
    assert history.schema.is_bound


def test_a_home_without_history_is_one_line(haechi, tmp_path) -> None:
    create_home(tmp_path / "h")
    said = haechi("train", "--home", tmp_path / "h")
    assert said.status == 1
    assert said.err.startswith("haechi: ")
    assert said.err.count("\n") == 1


def test_a_home_that_is_not_there_is_a_wrong_call(haechi, tmp_path) -> None:
    assert haechi("train", "--home", tmp_path / "nowhere").status == 2
