"""Backtests that a server runs for a caller: each in a child process that reads the archive and never the database.

What the archive does not hold yet, the journal of the running server, is copied into the job's folder first, so that a
backtest knows everything that was durable when it was asked for.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from haechi.stores import Entry, KeptJournal, keep_journal, write_durably

__all__ = ["Backtests", "Busy", "Job"]

log = logging.getLogger("haechi")

KEPT_MAX = 20
RUNNING_MAX = 1
Entries = Callable[[], Iterable[Entry]]


class Busy(Exception):
    """As many backtests run as may."""


class Job(msgspec.Struct):
    """What is to be judged: rules with their versions, lists with who stands on them, and a span."""

    home: str
    texts: list[str]  # one file a rule, so that two versions of one rule may stand side by side
    versions: list[int]
    lists: dict[str, list[tuple[str, int | None]]] = {}
    since_us: int | None = None
    until_us: int | None = None
    refunded: list[str] = []  # events whose victims were paid back
    through: int = 0  # the number up to which the journal was durable when this was asked

    @property
    def wish(self) -> Job:
        """The same, whenever it is asked."""
        return msgspec.structs.replace(self, through=0)


class Backtests:
    """The jobs of one home, each a folder with what was asked and, in the end, a report."""

    def __init__(self, home: Path, entries: Entries | None = None) -> None:
        """`entries` reads the journal; without it jobs know the archive only."""
        self._folder, self._entries = home / "backtests", entries
        self._running: dict[str, _Run] = {}

    def start(self, job: Job) -> str:
        """Run a job and say its id; one that runs for the same wish, or was done when nothing less was known, is it."""
        for id_, run in self._running.items():
            if run.is_alive() and run.wish == job.wish:
                return id_
        id_ = hashlib.sha256(msgspec.json.encode(job)).hexdigest()[:16]
        folder = self._folder / id_
        if self.state(id_) == "done":
            return id_
        self._sweep()
        if len(self._running) >= RUNNING_MAX:
            raise Busy(f"{RUNNING_MAX} backtest runs already: try again when it is done")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_durably(folder / "job.json", msgspec.json.encode(job))
        self._running[id_] = _Run(folder, job.wish, self._entries)
        self._running[id_].start()
        return id_

    def state(self, id_: str) -> str:
        """It is unknown, running, done or failed."""
        run = self._running.get(id_)
        if run is not None and run.is_alive():
            return "running"
        folder = self._folder / id_
        if (folder / "report.json").exists():
            return "done"
        return "failed" if (folder / "job.json").exists() else "unknown"

    def report(self, id_: str) -> Any:
        """The report of a job that is done."""
        return msgspec.json.decode((self._folder / id_ / "report.json").read_bytes())

    def texts(self, id_: str) -> list[str]:
        """The rules that a job judges, as files: what was written for it stands last."""
        return msgspec.json.decode((self._folder / id_ / "job.json").read_bytes(), type=Job).texts

    def why(self, id_: str) -> str:
        """The last line that a failed job wrote."""
        path = self._folder / id_ / "log"
        lines = path.read_text("utf-8", "replace").strip().splitlines() if path.exists() else []
        return lines[-1] if lines else "it ended without a word"

    def close(self) -> None:
        """End what still runs."""
        for run in self._running.values():
            run.stop()
            run.join()

    def _sweep(self) -> None:
        """Forget runs that ended, and the oldest reports."""
        self._running = {id_: run for id_, run in self._running.items() if run.is_alive()}
        folders = sorted(self._folder.glob("*/job.json"), key=lambda path: path.stat().st_mtime)
        for path in folders[: max(len(folders) - KEPT_MAX + 1, 0)]:
            if path.parent.name not in self._running:
                shutil.rmtree(path.parent)


class _Run(threading.Thread):
    """One job: copy the journal, let a child judge, clear up."""

    def __init__(self, folder: Path, wish: Job, entries: Entries | None) -> None:
        super().__init__(name="haechi-backtest", daemon=True)
        self._folder, self.wish, self._entries = folder, wish, entries
        self._lock = threading.Lock()
        self._stopped = False
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        try:
            if self._entries is not None:
                keep_journal(self._entries(), self._folder, lambda: self._stopped)
            child = self._start()
            if child is not None:
                child.wait()
        except Exception as error:
            log.exception("a backtest could not be run")
            (self._folder / "log").write_text(f"{type(error).__name__}: {error}\n", "utf-8")
        finally:
            KeptJournal(self._folder).drop()

    def stop(self) -> None:
        """End it as soon as may be."""
        with self._lock:
            self._stopped = True
            if self._child is not None:
                self._child.terminate()

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._lock, (self._folder / "log").open("wb") as log_:
            if self._stopped:
                return None
            words = [sys.executable, "-m", "haechi.commands.backtest_job", str(self._folder)]
            self._child = subprocess.Popen(words, stdout=log_, stderr=log_, stdin=subprocess.DEVNULL)
            return self._child
