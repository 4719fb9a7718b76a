"""A copy of a store's file as it was at one moment, whoever writes to it meanwhile."""

from __future__ import annotations

from pathlib import Path

import apsw

from haechi.stores.errors import AlreadyOpen
from haechi.stores.link import failure, sound

__all__ = ["copy_database"]


def copy_database(path: Path, out: Path, *, library: str | None = None) -> None:
    """Copy a SQLite file with what still waits in its log; writers go on, and none of what they do after is in it.

    AlreadyOpen where the SQLite in use may not open a file that somebody else may have open.
    """
    version = library or apsw.sqlite_lib_version()
    if not sound(version):
        raise AlreadyOpen(f"SQLite {version} is not safe beside a server: stop it, and copy {path} yourself")
    try:
        source = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        target = apsw.Connection(str(out))
        try:
            with target.backup("main", source, "main") as backup:
                backup.step(-1)  # all pages in one reading: in several, each commit between them would begin it anew
        finally:
            target.close()
            source.close()
    except apsw.Error as error:
        raise failure(str(path), error) from error
