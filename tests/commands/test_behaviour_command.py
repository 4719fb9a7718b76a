"""The command `behaviour`: a small town judged without labels, every figure there, as lines and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from haechi.town import parameters, write_town

from .line import call

pytestmark = pytest.mark.nightly  # a kernel of its own, compiled for one town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("behaviour") / "town"
    small = parameters("small", customers=240, days=40, fraud={"level": 25.0})
    write_town(folder, small, 3, format="parquet", labelled=True)
    return folder


def test_a_town_is_judged_without_a_label(town: Path, capsys, monkeypatch) -> None:
    said = call(capsys, monkeypatch, "behaviour", town, "--first-day", 15, "--stories", 3, "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert found["frauds"] > 20
    assert found["ranking"]["run"]["ap"] > found["frauds"] / found["events"]
    assert "isolation forest on the state + heat" in found["ranking"]
    assert found["calibration"]
    assert 0.0 <= found["policy"]["share_of_honest"] < 0.1
    assert all(0.0 <= s["asked_about"] <= 1.0 and s["pupils"] <= 3 for s in found["stories"].values())


def test_the_lines_say_what_the_figures_say(town: Path, capsys, monkeypatch) -> None:
    said = call(capsys, monkeypatch, "behaviour", town, "--first-day", 15, "--customers", 150, "--stories", 0).out
    assert "payments, transfers and withdrawals judged" in said
    assert "isolation forest on the state + heat" in said
    assert "the default policy asks about" in said
