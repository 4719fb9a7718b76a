"""From a request to a page and back: who is it, may she, is the form hers, was it sent before; then the page itself.

Only reading the form happens on the event loop. Everything else runs in a few threads of its own, so that no page holds
up a decision, and no crowd of pages the desk's own work.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from haechi.cases import BadAsk, CasesError, Unknown
from haechi.console.behind import Behind
from haechi.console.errors import BadForm, Forbidden, Missing, Refused, Stale, TooMuch
from haechi.console.forms import Fields, Files, read_form
from haechi.console.limits import Limits
from haechi.console.page import Asked, Download, Moved, Page, Person, Shown
from haechi.console.screen import THEMES, Screen
from haechi.console.sessions import Session, Sessions
from haechi.console.words import spoken, words
from haechi.stores import Disagreed, StoreError

LOG = logging.getLogger("haechi.console")
COOKIE, KEPT_S = "haechi_session", 400 * 86_400
NOBODY = Person("", frozenset())
GZIP_FROM_BYTES, GZIP_LEVEL = 1_400, 5
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
Endpoint = Callable[[Request], Awaitable[Response]]


T = TypeVar("T")


class Crowded(Exception):
    """More pages at once than there are threads and patience for; app.py has the answer."""


@dataclass(frozen=True)
class Entered:
    """Somebody who is signed in."""

    session: Session
    person: Person


class Door:
    """Lets people in and pages out."""

    def __init__(
        self, behind: Behind, sessions: Sessions, screen: Screen, now_us: Callable[[], int], limits: Limits
    ) -> None:
        self.behind, self.sessions, self.screen, self.now_us, self.limits = behind, sessions, screen, now_us, limits
        self._threads = ThreadPoolExecutor(limits.threads, "console")
        self._busy = 0

    def endpoint(self, page: Page) -> Endpoint:
        """The way of one page."""

        async def answer(request: Request) -> Response:
            fields: Fields = {}
            files: Files = {}
            if page.method == "POST":
                entered = await self.apart(self._entered, request)
                if entered is None:
                    return await self.apart(self._turned_away, request)
                try:
                    self._check_right(page, entered)
                    fields, files = await read_form(request, self.limits, is_upload=page.is_upload)
                except Refused as refused:
                    return await self.apart(self._refused, request, entered, refused, fields)
            return await self.apart(self._answer, page, request, fields, files)

        return answer

    async def apart(self, call: Callable[..., T], *args: Any) -> T:
        """Do something in one of the console's threads; too much at once is refused."""
        if self._busy >= self.limits.at_once_max:
            raise Crowded(f"{self.limits.at_once_max} pages are being made")
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)
        finally:
            self._busy -= 1

    def close(self) -> None:
        """Let what runs end, and start nothing more."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def enter(self, request: Request) -> Entered | None:
        """Who sends this request."""
        return self._entered(request)

    def asked(self, request: Request, entered: Entered | None, fields: Fields | None = None) -> Asked:
        """What a request asks for."""
        query, cookies = dict(request.query_params), request.cookies
        language = spoken(query.get("lang"), cookies.get("haechi_lang"), request.headers.get("accept-language", ""))
        theme = query.get("theme") or cookies.get("haechi_theme", "")
        lists = fields or {}
        return Asked(
            behind=self.behind, person=entered.person if entered else NOBODY, words=words(language),
            now_us=self.now_us(), path=request.url.path, query=query, place=request.path_params,
            form={name: values[-1] for name, values in lists.items()}, lists=lists,
            theme=theme if theme in THEMES else "auto",
            hint=query.get("hint", cookies.get("haechi_hint")) != "off",
            goes_on=query.get("next", cookies.get("haechi_next")) != "off",
            csrf=entered.session.csrf if entered else "", once=self.sessions.number,
        )  # fmt: skip

    def nobody(self, language: str) -> Asked:
        """The house as anybody sees it now, for what is sent to many."""
        return Asked(self.behind, NOBODY, words(language), self.now_us(), "")

    def _entered(self, request: Request) -> Entered | None:
        found = self.sessions.of(request.cookies.get(COOKIE), self.now_us())
        return None if found is None else Entered(*found)

    def _answer(self, page: Page, request: Request, fields: Fields, files: Files) -> Response:
        entered = self._entered(request)
        if entered is None:
            return self._turned_away(request)
        asked = replace(self.asked(request, entered, fields), files=files)
        once = ""
        try:
            self._check_right(page, entered)
            if page.method == "POST":
                once = self._check_form(asked, entered)
                before = self.sessions.begin(entered.session, once)
                if before is not None:
                    return _see_other(before or _referrer(request))
            result = page.act(asked)
        except Exception as error:  # noqa: BLE001 - whatever a page does, its reader gets a page
            if once:
                self.sessions.finish(entered.session, once, None)
            return self._refused(request, entered, as_refusal(error), fields)
        if isinstance(result, Moved):
            self.sessions.finish(entered.session, once, result.to)
            return self._kept(request, asked, _see_other(result.to))
        self.sessions.finish(entered.session, once, None)
        if isinstance(result, Download):
            return download(result)
        return self.shown(request, asked, result)

    def shown(self, request: Request, asked: Asked, result: Shown) -> Response:
        """A page as an answer, compressed; what was asked for in the address is kept in cookies."""
        make = self.screen.make if asked.person is not NOBODY else self.screen.plain
        answer = page_answer(request, make(result.template, asked, result.values), result.status)
        return self._kept(request, asked, answer)

    def _kept(self, request: Request, asked: Asked, answer: Response) -> Response:
        """An answer that keeps what the address asked for."""
        kept = {
            "lang": asked.language, "theme": asked.theme, "hint": "on" if asked.hint else "off",
            "next": "on" if asked.goes_on else "off",
        }  # fmt: skip
        for name, said in kept.items():
            if asked.query.get(name) == said:
                answer.set_cookie(
                    f"haechi_{name}", said, max_age=KEPT_S, samesite="strict", httponly=True, secure=is_far(request)
                )
        return answer

    def _turned_away(self, request: Request) -> Response:
        """Nobody is signed in: the way in, and from there back to what was asked for."""
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        over = "&over=1" if COOKIE in request.cookies else ""
        where = f"/sign-in?to={quote(target, safe='')}{over}" if request.method == "GET" else f"/sign-in?to=%2F{over}"
        if request.method == "GET" or not request.headers.get("accept", "").startswith("text/html"):
            return _see_other(where)
        values = {"name": "expired", "detail": "", "typed": [], "back": "/sign-in"}
        return self.shown(request, self.asked(request, None), Shown("error.html", values, 401))

    def _refused(self, request: Request, entered: Entered | None, refused: Refused, fields: Fields) -> Response:
        asked = self.asked(request, entered, fields)
        typed = [v for name, values in fields.items() if name in TYPED for v in values if v.strip()]
        values = {"name": refused.name, "detail": str(refused), "typed": typed, "back": _referrer(request)}
        return self.shown(request, asked, Shown("error.html", values, refused.status))

    def missing(self, request: Request) -> Response:
        """The page of an address that nobody has."""
        return self._refused(request, self._entered(request), Missing(), {})

    def _check_right(self, page: Page, entered: Entered) -> None:
        if not (entered.person.may(page.right) or entered.person.may(page.other_right)):
            raise Forbidden(page.right)

    def _check_form(self, asked: Asked, entered: Entered) -> str:
        if not compare_digest(asked.form.get("csrf", "").encode(), entered.session.csrf.encode()):
            raise Forbidden("csrf")
        once = asked.form.get("once", "")
        if not 0 < len(once) <= 64:
            raise BadForm("the form has no number")
        return once


TYPED = ("text", "comment", "reason", "title", "condition", "source")


def as_refusal(error: Exception) -> Refused:
    """What an error of the desks means to a person; what nobody expected is logged and told as ours."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, Unknown):
        return Missing(str(error))
    if isinstance(error, BadAsk):
        return BadForm(str(error))
    if isinstance(error, CasesError | Disagreed):
        return Stale(str(error))
    if isinstance(error, StoreError):
        LOG.error("%s", error)
        return TooMuch(str(error))
    LOG.error("a page failed", exc_info=error)
    fault = Refused("")
    fault.status, fault.name = 500, "ours"
    return fault


