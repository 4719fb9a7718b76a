"""Headless Chromium over a real server: whatever a page asks for elsewhere, refuses or complains of fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from haechi.app import add_key, open_shut
from homes import SETTINGS, Asker, end, new_home, start

CHROMIUM = os.environ.get("HAECHI_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BAD = ("error", "warning")
PRACTICE = "[cases]\nundo_s = 2\n[policy.challenge]\ndeadline_s = 600\n"
MISSING = f"no browser at {CHROMIUM}: `apt-get install chromium`, or name one in HAECHI_CHROMIUM"
RULE = """
[[rules]]
id = "{action}"
name = {{ en = "{action}", ko = "{action}" }}
reason = {{ en = "a minor paying during school hours", ko = "미성년자가 수업 시간에 결제" }}
condition = '''method == "{action}"'''
effect = {{ minimum = "{action}" }}
"""
RULES = {action: RULE.format(action=action) for action in ("challenge", "hold", "block")}
needs_browser = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=MISSING)


@dataclass
class Seat:
    """One person at one browser, and all that went wrong there."""

    context: BrowserContext
    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(self.base + path)
        return self.page


@dataclass
class House:
    """A served home with two people, and a browser beside it."""

    asker: Asker
    keys: dict[str, str]
    browser: Browser
    log: Path
    number: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.asker.port}"

    @contextmanager
    def seat(self, name: str = "ana", **more: Any) -> Iterator[Seat]:
        """Sign somebody in; at the end nothing may have gone wrong."""
        given = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **more}
        context = self.browser.new_context(**given)
        context.set_default_timeout(15_000)
        page = context.new_page()
        seat = Seat(context, page, self.base)
        self._listen(seat, page)
        seat.go("/sign-in")
        page.fill("#secret", self.keys[name])
        page.click("button.main")
        page.wait_for_url("**/watch")
        yield seat
        context.close()
        assert not seat.wrong, seat.wrong

    def _listen(self, seat: Seat, page: Page) -> None:
        page.on("pageerror", lambda error: seat.wrong.append(f"error: {error}"))
        page.on(
            "console", lambda said: said.type in ("error", "warning") and seat.wrong.append(f"console: {said.text}")
        )
        page.on("request", lambda asked: asked.url.startswith(self.base) or seat.wrong.append(f"outside: {asked.url}"))
        page.on("response", lambda said: said.status >= 500 and seat.wrong.append(f"{said.status}: {said.url}"))

    def decide(self, action: str = "hold", customer: str | None = None, amount: int = 7_000, **more: Any) -> str:
        """A payment that a rule treats so; gives the event's id."""
        answer = self.verdict_on(action, customer, amount, **more)
        assert answer["action"] == action, answer
        return str(answer["event_id"])

    def verdict_on(self, method: str, customer: str | None = None, amount: int = 7_000, **more: Any) -> dict[str, Any]:
        """The decision over HTTP about such a payment, whatever it is."""
        self.number += 1
        n = self.number
        event = {
            "id": f"b-{n}", "kind": "payment", "time": f"2024-10-25T07:{n // 60:02d}:{n % 60:02d}+09:00",
            "customer": customer or f"c-{n}", "merchant": "ice_cream-7", "device": "d-1", "amount": amount,
            "currency": "KRW", "channel": "app", "method": method, **more,
        }  # fmt: skip
        return self.asker.decide(event)

    def refused(self) -> list[str]:
        """What browsers reported to have refused."""
        return [line for line in self.log.read_text().splitlines() if "a browser refused" in line]


@contextmanager
def house(
    folder: Path, settings: str = PRACTICE, rules: Mapping[str, str] = RULES,
    before: Callable[[Path], None] = lambda home: None,
) -> Iterator[House]:  # fmt: skip
    """Serve a home in which two people have agreed on rules, by default on one for each action.

    `before` is done to the home while it is shut.
    """
    first = new_home(folder / "home", settings=SETTINGS + settings)
    with open_shut(folder / "home") as shut:
        bo = ["read", "rules:approve", "cases:write", "cases:approve"]
        second = add_key(shut.store, "bo", bo).token
        wall = add_key(shut.store, "wall", ["read"]).token
    before(folder / "home")
    child, asker, _ = start(folder / "home", first, folder / "log")
    agree(asker, second, rules)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            yield House(asker, {"ana": first, "bo": second, "wall": wall}, browser, folder / "log")
            browser.close()
    finally:
        asker.line.close()
        assert end(child) == 0, (folder / "log").read_text()


def agree(asker: Asker, second: str, rules: Mapping[str, str]) -> None:
    """Two people agree on rules."""
    other = Asker(asker.port, second, asker.pid)
    for name, text in rules.items():
        assert asker.ask("POST", "/v1/rules", text.encode(), "application/toml")[0] == 200, text
        _, moved = asker.ask("POST", f"/v1/rules/{name}/lane", {"lane": "live"})
        assert other.ask("POST", f"/v1/approvals/{moved['change']['id']}", {"answer": "approve"})[0] == 200
    other.line.close()
