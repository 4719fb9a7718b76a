"""The gates as a child takes them: from a home's own history, decided and labelled there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from haechi.app import open_shut
from haechi.commands.history import copy_history
from haechi.learning.life.policy import GatePart
from haechi.learning.watch.scorer import Scorer
from haechi.lifecycle.judging import prove
from haechi.lifecycle.training_job import _looked, _now_us, gates_of
from haechi.stores import keep_journal
from learning.life.making import model
from lifecycle.making import fronts, home_with_models
from lifecycle.test_room import NOW_US, decide

NIGHT_US = 1_723_557_600_000_000  # 2024-08-13T23:00+09:00, when labels became known
PART = GatePart(alert_budget_per_day=20, frauds_min=5, calibration_error_max=1.0)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A home that decided 300 events; ten turned out to be frauds, some because an analyst looked."""
    path, versions, _ = home_with_models(tmp_path_factory.mktemp("gates"))
    with fronts(path, lambda: NOW_US) as (_, ask):
        decide(ask, range(300))
        lines = [
            json.dumps({
                "event_id": f"q-{n}", "fraud": True, "known_at": "2024-08-13T23:00:00+09:00",
                "source": "verdict:kim" if n < 100 else "report:branch",
            }).encode()
            for n in range(0, 300, 30)
        ]  # fmt: skip
        assert ask(lambda front: front.label(lines)) == [None] * 10
    return path, versions


def test_a_challenger_is_held_against_the_champion_on_the_homes_own_days(lived: tuple[Path, list[str]]) -> None:
    path, (champion, challenger) = lived
    found = gates_of(path, challenger, PART)
    assert found["champion"] == champion
    gates = {name: (value, passed) for name, value, _, passed, _ in found["gates"]}
    assert gates["frauds"] == (5, True), "of the youngest events too few frauds are reported"
    assert {"recall_at_budget", "latency_us", "replay_differences"} <= gates.keys()
    assert gates_of(path, champion, PART)["gates"] == [], "nobody is held against herself"


def test_a_row_that_gives_no_number_either_way_is_no_difference(lived: tuple[Path, list[str]]) -> None:
    with open_shut(lived[0]) as shut:
        spec = shut.spec
    plain = model(0, spec.names)
    stack = {"columns": ["amount"], "weights": [1.0, 0.0], "shift": 0.0, "floor": 1e-4, "ceiling": 0.9}
    stacked = replace(plain, settings={"stack": stack})
    rows = np.zeros((4, len(spec.names)), np.float32)
    rows[1, spec.index("amount")] = -np.inf
    assert np.isnan(Scorer(stacked, spec).probabilities(rows)).tolist() == [False, True, False, False]
    assert prove(stacked, plain, spec, rows).differences == 0


def test_what_somebody_looked_at_is_told_from_what_was_reported(lived: tuple[Path, list[str]], tmp_path: Path) -> None:
    history = copy_history(lived[0], tmp_path, whole=True)
    assert _now_us(history) == NIGHT_US > history.last_us, "the labels are all that came since"
    looked = _looked(history)
    assert len(looked) == history.events == 300
    assert looked.sum() == 4


def test_a_child_of_a_server_learns_from_what_was_decided_a_moment_ago(tmp_path: Path) -> None:
    """While the home is served its database is closed to others: its journal is copied beside the job."""
    path, _, _ = home_with_models(tmp_path)
    with fronts(path, lambda: NOW_US) as (opened, ask):
        decide(ask, range(30))
        (tmp_path / "alone").mkdir()
        (tmp_path / "beside").mkdir()
        alone = copy_history(path, tmp_path / "alone", whole=True)
        keep_journal(opened.store.journal.entries(), tmp_path)
        beside = copy_history(path, tmp_path / "beside", whole=True, beside=tmp_path)
    assert (alone.events, alone.whole) == (0, False)
    assert (beside.events, beside.whole) == (30, True)
    assert next(iter(beside))["said:action"].is_not_null().all()
