"""uvicorn's HTTP/1.1 with the limits it lacks: size of the head, time to arrive, idle time, number of connections.

Instead of a timer per request, each connection holds one deadline and a sweep twice a second looks at all of them.
What uvicorn does well stays uvicorn's: connections, pipelining, flow control, start and stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from math import inf
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from haechi.api.errors import BadRequest, Busy, HeadTooLarge, Refusal, TooSlow
from haechi.api.exchange import Exchange, ShortExchange, whole
from haechi.api.limits import Limits
from haechi.api.shortcut import TARGET, Known, Shortcut

Note = Callable[[int], None]


class Phase(Enum):
    """What a connection is waiting for."""

    IDLE = "the first byte of a request"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    ANSWER = "the house"


class HouseProtocol(HttpToolsProtocol):
    """One connection, bounded in every direction."""

    cycle: Any  # an Exchange, where uvicorn has a cycle of its own
    parser: Any  # None once the line is closed

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: Limits,
        note: Note,
        shortcut: Shortcut,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.limits = limits
        self.note = note
        self.shortcut = shortcut
        self.phase = Phase.IDLE
        self.deadline_s = inf
        self.unread_s = inf
        self.head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Greet a caller, or turn him away when there are too many."""
        super().connection_made(transport)
        self._expect(Phase.IDLE, self.limits.head_s_max)
        if len(self.connections) > self.limits.connections_max:
            self.refuse(
                Busy(f"{self.limits.connections_max:,} connections are open: reuse yours, or try again in a moment")
            )

    def data_received(self, data: bytes) -> None:
        """Feed the parser; what is not HTTP, or too much of it, is refused."""
        if self.parser is None or self.transport.is_closing():
            return
        idle = self.phase is Phase.IDLE
        if idle and not self.flow.write_paused:
            known = self.shortcut.known(data)
            if known is not None and self._take_short_way(known, data):
                return
        self.head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # There is nothing to upgrade to: the request is answered as it stands, and the line closed behind it.
            self.cycle.keep_alive = False
        except httptools.HttpParserError as error:
            inner = error.__context__
            self.refuse(inner if isinstance(inner, Refusal) else BadRequest("this is not HTTP/1.1: use an HTTP client"))
            return
        if self.phase is Phase.HEAD and self.head_bytes > self.limits.head_bytes_max:
            self.refuse(self._head_too_large())
        elif idle and self.phase is Phase.ANSWER and self.url == TARGET and not self.pipeline:
            self._learn_head(data)

    def _take_short_way(self, known: Known, data: bytes) -> bool:
        """Hand a request to the house without taking its head apart; False when it must go the long way."""
        body = data[known.start :]
        if not self.shortcut.admits(known, body):
            return False
        self.cycle = ShortExchange(self.transport, self.on_response_complete)
        self.phase, self.deadline_s = Phase.ANSWER, inf
        self.shortcut.decide(body, self.cycle)
        return True

    def _learn_head(self, data: bytes) -> None:
        """The parser took these bytes for one whole request: their head need not be taken apart again."""
        if self.parser.get_method() == b"POST" and self.cycle.keep_alive and not self.cycle.response_complete:
            self.shortcut.learn(data, self.headers)

    def pause_writing(self) -> None:
        """The caller reads slower than we answer: his time runs."""
        super().pause_writing()
        self.unread_s = self.loop.time() + self.limits.idle_s_max

    def resume_writing(self) -> None:
        """The caller has read what waited for him."""
        super().resume_writing()
        self.unread_s = inf

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller hung up, or we did."""
        self.connections.discard(self)
        if self.cycle is not None:
            self.cycle.drop()
        self.flow.resume_writing()
        self.deadline_s = inf
        self.parser = None

    def on_message_begin(self) -> None:
        """The first byte of a request came."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._expect(Phase.HEAD, self.limits.head_s_max)

    def on_headers_complete(self) -> None:
        """The head is whole: check its size, then let the application start."""
        # All bytes since the last head bound its size: the sum is taken only when they could be too many.
        limit = self.limits.head_bytes_max
        if self.head_bytes > limit and len(self.url) + sum(len(n) + len(v) + 4 for n, v in self.headers) > limit:
            raise self._head_too_large()
        self.head_bytes = 0
        self._expect(Phase.BODY, self.limits.receive_s_max)
        before, parser = self.cycle, self.parser
        keep_alive = parser.should_keep_alive() and parser.get_http_version() == "1.1"
        self.cycle = Exchange(
            self._scope(), self.transport, self.flow, self.on_response_complete, keep_alive, self.expect_100_continue
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_body(self, body: bytes) -> None:
        """A piece of the body came."""
        self.cycle.feed(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self.cycle.finish()
        if self.cycle.response_complete:
            self._expect(Phase.IDLE, self.limits.idle_s_max)
        else:
            self.phase, self.deadline_s = Phase.ANSWER, inf

    def on_response_complete(self) -> None:
        """The answer is out: start the next pipelined request, or wait for one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.phase is Phase.ANSWER:
            self._expect(Phase.IDLE, self.limits.idle_s_max)

    def expire(self, now_s: float) -> None:
        """Close a connection that has used up its time."""
        if now_s >= self.unread_s:
            # A caller who does not read his answers would hold line and memory for good: they are dropped.
            self.transport.abort()
            return
        if now_s < self.deadline_s:
            return
        if self.phase is Phase.IDLE:
            (self.transport.abort if self.transport.get_write_buffer_size() else self.transport.close)()
            return
        seconds = self.limits.head_s_max if self.phase is Phase.HEAD else self.limits.receive_s_max
        self.refuse(TooSlow(f"the request did not arrive within {seconds:g} s: send it at once, then try again"))

    def refuse(self, refusal: Refusal) -> None:
        """Answer with a problem document where an answer is still possible, and close."""
        self.deadline_s = inf
        cycle = self.cycle
        if cycle is None or cycle.response_complete or (self.phase is Phase.BODY and not cycle.response_started):
            self.transport.write(whole(refusal, keep_alive=False))
            self.note(refusal.status)
        if cycle is not None:
            cycle.drop()
        self.transport.close()

    def _scope(self) -> dict[str, Any]:
        url = self.url
        if not url.startswith(b"/"):
            url = httptools.parse_url(url).path
        raw_path, _, query = url.partition(b"?")
        path = raw_path.decode("ascii")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.parser.get_method().decode("ascii"),
            "scheme": self.scheme,
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": self.headers,
            "client": self.client,
            "server": self.server,
        }

    def _expect(self, phase: Phase, within_s: float) -> None:
        self.phase = phase
        self.deadline_s = self.loop.time() + within_s

    def _head_too_large(self) -> HeadTooLarge:
        return HeadTooLarge(
            f"address and headers exceed {self.limits.head_bytes_max:,} bytes: send fewer or shorter ones"
        )
