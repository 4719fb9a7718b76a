"""A town on disk: events, labels, what it is, and the truth in a folder of its own.

Days are written as parts, by one process or several, and put together in order. What is there is noted after each day,
so that a run that was broken off goes on where it stopped; until then `town.json` says that the town is not complete.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

import haechi
from haechi.town.errors import FolderNotWritable, ImpossibleTown, TownExists
from haechi.town.parameters import Parameters
from haechi.town.part import Counts, parquet_names, write_part
from haechi.town.render import Pen
from haechi.town.town import Town
from haechi.town.truth import journeys_of, people_of

FORMATS = {"jsonl": ("jsonl",), "parquet": ("parquet",), "both": ("jsonl", "parquet")}
PARTS = ".parts"
PROCESSES_MAX = 64
OnDay = Callable[[int, int], None]


class Plan(msgspec.Struct, frozen=True):
    """What a folder's town is made from: the same plan gives the same bytes."""

    version: str
    profile: str
    seed: int
    format: str
    labelled: bool
    parameters: Parameters


class Progress(msgspec.Struct):
    """How far the writing of a town is."""

    days: int = 0
    events_bytes: int = 0
    labels_bytes: int = 0
    events: int = 0
    judged: int = 0
    frauds: int = 0
    labels: int = 0


@dataclass(frozen=True)
class Written:
    """The files of a town and what is in them."""

    out: Path
    events_paths: tuple[Path, ...]
    labels_path: Path
    truth_path: Path
    events: int
    payments: int  # payments, transfers and withdrawals
    labels: int
    frauds: int
    campaigns: int

    @property
    def events_path(self) -> Path:
        """The first file of events."""
        return self.events_paths[0]


def write_town(
    out_dir: str | Path,
    parameters: Parameters,
    seed: int,
    *,
    profile: str = "",
    format: str = "jsonl",
    labelled: bool = False,
    overwrite: bool = False,
    processes: int = 1,
    on_day: OnDay | None = None,
) -> Written:
    """Write a town into a folder, or finish one that was broken off.

    `labelled` puts each label into its event too, for history to learn from. `on_day` hears how many days are done and
    how many events they had.
    """
    if format not in FORMATS:
        raise ImpossibleTown(f"format must be one of {', '.join(FORMATS)}, not {format!r}")
    if not 1 <= processes <= PROCESSES_MAX:
        raise ImpossibleTown(f"processes must be between 1 and {PROCESSES_MAX}, not {processes}")
    town = Town(parameters, seed)
    plan = Plan(haechi.__version__, profile, seed, format, labelled, parameters)
    folder = _Folder(Path(out_dir), plan)
    try:
        progress = folder.open(overwrite=overwrite)
        for counts in _days(town, plan, folder.parts, progress.days, processes):
            folder.take(counts, progress)
            if on_day:
                on_day(progress.days, progress.events)
        return folder.close(town, progress)
    except OSError as error:
        raise FolderNotWritable(f"cannot write a town to {out_dir}: {error.strerror or error}") from error


def _days(town: Town, plan: Plan, parts: Path, first: int, processes: int) -> Iterator[Counts]:
    days = range(first, plan.parameters.days)
    if processes == 1 or len(days) < 2:
        pen = Pen(town)
        for day in days:
            yield write_part(town, pen, day, parts, FORMATS[plan.format], labelled=plan.labelled)
        return
    # Fresh processes: a forked one would inherit the locks of threads that it does not have.
    fresh = multiprocessing.get_context("spawn")
    with fresh.Pool(min(processes, len(days)), _begin, (msgspec.json.encode(plan), str(parts))) as pool:
        yield from pool.imap(_write, days)


_worker: tuple[Town, Pen, Path, Plan] | None = None


def _begin(plan: bytes, parts: str) -> None:
    """A process of its own builds the same town from the same plan."""
    global _worker
    told = msgspec.json.decode(plan, type=Plan)
    town = Town(told.parameters, told.seed)
    _worker = town, Pen(town), Path(parts), told


def _write(day: int) -> Counts:
    assert _worker is not None
    town, pen, parts, plan = _worker
    return write_part(town, pen, day, parts, FORMATS[plan.format], labelled=plan.labelled)


