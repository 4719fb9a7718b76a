"""Trainings of a home: each in a process of its own and a folder of its own, so that a failed one changes nothing.

A folder is named by data set, config and seed. A training that was killed is started again under the same name and goes
on with what it had fitted; a finished one is taken up and its folder removed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from haechi.commands.train_job import Job
from haechi.detectors.artifact import Artifact, write_whole
from haechi.learning.errors import TrainingFailed
from haechi.learning.fit import Config
from haechi.learning.frozen import DataSet
from haechi.learning.manifest import Manifest
from haechi.learning.practice import Learning
from haechi.learning.registry import MODEL, Registry
from haechi.stores import Home

__all__ = ["Made", "Training"]

WAIT_S = 0.2
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Made:
    """What a training made."""

    artifact: Artifact
    report: dict[str, Any]
    lineage: Manifest


class Training:
    """One training of one home."""

    def __init__(self, home: Path, data: DataSet, config: Config, seed: int, practice: Learning) -> None:
        place, registry = Home(home), Registry(Home(home).models)
        champion = next((e.version for e in registry.entries() if e.status == "champion"), "")
        self.job = Job(
            datasets=str(data.folder.parent), dataset=data.hash, config=msgspec.to_builtins(config), seed=seed,
            cores=practice.cores, memory_mib=practice.memory_mib,
            champion=str(registry.folder / champion / MODEL) if champion else "",
        )  # fmt: skip
        told = msgspec.json.encode([data.hash, self.job.config, seed], order="deterministic")
        self.id = hashlib.sha256(told).hexdigest()[:16]
        self.folder = place.trainings / self.id

    def run(self, progress: Progress = lambda step, share: None) -> Made:
        """Train, or go on with a training that was broken off; raises TrainingFailed, and then nothing was changed."""
        write_whole(self.folder / "job.json", msgspec.json.encode(self.job))
        (self.folder / MODEL).unlink(missing_ok=True)
        with (self.folder / "log").open("wb") as log:
            words = [sys.executable, "-m", "haechi.commands.train_job", str(self.folder)]
            child = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            self._watch(child, progress)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        return self._made(child.returncode)

    def _watch(self, child: subprocess.Popen[bytes], progress: Progress) -> None:
        while True:
            try:
                child.wait(WAIT_S)
                return
            except subprocess.TimeoutExpired:
                if (used := memory_mib(child.pid)) > self.job.memory_mib:
                    child.kill()
                    child.wait()
                    told = f"it took {used:,} MiB, the limit is {self.job.memory_mib:,}: raise [learning] memory_mib"
                    raise self._failed(told) from None
                if said := self.progress():
                    progress(said["step"], said["share"])

    def progress(self) -> dict[str, Any] | None:
        """How far it is: the step and a share; None before it has said anything."""
        try:
            found: dict[str, Any] = msgspec.json.decode((self.folder / "progress.json").read_bytes())
        except OSError:
            return None
        return found

    def _made(self, status: int) -> Made:
        if status:
            lines = (self.folder / "log").read_text("utf-8", "replace").strip().splitlines()
            told = lines[-1] if lines else "it ended without a word"
            raise self._failed(f"killed by signal {-status}" if status < 0 else told)
        made = Made(
            Artifact.read(self.folder / MODEL),
            msgspec.json.decode((self.folder / "report.json").read_bytes()),
            Manifest.decode((self.folder / "lineage.json").read_bytes()),
        )
        shutil.rmtree(self.folder)
        return made

    def _failed(self, why: str) -> TrainingFailed:
        return TrainingFailed(f"training {self.id} failed ({why}); nothing was changed, and it may be started again")


def memory_mib(pid: int) -> int:
    """Memory of its own that a process holds now; 0 for one that is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(found[0].split()[1]) // 1024 if found else 0
