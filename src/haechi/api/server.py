"""The server: uvicorn on uvloop, on loopback unless told otherwise, stopping without dropping a request."""

from __future__ import annotations

import asyncio
import errno
import gc
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import uvicorn
import uvloop

from haechi.api.asgi import Api
from haechi.api.errors import BadAddress, PortBusy, RemoteRefused
from haechi.api.protocol import HouseProtocol

Result = TypeVar("Result")
Application = Callable[..., Awaitable[None]]
BACKLOG = 2_048
_TICKS_PER_SWEEP = 5  # uvicorn ticks ten times a second


def bind(host: str = "127.0.0.1", port: int = 8080, *, allow_remote: bool = False) -> socket.socket:
    """Take the port, or say in one line why not; port 0 takes any free one."""
    if not 0 <= port <= 65_535:
        raise BadAddress(f"cannot listen on port {port}: choose one from 1024 to 65535, or 0 for any free one")
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError, OverflowError) as error:
        raise BadAddress(f"cannot listen on {host!r} port {port}: {error}") from None
    if not allow_remote and not ipaddress.ip_address(address[0]).is_loopback:
        raise RemoteRefused(
            f"{host} can be reached from other machines: put TLS in front of it, then pass --allow-remote"
        )
    listener = socket.socket(family, kind, number)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _cannot_bind(host, port, error) from None
    return listener


def _cannot_bind(host: str, port: int, error: OSError) -> PortBusy | BadAddress:
    if error.errno == errno.EADDRINUSE:
        return PortBusy(f"port {port} on {host} is in use: stop the other program, or choose another port with --port")
    if error.errno == errno.EACCES:
        return PortBusy(f"port {port} on {host} needs more rights: choose one above 1023 with --port")
    return BadAddress(f"cannot listen on {host} port {port}: {error.strerror}")


class HouseServer(uvicorn.Server):
    """uvicorn's server with our sweep of slow connections, and an exit that lets the caller finish its own work."""

    def __init__(
        self,
        api: Api,
        on_ready: Callable[[], None],
        app: Application | None = None,
        on_shutdown: Callable[[], None] = lambda: None,
    ) -> None:
        limits = api.limits
        protocol = partial(HouseProtocol, limits=limits, note=api.figures.count_unread, shortcut=api.shortcut)
        config = uvicorn.Config(
            app or api,
            loop="none",
            http=protocol,  # type: ignore[arg-type]
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=limits.stop_s_max,
        )
        super().__init__(config)
        self._on_ready, self._on_shutdown = on_ready, on_shutdown

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets)
        # All that stands now stands for good: the collector need not walk through models and tables again.
        gc.collect()
        gc.freeze()
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell those whose answers have no end of their own, then let what is in flight finish."""
        self._on_shutdown()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Look after slow connections now and then."""
        if counter % _TICKS_PER_SWEEP == 0:
            now_s = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, HouseProtocol):
                    connection.expire(now_s)
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM; unlike uvicorn, do not raise the signal again once everything is closed."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


async def serve(
    api: Api,
    listener: socket.socket,
    *,
    on_ready: Callable[[], None] = lambda: None,
    on_stop: Callable[[], Awaitable[None]] | None = None,
    app: Application | None = None,
    on_shutdown: Callable[[], None] = lambda: None,
) -> None:
    """Serve until a signal comes; then finish what is in flight and call `on_stop`, which closes the journal.

    `app` stands before the API where more than the API is served; `on_shutdown` ends answers that have no end.
    """
    try:
        await HouseServer(api, on_ready, app, on_shutdown).serve(sockets=[listener])
    finally:
        if on_stop is not None:
            await on_stop()


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run an asynchronous main function on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