class _Folder:
    """The folder of a town while it is written."""

    def __init__(self, out: Path, plan: Plan) -> None:
        self.out, self.plan, self.parts = out, plan, out / PARTS
        self._sign, self._note = out / "town.json", out / PARTS / "progress.json"
        self._events, self._labels = out / "events.jsonl", out / "labels.jsonl"
        self._parquet, self._truth = out / "events", out / "truth"

    def open(self, *, overwrite: bool) -> Progress:
        """Make the folder ready: new, or where it was left."""
        if not overwrite and (progress := self._left()) is not None:
            return progress
        self._clear()
        for folder in (self.parts, self._truth, *((self._parquet,) if "parquet" in FORMATS[self.plan.format] else ())):
            folder.mkdir(parents=True, exist_ok=True)
        self._say({"complete": False})
        self._labels.touch()
        if "jsonl" in FORMATS[self.plan.format]:
            self._events.touch()
        return Progress()

    def take(self, counts: Counts, progress: Progress) -> None:
        """Put a day's part where it belongs, and note it."""
        if "jsonl" in FORMATS[self.plan.format]:
            progress.events_bytes += _append(self.parts / f"events-{counts.day:05}.jsonl", self._events)
        if "parquet" in FORMATS[self.plan.format]:
            for name in parquet_names(counts.day, counts.events):
                os.replace(self.parts / name, self._parquet / name)
        progress.labels_bytes += _append(self.parts / f"labels-{counts.day:05}.jsonl", self._labels)
        progress.days, progress.events = counts.day + 1, progress.events + counts.events
        progress.judged, progress.frauds = progress.judged + counts.judged, progress.frauds + counts.frauds
        progress.labels += counts.labels
        _put(self._note, msgspec.json.encode(progress))
        for name in ("events", "labels"):
            (self.parts / f"{name}-{counts.day:05}.jsonl").unlink(missing_ok=True)

    def close(self, town: Town, progress: Progress) -> Written:
        """Put the truth together and say that the town is complete."""
        events = pl.concat([pl.read_parquet(p) for p in sorted(self.parts.glob("truth-*.parquet"))])
        told = [pl.read_parquet(p) for p in sorted(self.parts.glob("campaigns-*.parquet"))]
        campaigns = pl.concat([*told, journeys_of(events, town)])
        for name, frame in (("events", events), ("campaigns", campaigns), ("people", people_of(town))):
            frame.write_parquet(self._truth / f"{name}.parquet", compression="zstd")
        shutil.rmtree(self.parts)
        written = Written(
            self.out, self._event_files(), self._labels, self._truth, progress.events, progress.judged,
            progress.labels, progress.frauds, campaigns.height,
        )  # fmt: skip
        counts = {n: getattr(written, n) for n in ("events", "payments", "labels", "frauds", "campaigns")}
        self._say({"complete": True, "counts": counts | {"fraud_campaigns": int(campaigns["is_fraud"].sum())}})
        return written

    def _left(self) -> Progress | None:
        """What an earlier run left; nothing when the folder is free."""
        if not self._sign.exists():
            taken = next((p for p in (self._events, self._labels, self._parquet, self._truth) if p.exists()), None)
            if taken is not None:
                raise TownExists(f"{taken} is already there: choose another folder or ask to overwrite it")
            return None
        told = msgspec.json.decode(self._sign.read_bytes())
        if told.get("complete"):
            raise TownExists(f"{self._sign} is already there: choose another folder or ask to overwrite it")
        if told.get("plan") != msgspec.to_builtins(self.plan):
            raise TownExists(f"{self.out} holds an unfinished town of other parameters: ask to overwrite it")
        if not self._note.exists():
            return None
        progress = msgspec.json.decode(self._note.read_bytes(), type=Progress)
        _cut(self._labels, progress.labels_bytes)
        if "jsonl" in FORMATS[self.plan.format]:
            _cut(self._events, progress.events_bytes)
        return progress

    def _clear(self) -> None:
        for path in (self._sign, self._events, self._labels):
            path.unlink(missing_ok=True)
        for folder in (self.parts, self._parquet, self._truth):
            if folder.exists():
                shutil.rmtree(folder)

    def _event_files(self) -> tuple[Path, ...]:
        found = [self._events] if "jsonl" in FORMATS[self.plan.format] else []
        return (*found, *sorted(self._parquet.glob("part-*.parquet")))

    def _say(self, more: dict[str, object]) -> None:
        plan = self.plan
        told = {
            "profile": plan.profile, "seed": plan.seed, "start": plan.parameters.start, "days": plan.parameters.days,
            "customers": plan.parameters.customers, "version": plan.version, "plan": plan, **more,
        }  # fmt: skip
        _put(self._sign, msgspec.json.format(msgspec.json.encode(told), indent=1))


def _append(part: Path, whole: Path) -> int:
    """Add a part to the end of a file; how many bytes it had."""
    with part.open("rb") as source, whole.open("ab") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        return source.tell()


def _cut(path: Path, length: int) -> None:
    """Take off what was added after the last note."""
    with path.open("ab") as file:
        file.truncate(length)


def _put(path: Path, data: bytes) -> None:
    with _beside(path) as draft:
        draft.write_bytes(data)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    draft = path.with_name(path.name + ".draft")
    yield draft
    os.replace(draft, path)
