"""Pictures of every page, in both languages and both themes, for docs/console: `python tests/console/screenshots.py`.

Two homes are made: one is told a small day (scene.py), the other is the demonstration's, with its town and its model.
Pictures are reduced to few colours. Names behind the folder make these pages only.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from playwright.sync_api import Page, sync_playwright

from console.browsing import ARGUMENTS, CHROMIUM, house
from console.palette import reduced
from console.scene import RULE, RULES, SETTINGS, ask, listed, told
from haechi.commands.demo_command import free_port, server
from haechi.commands.demonstration import Demonstration, Plan
from haechi.console.pages import PAGES
from homes import Asker

WIDTH, HEIGHT = 1280, 800
FOLDER = Path(__file__).parent.parent.parent / "docs" / "console"
DEMO = {"models": "/models", "town": "/town", "play": "/town/play/1", "replay": "/rules/replay/{replay}?rule=spree"}
SPREE = RULE.format(
    id="spree", en="Many payments in an hour", ko="한 시간 내 여러 결제", action="hold", tag="speed",
    why_en="several payments within an hour", why_ko="한 시간 안에 여러 번 결제",
    condition='count(customer, "1h") >= 3 and amount >= 100_000 won',
)  # fmt: skip
CUSTOMERS, PORT = 200, 8490
RAIL = {
    page.rail.name: page.path
    for page in sorted(PAGES, key=lambda one: one.path)
    if page.rail and page.rail.name not in DEMO
}
SHOWN = {
    **RAIL, "alert": "/alerts/a-{alert}", "customer": "/customers/c-17",
    "case": "/cases/1", "refund": "/refunds/1", "rule": "/rules/of/minor-school-hours",
    "editor": "/rules/edit?rule=minor-school-hours", "change": "/approvals/change/5",
    "record": "/audit/decision/{alert}", "packs": "/rules/packs", "lists": "/rules/lists",
    "list": "/rules/lists/school", "access": "/audit/access", "keys": "/keys",
    "looks": "/looks", "webhooks": "/audit/webhooks",
}  # fmt: skip
SECOND = ("approvals", "change")  # as the second person sees them


def main(folder: Path = FOLDER, *names: str) -> None:
    """Make them all, or those that are named."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as at:
        if not names or set(names) & {*SHOWN, "sign-in"}:
            of_the_day(Path(at), folder, names)
        if not names or set(names) & {*DEMO}:
            of_the_demonstration(Path(at) / "demo", folder, names)


def of_the_day(at: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Pages of the small day."""
    with house(at, SETTINGS, RULES) as made:
        ids = told(made)
        listed(made)
        blank = made.browser.new_page()
        for person in ("ana", "bo"):
            pages = {name: path.format(**ids) for name, path in SHOWN.items() if (name in SECOND) == (person == "bo")}
            with made.seat(person, viewport={"width": WIDTH, "height": HEIGHT}) as seat:
                pictures(seat.page, made.base, chosen(pages, names), folder, blank)
        with made.browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}) as context:
            page = context.new_page()
            page.goto(f"{made.base}/sign-in")
            picture(page, folder / "sign-in-en-light.png", blank)


def of_the_demonstration(home: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Pages that only a demonstration fills."""
    key = Demonstration(home, Plan(customers=CUSTOMERS), lambda step, amount, total: None).build()
    port = free_port(PORT)
    with server(home, port, home / "serve.log"), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page, base = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}), f"http://127.0.0.1:{port}"
        page.goto(f"{base}/sign-in")
        page.fill("#secret", key)
        page.click("button.main")
        page.wait_for_url("**/watch")
        asker = Asker(port, key, 0)
        ask(asker, "/v1/rules", SPREE.encode(), "application/toml")
        ids = {"replay": ask(asker, "/v1/backtests", {"rules": ["spree@1"], "live": True})["id"]}
        page.goto(f"{base}/town?lang=en&theme=light")  # a play gives Models something that was decided
        page.locator("form[action='/act/town-play'] button").first.click()
        page.get_by_text("What nobody in the bank knew").wait_for(timeout=60_000)
        pages = {name: path.format(**ids) for name, path in DEMO.items()}
        pictures(page, base, chosen(pages, names), folder, browser.new_page())
        browser.close()


def chosen(pages: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The pages that are wanted."""
    return {name: path for name, path in pages.items() if not names or name in names}


def pictures(page: Page, base: str, pages: Mapping[str, str], folder: Path, blank: Page) -> None:
    """These pages in all their looks."""
    for language in ("en", "ko"):
        for theme in ("light", "dark"):
            for name, path in pages.items():
                page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={language}&theme={theme}&hint=off")
                page.locator("head meta[http-equiv=refresh]").wait_for(state="detached")
                picture(page, folder / f"{name}-{language}-{theme}.png", blank)


def picture(page: Page, path: Path, blank: Page) -> None:
    """One page, in few colours."""
    page.wait_for_timeout(300)
    path.write_bytes(reduced(page.screenshot(), blank))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]), *sys.argv[2:])
