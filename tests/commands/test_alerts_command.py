"""The queue on the command line, on a home that no server runs on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from haechi.app import open_shut
from haechi.stores import Alert, Entry
from homes import SETTINGS, new_home

from .line import Said


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HAECHI_KEY", new_home(tmp_path / "home", settings=SETTINGS + "[cases]\nundo_s = 600\n"))
    with open_shut(tmp_path / "home") as shut:
        alert = Alert("a-p-1", "hold", 1, "customer:c-1", 7_000, "KRW", 100, 100, 1_760_000_000_000_000, 3_600_000_000)
        entry = Entry(type=1, event_id="p-1", time_us=1, body=b"{}", decision=b"{}", alert=alert)
        shut.store.journal.write(entry).wait(60)
    return tmp_path / "home"


def test_list_next_verdict_undo(home: Path, haechi: Callable[..., Said]) -> None:
    said = haechi("alerts", "list", "--home", home).out
    assert said.startswith("a-p-1: new, hold, customer:c-1, 1 event, 7,000 won, due ")
    assert "first has it" in haechi("alerts", "next", "--home", home).out
    assert haechi("alerts", "next", "--home", home).out == "nothing waits\n"
    assert json.loads(haechi("alerts", "next", "--home", home, "--json").out) is None
    told = haechi("alerts", "verdict", "a-p-1", "fraud", "--typology", "voice_phishing", "--home", home).out
    assert told.startswith("a-p-1: fraud, final at ")
    assert "taken" in haechi("alerts", "undo", "a-p-1", "--home", home).out
    assert json.loads(haechi("alerts", "list", "--home", home, "--json").out)[0]["holder"] == "first"
    assert (
        json.loads(haechi("alerts", "verdict", "a-p-1", "unsure", "--home", home, "--json").out)["state"] == "waiting"
    )
    assert json.loads(haechi("alerts", "undo", "a-p-1", "--home", home, "--json").out)["state"] == "taken"
    assert [h["what"] for h in json.loads(haechi("alerts", "show", "a-p-1", "--home", home).out)["history"]][
        -1
    ] == "undone"
    wrong = haechi("alerts", "verdict", "a-x", "fraud", "--home", home)
    assert (wrong.status, "there is no alert 'a-x'" in wrong.err) == (1, True)
