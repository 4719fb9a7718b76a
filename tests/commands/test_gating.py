"""The gate from files to figures: an easy town fails for the right reasons; nightly, the standard profile holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from haechi.commands.gating import _frauds, _sample, _sampled, _span
from haechi.events import Schema
from haechi.learning.dataset import DAY_US
from haechi.town.report.folder import TownFolder
from tests.town.report.folders import make_town

SEEDS = (101, 202, 303)


@pytest.fixture(scope="module")
def easy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its frauds all go to one payee and are large: a toy."""
    return make_town(tmp_path_factory.mktemp("easy"), people=120, days=40, campaigns=320)


def test_an_easy_town_fails_with_status_one(haechi, easy) -> None:
    said = haechi("simulate", "--town", easy, "--gate", "--json")
    assert said.status == 1
    told = json.loads(said.out)["gate"]
    assert not told["holds"]
    assert not told["checks"]["field_auc_max"]["holds"]
    assert told["auc_by_field"]["payee"] > 0.95
    assert told["judged_frauds"] > 30
    assert told["auc_by_typology"] == {"voice_phishing": pytest.approx(told["haechi"]["auc"])}


def test_training_and_judging_are_divided_in_time_and_labels_stop_at_the_border(easy) -> None:
    folder = TownFolder.open(easy)
    span = _span(folder)
    sample = _sample(folder, span, _frauds(folder), 0)
    sampled = _sampled(sample, np.zeros((sample.height, 1), np.float32), span, tuple(Schema.read("bank").entity_names))
    time_us = sample["_time_us"].to_numpy()
    assert time_us[sampled.teach].max() < span.border_us - 7 * DAY_US
    assert time_us[sampled.judge].min() >= span.border_us
    known_us = sample["_known_us"].to_numpy()
    assert (known_us[sampled.known] <= span.border_us).all()
    assert sampled.known.sum() < sampled.true.sum()
    assert not {"fraud", "known_at", "id", "_kind"} & set(sampled.fields)
    assert set(sampled.kinds[sampled.true]) == {"voice_phishing"}
    assert {"time", "kind", "amount", "payee", "channel"} <= set(sampled.fields)


def test_a_draw_stands_for_the_whole_town(easy, monkeypatch) -> None:
    folder = TownFolder.open(easy)
    span, frauds = _span(folder), _frauds(folder)
    monkeypatch.setattr("haechi.commands.gating.OTHERS_TAUGHT", 2_000)
    monkeypatch.setattr("haechi.commands.gating.OTHERS_JUDGED", 1_000)
    sample = _sample(folder, span, frauds, 0)
    assert sample.height < 5_000 < span.before + span.after
    assert sample["_true"].sum() == len(frauds)
    assert (sample.filter("_true")["_weight"] == 1).all()
    assert sample["_weight"].sum() == pytest.approx(span.before + span.after, rel=0.08)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", SEEDS)
def test_the_gate_holds_on_unseen_seeds_of_the_standard_profile(haechi, seed) -> None:
    said = haechi("simulate", "--gate", "--profile", "standard", "--seed", seed, "--json")
    told = json.loads(said.out)["gate"]
    assert said.status == 0, told["checks"]
