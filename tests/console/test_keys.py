"""Every action has a key, no key does two things on a page, and the page of keys tells them all."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import haechi.console
from haechi.cases import CaseDesk
from haechi.console.pages.frame import GROUPS

from .making import Bank, happened
from .test_models import Desk, desk
from .test_rules import kept

__all__ = ["desk"]  # the fixture

VOID = {"input", "link", "meta", "img", "br", "use", "hr", "path"}
TEMPLATES = Path(haechi.console.__file__).parent / "templates"


class Actions(HTMLParser):
    """The forms of a page that change something, and whether a key leads to each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, Any]]] = []
        self.keys: list[str] = []
        self.found: dict[str, bool] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        key = given.get("data-key") or given.get("data-go")
        if key:
            self.keys.append(f"g {key}" if "data-go" in given else str(key))
            opened = self.stack[-1:] if tag == "summary" else []  # its details
            for _, above in [*opened, *(one for one in self.stack if one[0] == "form")]:
                above["keyed"] = True
        if tag not in VOID:
            self.stack.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _ in self.stack):
            name, given = self.stack.pop()
            if name == "form" and given.get("method") == "post":
                led = given.get("keyed") or any("data-row" in a or a.get("keyed") for _, a in self.stack)
                act = str(given["action"])
                self.found[act] = bool(led) and self.found.get(act, True)
            if name == tag:
                return


def worked(bank: Bank) -> list[str]:
    """Pages on which everything can be done that ever can."""
    desk: CaseDesk = bank.work.desk
    mine, theirs, free = (happened(bank, f"e-{who}", f"c-{who}") for who in ("mine", "theirs", "free"))
    happened(bank, "k-1", "c-k", action="challenge")
    desk.alerts.take(mine, "ana")
    desk.alerts.take(theirs, "bo")
    case = desk.cases.open("A ring", "ana", [mine]).id
    refunds = [desk.refunds.report(f"e-{who}", "ana").id for who in ("mine", "theirs", "free")]
    for number in refunds[1:]:
        for step in ("frozen", "evidence"):
            desk.refunds.step(number, step, "ana")
    desk.refunds.decide(refunds[2], 7_000, "ana", comment="x")
    ana = bank.person("ana")
    kept(ana)
    bank.behind.rules.move("school-hours", 1, "live", 1.0, "bo", "x")
    bank.behind.rules.change_list("mules", "block", [{"entity": "a", "reason": "x"}], "ana", "x")
    changes = [f"/approvals/change/{one.id}" for one in bank.behind.rules.changes("waiting", None, 9)]
    desk.webhooks.add("https://bank.example/hook", [], "root")
    desk.sweep()
    bank.behind.rules.snooze("school-hours", "customer", "c-1", bank.clock() + 10**12, "ana", "trip")
    return [
        "/queue", "/challenges", f"/alerts/{mine}", f"/alerts/{theirs}", f"/alerts/{free}", "/events/k-1", "/cases",
        f"/cases/{case}", "/refunds", *[f"/refunds/{number}" for number in refunds], "/customers/c-mine",
        "/entities/device/d-1", "/rules", "/rules/of/school-hours", "/rules/edit", "/rules/lists", "/rules/packs",
        "/rules/snoozes", "/approvals", *changes, "/models", "/looks", "/audit", "/audit/webhooks", "/town",
        "/watch", "/keys",
    ]  # fmt: skip


def test_every_action_has_a_key_of_its_own(bank: Bank, desk: Desk) -> None:
    told = {key for keys in GROUPS.values() for key in keys}
    ana, seen = None, set[str]()
    for path in worked(bank):
        ana = ana or bank.person("ana")
        page = Actions(ana.get(path).html)
        unled = [act for act, led in page.found.items() if not led]
        assert not unled, (path, unled)
        twice = {key for key in page.keys if page.keys.count(key) > 1}
        assert not twice, (path, twice)
        rails = {key for key in page.keys if key.startswith("g ") and key not in told}
        assert set(page.keys) - rails <= told, (path, set(page.keys) - rails - told)
        seen |= set(page.found)
    assert len(seen) >= 35, seen


def test_the_page_of_keys_tells_them_all(bank: Bank) -> None:
    used = {key for path in TEMPLATES.glob("*.html") for key in re.findall(r'data-key="(.)"', path.read_text())}
    assert used <= {key for keys in GROUPS.values() for key in keys}
    text = bank.person().get("/keys").text
    for page in ("g w Watch", "g q Queue", "g n get the next alert", "h hand it over", "x choose the row"):
        assert page in text, page


def test_the_check_sees_an_action_without_a_key() -> None:
    bad = '<form method="post" action="/act/x"><button>x</button></form>'
    assert Actions(bad).found == {"/act/x": False}
    assert Actions(bad.replace("<button", '<button data-key="x"')).found == {"/act/x": True}
    assert Actions(f'<details><summary data-key="d">d</summary>{bad}</details>').found == {"/act/x": True}
    assert Actions(f"<details><summary>d</summary>{bad}</details>").found == {"/act/x": False}
    assert Actions(f"<table><tr data-row><td>{bad}</td></tr></table>").found == {"/act/x": True}
