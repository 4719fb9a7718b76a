"""An event: the one shape of everything that happens in a bank, and the label that may follow it."""

from __future__ import annotations

from typing import Any

import msgspec


class Event(msgspec.Struct, kw_only=True, gc=False):
    """What happened: an id, a kind, a time, who and what took part, and whatever else was said.

    Missing values are absent keys, never NaN; amounts are whole minor units of their currency.
    """

    id: str
    kind: str
    time_us: int
    entities: dict[str, str]
    amount: int | None = None
    currency: str = ""
    numbers: dict[str, float] = {}
    categories: dict[str, str] = {}
    lat: float | None = None
    lon: float | None = None
    attributes: dict[str, str] = {}
    fields: dict[str, Any] = {}


class Label(msgspec.Struct):
    """What an event turned out to be, and from when on anybody could know."""

    event_id: str
    fraud: bool
    known_at_us: int
    source: str = ""
