"""Numbered steps that bring a file's tables to today's shape, each in one transaction, none ever changed."""

from __future__ import annotations

from importlib import resources
from typing import Any

import apsw

from haechi.stores.dialect import SQLITE
from haechi.stores.errors import NewerSchema

Step = tuple[int, str, str]


def steps() -> list[Step]:
    """Every migration that this Haechi knows: number, name and SQL, in order."""
    folder = resources.files("haechi.stores") / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [(int(f.name[:4]), f.name.removesuffix(".sql"), f.read_text(encoding="utf-8")) for f in files]


def guards(name: str, engine: str = "sqlite") -> str:
    """What a step says in one engine's own words only: its triggers, for no two engines spell them alike."""
    file = resources.files("haechi.stores") / "migrations" / engine / f"{name}.sql"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def migrate(connection: apsw.Connection, path: str) -> int:
    """Apply what is missing and return the version reached; a file from a newer Haechi is refused."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    version = version_of(connection)
    known = steps()
    if version > known[-1][0]:
        newest = known[-1][0]
        raise NewerSchema(f"{path} has schema {version}, this Haechi knows up to {newest}; upgrade Haechi")
    for number, name, sql in known:
        if number > version:
            with connection:
                connection.execute(SQLITE.migration(sql))
                connection.execute(guards(name))
                connection.execute("INSERT INTO schema_version (version, name) VALUES (?, ?)", (number, name))
    return known[-1][0]


def version_of(connection: apsw.Connection) -> int:
    """The schema version of a file; 0 when nothing was ever applied."""
    version: Any = connection.execute("SELECT COALESCE(MAX(version), 0) FROM schema_version").get
    return int(version)
