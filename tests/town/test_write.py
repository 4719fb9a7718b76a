"""A town on disk: whole, the same in any number of processes, never half without saying so."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from haechi.town import FolderNotWritable, ImpossibleTown, TownExists, parameters, write_town

SMALL = parameters("small", customers=150, days=8, fraud={"level": 20.0})


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_events_labels_and_truth_are_apart(tmp_path) -> None:
    heard: list[tuple[int, int]] = []
    town = write_town(tmp_path, SMALL, 5, on_day=lambda *done: heard.append(done))
    events, labels = lines(town.events_path), lines(town.labels_path)
    assert [e["time"] for e in events] == sorted(e["time"] for e in events)
    assert [x["known_at"] for x in labels] == sorted(x["known_at"] for x in labels)
    times = {e["id"]: e["time"] for e in events}
    assert len(times) == len(events) == town.events
    assert all(x["known_at"] > times[x["event_id"]] for x in labels)
    assert len({x["event_id"] for x in labels}) == len(labels) == town.labels
    assert {x["source"] for x in labels} >= {"settled", "customer"}
    truth = pl.read_parquet(tmp_path / "truth/events.parquet")
    assert set(truth["event_id"]) <= set(times)
    assert truth["fraud"].sum() == town.frauds > 0
    campaigns = pl.read_parquet(tmp_path / "truth/campaigns.parquet")
    assert set(truth["campaign_id"]) <= set(campaigns["campaign_id"])
    assert campaigns["campaign_id"].n_unique() == campaigns.height == town.campaigns
    assert pl.read_parquet(tmp_path / "truth/people.parquet").height == 150
    assert not {"fraud", "campaign", "role", "persona"} & {name for e in events for name in e}
    sign = json.loads((tmp_path / "town.json").read_text())
    assert sign["complete"] is True
    assert sign["counts"]["events"] == town.events
    assert heard[-1] == (8, town.events)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["events.jsonl", "labels.jsonl", "town.json", "truth"]


def test_the_bytes_are_the_same_in_any_number_of_processes(tmp_path) -> None:
    write_town(tmp_path / "one", SMALL, 5, format="both")
    write_town(tmp_path / "three", SMALL, 5, format="both", processes=3)
    assert files(tmp_path / "one") == files(tmp_path / "three")


def test_parquet_holds_the_same_events_and_labels_come_along_when_asked(tmp_path) -> None:
    town = write_town(tmp_path, SMALL, 5, format="both", labelled=True)
    frame = pl.concat([pl.read_parquet(path) for path in town.events_paths[1:]])
    kept = [{k: v for k, v in row.items() if v is not None} for row in frame.to_dicts()]
    assert kept == lines(town.events_path)
    told = {x["event_id"]: (x["fraud"], x["known_at"]) for x in lines(town.labels_path)}
    assert {r["id"]: (r["fraud"], r["known_at"]) for r in kept if "known_at" in r} == told


def test_a_run_that_was_broken_off_is_finished_by_the_next(tmp_path) -> None:
    write_town(tmp_path / "whole", SMALL, 5, format="both")

    def enough(days: int, events: int) -> None:
        if days == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_town(tmp_path / "cut", SMALL, 5, format="both", on_day=enough)
    assert json.loads((tmp_path / "cut/town.json").read_text())["complete"] is False
    with (tmp_path / "cut/events.jsonl").open("a") as file:
        file.write('{"id": "half a li')
    heard: list[int] = []
    write_town(tmp_path / "cut", SMALL, 5, format="both", on_day=lambda days, _: heard.append(days))
    assert heard == [5, 6, 7, 8]
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_an_unfinished_town_of_other_parameters_is_not_continued(tmp_path) -> None:
    def at_once(days: int, events: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_town(tmp_path, SMALL, 5, on_day=at_once)
    with pytest.raises(TownExists, match="unfinished town of other parameters"):
        write_town(tmp_path, SMALL, 6)
    write_town(tmp_path, SMALL, 6, overwrite=True)


def test_a_town_is_not_overwritten_by_accident(tmp_path) -> None:
    write_town(tmp_path, SMALL, 5)
    with pytest.raises(TownExists, match=r"town\.json is already there"):
        write_town(tmp_path, SMALL, 6, format="parquet")
    (tmp_path / "town.json").unlink()
    with pytest.raises(TownExists, match=r"events\.jsonl is already there"):
        write_town(tmp_path, SMALL, 6)


def test_an_unwritable_folder_is_named(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderNotWritable, match=r"cannot write a town to .*/file: "):
        write_town(tmp_path / "file", SMALL, 5)


def test_impossible_formats_and_processes_are_refused(tmp_path) -> None:
    with pytest.raises(ImpossibleTown, match="format must be one of jsonl, parquet, both, not 'csv'"):
        write_town(tmp_path, SMALL, 5, format="csv")
    with pytest.raises(ImpossibleTown, match="processes must be between 1 and 64, not 0"):
        write_town(tmp_path, SMALL, 5, processes=0)
