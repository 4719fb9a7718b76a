"""What docs/town.md shows works: its calls with a smaller town, its files, its parameters, in both languages."""

from __future__ import annotations

import tomllib

import pytest

from haechi.town import PROFILES, parameters
from haechi.town.calibration import supervisor
from haechi.town.typologies import TYPOLOGIES
from tests.commands.line import call

from .pages import ROOT, blocks

PAGE, TWIN = ((ROOT / "docs" / name).read_text("utf-8") for name in ("town.md", "town.ko.md"))
SMALLER = ("--customers", 120, "--days", 6)


@pytest.fixture
def haechi(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *words: call(capsys, monkeypatch, *words)


def test_the_calls_of_the_page_work(haechi, tmp_path) -> None:
    slow = {"--gate", "--calibrate"}
    calls = [w for b in blocks("bash") if b.page.name == "town.md" for w in b.commands if not slow & set(w)]
    assert len(calls) == 4
    for words in calls:
        smaller = SMALLER if "--out" in words and "--story" not in words else ()
        said = haechi(*words, *smaller)
        assert said.status == 0, f"{words}: {said.err}"
    for name in ("events.jsonl", "labels.jsonl", "town.json", "truth", "report.html"):
        assert (tmp_path / "town" / name).exists()
    assert (tmp_path / "story" / "event.jsonl").stat().st_size


def test_the_parameters_of_the_page_are_the_towns(tmp_path) -> None:
    [block] = [b for b in blocks("toml") if b.page.name == "town.md"]
    (tmp_path / "mine.toml").write_text(block.text)
    assert tomllib.loads(block.text)["fraud"]["level"] == 2.0
    assert parameters("small", tmp_path / "mine.toml") != parameters("small")


@pytest.mark.parametrize("text", [PAGE, TWIN], ids=["en", "ko"])
def test_every_fraud_and_every_profile_is_on_the_page(text) -> None:
    assert not [t.name for t in TYPOLOGIES if t.is_fraud and f"`{t.name}`" not in text]
    assert not [name for name in PROFILES if f"`{name}`" not in text]


@pytest.mark.parametrize("text", [PAGE, TWIN], ids=["en", "ko"])
def test_the_supervisors_figures_are_quoted_as_they_are(text) -> None:
    for figure in supervisor()["figure"]:
        value = figure["value"]
        won = (f"{value / 1e6:.1f} million won", f"{value / 1e4:,.0f}만 원")
        told = won if figure["unit"] == "won" else (f"{value:.1%}".replace("%", " %"),)
        assert any(f"| {one} |" in text for one in told), figure["name"]
