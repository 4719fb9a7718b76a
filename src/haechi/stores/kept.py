"""A journal copied for a child: it reads what a server has not archived yet, and never the server's database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from haechi.stores.entry import Entry

__all__ = ["KeptJournal", "keep_journal"]

JOURNAL = "journal.entries"
BYTES_MAX = 4 << 30
LENGTH_BYTES = 4


class _Decided(msgspec.Struct, omit_defaults=True):
    """What children ask of a decision; reasons, which are most of its bytes, are not among it."""

    action: str
    score: float = 0.0
    rules: list[dict[str, Any]] = []
    released: str = ""


def keep_journal(entries: Iterable[Entry], folder: Path, stopped: Callable[[], bool] = lambda: False) -> None:
    """Copy entries into a folder, where KeptJournal finds them: all, or none if `stopped`. OSError above 4 GiB."""
    encode, left = msgspec.msgpack.Encoder().encode, BYTES_MAX
    encode_json, read = msgspec.json.Encoder().encode, msgspec.json.Decoder(_Decided).decode
    part = folder / f"{JOURNAL}.part"
    try:
        with part.open("wb") as file:
            for entry in entries:
                entry.decision = None if entry.decision is None else encode_json(read(entry.decision))
                text = encode(entry)
                left -= len(text) + LENGTH_BYTES
                if left < 0:
                    size = f"{BYTES_MAX >> 30} GiB"
                    raise OSError(f"the journal is larger than {size}: stop the server and use the command line")
                if stopped():
                    return
                file.write(len(text).to_bytes(LENGTH_BYTES, "little") + text)
        part.replace(folder / JOURNAL)
    finally:
        part.unlink(missing_ok=True)


class KeptJournal:
    """The entries that a server copied for a child; none where it copied none."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / JOURNAL

    @property
    def exists(self) -> bool:
        """Whether there is a copy."""
        return self._path.exists()

    def drop(self) -> None:
        """Remove the copy."""
        self._path.unlink(missing_ok=True)

    def entries(self, after_seq: int = 0, limit: int | None = None) -> Iterator[Entry]:
        """All of them, in order."""
        if not self.exists:
            return
        decode = msgspec.msgpack.Decoder(Entry).decode
        with self._path.open("rb") as file:
            while head := file.read(LENGTH_BYTES):
                entry = decode(file.read(int.from_bytes(head, "little")))
                if entry.seq > after_seq:
                    yield entry
