"""One request and its answer on a connection, between httptools and the application.

uvicorn's own cycle writes head and body with two system calls, checks each header with two regular expressions and
makes an event object per request. This one does the same work in one call and a third of the time, for answers of known
length. An answer of unknown length (a feed of the console) is written as it comes, and ends with its connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl

from haechi.api.errors import PROBLEM_TYPE, Refusal

LOG = logging.getLogger("haechi.api")
Application = Callable[..., Awaitable[None]]
STATUS_LINES = {status.value: b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}
HELD_BYTES_MAX = 65_536  # a body larger than this is read only as fast as the application takes it


class Exchange:
    """The application's side of one request: what it receives, what it sends."""

    __slots__ = (
        "answered", "body", "disconnected", "flow", "head", "is_head", "keep_alive", "more_body",
        "response_complete", "response_started", "scope", "taken", "transport", "waiter", "wants_continue",
    )  # fmt: skip

    def __init__(
        self,
        scope: Mapping[str, Any],
        transport: asyncio.Transport,
        flow: FlowControl,
        answered: Callable[[], None],
        keep_alive: bool,
        wants_continue: bool,
    ) -> None:
        self.scope = scope
        self.transport = transport
        self.flow = flow
        self.answered = answered
        self.keep_alive = keep_alive
        self.wants_continue = wants_continue
        self.is_head = scope["method"] == "HEAD"
        self.body = b""
        self.more_body = True
        self.head = b""
        self.response_started = False
        self.response_complete = False
        self.disconnected = False
        self.taken = False
        self.waiter: asyncio.Future[None] | None = None

    async def run_asgi(self, app: Application) -> None:
        """Run the application; a line on which it failed is closed, never left hanging."""
        try:
            await app(self.scope, self.receive, self.send)
        except Exception:
            LOG.exception("the application failed outside its own net")
        finally:
            if not self.response_complete and not self.disconnected:
                self.transport.abort()

    def feed(self, data: bytes) -> None:
        """Take a piece of the body; what nobody waits for any more is dropped."""
        if self.response_complete:
            return
        self.body = self.body + data if self.body else data
        if len(self.body) > HELD_BYTES_MAX:
            self.flow.pause_reading()
        self.wake()

    def finish(self) -> None:
        """The body is whole."""
        self.more_body = False
        self.wake()

    def drop(self) -> None:
        """The caller is gone."""
        if not self.response_complete:
            self.disconnected = True
        self.wake()

    def wake(self) -> None:
        """Let a waiting application go on."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    async def receive(self) -> dict[str, Any]:
        """Give the application what came of the body, or wait for it; behind its end there is only the hanging up."""
        if self.wants_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wants_continue = False
        while not (self.disconnected or self.response_complete or self._has_news()):
            self.flow.resume_reading()
            self.waiter = asyncio.get_running_loop().create_future()
            try:
                await self.waiter
            finally:
                self.waiter = None
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        body, self.body = self.body, b""
        self.taken = not self.more_body
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    def _has_news(self) -> bool:
        """Whether there is something to give that was not given yet."""
        return not self.taken and (bool(self.body) or not self.more_body)

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Keep the head until the body comes, then write both at once."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected or self.transport.is_closing():
            return
        if not self.response_started:
            if self.keep_alive and not any(name == b"content-length" for name, _ in message["headers"]):
                self.keep_alive = False
            lines = [STATUS_LINES[message["status"]]]
            lines += [b"%b: %b\r\n" % header for header in message["headers"]]
            lines.append(b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n")
            self.head = b"".join(lines)
            self.response_started = True
            self.wants_continue = False
            return
        if self.response_complete:
            raise RuntimeError("this answer has ended")
        head, self.head = self.head, b""
        self.transport.write(head if self.is_head else head + message.get("body", b""))
        if message.get("more_body"):
            return
        self.response_complete = True
        if not self.keep_alive:
            self.transport.close()
        self.answered()


class ShortExchange:
    """One request that took the short way (shortcut.py), as its connection sees it."""

    __slots__ = ("answered", "disconnected", "keep_alive", "response_complete", "response_started", "transport")

    def __init__(self, transport: asyncio.Transport, answered: Callable[[], None]) -> None:
        self.transport = transport
        self.answered = answered
        self.keep_alive = True
        self.response_started = self.response_complete = self.disconnected = False

    def drop(self) -> None:
        """The caller is gone."""
        self.disconnected = not self.response_complete

    def reply(self, answer: bytes) -> None:
        """Send a whole answer, if anybody still listens."""
        if self.disconnected or self.transport.is_closing():
            return
        self.response_started = self.response_complete = True
        self.transport.write(answer)
        if not self.keep_alive:
            self.transport.close()
        self.answered()

    def refused(self, refusal: Refusal) -> None:
        """Send a problem document."""
        self.reply(whole(refusal, keep_alive=self.keep_alive))


def whole(refusal: Refusal, *, keep_alive: bool) -> bytes:
    """A refusal as a whole answer."""
    body = refusal.document()
    lines = [
        STATUS_LINES[refusal.status] + b"content-type: " + PROBLEM_TYPE,
        b"cache-control: no-store",
        b"content-length: %d" % len(body),
        *(name + b": " + value for name, value in refusal.headers),
        *(() if keep_alive else (b"connection: close",)),
        b"\r\n",
    ]
    return b"\r\n".join(lines) + body
