"""One URL chooses where things are kept; an engine is one line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from haechi.stores.beside import SqliteBeside
from haechi.stores.entry import Entry
from haechi.stores.errors import UnknownStore
from haechi.stores.limits import Limits
from haechi.stores.ports import Store
from haechi.stores.sqlite import SqliteStore

SCHEMES = ("sqlite:///",)


def open_store(
    url: str,
    *,
    limits: Limits | None = None,
    after_seq: int = 0,
    entropy: bytes = b"",
    archived: Callable[[int], Entry | None] | None = None,
) -> Store:
    """Open the store that a URL names, and create it when it is not there yet.

    `sqlite:///haechi.db` is a path from here, `sqlite:////srv/haechi.db` one from the root. Numbers go on after
    `after_seq` (the last one in the archive); `archived` finds entries that the journal no longer holds; `entropy`
    seeds the id hashes of a new store.
    """
    return SqliteStore(_path(url), limits=limits, after_seq=after_seq, entropy=entropy, archived=archived)


def open_beside(url: str, *, limits: Limits, after_seq: int, archived: Callable[[int], Entry | None]) -> Store:
    """Open a store that another process writes: to read it, and to make and end keys."""
    return SqliteBeside(_path(url), limits=limits, after_seq=after_seq, archived=archived)


def _path(url: str) -> Path:
    path = url.removeprefix(SCHEMES[0])
    if path == url or not path:
        known = ", ".join(f"{scheme}PATH" for scheme in SCHEMES)
        raise UnknownStore(f"no store answers to {url!r}; use {known}")
    return Path(path)
