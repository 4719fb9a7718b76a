"""A stranger's file gets a schema, and a schema is held against files."""

from __future__ import annotations

import json
import tomllib

import pytest

ROWS = 40


@pytest.fixture
def payments(tmp_path):
    path = tmp_path / "payments.csv"
    lines = ["tx_id,when,client,shop,amount,is_fraud"]
    lines += [
        f"t{i},2024-01-{1 + i // 24:02}T{i % 24:02}:00:00,c{i % 25},s{i % 21},{10 + i * 7 % 13}.50,{int(i % 9 == 0)}"
        for i in range(ROWS)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_draft_goes_to_standard_output(haechi, payments) -> None:
    said = haechi("schema", "guess", payments)
    assert said.status == 0
    document = tomllib.loads(said.out)
    assert document["time"]["column"] == "when"
    assert document["entities"]["customer"]["column"] == "client"


def test_a_draft_is_written_and_its_file_passes_the_check(haechi, payments, tmp_path) -> None:
    out = tmp_path / "payments.toml"
    said = haechi("schema", "guess", payments, "--out", out)
    assert said.status == 0
    assert "entities.customer: 25 different ones" in said.out
    assert "read every line" in said.err
    checked = haechi("schema", "check", out, payments, "--json")
    assert checked.status == 0
    assert json.loads(checked.out)["accepted"] == ROWS


def test_a_draft_never_replaces_a_file_unasked(haechi, payments, tmp_path) -> None:
    out = tmp_path / "mine.toml"
    out.write_text("mine")
    said = haechi("schema", "guess", payments, "--out", out)
    assert said.status == 2
    assert out.read_text() == "mine"
    assert haechi("schema", "guess", payments, "--out", out, "--force").status == 0
    assert out.read_text() != "mine"


def test_a_draft_as_json_tells_what_was_assumed(haechi, payments) -> None:
    told = json.loads(haechi("schema", "guess", payments, "--json").out)
    assert set(told) == {"document", "because", "left_out", "toml"}
    assert "EUR is assumed" in told["because"]["amount"], told


def test_a_check_reads_as_text_and_names_bad_rows(haechi, payments, tmp_path) -> None:
    schema = tmp_path / "s.toml"
    haechi("schema", "guess", payments, "--out", schema)
    payments.write_text(payments.read_text() + "t99,no time at all,c1,s1,5,0\n")
    said = haechi("schema", "check", schema, payments)
    assert said.status == 1, "one of 41 rows is more than 1 %"
    assert "40 accepted, 1 rejected" in said.out
    assert "payments.csv:42" in said.out
    assert haechi("schema", "check", schema, payments, "--max-bad", "0.1").status == 0


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("guess", "nowhere.csv"), "nowhere.csv"),
        (("check", "nowhere.toml", "{file}"), "haechi schema guess FILE"),
        (("check", "bank", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_a_wrong_call_ends_with_status_2(haechi, payments, words, what) -> None:
    said = haechi("schema", *(w.format(file=payments) for w in words))
    assert said.status == 2
    assert what in said.err


def test_a_file_without_a_time_is_one_line_and_status_1(haechi, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\nx,y\nz,w\n")
    said = haechi("schema", "guess", path)
    assert said.status == 1
    assert said.err.startswith("haechi: no column looks like a time")
    assert said.err.count("\n") == 1


def test_help_shows_an_example(haechi) -> None:
    assert "haechi schema guess payments.csv" in haechi("schema", "guess", "--help").out
    assert "haechi schema check payments.toml" in haechi("schema", "check", "--help").out
