"""Looks through an installation: libraries, files, rights, room, snapshots, journal, archive, schema and model."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from haechi.app import BadHome, Shut, champion, key_seed, open_shut
from haechi.decision import DecisionError, Policy
from haechi.detectors import DetectorError
from haechi.events import EventsError
from haechi.features import FeatureError
from haechi.features.snapshot import load_snapshot
from haechi.learning.errors import LearningError
from haechi.learning.registry import Registry
from haechi.settings import BadSettings
from haechi.stores import Home, StoreError
from haechi.stores.link import sound

LIBRARIES = ("haechi", "numpy", "numba", "polars", "msgspec", "apsw", "lightgbm", "uvicorn", "uvloop")
REFUSALS = (
    StoreError, BadSettings, BadHome, EventsError, FeatureError, DecisionError, DetectorError, LearningError,
)  # fmt: skip
FREE_BYTES_MIN = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    level: Literal["fine", "note", "wrong"]
    what: str
    mend: str = ""


def examine(path: Path) -> Iterator[Finding]:
    """Everything that can be told about a home, the causes before their consequences."""
    yield from _libraries()
    home = Home(path)
    yield from _rights(home)
    try:
        with open_shut(path) as shut:
            yield Finding("fine", f"settings and schema {shut.schema.name!r} are sound")
            yield from _inside(shut)
    except (
        StoreError,
        BadSettings,
        BadHome,
        EventsError,
        FeatureError,
        DecisionError,
        DetectorError,
        LearningError,
    ) as error:
        yield Finding("wrong", str(error))


def _libraries() -> Iterator[Finding]:
    import apsw

    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} (not installed as a package)")
    yield Finding("fine", f"Python {platform.python_version()}, {', '.join(found)}")
    library = apsw.sqlite_lib_version()
    if sound(library):
        yield Finding("fine", f"SQLite {library} is safe with several connections")
    else:
        yield Finding(
            "note", f"SQLite {library} is not safe with two connections", "upgrade apsw; until then one is used"
        )


def _rights(home: Home) -> Iterator[Finding]:
    if not home.path.is_dir():
        return
    for path, mode in ((home.keys, 0o700), (home.keys / "seed", 0o600)):
        if path.exists() and path.stat().st_mode & 0o077:
            yield Finding("wrong", f"{path} can be read by others", f"chmod {mode:o} {path}")
    free = shutil.disk_usage(home.path).free
    if free < FREE_BYTES_MIN:
        yield Finding("wrong", f"only {free >> 20} MiB are free on the disk of {home.path}", "free some space")
    else:
        yield Finding("fine", f"{free >> 30} GiB are free on the disk")
    for left in sorted(home.path.glob("check-*")):
        yield Finding("note", f"{left} was left by a check that was killed", "delete it")


def _inside(shut: Shut) -> Iterator[Finding]:
    Policy.parse(shut.settings.policy)
    yield Finding("fine", "the policy is sound")
    wrong = [Finding("wrong", line) for line in [*shut.store.check(), *shut.archive.check()]]
    yield from wrong
    if not wrong:
        journal, archive = shut.store.journal, shut.archive
        yield Finding("fine", f"journal up to entry {journal.last_seq:,} and {archive.rows:,} archived rows are whole")
    yield from _snapshots(shut)
    champion(shut.home, shut.spec)
    if Registry(shut.home.models).champion() is None:
        yield Finding(
            "note", "no model decides here yet, what is unusual is challenged", "train one with `haechi train`"
        )


def _snapshots(shut: Shut) -> Iterator[Finding]:
    folder, usable = shut.home.snapshots, 0
    for path in sorted(folder.glob("*.memory"), reverse=True):
        try:
            _, seq = load_snapshot(path, shut.spec, cold=shut.cold(), seed=key_seed(shut.home))
            usable += 1
            yield Finding("fine", f"snapshot {path.name} is sound; {shut.last_seq - seq:,} entries came after it")
        except FeatureError as error:
            yield Finding("wrong", str(error), "delete it; the one before it, or archive and journal, serve instead")
    if not usable and shut.last_seq:
        yield Finding(
            "note", "no snapshot is usable", "the next start reads all of archive and journal, which takes longer"
        )
    for path in sorted(folder.glob("*.unusable")):
        yield Finding("note", f"{path.name} was set aside", "delete it when you need no more of it")
