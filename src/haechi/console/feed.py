"""What happens now, sent to whoever watches, as server-sent events with numbers, so that a reconnect loses nothing.

Nobody has a queue of her own: each reader has a place in the one ring of rows, so a slow reader costs no memory. Who
falls behind the ring is told to load the page again. Of events that were allowed a few at a time are shown, more than
anybody can read, and how many others there were is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from haechi.cases.pulse import ROWS_MAX
from haechi.console.door import COOKIE, Door, Entered
from haechi.console.page import Asked
from haechi.console.pages.watch import rows_shown, wall

FEED_ROWS = 200  # as many as a page holds
ALLOWED_ROWS = 50  # of what was allowed, in one turn: five hundred a second are more than anybody reads
TURN_S = 0.1  # of collecting: at fifty rows a second, five go together
WALL_S = 2.0
ALONE = frozenset({"read"})


class Feed:
    """The streams of one console."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._bell = asyncio.Event()
        self._open = 0
        self._closed = False
        self._drawn = lru_cache(maxsize=64)(self._draw)

    def ring(self) -> None:
        """There is news; called in the event loop."""
        self._bell.set()
        self._bell = asyncio.Event()

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        self.ring()

    async def stream(self, request: Request) -> Response:
        """One reader."""
        entered = await self._door.apart(self._enter, request, True)
        if entered is None:
            return Response(status_code=401)
        if self._open >= self._door.limits.feeds_max:
            return Response(status_code=503)
        asked = self._door.asked(request, entered)
        said = request.headers.get("last-event-id") or request.query_params.get("after", "")
        after = int(said) if said.isdecimal() and len(said) < 19 else -1
        reader = Alarm(self, asked, after) if asked.query.get("of") == "queue" else Rows(self, asked, after)
        return StreamingResponse(self._lines(request, reader), 200, {"x-accel-buffering": "no"}, "text/event-stream")

    async def _lines(self, request: Request, reader: Rows | Alarm) -> AsyncIterator[bytes]:
        self._open += 1
        loop, beat_s = asyncio.get_running_loop(), self._door.limits.heartbeat_s
        quiet_since = loop.time()
        try:
            yield b"retry: 2000\n\n"
            while not self._closed:
                bell = self._bell
                text = await self._door.apart(self._turn, request, reader)
                if text is None:
                    yield event("gone", "")
                    return
                if text or loop.time() >= quiet_since + beat_s:
                    quiet_since = loop.time()
                    yield text or b": still here\n\n"
                await _either(bell, min(beat_s, WALL_S))
                await asyncio.sleep(TURN_S)
        finally:
            self._open -= 1

    def _turn(self, request: Request, reader: Rows | Alarm) -> bytes | None:
        """What is new for a reader; None when she may not read any more."""
        text = reader.news()
        return None if text and self._enter(request, False) is None else text

    def _enter(self, request: Request, is_new: bool) -> Entered | None:
        """Who reads; an open stream keeps the session only of somebody who may but look: a wall."""
        sessions, now = self._door.sessions, self._door.now_us()
        cookie = request.cookies.get(COOKIE)
        found = sessions.of(cookie, now, touch=is_new)
        if found is not None and found[1].rights <= ALONE:
            found = sessions.of(cookie, now)
        return Entered(*found) if found is not None and found[1].may("read") else None

    def drawn(self, language: str, numbers: tuple[int, ...], left_out: int = 0) -> str:
        """Rows of these numbers, drawn once for everybody who reads this language; `left_out` others were allowed."""
        return self._drawn(language, numbers, left_out)

    def part(self, template: str, language: str, **values: object) -> str:
        """A fragment of a page, in a language."""
        return self._door.screen.part(template, self._door.nobody(language), values)

    def nobody(self, language: str) -> Asked:
        """The house as anybody in this language sees it now."""
        return self._door.nobody(language)

    def _draw(self, language: str, numbers: tuple[int, ...], left_out: int) -> str:
        asked = self.nobody(language)
        rows = rows_shown(asked, asked.behind.pulse.some(frozenset(numbers)))
        return self.part("feed_rows.html", language, rows=rows, left_out=left_out)


class Rows:
    """The reader of the wall: rows as they come, and the figures every two seconds."""

    def __init__(self, feed: Feed, asked: Asked, after: int) -> None:
        self._feed, self._asked = feed, asked
        self._pulse = asked.behind.pulse
        self._after = self._pulse.last_seq if after < 0 else after
        self._stopped, self._walled_us = asked.query.get("all") != "1", 0
        self._most = FEED_ROWS  # whoever comes back gets all that a page holds

    def news(self) -> bytes:
        """What came since the last time."""
        text, newest, language = b"", self._pulse.last_seq, self._asked.language
        if newest > self._after:
            rows = [row.seq for row in self._pulse.rows(self._after, ROWS_MAX)]
            allowed = [] if self._stopped else self._pulse.allowed(self._after)
            self._after = newest
            if len(rows) >= ROWS_MAX:
                return event("reload", "", newest)
            numbers = tuple(sorted([*rows[:FEED_ROWS], *allowed[: self._most]], reverse=True))
            left_out, self._most = len(allowed[self._most :]), ALLOWED_ROWS
            text = event("rows", self._feed.drawn(language, numbers, left_out), newest) if numbers else b""
        now = self._feed.nobody(language)
        if now.now_us >= self._walled_us + WALL_S * 1e6:
            self._walled_us = now.now_us
            text += event("wall", self._feed.part("wall.html", language, **wall(now)))
        return text


class Alarm:
    """The reader beside a list: how many alerts came since it was made, and no list moves under anybody's hand."""

    def __init__(self, feed: Feed, asked: Asked, after_us: int) -> None:
        self._alerts, self._after_us, self._told = asked.behind.cases.alerts, max(after_us, 0), 0

    def news(self) -> bytes:
        """The number, when it has changed."""
        count = self._alerts.new_since(self._after_us)
        if count == self._told:
            return b""
        self._told = count
        return event("count", str(count))


def event(name: str, text: str, number: int | None = None) -> bytes:
    """One event; a text of several lines is sent line by line."""
    lines = [f"id: {number}"] if number is not None else []
    lines += [f"event: {name}", *(f"data: {line}" for line in text.split("\n"))]
    return ("\n".join(lines) + "\n\n").encode()


async def _either(bell: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        return
