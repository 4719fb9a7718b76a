"""Goal: a damaged file costs the rows that are damaged, or ends with one clear line; memory stays bounded."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import pytest

from haechi.events import EventsError, UnreadableFile, read_frames

from .files import collected, moment, rows, write

HEADER = b"id,at,who,paid\n"


def line(i: int, who: bytes = b"c", tail: bytes = b"") -> bytes:
    return f"p{i},{moment(i)},".encode() + who + b",1.50" + tail + b"\n"


def read(path, schema):
    frames = read_frames(schema, path, max_bad=1.0)
    found = collected(frames)
    return found["id"].to_list(), {r.line: r.code for r in frames.report.first}


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.parquet"])
def test_empty_and_missing_files_and_folders_are_named(tmp_path, plain, name) -> None:
    with pytest.raises(UnreadableFile, match="there is no file"):
        read_frames(plain, tmp_path / name)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(UnreadableFile, match="is empty"):
        read_frames(plain, tmp_path / name)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(UnreadableFile):
        read_frames(plain, tmp_path / name)


def test_a_file_that_is_not_what_its_name_says(tmp_path, plain) -> None:
    for name, content, message in (
        ("a.parquet", b"PAR1 but no more", "not a sound Parquet file"),
        ("a.csv.gz", b"id,at,who,paid\n", "not gzip"),
        ("a.jsonl", b"id,at,who,paid\n1,2,3,4\n", "not JSON Lines"),
        ("a.csv", b"\xff\xfei\0d\0", "not UTF-8"),
        ("b.csv", b"id,at,id\n", "twice"),
        ("c.csv", b"\n\n", "no header"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadableFile, match=message):
            read_frames(plain, tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
def test_a_gzip_file_that_was_cut_short_says_so(tmp_path, plain, name) -> None:
    path = write(tmp_path / name, rows(20_000))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFile, match="cut short"):
        list(read_frames(plain, path))
    path.write_bytes(whole[:-6] + b"\0\0\0\0" + whole[-2:])
    with pytest.raises(UnreadableFile, match="cut short or damaged"):
        list(read_frames(plain, path))


def test_a_parquet_file_with_broken_pages_says_so(tmp_path, plain) -> None:
    path = write(tmp_path / "a.parquet", rows(1000))
    whole = bytearray(path.read_bytes())
    whole[4:400] = bytes(396)
    path.write_bytes(whole)
    with pytest.raises(UnreadableFile, match="not a sound Parquet file"):
        list(read_frames(plain, path))


def test_lines_that_are_not_utf8_are_rejected_alone(tmp_path, plain) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + line(0) + line(1, "김".encode("cp949")) + line(2, "김".encode()))
    assert read(path, plain) == (["p0", "p2"], {3: "not_utf8"})
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"id":"a","at":"2024-10-01","who":"c","paid":1}\n{"id":"b","at":"2024-10-01","who":"\xff"}\n')
    assert read(path, plain) == (["a"], {2: "not_utf8"})


def test_records_with_too_few_or_too_many_fields_are_rejected(tmp_path, plain) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + line(0) + b"p1,2024-10-01\n" + line(2, tail=b",9,9") + line(3, b'"a,b"') + line(4))
    assert read(path, plain) == (["p0", "p3", "p4"], {3: "wrong_width", 4: "wrong_width"})


def test_quotes_in_the_middle_of_a_field_are_just_signs(tmp_path, plain) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + line(0) + line(1, b'5" screen') + line(2) + line(3, b'7" screen') + line(4, b'"x"y'))
    assert read(path, plain) == (["p0", "p1", "p2", "p3", "p4"], {})


def test_a_quote_that_never_closes_costs_only_its_line(tmp_path, plain) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + line(0) + line(1, b'"open') + line(2) + line(3))
    assert read(path, plain) == (["p0", "p2", "p3"], {3: "open_quote"})


def test_a_field_beyond_the_limit_is_rejected(tmp_path, plain) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + line(0) + line(1, b"x" * 65_537) + line(2, b"x" * 65_536))
    assert read(path, plain) == (["p0", "p2"], {3: "too_long"})


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.csv.gz"])
def test_an_endless_record_is_skipped(tmp_path, plain, monkeypatch, name) -> None:
    monkeypatch.setattr("haechi.events.blocks.RECORD_BYTES_MAX", 10_000)
    monkeypatch.setattr("haechi.events.blocks.BLOCK_BYTES", 4_096)
    monkeypatch.setattr("haechi.events.blocks.read_blocks.__kwdefaults__", {"block_bytes": 4_096})
    content = rows(400)
    content[150]["who"] = "x" * 50_000
    path = write(tmp_path / name, content)
    ids, bad = read(path, plain)
    first = 2 if ".csv" in name else 1
    assert bad == {150 + first: "too_long"}
    assert ids == [f"p{i}" for i in range(400) if i != 150]


def test_deep_and_broken_json_lines_are_rejected_alone(tmp_path, plain) -> None:
    good = b'{"id":"%d","at":"2024-10-01","who":"c","paid":1}\n'
    wild = [
        b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"id":"x","at":NaN}',
        b"[1,2]",
        b"{",
        b'{"paid":1e999}',
        b"5",
    ]
    wild += [
        b'{"id":"x","at":"2024-10-01","who":{"a":1}}',
        b'{"id":"x","at":"2024-10-01","paid":[1]}',
        b'{"id":null,"at":"2024-10-01"}',
    ]
    path = tmp_path / "a.jsonl"
    path.write_bytes(good % 0 + b"".join(w + b"\n" for w in wild) + b"\n" + good % 1)
    ids, bad = read(path, plain)
    assert ids == ["0", "1"]
    assert list(bad.values()) == ["too_deep", *["not_json"] * 5, "nested", "not_a_number", "no_id"]


def test_mixed_json_types_mean_the_same_as_single_events(tmp_path, plain) -> None:
    cells = [{"id": 1, "paid": 1}, {"id": "2", "paid": "1.5"}, {"id": 3.0, "paid": 2.5}, {"id": True, "paid": None}]
    path = write(tmp_path / "a.jsonl", [{"at": "2024-10-01", "who": "c"} | c for c in cells])
    found = collected(read_frames(plain, path))
    assert found.select("id", "amount").rows() == [("1", 100), ("2", 150), ("3", 250), ("true", None)]


CSV_LINE = b"p%d,2024-10-01,customer-%d,1.50\n"
JSON_LINE = b'{"id":"p%d","at":"2024-10-01","who":"c%d","paid":1}\n'
PEAK = """
import resource, sys
from haechi.events import Schema, read_frames
schema = Schema.parse({"name": "t", "kind": "x", "time": "at", "id": "id", "entities": {"customer": "who"},
    "amount": {"column": "paid", "currency": "EUR"}})
