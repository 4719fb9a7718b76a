"""Backtests that a server runs for a caller: each in a child process that reads the archive and never the database."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from haechi.stores import write_durably

__all__ = ["Backtests", "Busy", "Job"]

KEPT_MAX = 20
RUNNING_MAX = 1


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


class Backtests:
    """The jobs of one home, each a folder with what was asked and, in the end, a report."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "backtests"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, id_: str, job: Job) -> None:
        """Run a job; one that ran already under this id, or runs, is left alone."""
        folder = self._folder / id_
        if self.state(id_) in ("running", "done"):
            return
        self._sweep()
        if len(self._running) >= RUNNING_MAX:
            raise Busy(f"{RUNNING_MAX} backtest runs already: try again when it is done")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_durably(folder / "job.json", msgspec.json.encode(job))
        with (folder / "log").open("wb") as log:
            words = [sys.executable, "-m", "haechi.commands.backtest_job", str(folder)]
            self._running[id_] = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def state(self, id_: str) -> str:
        """It is unknown, running, done or failed."""
        child = self._running.get(id_)
        if child is not None and child.poll() is None:
            return "running"
        folder = self._folder / id_
        if (folder / "report.json").exists():
            return "done"
        return "failed" if (folder / "job.json").exists() else "unknown"

    def report(self, id_: str) -> Any:
        """The report of a job that is done."""
        return msgspec.json.decode((self._folder / id_ / "report.json").read_bytes())

    def why(self, id_: str) -> str:
        """The last line that a failed job wrote."""
        lines = (self._folder / id_ / "log").read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it ended without a word"

    def close(self) -> None:
        """End what still runs."""
        for child in self._running.values():
            if child.poll() is None:
                child.terminate()
            child.wait()

    def _sweep(self) -> None:
        """Forget children that ended, and the oldest reports."""
        self._running = {id_: child for id_, child in self._running.items() if child.poll() is None}
        folders = sorted(self._folder.glob("*/job.json"), key=lambda path: path.stat().st_mtime)
        for path in folders[: max(len(folders) - KEPT_MAX + 1, 0)]:
            if path.parent.name not in self._running:
                shutil.rmtree(path.parent)
