"""Training as a child of a server: within limits, stage by stage, so that one that was broken off goes on.

Each stage leaves a file when it is done, and nothing else in the home changes until the last one: the model is
registered whole or not at all, and it is a challenger whatever its figures say.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import msgspec
import numpy as np

from haechi.commands.history import History, copy_history
from haechi.learning.dataset import Mask
from haechi.learning.labels import LOOKED
from haechi.learning.life.errors import LifeError
from haechi.learning.life.gates import Gate, gates, rows_of
from haechi.learning.life.policy import GatePart
from haechi.learning.registry import Registry
from haechi.learning.source import ReplaySource
from haechi.learning.watch.reference import Reference
from haechi.lifecycle.judging import judge, prove, reference_of, until_of
from haechi.stores import Home, write_durably

__all__ = ["GATES", "MODEL", "PROGRESS", "TrainingJob", "gates_of", "limit", "run_job"]

MODEL, GATES, PROGRESS = "model.json", "gates.json", "progress.json"
Tell = Callable[[str, float], None]


class TrainingJob(msgspec.Struct):
    """What to train, on how much of the machine; with `model` nothing is trained, and that one is held to the gates."""

    home: str
    seed: int = 0
    quick: bool = False
    until: str | None = None
    cores: int = 1
    memory_mib: int = 8_192
    niceness: int = 10
    model: str = ""
    gates: GatePart = GatePart()


def run_job(folder: Path) -> None:
    """Do what is left of a job."""
    job = msgspec.json.decode((folder / "job.json").read_bytes(), type=TrainingJob)

    def tell(stage: str, share: float) -> None:
        write_durably(folder / PROGRESS, msgspec.json.encode({"stage": stage, "share": round(share, 3)}))

    if not (folder / MODEL).exists():
        write_durably(folder / MODEL, msgspec.json.encode(_train(job, folder, tell)))
    told = msgspec.json.decode((folder / MODEL).read_bytes())
    if not (folder / GATES).exists():
        write_durably(
            folder / GATES, msgspec.json.encode(gates_of(Path(job.home), told["model"], job.gates, tell, folder))
        )
    tell("done", 1.0)


def _train(job: TrainingJob, folder: Path, tell: Tell) -> dict[str, Any]:
    from haechi.commands.train_command import Steps, train_home

    if job.model:
        return {"model": job.model, "outcome": "there already"}
    steps = Steps(lambda stage, rows: None, tell)
    entry, report, outcome = train_home(
        Path(job.home), steps, until=job.until, seed=job.seed, quick=job.quick, beside=folder
    )
    return {"model": entry.version, "outcome": outcome, "ap": report.get("ap"), "events": report.get("events"),
            "frauds": report.get("frauds")}  # fmt: skip


def gates_of(
    home: Path, model: str, part: GatePart, tell: Tell = lambda stage, share: None, beside: Path | None = None
) -> dict[str, Any]:
    """Keep a model's reference, and hold the model against the champion on what a child can read."""
    registry = Registry(Home(home).models)
    artifact, champion = registry.load(model), registry.champion()
    tell("copying the history", 0.0)
    with TemporaryDirectory(prefix="haechi-gates-") as place:
        history = copy_history(home, Path(place), whole=True, beside=beside)
        schema = history.schema
        source = ReplaySource(history, history.spec, schema.timezone, schema.ordinal, schema.entity_names)
        tell("counting what it was trained on", 0.2)
        held = None if champion is None else Reference.read(registry.folder / champion.version)
        fitting = held is not None and held.names == source.columns.names
        reference = reference_of(source, until_of(artifact), edges=held.edges if held and fitting else None)
        reference.write(registry.folder / model)
        if champion is None or champion.version == model:
            return {"model": model, "gates": [], "why": "no other model decides here: there is nobody to beat"}
        tell("judging", 0.4)
        try:
            judged = judge(
                source, history.spec, artifact, champion, part, looked=_looked(history), now_us=_now_us(history)
            )
            found = gates(judged, prove(artifact, champion, history.spec, artifact.probe), part)
        except LifeError as error:
            found = [Gate("judged", 0.0, 1.0, False, {"means": str(error)})]
    return {"model": model, "champion": champion.version, "gates": rows_of(found), "whole": history.whole}


def _looked(history: History) -> Mask:
    """Of which events the label was not simply reported: somebody looked, or asked."""
    looked: Mask = np.concatenate([frame["said:kind"].is_in(LOOKED).fill_null(False).to_numpy() for frame in history])
    return looked


def _now_us(history: History) -> int:
    """Until when is known what became of events: what was imported may say what nobody here can know yet."""
    return max(history.last_us, cast(int, history.labels["known_us"].max() or 0))


def limit(job: TrainingJob) -> None:
    """Keep to so many cores, behind everybody else: decisions come first. Memory is watched by who started this."""
    os.nice(job.niceness)
    mine = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, set(mine[-job.cores :]))


if __name__ == "__main__":
    place = Path(sys.argv[1])
    limit(msgspec.json.decode((place / "job.json").read_bytes(), type=TrainingJob))
    run_job(place)
