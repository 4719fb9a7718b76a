"""Report and gate of a finished town from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.town.report.folders import make_town


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_town(tmp_path_factory.mktemp("finished"))


def test_a_finished_town_gets_its_report(haechi, finished) -> None:
    said = haechi("simulate", "--town", finished, "--report")
    assert said.status == 0
    assert "report.html" in said.out
    assert "Loss per victim" in said.out
    assert (finished / "report.html").read_text("utf-8").startswith("<!doctype html>")


def test_figures_come_as_json(haechi, finished) -> None:
    told = json.loads(haechi("simulate", "--town", finished, "--report", "--json").out)
    assert Path(told["report_path"]).is_file()
    figure = told["calibration"]["refunded_share"]
    assert figure["verdict"] == "fits"
    assert figure["found"] == pytest.approx(0.332, abs=0.001)


def test_voice_phishing_alone_is_held_against_the_supervisors_figures(haechi, tmp_path) -> None:
    told = json.loads(haechi("simulate", "--profile", "standard", "--seed", 3, "--calibrate", 2, "--json").out)
    assert 600 < told["victims"] < 1_000
    assert told["calibration"]["loss_per_victim_won"]["verdict"] == "fits"
    dear = tmp_path / "dear.toml"
    dear.write_text("[loss]\nmean_won = 60_000_000\n")
    said = haechi("simulate", "--profile", "standard", "--parameters", dear, "--calibrate", 1)
    assert said.status == 1
    assert "OFF" in said.out
    assert list(tmp_path.iterdir()) == [dear]


def test_a_town_is_written_and_reported_in_one_call(haechi, tmp_path) -> None:
    said = haechi("simulate", "--customers", 150, "--days", 8, "--out", tmp_path / "t", "--report", "--json")
    assert said.status == 0, said.err
    told = json.loads(said.out)
    assert told["events"] > 1_000
    assert Path(told["report_path"]).read_text("utf-8").count("<section") == 9


def test_a_town_with_too_few_frauds_cannot_be_measured(haechi, tmp_path) -> None:
    town = make_town(tmp_path / "t", campaigns=5)
    said = haechi("simulate", "--town", town, "--gate")
    assert said.status == 1
    assert "frauds are too few" in said.err


@pytest.mark.parametrize("words", [("--town", "{town}"), ("--town", "{town}", "--report", "--out", "x"), ("--report",)])
def test_a_wrong_call_says_what_is_missing(haechi, finished, words) -> None:
    said = haechi("simulate", *(word.format(town=finished) for word in words))
    assert said.status == 2


def test_a_folder_that_holds_no_town_is_refused(haechi, tmp_path) -> None:
    said = haechi("simulate", "--town", tmp_path, "--report")
    assert said.status == 1
    assert "write a town with `haechi simulate --out`" in said.err
