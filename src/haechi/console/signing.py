"""The way in and out."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from haechi.console.door import COOKIE, Door, is_far, local
from haechi.console.errors import Forbidden, Refused
from haechi.console.forms import Fields, read_form
from haechi.console.page import Shown


class Signing:
    """Sign in, sign out."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def show(self, request: Request) -> Response:
        """The page to sign in."""
        return await self._door.apart(self._page, request, "", 200)

    async def take(self, request: Request) -> Response:
        """Check a key or the password; the way on is a cookie."""
        try:
            self._check_site(request)
            fields, _ = await read_form(request, self._door.limits, is_upload=False)
        except Refused:
            return await self._again(request, "sign_in.again", 400)
        return await self._door.apart(self._sign_in, request, fields)

    async def out(self, request: Request) -> Response:
        """End the session; without its own token nothing happens."""
        try:
            fields, _ = await read_form(request, self._door.limits, is_upload=False)
        except Refused:
            fields = {}
        return await self._door.apart(self._sign_out, request, fields)

    async def _again(self, request: Request, why: str, status: int) -> Response:
        return await self._door.apart(self._page, request, why, status)

    def _check_site(self, request: Request) -> None:
        """Nobody else's page may sign somebody in here; there is no session yet that could hold a token."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Forbidden("this form was not ours")

    def _page(self, request: Request, why: str, status: int, to: str = "") -> Response:
        values: dict[str, Any] = {
            "why": why or ("sign_in.over" if "over" in request.query_params else ""),
            "to": to or local(request.query_params.get("to", "/")),
        }
        return self._door.shown(request, self._door.asked(request, None), Shown("sign_in.html", values, status))

    def _sign_in(self, request: Request, fields: Fields) -> Response:
        secret, to = fields.get("secret", [""])[-1], local(fields.get("to", ["/"])[-1])
        try:
            cookie = self._door.sessions.sign_in(secret, self._door.now_us())
        except Refused:
            return self._page(request, "sign_in.wait", 429, to)
        self._note(cookie, secret)
        if cookie is None:
            return self._page(request, "sign_in.wrong", 403, to)
        answer = RedirectResponse(to, 303)
        answer.set_cookie(COOKIE, cookie, path="/", httponly=True, samesite="strict", secure=is_far(request))
        return answer

    def _note(self, cookie: str | None, secret: str) -> None:
        """Write down who came in, or that somebody did not."""
        entered = self._door.sessions.of(cookie, self._door.now_us())
        how = "refused" if entered is None else "key" if secret.strip().startswith("hk_") else "password"
        self._door.behind.cases.deeds.signed("" if entered is None else entered[1].name, how)

    def _sign_out(self, request: Request, fields: Fields) -> Response:
        entered = self._door.enter(request)
        if entered is not None and fields.get("csrf", [""])[-1] == entered.session.csrf:
            self._door.sessions.sign_out(request.cookies.get(COOKIE))
            self._door.behind.cases.deeds.signed(entered.person.name, "out")
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer
