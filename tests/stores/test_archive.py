"""History in Parquet: in order, in bounded pieces, whole or not at all, and a damaged file is named."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from haechi.stores import Archive, BadEntry, DamagedArchive, NotWritable, StoreError
from haechi.stores import archive as archive_room
from haechi.stores.part import day_of

DAY_US = 86_400_000_000


def frame(first: int, rows: int, *, days: int = 1, start_day: int = 17_000) -> pl.DataFrame:
    times = [start_day * DAY_US + i * days * DAY_US // rows for i in range(rows)]
    return pl.DataFrame(
        {
            "line": pl.Series(range(rows), dtype=pl.Int64),
            "id": [f"p-{first + i}" for i in range(rows)],
            "time_us": pl.Series(times, dtype=pl.Int64),
            "entity:customer": [f"c-{i % 7}" for i in range(rows)],
            "number:C1": [float(i) if i % 3 else None for i in range(rows)],
        }
    )


@pytest.fixture
def small_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_room, "DAY_ROWS_MIN", 1)
    monkeypatch.setattr(archive_room, "PART_ROWS_MAX", 100)


def test_what_is_read_is_what_was_appended(tmp_path: Path, small_days: None) -> None:
    archive = Archive(tmp_path / "archive")
    assert (archive.last_seq, archive.rows, list(archive.frames())) == (0, 0, [])
    whole = frame(1, 250, days=5)
    assert archive.append(whole) == 250
    assert archive.append(frame(251, 50, days=1, start_day=17_009)) == 300
    read = list(Archive(tmp_path / "archive").frames())
    assert [rows.height for rows in read] == [100, 100, 50, 50], "a part at a time"
    together = pl.concat(read)
    assert together["seq"].to_list() == list(range(1, 301))
    assert together.head(250).drop("seq").equals(whole)
    folders = {path.name for path in (tmp_path / "archive").iterdir()} - {"parts"}
    assert folders == {day_of(day * DAY_US) for day in (*range(17_000, 17_005), 17_009)}


def test_late_events_are_filed_by_their_day_and_read_in_their_order(tmp_path: Path, small_days: None) -> None:
    rows = frame(1, 60)
    late = pl.when(pl.col("line") % 2 == 0).then(pl.col("time_us") - 3 * DAY_US).otherwise(pl.col("time_us"))
    archive = Archive(tmp_path)
    archive.append(rows.with_columns(late))
    assert len(archive.parts[0].files) == 2
    (read,) = archive.frames()
    assert read["seq"].to_list() == list(range(1, 61))
    assert read["line"].to_list() == list(range(60))


def test_days_with_few_rows_share_a_file(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.append(frame(1, 3_000, days=3_000))
    assert len(archive.parts[0].files) == 1


def test_asking_for_a_part_of_it(tmp_path: Path, small_days: None) -> None:
    archive = Archive(tmp_path)
    archive.append(frame(1, 250, days=5))
    assert pl.concat(archive.frames(190))["seq"].to_list() == list(range(191, 251))
    first_day = pl.concat(archive.frames(until_us=17_001 * DAY_US, columns=["id", "number:none"]))
    assert first_day.columns == ["seq", "time_us", "id"]
    assert first_day["id"].to_list() == [f"p-{i}" for i in range(1, 51)]
    assert pl.concat(archive.frames(since_us=17_004 * DAY_US))["seq"].to_list() == list(range(201, 251))
    assert list(archive.frames(250)) == []


def test_numbers_are_given_or_taken_but_never_twice(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert archive.append(frame(1, 10), first_seq=101) == 110
    assert archive.append(frame(1, 10), first_seq=1) == 10, "older numbers may come later"
    assert [rows["seq"][0] for rows in archive.frames()] == [1, 101]
    with pytest.raises(StoreError, match="numbers 105 to 114 are in the archive already"):
        archive.append(frame(1, 10), first_seq=105)
    assert archive.append(frame(1, 0)) == 110
    assert archive.append(frame(1, 2).with_columns(seq=pl.Series([500, 502], dtype=pl.Int64))) == 502
    assert archive.part_of(501) is not None
    assert archive.part_of(300) is None
    assert archive.entry(105) is None, "an imported row is no journal entry"


@pytest.mark.parametrize(
    "bad",
    [
        pl.DataFrame({"id": ["a"]}),
        pl.DataFrame({"id": [1], "time_us": [1]}),
        pl.DataFrame({"id": ["a", None], "time_us": [1, 2]}),
        pl.DataFrame({"id": ["a", "b"], "time_us": [1, 2], "seq": [2, 1]}),
        pl.DataFrame({"id": ["a", "b"], "time_us": [1, 2], "seq": [2, 2]}),
    ],
)
def test_a_frame_that_does_not_fit_is_refused(tmp_path: Path, bad: pl.DataFrame) -> None:
    with pytest.raises(BadEntry):
        Archive(tmp_path).append(bad)


@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    archive = Archive(tmp_path)
    archive.append(frame(1, 100))
    archive.append(frame(101, 100))
    path = tmp_path / archive.parts[1].files[0].path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(content if damage == "flip" else content[:-1])
    read = archive.frames()
    assert next(read).height == 100
    with pytest.raises(DamagedArchive) as named:
        next(read)
    assert named.value.path == str(path)
    assert [str(path) in line for line in archive.check()] == [True]


def test_every_flipped_bit_of_a_manifest_is_found(tmp_path: Path) -> None:
    Archive(tmp_path).append(frame(1, 10))
    (path,) = (tmp_path / "parts").iterdir()
    sound = path.read_bytes()
    for bit in range(0, len(sound) * 8 - 8, 13):
        content = bytearray(sound)
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        with pytest.raises(DamagedArchive, match=r"manifest|checksum"):
            Archive(tmp_path)
    path.write_bytes(sound)
    path.rename(path.with_name("000000000000001-000000000000011.json"))
    with pytest.raises(DamagedArchive):
        Archive(tmp_path)


def test_overlapping_parts_are_found(tmp_path: Path) -> None:
    Archive(tmp_path / "a").append(frame(1, 10))
    Archive(tmp_path / "b").append(frame(5, 10), first_seq=5)
    (path,) = (tmp_path / "b" / "parts").iterdir()
    path.rename(tmp_path / "a" / "parts" / path.name)
    with pytest.raises(DamagedArchive, match="overlaps"):
        Archive(tmp_path / "a")


@pytest.mark.parametrize("step", range(6))
def test_a_crash_at_any_step_leaves_no_half_part(
    tmp_path: Path, small_days: None, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    archive = Archive(tmp_path)
    archive.append(frame(1, 50))
    steps = iter(range(100))

    def crash(at: Path, to: Path) -> None:
        if next(steps) == step:
            raise KeyboardInterrupt
        at.rename(to)

    with monkeypatch.context() as patch:
        patch.setattr("haechi.stores.durable.os.replace", crash)
        try:
            archive.append(frame(51, 60, days=3))
            interrupted = False
        except KeyboardInterrupt:
            interrupted = True
    assert interrupted == (step < 4)
    again = Archive(tmp_path)
    assert again.last_seq == (50 if interrupted else 110)
    assert len(again.check()) == len(again.leftovers())
    assert again.tidy() == (step + 1 if step < 4 else 0)
    assert again.check() == []
    if interrupted:
        assert again.append(frame(51, 60, days=3)) == 110
    assert pl.concat(again.frames())["seq"].to_list() == list(range(1, 111))


def test_a_full_disk_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive(tmp_path)

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("haechi.stores.durable.os.fsync", full)
    with pytest.raises(NotWritable, match="the disk is full; free some space"):
        archive.append(frame(1, 10))
    assert archive.last_seq == 0


def test_another_process_sees_new_parts_after_refresh(tmp_path: Path) -> None:
    reader, writer = Archive(tmp_path), Archive(tmp_path)
    writer.append(frame(1, 10))
    assert reader.last_seq == 0
    reader.refresh()
    assert reader.last_seq == 10


@pytest.mark.parametrize(
    ("time_us", "day"), [(0, "1970-01-01"), (-1, "1969-12-31"), (2**62, "beyond"), (-(2**62), "beyond")]
)
def test_days_have_names(time_us: int, day: str) -> None:
    assert day_of(time_us) == day
