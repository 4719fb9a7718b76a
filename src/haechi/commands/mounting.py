"""One port, two doors: the API for machines, the console for people."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

import msgspec

from haechi.api import Api
from haechi.app import OpenHouse, now_us
from haechi.backstage import Backstage
from haechi.front import HouseFront

if TYPE_CHECKING:
    from haechi.commands.playing import Playing

__all__ = ["Doors"]

DECIDE_S_MAX = 30.0

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MACHINES = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json")


class Doors:
    """Hands each request to the API or to the console, by its path."""

    def __init__(self, api: Api, opened: OpenHouse, front: HouseFront) -> None:
        from haechi.console import Limits, Password, Sessions, console
        from haechi.console.sessions import PASSWORD_BYTES

        limits = Limits()
        password = Password(os.urandom(PASSWORD_BYTES), now_us(), limits)
        sessions = Sessions(limits, password, opened.key, os.urandom)
        self._opened, self._front = opened, front
        self.stage: Playing | None = None
        self._behind = Backstage(opened, front, now_us)
        self._api, self._console = api, console(self._behind, sessions, now_us, limits)
        self.password = password.text

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        door: Any = self._api if scope["path"].startswith(MACHINES) else self._console
        await door(scope, receive, send)

    def begin(self) -> None:
        """Follow what happens, and tell whoever watches; called in the event loop."""
        loop = asyncio.get_running_loop()
        self.stage = self._behind.town = self._stage(loop)

        def heard() -> None:
            loop.call_soon_threadsafe(self._console.feed.ring)

        self._behind.follower.start(heard)

    def _stage(self, loop: asyncio.AbstractEventLoop) -> Playing | None:
        """A demonstration has a town to play in."""
        note = self._opened.home.path / "demo.json"
        if not note.exists():
            return None
        from haechi.commands.demonstration import Plan
        from haechi.commands.playing import Playing

        def decide(body: bytes) -> bytes:
            return asyncio.run_coroutine_threadsafe(self._front.decide(body), loop).result(DECIDE_S_MAX)

        def newest_us() -> int:
            last = self._opened.store.journal.entry(self._opened.store.journal.durable_seq)
            return max(self._opened.archive.last_us, last.time_us if last is not None else 0)

        plan = msgspec.json.decode(note.read_bytes(), type=Plan)
        return Playing(lambda: plan.town, newest_us, decide)

    def end_feeds(self) -> None:
        """End the answers that have no end."""
        self._console.feed.close()

    def close(self) -> None:
        """End the console's own threads."""
        if self.stage is not None:
            self.stage.close()
        self._behind.close()
        self._console.close()