def is_far(request: Request) -> bool:
    """Whether the browser came from another machine: then there is TLS in front, and cookies go through that only."""
    return (request.url.hostname or "") not in LOOPBACK


def page_answer(request: Request, body: bytes, status: int = 200, media_type: str = "text/html") -> Response:
    """Bytes as an answer, compressed where that pays."""
    head = {"vary": "accept-encoding, cookie"}
    if len(body) >= GZIP_FROM_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, GZIP_LEVEL, mtime=0)
        head["content-encoding"] = "gzip"
    return Response(body, status, head, media_type)


def download(file: Download) -> Response:
    """A file that is saved, whatever it is."""
    head = {"content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
    return Response(file.content, 200, head, file.media_type)


def _see_other(where: str) -> Response:
    return RedirectResponse(where, 303)


def local(where: str) -> str:
    """The address if it is one of ours, else the front page: nobody is sent away from here."""
    is_ours = where.startswith("/") and not where.startswith(("//", "/\\")) and where.isprintable()
    return where if is_ours and len(where) <= 2_000 else "/"


def _referrer(request: Request) -> str:
    """The page that a form came from."""
    said = request.headers.get("referer", "")
    _, _, rest = said.partition("://")
    host, slash, path = rest.partition("/")
    return local(f"/{path}") if slash and host == request.headers.get("host") else "/"
