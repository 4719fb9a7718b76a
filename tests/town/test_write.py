"""A town on disk."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import polars as pl
import pytest

from haechi.events import Schema
from haechi.town import FolderNotWritable, ImpossibleTown, Parameters, TownExists, simulate, write_town

SMALL = Parameters(customers=150, shops=40, days=30)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_events_labels_and_truth_are_apart(tmp_path) -> None:
    heard: list[tuple[int, int]] = []
    town = write_town(tmp_path / "town", SMALL, 5, on_day=lambda *done: heard.append(done))
    days = list(simulate(SMALL, 5))
    assert lines(town.events_path) == [r for d in days for r in d.rows()]
    assert lines(town.truth_path) == [r for d in days for r in d.truth()]
    labels = lines(town.labels_path)
    assert [r["known_at"] for r in labels] == sorted(r["known_at"] for r in labels)
    by_id = {r["event_id"]: r for r in labels}
    assert by_id == {r["event_id"]: r for d in days for r in d.labels()}
    assert (town.events, town.payments) == (town.payments + 150, sum(map(len, days)))
    assert (town.labels, town.frauds) == (len(labels), len(lines(town.truth_path)))
    assert heard[-1] == (30, town.payments)
    assert sorted(p.name for p in (tmp_path / "town").rglob("*")) == [
        "events.jsonl", "labels.jsonl", "truth", "truth.jsonl",
    ]  # fmt: skip


def test_parquet_holds_the_same_events(tmp_path) -> None:
    town = write_town(tmp_path, SMALL, 5, format="parquet")
    rows = pl.read_parquet(town.events_path).to_dicts()
    kept = [{k: v for k, v in row.items() if v is not None} for row in rows]
    assert kept == [r for d in simulate(SMALL, 5) for r in d.rows()]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_town_is_not_overwritten_by_accident(tmp_path) -> None:
    write_town(tmp_path, SMALL, 5)
    with pytest.raises(TownExists, match=r"events\.jsonl is already there"):
        write_town(tmp_path, SMALL, 6, format="parquet")
    write_town(tmp_path, SMALL, 6, overwrite=True)
    assert lines(tmp_path / "events.jsonl")[160:] == [r for d in simulate(SMALL, 6) for r in d.rows()][160:]


def test_an_unwritable_folder_is_named(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderNotWritable, match=r"cannot write a town to .*/file: "):
        write_town(tmp_path / "file", SMALL, 5)


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_a_full_disk_leaves_no_half_town(tmp_path, format) -> None:
    def disk_is_full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(FolderNotWritable, match="No space left on device"):
        write_town(tmp_path, SMALL, 5, format=format, on_day=disk_is_full)
    assert [p.name for p in tmp_path.rglob("*")] == ["truth"]


def test_an_unknown_format_is_refused(tmp_path) -> None:
    with pytest.raises(ImpossibleTown, match="format must be one of jsonl, parquet, not 'csv'"):
        write_town(tmp_path, SMALL, 5, format="csv")


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_history_carries_its_labels_when_asked(tmp_path, format) -> None:
    town = write_town(tmp_path, SMALL, 5, format=format, labelled=True)
    rows = read(town.events_path)
    carried = [
        {"event_id": r["id"], "fraud": r["fraud"], "known_at": r["known_at"]}
        for r in rows
        if r.get("known_at") is not None
    ]
    assert carried == [r for d in simulate(SMALL, 5) for r in d.labels()]
    assert town.labels == len(carried)
    assert 0 < sum(r["fraud"] for r in carried) <= town.frauds


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_the_banks_schema_reads_a_town(tmp_path, format) -> None:
    town = write_town(tmp_path, SMALL, 5, format=format, labelled=True)
    schema = Schema.read("bank")
    rows = [{k: v for k, v in row.items() if v is not None} for row in read(town.events_path)]
    events = [schema.event(row) for row in rows]
    assert [e.time_us for e in events] == sorted(e.time_us for e in events)
    assert {e.kind for e in events} == {"profile", "payment"}
    assert not [e for e in events if e.fields]
    assert all(e.currency == "KRW" and e.amount and "merchant" in e.entities for e in events if e.kind == "payment")
    assert sum(schema.label(row) is not None for row in rows) == town.labels


def read(path: Path) -> list[dict]:
    return lines(path) if path.suffix == ".jsonl" else pl.read_parquet(path).to_dicts()
