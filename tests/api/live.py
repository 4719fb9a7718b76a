"""A real server on a free loopback port, in a thread of the test."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.fake import KEY, FakeFront
from haechi.api import Api, Limits, bind, run
from haechi.api.server import HouseServer

WAIT_S = 10.0


class Live:
    """A running server and its fake house."""

    def __init__(self, limits: Limits) -> None:
        self.front = FakeFront(KEY)
        self.api = Api(self.front, limits=limits, instance="live")
        self.listener = bind("127.0.0.1", 0)
        self.port = self.listener.getsockname()[1]
        self.ready = threading.Event()
        self.server: HouseServer | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread = threading.Thread(target=run, args=(self._serve(),))

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.server = HouseServer(self.api, self.ready.set)
        await self.server.serve(sockets=[self.listener])

    def stop(self) -> None:
        self.server.should_exit = True

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)

    def talk(self, *pieces: bytes) -> bytes:
        """Send pieces on a new connection and read until the server closes it."""
        with self.connect() as line:
            for piece in pieces:
                line.sendall(piece)
            return read_all(line)


def read_all(line: socket.socket) -> bytes:
    """Everything until the other side hangs up."""
    parts = []
    while part := line.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def request(
    body: bytes = b"", *, method: str = "POST", path: str = "/v1/decide", more: str = "", length: bool = True
) -> bytes:
    """A request as bytes."""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY.token}\r\n"
    head += "Content-Type: application/json\r\n"
    if length:
        head += f"Content-Length: {len(body)}\r\n"
    return (head + more + "\r\n").encode() + body


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, not for a time."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(0.005)


@contextmanager
def live(**limits: float) -> Iterator[Live]:
    """Start a server with these limits, and stop it in the end."""
    server = Live(Limits(**limits))
    server.thread.start()
    assert server.ready.wait(WAIT_S)
    try:
        yield server
    finally:
        server.stop()
        server.thread.join(WAIT_S)
        assert not server.thread.is_alive()
