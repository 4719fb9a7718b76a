"""A town's folder is read as it was written, in either format; what is no town is refused."""

from __future__ import annotations

import json
import shutil
from datetime import datetime

import polars as pl
import pytest

from haechi.town.report.errors import NotATown
from haechi.town.report.folder import TownFolder


def as_parquet(town, out, time: str):
    """The same town with its events in two Parquet parts and the time as text, as a moment or as microseconds."""
    shutil.copytree(town, out)
    rows = pl.DataFrame(
        [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()], infer_schema_length=None
    )
    moment = pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us")
    told = {"text": pl.col("time"), "moment": moment, "micros": moment.cast(pl.Int64)}[time]
    rows = rows.with_columns(time=told)
    (out / "events").mkdir()
    rows[: rows.height // 2].write_parquet(out / "events" / "part-0000.parquet")
    rows[rows.height // 2 :].write_parquet(out / "events" / "part-0001.parquet")
    (out / "events.jsonl").unlink()
    return TownFolder.open(out)


@pytest.mark.parametrize("time", ["text", "moment", "micros"])
def test_parquet_and_lines_hold_the_same_events(town, tmp_path, time) -> None:
    lines = TownFolder.open(town).events().collect()
    parts = as_parquet(town, tmp_path / "town", time).events().collect()
    assert parts.sort("id").select("id", "at", "amount").equals(lines.sort("id").select("id", "at", "amount"))
    assert lines["at"].min() >= datetime(2024, 9, 2)
    assert lines.filter(pl.col("kind") == "payment")["at"].dt.hour().max() >= 18


@pytest.mark.parametrize("gone", ["town.json", "truth/events.parquet", "truth/campaigns.parquet", "events.jsonl"])
def test_a_folder_that_lacks_a_file_is_no_town(town, tmp_path, gone) -> None:
    shutil.copytree(town, tmp_path / "town")
    (tmp_path / "town" / gone).unlink()
    with pytest.raises(NotATown, match="haechi simulate --out"):
        TownFolder.open(tmp_path / "town")


def test_a_town_that_was_broken_off_says_how_to_go_on(town, tmp_path) -> None:
    shutil.copytree(town, tmp_path / "town")
    (tmp_path / "town" / "town.json").write_text('{"complete": false}')
    (tmp_path / "town" / "truth" / "events.parquet").unlink()
    with pytest.raises(NotATown, match="is not finished: the `haechi simulate --out` that began it goes on"):
        TownFolder.open(tmp_path / "town")


def test_a_broken_description_is_refused(town, tmp_path) -> None:
    shutil.copytree(town, tmp_path / "town")
    (tmp_path / "town" / "town.json").write_text("{")
    with pytest.raises(NotATown, match="is not JSON"):
        _ = TownFolder.open(tmp_path / "town").info


def test_a_description_without_days_is_refused(town, tmp_path) -> None:
    assert TownFolder.open(town).ends == datetime(2024, 10, 2)
    shutil.copytree(town, tmp_path / "town")
    (tmp_path / "town" / "town.json").write_text('{"start": "2024-09-02"}')
    with pytest.raises(NotATown, match="has no start or days"):
        _ = TownFolder.open(tmp_path / "town").ends


def test_a_town_without_labels_has_none(town, tmp_path) -> None:
    shutil.copytree(town, tmp_path / "town")
    (tmp_path / "town" / "labels.jsonl").unlink()
    assert TownFolder.open(tmp_path / "town").labels().collect().is_empty()


def test_labels_are_put_into_a_copy_of_the_events(town, tmp_path) -> None:
    folder = TownFolder.open(town)
    [path] = folder.labelled(tmp_path / "events.parquet")
    told = pl.read_parquet(path)
    lines = folder.labels().collect()
    assert told.height == folder.events().collect().height
    assert told.filter("fraud")["id"].sort().equals(lines["event_id"].sort().alias("id"))
    assert told["time"].is_sorted()


def test_events_that_carry_their_labels_are_not_copied(town, tmp_path) -> None:
    shutil.copytree(town, tmp_path / "town")
    folder = TownFolder.open(tmp_path / "town")
    folder.labelled(tmp_path / "copy.parquet")
    (tmp_path / "town" / "events").mkdir()
    shutil.move(tmp_path / "copy.parquet", tmp_path / "town" / "events" / "part-0000.parquet")
    again = TownFolder.open(tmp_path / "town")
    assert again.labelled(tmp_path / "never.parquet") == again.event_files
    assert not (tmp_path / "never.parquet").exists()
