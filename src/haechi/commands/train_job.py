"""A training as a child process: it reads a data set and writes a model, on so many cores.

Its memory is watched by who started it: a limit of the kernel's would count what the feature memory reserves and never
touches.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

import msgspec


class Job(msgspec.Struct, kw_only=True):
    """What to learn from, how, and within which limits."""

    datasets: str
    dataset: str
    config: dict[str, object]
    seed: int
    cores: int
    memory_mib: int
    champion: str = ""  # the file of the model that decides today


def limit(cores: int) -> None:
    """Keep to so many cores; before anything heavy is imported."""
    mine = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, mine[-cores:])
    for name in ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(min(cores, len(mine)))
    os.environ["OMP_NUM_THREADS"] = "1"


def run_job(folder: Path, job: Job) -> None:
    """Fit, and write model, report and lineage; `progress.json` says how far it is."""
    from haechi.detectors.artifact import Artifact, write_whole
    from haechi.learning.fit import Config, fit, lineage
    from haechi.learning.frozen import DataSets
    from haechi.learning.memo import Memo

    def progress(step: str, share: float) -> None:
        write_whole(folder / "progress.json", msgspec.json.encode({"step": step, "share": share}))

    data = DataSets(Path(job.datasets)).find(job.dataset)
    data.check()
    config = msgspec.convert(job.config, Config)
    champion = Artifact.read(Path(job.champion)) if job.champion else None
    artifact, report = fit(data, config, job.seed, champion=champion, memo=Memo(folder / "memo"), progress=progress)
    report["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    write_whole(folder / "report.json", msgspec.json.encode(report))
    write_whole(folder / "lineage.json", lineage(data, config, job.seed).encode())
    write_whole(folder / "model.haechi", artifact.encode())  # last: with it the training is done


if __name__ == "__main__":
    place = Path(sys.argv[1])
    asked = msgspec.json.decode((place / "job.json").read_bytes(), type=Job)
    limit(asked.cores)
    run_job(place, asked)
