"""Goal: files of every format become one stream of events in time order, whatever their order, size and damage."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest

from haechi.events import (
    BadSchema,
    NotInOrder,
    Schema,
    TooManyBadRows,
    UnreadableFile,
    WrongColumn,
    canonical_columns,
    read_frames,
)  # fmt: skip
from haechi.events.convert import canonical_row

from .files import collected, moment, rows, write

FORMATS = ["a.csv", "a.csv.gz", "a.tsv.gz", "a.jsonl", "a.ndjson", "a.jsonl.gz", "a.parquet"]


def written(path: Path, content: list[dict]) -> Path:
    if ".tsv" not in path.name:
        return write(path, content)
    csv = write(path.with_name("t.csv.gz"), content)
    return csv.rename(path)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("chunk", [7, 200_000])
def test_every_format_gives_the_same_frames(tmp_path, plain, name, chunk) -> None:
    frames = read_frames(plain, written(tmp_path / name, rows(50)), rows_per_chunk=chunk)
    found = collected(frames)
    assert dict(found.schema) == canonical_columns(plain)
    events = [canonical_row(plain, plain.event(r), None, 0)[1:] for r in rows(50)]
    assert [r[1:] for r in found.rows()] == events
    assert frames.report.rows == frames.report.accepted == 50
    assert frames.notes == []


@pytest.mark.parametrize("name", FORMATS)
def test_frames_are_as_small_as_asked(tmp_path, plain, name) -> None:
    heights = [f.height for f in read_frames(plain, written(tmp_path / name, rows(50)), rows_per_chunk=10)]
    assert max(heights) <= 10
    assert sum(heights) == 50


def test_lines_are_those_of_an_editor(tmp_path, plain) -> None:
    csv = tmp_path / "a.csv"
    csv.write_text('\ufeffid,at,who,paid\r\na,2024-10-01T00:00:00Z,"x\r\ny",1\r\n\r\nb,2024-10-01T00:00:01Z,"q""r",2')
    found = collected(read_frames(plain, csv))
    assert found.select("line", "id", "entity:customer").rows() == [(2, "a", "x\r\ny"), (5, "b", 'q"r')]


def test_any_usual_separator_is_found(tmp_path, plain) -> None:
    for sign in ",;\t|":
        path = tmp_path / "a.csv"
        path.write_text(
            sign.join(["id", "at", "who", "paid"]) + "\n" + sign.join(["a", "2024-10-01", "c", "1.5"]) + "\n"
        )
        assert collected(read_frames(plain, path))["amount"].to_list() == [150]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_rows_out_of_order_are_sorted_by_us_with_a_note(tmp_path, plain, name) -> None:
    content = rows(5000)
    random.Random(3).shuffle(content)
    frames = read_frames(plain, write(tmp_path / name, content), rows_per_chunk=100)
    found = list(frames)
    whole = pl.concat(found)
    assert whole["id"].to_list() == [f"p{i}" for i in range(5000)]
    assert all(f.height <= 100 for f in found)
    assert "not in time order" in frames.notes[0]
    assert frames.report.accepted == 5000


@pytest.mark.parametrize("sort", ["auto", "always"])
def test_equal_times_keep_the_order_of_the_files(tmp_path, plain, sort) -> None:
    content = [r | {"at": moment(i // 100 if sort == "always" else 99 - i // 100)} for i, r in enumerate(rows(9000))]
    content = [r | {"at": moment(0)} for r in content[:4000]] + content[4000:]
    found = collected(read_frames(plain, write(tmp_path / "a.csv", content), rows_per_chunk=500, sort=sort))
    expected = sorted(range(9000), key=lambda i: content[i]["at"])
    assert found["id"].to_list() == [f"p{i}" for i in expected]


def test_files_are_put_in_the_order_of_their_times(tmp_path, plain) -> None:
    late, early = write(tmp_path / "1.csv", rows(10, first=10)), write(tmp_path / "2.parquet", rows(10))
    frames = read_frames(plain, [late, early])
    assert collected(frames)["id"].to_list() == [f"p{i}" for i in range(20)]
    assert frames.notes == []


def test_files_that_overlap_are_merged(tmp_path, plain) -> None:
    content = rows(20)
    frames = read_frames(plain, [write(tmp_path / "1.csv", content[::2]), write(tmp_path / "2.jsonl", content[1::2])])
    assert collected(frames)["id"].to_list() == [f"p{i}" for i in range(20)]
    assert "overlap" in frames.notes[0]


def test_a_file_called_sorted_that_is_not_is_refused(tmp_path, plain) -> None:
    with pytest.raises(NotInOrder, match="sort = 'auto'"):
        list(read_frames(plain, write(tmp_path / "a.csv", rows(5)[::-1]), sort="never"))


def test_a_second_reading_starts_afresh(tmp_path, plain) -> None:
    frames = read_frames(plain, write(tmp_path / "a.csv", rows(5)))
    assert collected(frames).equals(collected(frames))
    assert frames.report.rows == 5


def test_without_an_id_column_the_row_number_serves_over_all_files(tmp_path) -> None:
    schema = Schema.parse({"name": "t", "kind": "x", "time": "at"})
    files = [write(tmp_path / "1.csv", rows(3)), write(tmp_path / "2.csv", rows(3, first=3))]
    assert collected(read_frames(schema, files))["id"].to_list() == ["1", "2", "3", "4", "5", "6"]


def test_duplicate_ids_are_found_within_and_between_files(tmp_path, plain) -> None:
    content = rows(10)
    files = [
        write(tmp_path / "1.csv", [*content, content[3]]),
        write(tmp_path / "2.parquet", [content[9], *rows(5, first=10)]),
    ]
    frames = read_frames(plain, files, max_bad=1, rows_per_chunk=4)
    assert sorted(collected(frames)["id"].to_list()) == sorted(f"p{i}" for i in range(15))
    assert frames.report.rejected == {"duplicate_id": 2}
    assert "'p3'" in str(frames.report.first[0])


def bad_rows() -> list[dict]:
    content = rows(12)
    content[1]["at"] = ""
    content[3]["paid"] = "much"
    content[5]["paid"] = "-4"
    return content


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl.gz", "a.parquet"])
def test_bad_rows_are_counted_shown_and_written_down(tmp_path, plain, name) -> None:
    path = write(tmp_path / name, bad_rows())
    frames = read_frames(plain, path, max_bad=0.5, rejected=tmp_path / "rejected.jsonl")
    assert collected(frames).height == 9
    assert frames.report.rejected == {"no_time": 1, "not_a_number": 1, "negative_amount": 1}
    first_line = 3 if ".csv" in name else 2
    assert [r.line for r in frames.report.first] == [first_line, first_line + 2, first_line + 4]
    assert str(path) in str(frames.report.first[0])
    lines = [json.loads(line) for line in (tmp_path / "rejected.jsonl").read_text().splitlines()]
    assert [line["code"] for line in lines] == ["no_time", "not_a_number", "negative_amount"]
    assert lines[1]["row"]["paid"] == "much"
    assert "3 rejected" in frames.report.lines()[0]


def test_too_many_bad_rows_stop_with_the_first_reason(tmp_path, plain) -> None:
    with pytest.raises(TooManyBadRows, match=r"3 of 12 rows.*at is missing"):
        list(read_frames(plain, write(tmp_path / "a.csv", bad_rows())))


def test_hopeless_files_stop_early(tmp_path, plain, monkeypatch) -> None:
    monkeypatch.setattr("haechi.events.report.HOPELESS_ROWS", 20)
    frames = read_frames(plain, write(tmp_path / "a.csv", [r | {"at": "?"} for r in rows(100)]), rows_per_chunk=10)
    with pytest.raises(TooManyBadRows):
        list(frames)
    assert frames.report.rows == 20


def test_only_ten_bad_rows_are_shown_but_all_are_counted(tmp_path, plain) -> None:
    frames = read_frames(plain, write(tmp_path / "a.csv", [r | {"at": "?"} for r in rows(50)]), max_bad=1)
    list(frames)
    assert (len(frames.report.first), frames.report.bad) == (10, 50)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_wrong_column_names_the_nearest(tmp_path, plain, name) -> None:
    content = [{("whom" if k == "who" else k): v for k, v in r.items()} for r in rows(3)]
    with pytest.raises(WrongColumn, match=r"no column 'who'; did you mean 'whom'\?"):
        read_frames(plain, write(tmp_path / name, content))


def test_a_second_file_without_the_column_is_named(tmp_path, plain) -> None:
    files = [write(tmp_path / "1.csv", rows(2)), write(tmp_path / "2.csv", [{"id": 1, "at": moment(0), "who": 1}])]
    with pytest.raises(WrongColumn, match=r"2\.csv has no column 'paid'"):
        read_frames(plain, files)


def test_the_built_in_schema_takes_lines_with_any_fields(tmp_path) -> None:
    path = write(
        tmp_path / "events.jsonl",
        [
            {
                "id": "f-1",
                "kind": "profile",
                "customer": "c-17",
                "birth_date": "2007-03-02",
                "time": "2024-03-01T00:00:00+09:00",
            },
            {"id": "p-1", "kind": "payment", "time": "2024-10-25T07:02:00+09:00", "customer": "c-17", "amount": 7000},
        ],
    )
    found = collected(read_frames(Schema.read("bank"), path))
    assert found["attribute:birth_date"].to_list() == ["2007-03-02", None]
    assert found.select("amount", "currency").rows() == [(None, ""), (7000, "KRW")]


def test_numbers_finer_than_the_minor_unit_are_noted(tmp_path, plain) -> None:
    frames = read_frames(plain, write(tmp_path / "a.csv", [r | {"paid": "0.125"} for r in rows(3)]))
    assert collected(frames)["amount"].to_list() == [12, 12, 12]
    assert "3 amounts were finer" in frames.notes[0]


def test_a_file_of_nothing_but_a_header_has_no_rows(tmp_path, plain) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,at,who,paid\n")
    frames = read_frames(plain, path)
    assert list(frames) == []
    assert frames.notes == ["the files hold no rows"]


def test_wrong_calls_say_what_is_right(tmp_path, plain) -> None:
    path = write(tmp_path / "a.csv", rows(1))
    with pytest.raises(BadSchema, match="max_bad lies between"):
        read_frames(plain, path, max_bad=2)
    with pytest.raises(UnreadableFile, match="no file"):
        read_frames(plain, [])
    with pytest.raises(UnreadableFile, match="readable are"):
        read_frames(plain, tmp_path / "a.xlsx")


def test_mixed_zones_are_each_read_where_they_stand(tmp_path) -> None:
    schema = Schema.parse({"name": "t", "kind": "x", "time": {"column": "at", "timezone": "Asia/Seoul"}})
    times = ["2024-10-25T07:02:00+09:00", "2024-10-24T22:02:00Z", "2024-10-25 07:02:00", "2024-10-24T18:02:00-0400"]
    found = collected(read_frames(schema, write(tmp_path / "a.csv", [{"at": t} for t in times])))
    assert set(found["time_us"]) == {1_729_807_320_000_000}


def test_times_without_a_zone_among_others_are_noted(tmp_path, plain) -> None:
    content = rows(4)
    content[2]["at"] = content[2]["at"].removesuffix("Z")
    frames = read_frames(plain, write(tmp_path / "a.csv", content))
    assert collected(frames)["time_us"].is_sorted()
    assert "1 times name no zone while others do: read in UTC" in frames.notes[0]


def test_times_of_every_json_type_are_told_apart(tmp_path) -> None:
    schema = Schema.parse({"name": "t", "kind": "x", "time": {"column": "at", "unit": "s"}, "missing": ["?"]})
    times = [1_729_807_320, "1729807321", 1_729_807_322.5, [1], {"a": 1}, True, "?", None]
    frames = read_frames(schema, write(tmp_path / "a.jsonl", [{"at": t} for t in times]), max_bad=1)
    assert collected(frames)["time_us"].to_list() == [
        1_729_807_320_000_000,
        1_729_807_321_000_000,
        1_729_807_322_500_000,
    ]
    assert frames.report.rejected == {"not_a_time": 3, "no_time": 2}
    assert frames.notes == []


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_schema_with_a_format_for_times_reads_files_too(tmp_path, name) -> None:
    schema = Schema.parse({"name": "t", "kind": "x", "time": {"column": "at", "format": "%d/%m/%Y %H:%M"}})
    content = [{"at": t} for t in ("25/10/2024 07:02", "25/10/2024 07:03", "soon")]
    frames = read_frames(schema, write(tmp_path / name, content), max_bad=1)
    assert collected(frames)["time_us"].to_list() == [1_729_839_720_000_000, 1_729_839_780_000_000]
    assert frames.notes == []
