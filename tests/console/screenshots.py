"""Pictures of every page, in both languages and both themes, for docs/console: `python tests/console/screenshots.py`.

A home of its own is made and told a small day; nothing in it is anybody's data. Pictures are reduced to few colours.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from playwright.sync_api import Page

from console.browsing import House, house
from console.palette import reduced
from haechi.console.pages import PAGES

WIDTH, HEIGHT = 1280, 800
FOLDER = Path(__file__).parent.parent.parent / "docs" / "console"
TOWN = "town"  # only a demonstration has one
RAIL = {
    page.rail.name: page.path
    for page in sorted(PAGES, key=lambda one: one.path)
    if page.rail and page.rail.name != TOWN
}
SHOWN = {
    **RAIL, "alert": "/alerts/a-{alert}", "customer": "/customers/c-17", "case": "/cases/1", "refund": "/refunds/1",
    "keys": "/keys",
}  # fmt: skip


def told(made: House) -> dict[str, str]:
    """A month of a pupil and her friends, then the Friday morning; gives the ids that pages need."""
    start = datetime.fromisoformat("2024-09-25T15:30:00+09:00")
    people = ("c-17", "c-9", "c-24", "c-31", "c-44", "c-52")
    for n in range(180):
        at = start + timedelta(days=n // 6, hours=n * 7 % 5, minutes=n * 13 % 60)
        who = people[n % 6]
        usual = 1_500 if who == "c-17" else 20_000 + 9_000 * (n % 6)
        made.asker.decide(event(f"past-{n}", at, who, usual + 137 * (n * 5 % 17), "pin"))
    friday = datetime.fromisoformat("2024-10-25T07:02:00+09:00")
    for n, (who, action, amount) in enumerate(
        (("c-31", "block", 4_800_000), ("c-24", "hold", 920_000), ("c-9", "challenge", 310_000),
         ("c-52", "hold", 88_000), ("c-17", "hold", 7_000), ("c-44", "challenge", 45_000))
    ):  # fmt: skip
        made.asker.decide(event(f"now-{n}", friday + timedelta(minutes=n), who, amount, action))
    asker = made.asker
    asker.ask("POST", "/v1/cases", {"title": "Ice cream at seven", "alerts": ["a-now-4"]})
    asker.ask("POST", "/v1/cases/1/people", {"entity": "payee:a-88", "role": "mule"})
    asker.ask("POST", "/v1/cases/1/tick", {"line": 1, "done": True})
    asker.ask("POST", "/v1/alerts/a-now-4/notes", {"text": "He says he was at school; the phone was in his bag."})
    asker.ask("POST", "/v1/refunds", {"event_id": "now-4", "case_id": 1})
    asker.ask("POST", "/v1/refunds/1/step", {"step": "frozen"})
    return {"alert": "now-4"}


def event(id_: str, at: datetime, who: str, amount: int, method: str) -> dict[str, Any]:
    return {
        "id": id_, "kind": "payment" if amount < 100_000 else "transfer", "time": at.isoformat(), "customer": who,
        "merchant": "ice_cream-7", "device": "d-5" if who in ("c-17", "c-24", "c-31") else f"d-{who}",
        "payee": "a-88" if amount > 80_000 else f"a-{who}", "amount": amount, "currency": "KRW",
        "channel": "pos" if amount < 10_000 else "app", "method": method,
        "merchant_category": "ice_cream",
    }  # fmt: skip


def picture(page: Page, path: Path, blank: Page) -> None:
    """One page, in few colours."""
    page.wait_for_timeout(300)
    path.write_bytes(reduced(page.screenshot(), blank))


def main(folder: Path = FOLDER) -> None:
    """Make them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as at, house(Path(at)) as made:
        ids = told(made)
        blank = made.browser.new_page()
        with made.seat("ana", viewport={"width": WIDTH, "height": HEIGHT}) as seat:
            for language in ("en", "ko"):
                for theme in ("light", "dark"):
                    for name, path in SHOWN.items():
                        seat.go(f"{path.format(**ids)}?lang={language}&theme={theme}")
                        picture(seat.page, folder / f"{name}-{language}-{theme}.png", blank)
        with made.browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}) as context:
            page = context.new_page()
            page.goto(f"{made.base}/sign-in")
            picture(page, folder / "sign-in-en-light.png", blank)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
