"""The console as an ASGI application: pages, static files, the way in and out, reports of what the browser refused."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from haechi.console.behind import Behind
from haechi.console.door import Crowded, Door
from haechi.console.feed import Feed
from haechi.console.limits import DEFAULT, Limits
from haechi.console.page import Page
from haechi.console.pages import PAGES
from haechi.console.screen import Screen, edition, static_files
from haechi.console.sessions import Sessions
from haechi.console.signing import Signing

LOG = logging.getLogger("haechi.console")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types haechi; "
    "report-uri /reports/csp"
)
HEAD = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
NO_STORE = (b"cache-control", b"no-store")
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class AnyConvertor(PathConvertor):
    """A name in a path, whatever is in it: customers' ids may hold a line end."""

    regex = r"[\s\S]*"


register_url_convertor("any", AnyConvertor())


class Console:
    """The application, and what must be ended with it."""

    def __init__(self, app: ASGIApp, door: Door, reports: Reports, feed: Feed) -> None:
        self._app, self.door, self.reports, self.feed = app, door, reports, feed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, with the headers that every answer has."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = {name for name, _ in message["headers"]}
                more = HEAD if b"cache-control" in held else (*HEAD, NO_STORE)
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, guarded)

    def close(self) -> None:
        """End the threads."""
        self.door.close()


class Reports:
    """What browsers refused because of the policy above: that is a mistake of ours, or an attack."""

    def __init__(self, limits: Limits) -> None:
        self.count, self._bytes_max = 0, limits.report_bytes_max

    async def take(self, request: Request) -> Response:
        """Count a report, and log it without its line ends."""
        body = b""
        async for chunk in request.stream():
            body = (body + chunk)[: self._bytes_max]
        self.count += 1
        if self.count <= 1_000:
            LOG.warning("a browser refused something: %s", ascii(body[:1_000].decode(errors="replace")))
        return Response(status_code=204)


def console(
    behind: Behind, sessions: Sessions, now_us: Callable[[], int], limits: Limits = DEFAULT,
    pages: Sequence[Page] = PAGES,
) -> Console:  # fmt: skip
    """Put the console together."""
    screen = Screen(pages)
    door, reports = Door(behind, sessions, screen, now_us, limits), Reports(limits)
    signing, feed = Signing(door), Feed(door)
    routes = [Route(page.path, door.endpoint(page), methods=[page.method]) for page in pages]
    routes += [
        Route("/sign-in", signing.show, methods=["GET"]),
        Route("/sign-in", signing.take, methods=["POST"]),
        Route("/sign-out", signing.out, methods=["POST"]),
        Route("/feed", feed.stream, methods=["GET"]),
        Route("/static/{edition}/{name}", static, methods=["GET"]),
        Route("/reports/csp", reports.take, methods=["POST"]),
    ]

    async def lost(request: Request, error: Exception) -> Response:
        return await door.apart(door.missing, request)

    async def crowded(request: Request, error: Exception) -> Response:
        return Response(
            "Haechi is busy. Try again in a moment.\n잠시 후 다시 시도해 주세요.\n", 503, {"retry-after": "2"}
        )

    handlers: Any = {404: lost, 405: lost, Crowded: crowded}
    return Console(Starlette(routes=routes, exception_handlers=handlers), door, reports, feed)


async def static(request: Request) -> Response:
    """A file for the browser; under the name of its edition it never changes."""
    content = static_files().get(request.path_params["name"])
    if content is None:
        raise HTTPException(404)
    is_now = request.path_params["edition"] == edition()
    head = {"cache-control": "public, max-age=31536000, immutable" if is_now else "no-cache"}
    return Response(content, 200, head, KINDS[request.path_params["name"].rpartition(".")[2]])
