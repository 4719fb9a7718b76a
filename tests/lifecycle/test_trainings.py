"""Trainings in children: begun for a reason, within limits, taken up again; one that fails changes nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from haechi.app import create_home, open_shut
from haechi.learning.life.errors import NotAllowed
from haechi.learning.life.policy import RetrainPart
from haechi.lifecycle.training_job import TrainingJob
from haechi.lifecycle.trainings import Trainings, why_now
from haechi.stores import LEARNED, Entry

DAY_US = 86_400_000_000
GOOD = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
(folder / "model.json").write_text('{"model": "abc", "outcome": "a challenger"}')
(folder / "gates.json").write_text('{"model": "abc", "gates": []}')
"""
SLOW = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / "progress.json").write_text('{"stage": "learning", "share": 0.5}')
time.sleep(600)
"""
BAD = "raise SystemExit('there is too little history')"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Any]:
    create_home(tmp_path / "home")
    with open_shut(tmp_path / "home") as shut:
        yield shut


def trainings(home: Any, script: str, clock: list[int] | None = None) -> Trainings:
    now = clock or [1]
    return Trainings(home.home.path, home.store.tables, lambda: now[0], words=(sys.executable, "-c", script))


def until_over(found: Trainings) -> None:
    for _ in range(3_000):
        found.step()
        if found.running() is None:
            return
        time.sleep(0.02)
    raise AssertionError("a training never ended")


def job(home: Any, **more: Any) -> TrainingJob:
    return TrainingJob(home=str(home.home.path), **more)


def test_a_training_that_ends_well_is_told_with_its_gates(home: Any) -> None:
    found, heard = trainings(home, GOOD), []
    found.on_done = lambda training, gates: heard.append((training, gates))
    started = found.start(job(home), "calendar", "retraining")
    assert (started.number, started.state) == (1, "running")
    with pytest.raises(NotAllowed, match="runs already"):
        found.start(job(home), "by hand", "ana")
    until_over(found)
    assert (found.one(1).state, found.one(1).model) == ("done", "abc")
    assert heard[0][1] == {"model": "abc", "gates": []}
    assert found.failed_us() == 0


def test_a_worker_that_looks_while_the_journal_is_copied_begins_no_second_child(home: Any) -> None:
    found = trainings(home, GOOD)

    def entries() -> Iterator[Entry]:
        found.step()
        yield Entry(type=LEARNED, event_id="e-1", time_us=1, body=b"{}", seq=1)

    found._entries = entries
    found.start(job(home), "by hand", "ana")
    assert found.running() is not None, "it begins once its journal is there"
    until_over(found)
    assert found.one(1).state == "done"


def test_one_that_fails_says_why_and_changes_nothing(home: Any) -> None:
    found, heard = trainings(home, BAD), []
    found.on_done = lambda training, gates: heard.append(training)
    found.start(job(home), "by hand", "ana")
    until_over(found)
    assert found.one(1).state == "failed"
    assert found.one(1).content == {"why": "there is too little history"}
    assert found.failed_us() == found.one(1).ended_us, "whoever trains by the calendar waits"
    assert not heard
    with pytest.raises(NotAllowed, match="no training 9"):
        found.one(9)


def test_one_that_takes_too_long_or_too_much_is_ended(home: Any) -> None:
    clock = [1]
    found = trainings(home, SLOW, clock)
    found.start(job(home), "by hand", "ana")
    found.step()
    clock[0] += 13 * 3_600_000_000
    found.step()
    assert "longer than 12 hours" in found.one(1).content["why"]
    found.start(job(home, memory_mib=1), "by hand", "ana")
    until_over(found)
    assert "more than 1 MiB" in found.one(2).content["why"]


def test_the_child_finds_what_the_archive_does_not_hold_yet(home: Any) -> None:
    """The journal of a running server is copied beside the job, and goes with it."""
    looks = (
        GOOD
        + """
assert (folder / "journal.entries").stat().st_size > 0
"""
    )
    entry = Entry(type=LEARNED, event_id="e-1", time_us=1, body=b"{}", seq=7)
    words = (sys.executable, "-c", looks)
    found = Trainings(home.home.path, home.store.tables, lambda: 1, words=words, entries=lambda: [entry])
    found.start(job(home), "by hand", "ana")
    until_over(found)
    assert found.one(1).state == "done"
    assert not list(home.home.path.glob("retrainings/*/journal.entries"))


def test_a_journal_that_cannot_be_copied_fails_the_training_and_nothing_else(home: Any) -> None:
    def broken() -> Iterator[Entry]:
        yield Entry(type=LEARNED, event_id="e-1", time_us=1, body=b"{}", seq=7)
        raise OSError("no space left on the disk")

    found = Trainings(home.home.path, home.store.tables, lambda: 1, words=(sys.executable, "-c", GOOD), entries=broken)
    assert found.start(job(home), "calendar", "retraining").state == "failed"
    assert "no space left" in found.one(1).content["why"]
    found.step()
    assert found.running() is None, "the next one may begin"
    assert not list(home.home.path.glob("retrainings/*/journal.entries*"))


def test_the_next_server_goes_on_with_it(home: Any) -> None:
    first = trainings(home, SLOW)
    first.start(job(home), "calendar", "retraining")
    for _ in range(500):
        if first.one(1).content.get("share") == 0.5:
            break
        time.sleep(0.02)
    assert first.one(1).content == {"stage": "learning", "share": 0.5}
    first.close()
    second = trainings(home, GOOD)
    until_over(second)
    assert second.one(1).state == "done"


def test_one_whose_folder_is_gone_has_failed(home: Any) -> None:
    import shutil

    first = trainings(home, SLOW)
    first.start(job(home), "calendar", "retraining")
    first.close()
    shutil.rmtree(home.home.path / "retrainings")
    second = trainings(home, GOOD)
    second.step()
    assert second.one(1).content == {"why": "its folder is gone"}


@pytest.mark.parametrize(
    ("part", "given", "cause"),
    [
        (RetrainPart(), {}, ""),
        (RetrainPart(every_days=7), {}, ""),
        (RetrainPart(every_days=7), {"now_us": 8 * DAY_US}, "calendar"),
        (RetrainPart(new_labels=50), {"new_labels": 49}, ""),
        (RetrainPart(new_labels=50), {"new_labels": 50}, "labels"),
        (RetrainPart(on_drift=True), {"alarms": {"inputs"}, "now_us": 2 * DAY_US}, "drift"),
        (RetrainPart(on_drift=True), {"alarms": {"latency"}, "now_us": 2 * DAY_US}, ""),
        (RetrainPart(on_drift=True), {"alarms": {"inputs"}}, ""),
        (RetrainPart(every_days=7), {"now_us": 8 * DAY_US, "failed_us": 8 * DAY_US - 1}, ""),
    ],
)
def test_why_a_training_is_due(part: RetrainPart, given: dict[str, Any], cause: str) -> None:
    asked = {"now_us": DAY_US // 2, "trained_us": 0, "new_labels": 0, "alarms": set()} | given
    assert why_now(part, **asked) == cause
