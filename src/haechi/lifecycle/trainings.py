"""Trainings of one home: each a child process in a folder of its own, begun by calendar, labels, drift or hand."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from haechi.learning.life.errors import NotAllowed
from haechi.learning.life.policy import RetrainPart
from haechi.lifecycle.training_job import GATES, MODEL, PROGRESS, TrainingJob
from haechi.stores import Entry, KeptJournal, Tables, keep_journal, write_durably

__all__ = ["Training", "Trainings", "why_now"]

KEPT_MAX = 20
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
_ALL = "SELECT number, cause, person, state, started_us, ended_us, model, content FROM retrainings"


class Training(msgspec.Struct, frozen=True):
    """One training: why it began, how far it is, and what came of it."""

    number: int
    cause: str
    person: str
    state: str
    started_us: int
    ended_us: int | None
    model: str
    content: dict[str, Any]


class Trainings:
    """The trainings of one home; one runs at a time."""

    def __init__(
        self, home: Path, tables: Tables, now_us: Callable[[], int], hours_max: int = 12,
        words: Sequence[str] = (sys.executable, "-m", "haechi.lifecycle.training_job"),
        entries: Callable[[], Iterable[Entry]] | None = None,
    ) -> None:  # fmt: skip
        """`words` start the child; the folder of its job is added. `entries` reads the journal, which it may not."""
        self._folder, self._tables, self._now_us = home / "retrainings", tables, now_us
        self._hours_max, self._words, self._entries = hours_max, list(words), entries
        self._child: subprocess.Popen[bytes] | None = None
        self._busy = threading.Lock()
        self.on_done: Callable[[Training, dict[str, Any]], None] = lambda training, gates: None

    def start(self, job: TrainingJob, cause: str, person: str) -> Training:
        """Begin a training; NotAllowed while another one runs."""
        with self._busy:
            return self._start(job, cause, person)

    def _start(self, job: TrainingJob, cause: str, person: str) -> Training:
        if self.running() is not None:
            raise NotAllowed("a training runs already: GET /v1/models/trainings says how far it is")
        number = int(self._tables.rows("SELECT COALESCE(MAX(number), 0) + 1 FROM retrainings")[0][0])
        folder = self._folder / f"{number:06d}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_durably(folder / "job.json", msgspec.json.encode(job))
        row = {"number": number, "cause": cause, "person": person, "state": "running", "started_us": self._now_us(),
               "ended_us": None, "model": job.model, "content": "{}"}  # fmt: skip
        self._tables.do(lambda work: work.add("retrainings", row))
        self._spawn(folder)
        self._sweep()
        return self.one(number)

    def one(self, number: int) -> Training:
        """One training."""
        rows = self._tables.rows(_ALL + " WHERE number = :number", {"number": number})
        if not rows:
            raise NotAllowed(f"there is no training {number}")
        return self._training(rows[0])

    def last(self, limit: int = 20) -> list[Training]:
        """The newest trainings, the newest first."""
        return [self._training(row) for row in self._tables.rows(_ALL + " ORDER BY number DESC LIMIT :n", {"n": limit})]

    def failed_us(self) -> int:
        """When the newest training failed; 0 when it did not."""
        newest = self.last(1)
        return newest[0].ended_us or 0 if newest and newest[0].state == "failed" else 0

    def running(self) -> Training | None:
        """The training under way."""
        rows = self._tables.rows(_ALL + " WHERE state = 'running' ORDER BY number DESC LIMIT 1")
        return self._training(rows[0]) if rows else None

    def step(self) -> None:
        """Look after the child: go on with one that an earlier server left, take up one that is done."""
        # Another thread copies the journal for a training that it begins: it has no child yet, and needs no second one.
        if not self._busy.acquire(blocking=False):
            return
        try:
            self._look_after()
        finally:
            self._busy.release()

    def _look_after(self) -> None:
        training = self.running()
        if training is None:
            return
        folder = self._folder / f"{training.number:06d}"
        if self._child is None:
            self._spawn(folder)
            return
        code = self._child.poll()
        why = self._too_much(training, folder) if code is None else ""
        if code is None and not why:
            return
        if code is None:
            self._kill(signal.SIGKILL)
        self._child = None
        self._end(training, folder, why)

    def _too_much(self, training: Training, folder: Path) -> str:
        """Why the child has to end: its time or its memory is over."""
        if self._now_us() - training.started_us > self._hours_max * HOUR_US:
            return f"it took longer than {self._hours_max} hours: [retrain] hours_max"
        job = msgspec.json.decode((folder / "job.json").read_bytes(), type=TrainingJob)
        assert self._child is not None
        if resident_mib(self._child.pid) > job.memory_mib:
            return f"it took more than {job.memory_mib} MiB: [learning] memory_mib"
        return ""

    def close(self) -> None:
        """End the child; the next server goes on with what it has done."""
        with self._busy:
            if self._child is not None:
                self._kill(signal.SIGTERM)
                self._child = None

    def _kill(self, how: int) -> None:
        """End the child and all that it started."""
        assert self._child is not None
        if self._child.poll() is None:
            os.killpg(self._child.pid, how)
        self._child.wait()

    def _fail(self, why: str) -> None:
        training = self.running()
        if training is not None:
            self._close(training, "failed", training.model, {"why": why})

    def _spawn(self, folder: Path) -> None:
        if not (folder / "job.json").exists():
            self._fail("its folder is gone")
            return
        job = msgspec.json.decode((folder / "job.json").read_bytes(), type=TrainingJob)
        if self._entries is not None and not KeptJournal(folder).exists:
            try:
                keep_journal(self._entries(), folder)
            except OSError as error:
                self._fail(f"its journal could not be copied: {error}")
                return
        threads = {name: str(job.cores) for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS")}
        with (folder / "log").open("ab") as log:
            # A session of its own: what the child starts ends with it.
            self._child = subprocess.Popen(
                [*self._words, str(folder)], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, **threads}, start_new_session=True,
            )  # fmt: skip

    def _end(self, training: Training, folder: Path, why: str) -> None:
        """What the child left decides: both files make a challenger with its gates, anything else changes nothing."""
        KeptJournal(folder).drop()
        if not (folder / GATES).exists():
            lines = (folder / "log").read_text("utf-8", "replace").strip().splitlines()
            told = {"why": why or (lines[-1] if lines else "it ended without a word")}
            self._close(training, "failed", training.model, told)
            return
        told = msgspec.json.decode((folder / MODEL).read_bytes())
        gates = msgspec.json.decode((folder / GATES).read_bytes())
        self._close(training, "done", told["model"], told)
        self.on_done(self.one(training.number), gates)

    def _close(self, training: Training, state: str, model: str, told: dict[str, Any]) -> None:
        sql = (
            "UPDATE retrainings SET state = :state, ended_us = :at, model = :model, content = :content"
            " WHERE number = :number"
        )
        content = msgspec.json.encode(told).decode()
        values = {"state": state, "at": self._now_us(), "model": model, "content": content, "number": training.number}
        self._tables.do(lambda work: work.run(sql, values))

    def _training(self, row: tuple[Any, ...]) -> Training:
        number, cause, person, state, started_us, ended_us, model, content = row
        told = msgspec.json.decode(content)
        if state == "running":
            try:
                told = msgspec.json.decode((self._folder / f"{number:06d}" / PROGRESS).read_bytes())
            except (OSError, msgspec.DecodeError):
                told = {"stage": "starting", "share": 0.0}
        return Training(number, cause, person, state, started_us, ended_us, model, told)

    def _sweep(self) -> None:
        folders = sorted(self._folder.glob("*/job.json"))
        for path in folders[: max(len(folders) - KEPT_MAX, 0)]:
            shutil.rmtree(path.parent)


def resident_mib(pid: int) -> int:
    """How much memory a process really has; 0 once it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return (pages * os.sysconf("SC_PAGE_SIZE")) >> 20


def why_now(
    part: RetrainPart, *, now_us: int, trained_us: int, new_labels: int, alarms: set[str], failed_us: int = 0
) -> str:
    """Why a training is due, in one word; '' when none is. `trained_us` is when the newest model was made."""
    if failed_us and now_us - failed_us < HOUR_US:
        return ""  # what failed a moment ago would fail again
    if part.every_days and now_us - trained_us >= part.every_days * DAY_US:
        return "calendar"
    if part.new_labels and new_labels >= part.new_labels:
        return "labels"
    if part.on_drift and alarms & {"inputs", "new_typology", "scores", "performance"} and now_us - trained_us >= DAY_US:
        return "drift"
    return ""
