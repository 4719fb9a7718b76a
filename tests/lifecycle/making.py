"""An open house with models of its own features, for the tests of this room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from haechi.app import OpenHouse, create_home, open_house, open_shut
from haechi.front import HouseFront
from haechi.learning.registry import Registry
from haechi.stores import Home
from learning.life.making import GOOD, model

SCHEMA = """
name = "shop"
kind = { column = "kind" }
time = { column = "time", timezone = "Asia/Seoul" }
id = { column = "id" }
optional = true
[entities]
customer = { column = "customer" }
merchant = { column = "merchant" }
[amount]
column = "amount"
currency = { column = "currency", default = "KRW" }
[label]
column = "fraud"
positive = [true]
negative = [false]
known_at = { column = "known_at" }
"""
FEATURES = "[windows]\nspans = ['1d']\n"
QUIET = "[snapshots]\nevery_entries = 50\n[models]\nshadow_decisions_min = 0\n"


def home_with_models(folder: Path, count: int = 2, settings: str = QUIET) -> tuple[Path, list[str], str]:
    """A home of a small schema with models that fit it; the first one decides. Its path, their versions, its key."""
    path = folder / "home"
    (folder / "shop.toml").write_text(SCHEMA)
    home, key = create_home(path, folder / "shop.toml")
    home.settings.write_text(settings)
    with open_shut(path) as shut:
        names = shut.spec.names
    registry = Registry(Home(path).models)
    versions = [registry.register(model(seed, names), GOOD, now_us=seed + 1).version for seed in range(count)]
    if count:
        registry.promote(versions[0], now_us=9, by="kim")
    return path, versions, key.token


@contextmanager
def fronts(
    path: Path, now: Callable[[], int]
) -> Iterator[tuple[OpenHouse, Callable[[Callable[[HouseFront], Any]], Any]]]:
    """An open house, and a way to call its front in a loop of its own."""
    with open_house(path) as opened:

        async def asking(call: Callable[[HouseFront], Awaitable[Any]]) -> Any:
            loop = asyncio.get_running_loop()
            opened.store.journal.deliver_through(loop.call_soon_threadsafe, loop.call_soon)
            found = await call(front)
            opened.store.journal.deliver_through(lambda settle: settle())
            return found

        front = HouseFront(opened, now)
        yield opened, lambda call: asyncio.run(asking(call))
        front.room.close()
