"""Every queue, batch and size of a store has a limit; these are they."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much may wait, travel and stand at once; the defaults suit one server on two cores."""

    queue_entries_max: int = 20_000
    queue_bytes_max: int = 64 << 20
    batch_entries_max: int = 2_048
    batch_bytes_max: int = 8 << 20
    entry_bytes_max: int = 4 << 20
    id_chars_max: int = 512
    read_entries: int = 500
    index_entries: int = 65_536
    index_slice_entries: int = 512
    wal_bytes: int = 16 << 20
    wal_bytes_max: int = 256 << 20
    cache_bytes: int = 32 << 20
