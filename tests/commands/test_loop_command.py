"""haechi loop: the figures, and for each week who decided, who challenged, and what kept the challenger out."""

from __future__ import annotations

import json
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from haechi.cli import app
from haechi.commands.loop_command import command, why
from haechi.learning.life.policy import GatePart, WatchPart
from haechi.town.crews import Crews
from lifecycle.test_loop import Still, world


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder in whose place the small world is read."""
    from haechi.lifecycle.loop import living
    from haechi.lifecycle.loop import world as file

    class Small(Still):
        """The small world, and crews that are never heard of."""

        crews = Crews([], 0)

        def __init__(self, folder: Path, **given: Any) -> None:
            super().__init__(world())

    monkeypatch.setattr(file, "TownWorld", Small)
    strict = GatePart(frauds_min=15, slice_frauds_min=10, calibration_error_max=0.02)  # the first week has fewer
    monkeypatch.setattr(living, "Plan", partial(living.Plan, gates=strict))
    return str(tmp_path)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["loop", *words, "--first", "20", "--budget", "6", "--every", "7"])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_weeks_say_who_won_and_why_the_others_lost(town: str, tmp_path: Path) -> None:
    figures: dict[str, Any] = json.loads(run(town, "--json"))
    said = run(town, "--picture", str(tmp_path / "weeks.svg"))
    won = [week for week in figures["weeks"] if week["promoted"]]
    assert f"{len(won)} of {len(figures['weeks'])} challengers were promoted" in said
    flat = " ".join(said.replace("│", " ").split())  # a narrow screen wraps what the gates said
    for number, week in enumerate(figures["weeks"], 1):
        failed = [f"{name} {gate[0]:g}, wanted {gate[1]:g}" for name, gate in week["gates"].items() if not gate[2]]
        assert f"{week['challenger'][:8]} {'promoted' if week['promoted'] else 'lost: ' + '; '.join(failed)}" in flat
        assert f" {number} {week['champion'][:8]} " in flat
    assert any(not week["promoted"] for week in figures["weeks"])
    assert won
    assert (tmp_path / "weeks.svg").read_text().startswith("<svg")


def test_a_week_without_a_promotion_says_what_was_wanted() -> None:
    gates = {"frauds": [30, 5, True], "recall_at_budget": [-0.02, -0.01, False]}
    assert why({"promoted": False, "gates": gates, "why": ""}) == "lost: recall_at_budget -0.02, wanted -0.01"
    assert why({"promoted": False, "gates": {}, "why": "no fraud is known"}) == "not judged: no fraud is known"
    assert why({"promoted": True, "gates": gates, "why": ""}) == "promoted"


def test_what_estimates_assume_is_what_a_home_assumes() -> None:
    assert signature(command).parameters["never_reported"].default == WatchPart().never_reported
