"""Whether anything was ever heard of somebody: what tells a mistyped id from a customer."""

from __future__ import annotations

import msgspec

from haechi.stores import Archive, Journal

__all__ = ["was_seen"]

ENTRIES_MAX = 50_000


def was_seen(archive: Archive, journal: Journal, entity: str, id_: str) -> bool:
    """Look for an entity in the newest entries of the journal, then in the whole archive, one column of it."""
    needle = id_.encode() if id_.isdigit() else msgspec.json.encode(id_)
    if any(needle in entry.body for entry in journal.entries(max(journal.last_seq - ENTRIES_MAX, 0))):
        return True
    column = f"entity:{entity}"
    return any((frame[column] == id_).any() for frame in archive.frames(columns=[column]) if column in frame.columns)
