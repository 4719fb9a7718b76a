"""Snapshots: the whole memory in one checksummed file, taken while decisions go on.

A forked child sees the memory as it was at the fork and writes it out; the parent goes on deciding. A snapshot notes
up to which journal sequence it knows. Whatever is damaged is named, and the next older snapshot serves instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
import xxhash

from haechi.features import control as at
from haechi.features.errors import DamagedSnapshot, FeatureError, OtherSpec
from haechi.features.memory import Memory
from haechi.features.spec import Spec

__all__ = ["Child", "load_snapshot", "save_snapshot", "save_snapshot_in_child"]

MAGIC = b"haechi memory 2\n"
PIECE_BYTES = 1 << 26
SYNCED_BYTES = 1 << 20
_sync_data = getattr(os, "fdatasync", os.fsync)


class _Section(msgspec.Struct):
    name: str
    size: int
    digest: str


class _Header(msgspec.Struct):
    spec: str
    seed: int
    seq: int
    cold: bool
    sections: list[_Section]


def save_snapshot(memory: Memory, path: Path, seq: int) -> None:
    """Write the memory to `path` in one step: a draft, synced, renamed; `seq`: the last journal entry it knows."""
    _flush_cold(memory)
    arrays = list(_arrays(memory))
    sections = [_Section(n, a.nbytes, xxhash.xxh3_64_hexdigest(_bytes(a))) for n, a in arrays]
    header = msgspec.json.encode(
        _Header(memory.spec.hash, memory.seed, seq, memory.arena.cold_file is not None, sections)
    )
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        _take_room(file, len(MAGIC) + 8 + len(header) + 8 + sum(array.nbytes for _, array in arrays))
        file.write(MAGIC + len(header).to_bytes(8, "little") + header)
        file.write(xxhash.xxh3_64_digest(header))
        for _, array in arrays:
            _write(file, array)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Child:
    """A snapshot being written by a child process."""

    def __init__(self, memory: Memory, pid: int, path: Path) -> None:
        """Watch `pid`, which writes `path`."""
        self._memory, self._pid, self.path = memory, pid, path
        self._marks = memory.arena.resting_counts()

    @property
    def pid(self) -> int:
        """The child process."""
        return self._pid

    def done(self, *, wait: bool = False) -> bool:
        """Whether the child has finished; raises when it failed."""
        pid, status = os.waitpid(self._pid, 0 if wait else os.WNOHANG)
        if pid == 0:
            return False
        if os.waitstatus_to_exitcode(status) != 0:
            raise FeatureError(f"the snapshot {self.path} could not be written; look for a full or read-only disk")
        return True

    def release(self) -> None:
        """The file counts as a snapshot from now on: cold slots that have long been free may be used again."""
        self._memory.arena.release_rested(self._marks)


def save_snapshot_in_child(memory: Memory, path: Path, seq: int, in_child: Callable[[], None] = lambda: None) -> Child:
    """Fork and let the child write the snapshot; the parent returns at once.

    `in_child` runs first in the child: it lets go of what a child must not hold, such as sockets and locks.
    """
    pid = os.fork()
    if pid == 0:
        # The child must never run the parent's exit handlers or return into its code.
        code = 1
        try:
            in_child()
            save_snapshot(memory, path, seq)
            code = 0
        finally:
            os._exit(code)
    return Child(memory, pid, path)


def load_snapshot(path: Path, spec: Spec, *, cold: Path | None = None, seed: int | None = None) -> tuple[Memory, int]:
    """Read a snapshot; returns the memory and the last journal sequence it knows.

    DamagedSnapshot names the damaged part; OtherSpec when features or seed differ.
    """
    with path.open("rb") as file:
        header = _read_header(file, path)
        memory = Memory(spec, cold=cold, seed=header.seed)
        if header.spec != memory.spec.hash:
            raise OtherSpec(f"snapshot {path.name} belongs to features {header.spec}, not {memory.spec.hash}")
        if seed is not None and header.seed != seed:
            raise OtherSpec(f"snapshot {path.name} was written with another key seed")
        if header.cold and cold is None:
            raise OtherSpec(f"snapshot {path.name} needs its cold file; give it")
        _read_control(file, path, memory, header)
        notes = np.zeros(header.sections[-1].size, np.uint8)
        expected = [*list(_arrays(memory))[1:-1], ("notes", notes)]
        for section, (name, array) in zip(header.sections[1:], expected, strict=True):
            if section.name != name or section.size != array.nbytes:
                raise DamagedSnapshot(f"snapshot {path.name}: part {section.name!r} has the wrong size")
            _read(file, path, section, array)
    memory.notes = notes.tobytes()
    return memory, header.seq


def _arrays(memory: Memory) -> Iterator[tuple[str, np.ndarray]]:
    """Everything that must survive, in a fixed order: the control block first, for it says how large the rest is."""
    arena = memory.arena
    yield "control", arena.control
    yield "table", arena.table
    yield "index", arena.index_used()
    for i, shelf in enumerate(arena.layout.shelves):
        yield f"hot {shelf.name}", arena.hot_used(i)
        if arena.cold:
            words = arena.shelf(i)
            yield f"free {shelf.name}", arena.free[i][: int(words[at.COLD_FREE_COUNT])]
            yield f"resting {shelf.name}", arena.resting[i][: int(words[at.RESTING_COUNT])]
    yield "notes", np.frombuffer(memory.notes, np.uint8)


def _read_header(file: BinaryIO, path: Path) -> _Header:
    start = file.read(len(MAGIC) + 8)
    if start[: len(MAGIC)] != MAGIC:
        raise DamagedSnapshot(f"{path.name} is not a snapshot of this version")
    size = int.from_bytes(start[len(MAGIC) :], "little")
    text = file.read(min(size, PIECE_BYTES))
    if xxhash.xxh3_64_digest(text) != file.read(8):
        raise DamagedSnapshot(f"snapshot {path.name}: its header is damaged")
    return msgspec.json.decode(text, type=_Header)


def _read_control(file: BinaryIO, path: Path, memory: Memory, header: _Header) -> None:
    arena = memory.arena
    own = arena.control.copy()
    if header.sections[0].size != own.nbytes:
        raise DamagedSnapshot(f"snapshot {path.name}: its control block has the wrong size")
    _read(file, path, header.sections[0], arena.control)
    for i, shelf in enumerate(arena.layout.shelves):
        words = arena.shelf(i)
        if words[at.HOT_USED] > shelf.hot_max or words[at.COLD_USED] > shelf.cold_max:
            raise FeatureError(
                f"snapshot {path.name} holds {words[at.HOT_USED]} hot {shelf.name}, more than [memory] allows; raise it"
            )
        words[at.HOT_MAX], words[at.COLD_MAX] = shelf.hot_max, shelf.cold_max if arena.cold else 0
        words[at.HAND] = words[at.HAND] % max(shelf.hot_max, 1)
    memory.repoint()


def _read(file: BinaryIO, path: Path, section: _Section, array: np.ndarray) -> None:
    view = _bytes(array)
    got = 0
    while got < len(view):
        step = file.readinto(view[got : got + PIECE_BYTES])  # type: ignore[attr-defined]
        if not step:
            raise DamagedSnapshot(f"snapshot {path.name}: part {section.name!r} is cut short")
        got += step
    if xxhash.xxh3_64_hexdigest(view) != section.digest:
        raise DamagedSnapshot(f"snapshot {path.name}: part {section.name!r} is damaged")


def _take_room(file: BinaryIO, size: int) -> None:
    """Allocate the whole file at once: else every sync of the journal waits for what was allocated here meanwhile."""
    if hasattr(os, "posix_fallocate"):
        with suppress(OSError):  # a file system that cannot, or a full one, which the writing will tell
            os.posix_fallocate(file.fileno(), 0, size)


def _write(file: BinaryIO, array: np.ndarray) -> None:
    """Write a piece at a time and sync it: the journal's own sync waits behind what is under way."""
    view = _bytes(array)
    for start in range(0, len(view), SYNCED_BYTES):
        file.write(view[start : start + SYNCED_BYTES])
        file.flush()
        _sync_data(file.fileno())


def _bytes(array: np.ndarray) -> memoryview:
    return array.data.cast("B") if array.nbytes else memoryview(b"")


def _flush_cold(memory: Memory) -> None:
    for mapped in memory.arena.cold_maps:
        mapped.flush()
