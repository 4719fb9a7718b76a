"""What several tests of this room share: entries, and a disk that fails on command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from haechi.stores import DECIDED, Entry
from haechi.stores.sqlite import SqliteStore


def entry(name: str, **said: Any) -> Entry:
    said = {"type": DECIDED, "time_us": 1, "body": b"{}", "decision": b'{"action":"allow"}', **said}
    return Entry(event_id=name, **said)


def fill(store: SqliteStore, count: int, size: int = 2) -> None:
    for i in range(count):
        last = store.journal.write(entry(f"p-{i}", body=b"x" * size))
    last.wait(30)


class Disk:
    """Counts calls into the operating system and fails from call number `fails_at` on."""

    def __init__(self) -> None:
        self.calls = 0
        self.fails_at: int | None = None
        self.only: str | None = None
        self.error: type[apsw.Error] = apsw.IOError

    def call(self, name: str) -> None:
        if self.only is None or name == self.only:
            self.calls += 1
            if self.fails_at is not None and self.calls >= self.fails_at:
                raise self.error(f"injected into {name}")


class FaultyFile(apsw.VFSFile):
    def __init__(self, name: Any, flags: Any, disk: Disk) -> None:
        self.disk = disk
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.call("xWrite")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self.disk.call("xSync")
        super().xSync(flags)


class FaultySystem(apsw.VFS):
    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: Any) -> FaultyFile:
        return FaultyFile(name, flags, self.disk)


@contextmanager
def faulty_disk() -> Iterator[tuple[str, Disk]]:
    disk = Disk()
    system = FaultySystem("faulty", disk)
    try:
        yield "faulty", disk
    finally:
        system.unregister()


def raw(path: Path) -> apsw.Connection:
    """A connection of a test's own, to look or to damage."""
    return apsw.Connection(str(path))
