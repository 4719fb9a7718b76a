"""Data sets, models and label delays of a home on the command line, and a training that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from haechi.app import create_home
from haechi.commands.importing import bring_in
from haechi.commands.models_command import differences
from haechi.commands.training import Training
from haechi.learning.errors import TrainingFailed
from haechi.learning.fit import Config
from haechi.learning.frozen import DataSets
from haechi.learning.practice import Learning
from haechi.learning.registry import Registry
from haechi.stores import Home


@pytest.fixture(scope="module")
def home(town, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("learned") / "home"
    create_home(path, town / "shop.toml")
    bring_in(path, [town / "payments.jsonl"])
    return path


def test_the_way_from_labels_to_a_report(haechi, home, tmp_path) -> None:
    told = json.loads(haechi("labels", "--home", home, "--json").out)
    assert told["delays"][0]["kind"] == "all"
    assert told["frauds"] > 20
    assert "of the frauds that become known" in haechi("labels", "--home", home).out
    made = json.loads(haechi("dataset", "make", "--home", home, "--json").out)
    assert made["screening"] == []
    assert json.loads(haechi("dataset", "list", "--home", home, "--json").out)[0]["hash"] == made["hash"]
    shown = haechi("dataset", "show", made["hash"][:5], "--home", home)
    assert "nearly all frauds are known" in shown.out, shown.err
    assert "no model yet" in haechi("models", "list", "--home", home).out
    first = json.loads(haechi("train", "--home", home, "--quick", "--json").out)["version"]
    assert first in haechi("models", "list", "--home", home).out
    report = tmp_path / "report.html"
    shown = haechi("models", "show", first, "--home", home, "--page", report)
    assert made["hash"] in shown.out, shown.err
    assert "평균 정밀도" in report.read_text("utf-8")
    assert not list(Home(home).trainings.glob("*")), "a finished training leaves nothing behind"
    second = json.loads(haechi("train", "--home", home, "--quick", "--seed", "1", "--json").out)["version"]
    other = json.loads(haechi("models", "diff", first, second, "--home", home, "--json").out)
    assert other["made_of"]["seed"] == [0, 1]
    assert other["same_days"]
    manifest = Registry(Home(home).models).manifest(second)
    assert manifest is not None
    assert (manifest.parent, manifest.dataset) == (first, made["hash"])


def test_trees_and_a_line_can_be_compared() -> None:
    class Two:
        """A registry of a forest and a regression."""

        def report(self, version: str) -> dict[str, Any]:
            return {"ap": 0.4, "chosen": {"model": version}, "explanation": {"features": {version: 0.3, "amount": 0.2}}}

        def manifest(self, version: str) -> None:
            """None: both are from before there were manifests."""

    told = differences(Two(), "small 2/3", "linear")
    assert told["figures"]["model"] == ["small 2/3", "linear"]
    assert told["features"] == {"small 2/3": [0.3, None], "amount": [0.2, 0.2], "linear": [None, 0.3]}


def test_a_killed_training_changes_nothing_and_goes_on(haechi, home) -> None:
    before = Registry(Home(home).models).entries()
    words = [sys.executable, "-m", "haechi", "train", "--home", str(home), "--quick", "--seed", "7"]
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 200
    while not list(Home(home).trainings.glob("*/memo/*.scores")):
        assert child.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert Registry(Home(home).models).entries() == before
    (left,) = Home(home).trainings.glob("*")
    kept = {path.name for path in (left / "memo").iterdir()}
    said = haechi("train", "--home", home, "--quick", "--seed", "7", "--json")
    assert said.status == 0, said.err
    assert kept
    assert not left.exists()
    assert len(Registry(Home(home).models).entries()) == len(before) + 1


def test_a_training_that_needs_too_much_memory_fails_and_says_so(home) -> None:
    entries = Registry(Home(home).models).entries()
    data = DataSets(Home(home).datasets).all()[0]
    training = Training(home, data, Config(plans_max=1, segments={}), 11, Learning(memory_mib=512))
    training.job.memory_mib = 64
    with pytest.raises(TrainingFailed, match="nothing was changed, and it may be started again"):
        training.run()
    assert Registry(Home(home).models).entries() == entries
