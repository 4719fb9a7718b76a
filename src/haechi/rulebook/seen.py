"""Whether anything was ever heard of somebody: what tells a mistyped id from a customer."""

from __future__ import annotations

import re

import msgspec

from haechi.stores import Archive, Journal

__all__ = ["was_seen"]


def was_seen(archive: Archive, journal: Journal, entity: str, id_: str) -> bool:
    """Look for an entity in the bodies of the whole journal, then in one column of the whole archive."""
    if _heard(journal, id_):
        return True
    column = f"entity:{entity}"
    return any((frame[column] == id_).any() for frame in archive.frames(columns=[column]) if column in frame.columns)


def _heard(journal: Journal, id_: str) -> bool:
    if not id_.isdigit():
        return any(journal.mentioning(msgspec.json.encode(id_)))
    alone = re.compile(rb"(?<![\w.])" + id_.encode() + rb"(?![\w.])")  # a number needs no quotes; 12 is not in 1123
    return any(alone.search(body) for body in journal.mentioning(id_.encode()))
