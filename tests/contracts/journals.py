"""The engines whose journals are held to the contract, and what is written into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from haechi.stores import DECIDED, LABEL, Entry, Limits, Store


@contextmanager
def hold_sqlite(store: Any) -> Iterator[None]:
    """Keep the writer from committing."""
    with store._links[0].lock:
        yield


@dataclass(frozen=True)
class Engine:
    name: str
    url: Callable[[Path], str]
    hold: Callable[[Store], Any]


ENGINES = [Engine("sqlite", lambda folder: f"sqlite:///{folder / 'haechi.db'}", hold_sqlite)]
SMALL = Limits(index_entries=40, index_slice_entries=7, read_entries=11, batch_entries_max=16)


def entry(name: str, **said: Any) -> Entry:
    said = {"type": DECIDED, "time_us": 1, "body": b"{}", "decision": b'{"action":"allow"}', **said}
    return Entry(event_id=name, **said)


def label(name: str, fraud: bool, known_at_us: int) -> Entry:
    body = f'{{"event_id":"{name}","fraud":{str(fraud).lower()},"known_at_us":{known_at_us},"source":"desk"}}'
    return Entry(type=LABEL, event_id=name, time_us=known_at_us, body=body.encode())
