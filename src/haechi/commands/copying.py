"""A home as it was at one moment: copied while its server runs, and put in its place again.

The memory is not copied: a start makes it anew from archive and journal, the same to the bit, and its file of seldom
seen records is written over while a server runs. What is copied last may be newer than the database, never older: an
entry that has moved from the journal into the archive meanwhile is in both copies, and counts once.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from haechi.settings import Settings
from haechi.stores import Home, NoHome, copy_database

__all__ = ["back_up", "put_back"]

MADE_ANEW = ("snapshots", "memory.cold", "trainings", "retrainings")  # and what belongs to who runs now:
OF_THE_PROCESS = ("haechi.lock", "haechi.db", "haechi.db-wal", "haechi.db-shm", "haechi.db.lock", "serving.json")
DRAFT = ".unfinished"


def back_up(home: Path, out: Path) -> None:
    """Copy a home to a place where nothing is yet; what was broken off there is begun anew."""
    place = Home(home)
    place.check()
    if url := Settings.read(place.settings).store.url:
        raise NoHome(f"journal and tables of {home} are at {url.split('@')[-1]}: copy them with that store's own tools")
    out = out.resolve()
    if out.is_relative_to(home.resolve()):
        raise NoHome(f"{out} is inside of {home}: a copy belongs elsewhere, best on another disk")
    if out.exists():
        raise NoHome(f"{out} is there already: choose another name")
    draft = out.with_name(out.name + DRAFT)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    if place.database.exists():
        copy_database(place.database, draft / place.database.name)
    left_out = shutil.ignore_patterns(*MADE_ANEW, *OF_THE_PROCESS)
    shutil.copytree(home, draft, ignore=lambda at, names: left_out(at, names) if Path(at) == home else (),
                    dirs_exist_ok=True)  # fmt: skip
    for name in ("snapshots", "models"):
        (draft / name).mkdir(exist_ok=True)
    draft.rename(out)


def put_back(copy: Path, home: Path) -> Path:
    """Put a copy in a home's place; gives where the home is kept that was there. The copy stays as it is.

    What was broken off is begun anew, or ended where only the last step was missing.
    """
    Home(copy).check()
    home = home.resolve()  # `.` has no name that something could stand beside
    kept, draft = home.with_name(f"{home.name}.before-restore"), home.with_name(home.name + DRAFT)
    if kept.exists() and draft.exists() and not home.exists():  # a draft is whole before a home makes way for it
        draft.rename(home)
        return kept
    if kept.exists():
        raise NoHome(f"{kept} is there already, from an earlier restore: move it away first")
    lock = Home(home).lock()
    try:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(copy, draft)
        home.rename(kept)
        draft.rename(home)
    finally:
        lock.release()
    return kept
