"""Every page of the console in a browser: roles, names, contrast, the order of focus; a page nobody listed fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from haechi.commands.demonstration import Plan
from haechi.console.pages import PAGES

from .browsing import House, Seat, house, needs_browser
from .scene import RULES, SETTINGS, ask, listed, told

pytestmark = needs_browser
ACCESS = (Path(__file__).parent / "access.js").read_text()
FOCUS = (Path(__file__).parent / "focus.js").read_text()
LOOKS = (("en", "light"), ("ko", "dark"))
WHERE = {
    "/alerts/{alert:any}": ("/alerts/a-now-4", "/alerts/a-now-0"), "/events/{event:any}": ("/events/now-5",),
    "/cases/{case}": ("/cases/1",), "/refunds/{refund}": ("/refunds/1", "/refunds/2"),
    "/customers/{name:any}": ("/customers/c-17",), "/entities/{kind}/{name:any}": ("/entities/payee/a-88",),
    "/rules/of/{id}": ("/rules/of/minor-school-hours",), "/rules/lists/{name}": ("/rules/lists/school",),
    "/rules/replay/{job}": ("/rules/replay/{replay}?rule=mule-account",),
    "/approvals/change/{number}": ("/approvals/change/5", "/approvals/change/6"),
    "/audit/decision/{event:any}": ("/audit/decision/now-4",), "/town/play/{number}": ("/town/play/1",),
}  # fmt: skip
MORE = ("/rules/edit?rule=minor-school-hours", "/nowhere", "/queue?state=lost", "/queue?subject=nobody",
        "/approvals?state=done", "/audit?customer=c-17&on=2024-10-25", "/cases?state=closed")  # fmt: skip
NO_PAGE = ("/", "/go", "/attachments/{number}", "/rules/part/{part}")  # ways on, a file, a piece of a page


def paths() -> list[str]:
    """One address of each page at least."""
    found = [where for page in PAGES if page.method == "GET" and page.path not in NO_PAGE
             for where in WHERE.get(page.path, (page.path,))]  # fmt: skip
    return [*found, *MORE]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    """The small day, with a list, a town and a replay."""

    def with_a_town(home: Path) -> None:
        (home / "demo.json").write_bytes(msgspec.json.encode(Plan(customers=100, days=5)))

    with house(tmp_path_factory.mktemp("every"), SETTINGS, RULES, with_a_town) as made:
        told(made)
        listed(made)
        with made.seat("ana") as ana:
            ana.go("/town").locator("form[action='/act/town-play'] button").first.click()
            ana.page.wait_for_url("**/town/play/1")
            ana.page.locator("head meta[http-equiv=refresh]").wait_for(state="detached", timeout=90_000)
        yield made, ask(made.asker, "/v1/backtests", {"rules": ["mule-account@1"], "live": True})["id"]
        assert not made.refused()


def wrong_with(seat: Seat, path: str) -> list[Any]:
    """What is wrong with a page, for eyes and for readers; a broken page is told, too."""
    page = seat.go(path)
    page.locator("head meta[http-equiv=refresh]").wait_for(state="detached", timeout=90_000)
    found = list(page.evaluate(ACCESS))
    page.keyboard.press("Tab")
    return found + list(page.evaluate(FOCUS))


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_every_page_is_fit_for_eyes_and_readers(served: tuple[House, str], language: str, theme: str) -> None:
    made, replay = served
    with made.seat("ana") as seat:
        seat.go(f"/keys?lang={language}&theme={theme}")
        wrong = {path: found for path in paths() if (found := wrong_with(seat, path.format(replay=replay)))}
        assert not wrong
        refusals = [one for one in seat.wrong if "404" in one or "400" in one]  # of the two that are meant
        assert len(refusals) <= 3, refusals
        seat.wrong[:] = [one for one in seat.wrong if one not in refusals]


def test_no_page_is_left_out() -> None:
    assert not [path for path in paths() if "{" in path.replace("{replay}", "")]


def test_the_check_sees_what_is_wrong(served: tuple[House, str]) -> None:
    made, _ = served
    with made.seat("ana") as seat:
        page = seat.go("/queue")
        page.evaluate("""() => { const button = document.createElement("button"); button.tabIndex = 3;
          document.querySelector("main").prepend(button); }""")
        found = " ".join(page.evaluate(ACCESS) + page.evaluate(FOCUS))
        assert "no name" in found
        assert "tabindex 3" in found


def test_focus_goes_from_the_skip_link_through_the_rail_to_the_content(served: tuple[House, str]) -> None:
    made, _ = served
    with made.seat("ana") as seat:
        page, order = seat.go("/queue"), []
        for _ in range(30):
            page.keyboard.press("Tab")
            order.append(page.evaluate(
                "(document.activeElement.closest('nav.rail, header, main') ?? document.activeElement).tagName"
            ))  # fmt: skip
        assert order[0] == "A"
        firsts = [order.index(one) for one in ("NAV", "HEADER", "MAIN")]
        assert firsts == sorted(firsts)
