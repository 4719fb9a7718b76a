"""A data set, a config and a seed make one model: in another process, and after being broken off, the same bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from haechi.learning.fit import Config, explanation, fit, lineage
from haechi.learning.frozen import DataSet
from haechi.learning.memo import Memo

from .freezing import frozen, history

HOURLY, PLAIN = Config(plans_max=1, segments={"hour": "hour"}), Config(plans_max=1, segments={})
ELSEWHERE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from haechi.learning import lessons
from haechi.learning.fit import Config, fit
from haechi.learning.frozen import DataSets
from tests.learning.conftest import SMALL
lessons.plans = lambda positives, rows, features: SMALL
data = DataSets(Path(sys.argv[1])).all()[0]
print(fit(data, Config(plans_max=1, segments={}), 3)[0].version)
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> DataSet:
    named = np.where(np.arange(4_000) % 2 == 0, "stolen", "bad_shop").tolist()
    import polars as pl

    return frozen(tmp_path_factory.mktemp("sets"), history(**{"said:typology": pl.Series(named)}))


@pytest.fixture(scope="module")
def fitted(data):
    return fit(data, HOURLY, 3)


def test_the_report_judges_rows_that_the_model_had_not_seen(fitted, data) -> None:
    _, report = fitted
    slices = report["slices"]
    assert report["dataset"] == data.hash
    assert slices["judged"]["frauds"] > 20
    model, logistic = slices["against"]["model"], slices["against"]["logistic"]
    low, high = model["ap_interval"]
    assert low < model["ap"] < high
    assert logistic["model_is_better_by"]["ap"] == pytest.approx(model["ap"] - logistic["ap"])
    assert set(slices["typologies"]) == {"stolen", "bad_shop"}
    assert 0 < slices["money"]["share"] <= 1
    assert slices["against"]["rules"]["recall"] == {"value": "no evidence"}
    assert sum(m["events"] for m in slices["months"]) == slices["judged"]["events"]
    assert len(slices["segments"]["hour"]) > 1


def test_the_reasons_add_up_to_the_score(fitted) -> None:
    told = explanation(fitted[0])
    assert told["adds_up"], told["error_max"]
    assert not told["one_feature_carries_it"]
    assert 0.2 < sum(told["features"].values()) <= 1.0 + 1e-9, "the twenty that carry most of it"


def test_another_process_makes_the_same_bytes(data, fitted) -> None:
    here = fitted[0]
    root = Path(__file__).resolve().parent.parent.parent
    words = [sys.executable, "-c", ELSEWHERE, str(data.folder.parent), str(root)]
    there = subprocess.run(words, capture_output=True, text=True, check=True, timeout=200).stdout.split()[-1]
    assert there == here.version
    assert fit(data, PLAIN, 4)[0].version != here.version


def test_a_training_that_was_broken_off_goes_on_and_makes_the_same_bytes(data, tmp_path, fitted, monkeypatch) -> None:
    memo = Memo(tmp_path / "memo")
    from haechi.learning import choose

    calls, real = [], choose.fit

    def dies(*words, **more):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*words, **more)

    monkeypatch.setattr(choose, "fit", dies)
    with pytest.raises(KeyboardInterrupt):
        fit(data, HOURLY, 3, memo=memo)
    done = len(list((tmp_path / "memo").iterdir()))
    assert done == 3
    torn = next((tmp_path / "memo").iterdir())
    torn.write_bytes(torn.read_bytes()[:-7])
    calls[:] = [0] * 10
    artifact, _ = fit(data, HOURLY, 3, memo=memo)
    assert artifact.encode() == fitted[0].encode()
    assert len(list((tmp_path / "memo").iterdir())) > done


def test_the_champion_judges_beside_and_changes_nothing(data, fitted) -> None:
    artifact, report = fit(data, HOURLY, 3, champion=fitted[0])
    assert artifact.encode() == fitted[0].encode()
    assert report["champion"] == fitted[0].version
    assert report["slices"]["against"]["champion"]["ap"] > report["slices"]["against"]["model"]["ap"], "it saw them all"


def test_the_lineage_names_data_config_and_libraries(data) -> None:
    told = lineage(data, Config(), 3)
    assert (told.dataset, told.seed, told.config["plans_max"]) == (data.hash, 3, 3)
    assert {"lightgbm", "numpy", "haechi"} <= set(told.libraries)
    assert told.labels_hash == data.card["hashes"]["labels"]