rows = sum(f.height for f in read_frames(schema, sys.argv[1], max_bad=1, rows_per_chunk=20_000))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl.gz"])
def test_memory_does_not_grow_with_the_file(tmp_path, name) -> None:
    path, peaks = tmp_path / name, []
    header, form = (HEADER, CSV_LINE) if ".csv" in name else (b"", JSON_LINE)
    for size in (40_000, 400_000):
        with gzip.open(path, "wb", 1) if path.suffix == ".gz" else path.open("wb") as file:
            file.write(header + b"".join(form % (i, i % 99) for i in range(size)))
        out = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True).stdout
        assert int(out.split()[0]) == size
        peaks.append(int(out.split()[1]))
    assert peaks[1] < peaks[0] + 120, peaks


def test_rejected_rows_that_cannot_be_written_say_so(tmp_path, plain) -> None:
    path = write(tmp_path / "a.csv", [r | {"at": "?"} for r in rows(2)])
    with pytest.raises(EventsError, match="cannot write rejected rows"):
        list(read_frames(plain, path, max_bad=1, rejected=tmp_path / "none" / "rejected.jsonl"))


def test_rejected_rows_are_written_short_and_whole(tmp_path, plain) -> None:
    cells = [2.5, 2**70, True, None, [1, 2], "x" * 5000]
    path = write(tmp_path / "a.jsonl", [{"id": "a", "at": "?", "who": c, "paid": 1} for c in cells])
    out = tmp_path / "rejected.jsonl"
    list(read_frames(plain, path, max_bad=1, rejected=out))
    who = [json.loads(line)["row"]["who"] for line in out.read_text().splitlines()]
    assert who == [2.5, repr(2**70), True, None, "a list of 2", "x" * 1000 + "..."]


def test_a_read_failure_of_the_disk_is_one_line(tmp_path, plain, monkeypatch) -> None:
    path = write(tmp_path / "a.csv", rows(3))

    def broken(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", broken)
    with pytest.raises(UnreadableFile, match="Permission denied"):
        read_frames(plain, path)


def test_a_whole_block_of_odd_quotes_is_taken_apart_one_by_one(tmp_path, plain) -> None:
    path = tmp_path / "a.csv"
    giant = line(3, b'"' + b"z" * 140_000 + b'"')
    path.write_bytes(HEADER + line(0) + line(1, b'"x"y') + line(2, b'"a\nb"') + giant)
    assert read(path, plain) == (["p0", "p1", "p2"], {6: "too_long"})
