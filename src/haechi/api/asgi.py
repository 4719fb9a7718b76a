"""The application: bare ASGI, one short way from a request to the house and back.

A framework would cost more than the decision itself (docs/decisions/004-bare-asgi-on-uvicorn.md), so the table of
routes, the checks and the answers are plain functions here.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import monotonic, perf_counter_ns
from typing import Any

from haechi.api.body import Receive, read_body, too_large
from haechi.api.calls import Calls, Request
from haechi.api.errors import (
    PROBLEM_TYPE,
    Busy,
    ClientGone,
    Fault,
    Refusal,
    WrongType,
)
from haechi.api.figures import UNKNOWN, Figures
from haechi.api.front import Front
from haechi.api.keyring import Keyring
from haechi.api.limits import DEFAULT, Limits
from haechi.api.routes import ROUTES, Route, Router
from haechi.api.shortcut import CALL, Shortcut

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

LOG = logging.getLogger("haechi.api")
_NO_STORE: Headers = ((b"cache-control", b"no-store"),)


class Api:
    """Answers HTTP for one house."""

    def __init__(
        self,
        front: Front,
        *,
        limits: Limits = DEFAULT,
        instance: str = "",
        clock: Callable[[], float] = monotonic,
        routes: tuple[Route, ...] = ROUTES,
    ) -> None:
        self.limits = limits
        self.figures = Figures(route.name for route in routes)
        self.keyring = Keyring(front.key, clock)
        self._router = Router(routes)
        calls = Calls(front, limits, self.figures, routes, instance)
        self._calls = {route.name: getattr(calls, route.name) for route in routes}
        self._heads: dict[str, Headers] = {
            route.name: ((b"content-type", route.answer_type.encode()), *_NO_STORE, *route.headers) for route in routes
        }
        self._media_types = {
            route.name: {kind.encode(): kind for kind in route.body_types} for route in routes if route.body_types
        }

        json_types = self._media_types.get(CALL, {})
        self.shortcut = Shortcut(front, self.keyring, self.figures, limits, lambda said: said in json_types)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != "http":
            raise RuntimeError(f"this application speaks HTTP only, not {scope['type']}: run it with lifespan='off'")
        started_ns = perf_counter_ns()
        call, status = UNKNOWN, 200
        try:
            route, value = self._router.find(scope["method"], scope["path"], scope["raw_path"])
            call = route.name
            body = await self._answer(route, value, scope, receive)
            headers = self._heads[call]
        except ClientGone:
            self.figures.gone += 1
            return
        except Refusal as refusal:
            status, headers, body = refused(refusal)
        except Exception:
            LOG.exception("the call %s failed", call)
            status, headers, body = refused(Fault("we made a mistake: the server's log has it, please report it"))
        self.figures.count(call, status, perf_counter_ns() - started_ns)
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": status, "headers": (*headers, length)})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, route: Route, value: str, scope: Mapping[str, Any], receive: Receive) -> bytes:
        head = dict(scope["headers"])
        person = ""
        if route.scope is not None:
            person = self.keyring.admit(head.get(b"authorization"), route.scope, route.other_scope).name
        if not route.is_counted:
            answer: bytes = await self._calls[route.name](Request())
            return answer
        media_type, held = self._admit(route, head)
        figures = self.figures
        figures.in_flight += 1
        figures.held_bytes += held
        try:
            body = await read_body(receive, self._bytes_max(route)) if route.body_types else b""
            answer = await self._calls[route.name](Request(body, media_type, value, scope["query_string"], person))
        finally:
            figures.in_flight -= 1
            figures.held_bytes -= held
        return answer

    def _bytes_max(self, route: Route) -> int:
        return self.limits.batch_bytes_max if route.is_batch else self.limits.body_bytes_max

    def _admit(self, route: Route, head: dict[bytes, bytes]) -> tuple[str, int]:
        """Check all that can be checked before a byte of the body is read: its kind, its size, our room for it."""
        if self.figures.in_flight >= self.limits.in_flight_max:
            raise Busy(f"{self.limits.in_flight_max:,} requests are in flight: try again in a moment, or send batches")
        if not route.body_types:
            return "", 0
        media_type = self._media_type(route, head)
        bytes_max = self._bytes_max(route)
        length = head.get(b"content-length")
        held = bytes_max if length is None else int(length)
        if held > bytes_max:
            raise too_large(bytes_max)
        if self.figures.held_bytes + held > self.limits.held_bytes_max:
            raise Busy(f"requests hold {self.limits.held_bytes_max:,} bytes already: try again in a moment")
        return media_type, held

    def _media_type(self, route: Route, head: dict[bytes, bytes]) -> str:
        takes = self._media_types[route.name]
        said = head.get(b"content-type", b"")
        found = takes.get(said) or takes.get(said.partition(b";")[0].strip().lower())
        if found is None:
            raise WrongType(
                f"send `Content-Type: {route.body_types[0]}`, this call takes {' or '.join(route.body_types)}"
            )
        if b"content-encoding" in head:
            raise WrongType("send the body uncompressed, without Content-Encoding")
        return found


def refused(refusal: Refusal) -> tuple[int, Headers, bytes]:
    """A refusal as status, headers and a one-line problem document."""
    return refusal.status, ((b"content-type", PROBLEM_TYPE), *_NO_STORE, *refusal.headers), refusal.document()
