"""What acts from the next event on, in a browser: J4 from the alert, J6 from the text of a rule to its replay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from haechi.town import parameters, write_town
from homes import Asker, new_home, serving

from .browsing import House, Seat, house, needs_browser

pytestmark = needs_browser
LISTED = """
[[rules]]
id = "{name}"
name = {{ en = "{name}", ko = "{name}" }}
reason = {{ en = "on the list {name}", ko = "목록 {name}에 있음" }}
condition = '''in_list("{name}", customer)'''
effect = {{ {effect} = "{action}" }}
"""
NOON = "2024-10-25T12:00:00+09:00"  # when the model finds nothing strange
LISTS = (("stopped", "block", "minimum"), ("trusted", "allow", "fixed"))
TEXTS = {"name_en": "Large online", "name_ko": "온라인 고액", "reason_en": "large online", "reason_ko": "온라인 고액"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("measures")) as made:
        for name, action, effect in LISTS:
            row = {"entity": "nobody", "reason": "to begin with"}
            both(made, made.asker.ask("POST", f"/v1/lists/{name}", {"purpose": action, "rows": [row]})[1])
            rule = LISTED.format(name=name, action=action, effect=effect).encode()
            assert made.asker.ask("POST", "/v1/rules", rule, "application/toml")[0] == 200
            both(made, made.asker.ask("POST", f"/v1/rules/{name}/lane", {"lane": "live"})[1])
        yield made
        assert not made.refused()


@pytest.fixture
def ana(served: House) -> Iterator[Seat]:
    with served.seat("ana") as seat:
        yield seat


def both(made: House, asked: Any) -> None:
    """Bo agrees over the API."""
    other = Asker(made.asker.port, made.keys["bo"], made.asker.pid)
    number = (asked.get("change") or asked)["id"]
    assert other.ask("POST", f"/v1/approvals/{number}", {"answer": "approve"})[0] == 200
    other.line.close()


def asked_for(ana: Seat, event: str, entry: str) -> str:
    """From the alert, by key: an entity onto a list for a week, with a reason; gives the address of the change."""
    page = ana.go(f"/alerts/a-{event}")
    page.keyboard.press("b")
    form = page.locator("form[action='/act/measure-list']")
    form.get_by_label("Whom or what").select_option(entry)
    form.get_by_label("For how long").select_option("7")
    form.get_by_label("Reason").fill("she called us")
    form.get_by_role("button", name="Ask for it").click()
    page.get_by_text("Asked for: a second person").wait_for()
    found = page.locator("#measures").get_by_role("link", name="Look at it").get_attribute("href")
    assert found
    return found


def agree(served: House, change: str, customer: str) -> None:
    """The colleague sees whom it is about, until when and why, and agrees."""
    with served.seat("bo") as bo:
        page = bo.go(change)
        row = page.get_by_role("row").filter(has_text=customer).inner_text()
        assert "she called us" in row
        assert re.search(r"20\d\d-\d\d-\d\d", row)
        page.locator("textarea[name=comment]").fill("heard it too")
        page.get_by_role("button", name="Approve").click()
        page.get_by_text("You agreed.").wait_for()


def test_j4_block_and_allow_from_the_alert_count_for_the_next_event(served: House, ana: Seat) -> None:
    for entry, who, before, after in (
        ("stopped:customer", "thief-4", "hold", "block"), ("trusted:customer", "friend-4", "hold", "allow"),
    ):  # fmt: skip
        event = served.decide(before, who)
        change = asked_for(ana, event, entry)
        assert served.verdict_on(before, who)["action"] == before, "nothing acts before a second person agreed"
        agree(served, change, who)
        decided = served.verdict_on(before, who)
        assert decided["action"] == after
        name = entry.partition(":")[0]
        assert [one["rule"] for one in decided["rules"] if one["rule"] == name] == [name]
        assert served.verdict_on(before, who, time="2099-01-01T09:00:00+09:00")["action"] == before, "it has an end"
        assert served.verdict_on(before, f"{who}-other")["action"] == before, "it is for her alone"


def test_j4_a_rule_rests_for_this_customer_at_once_and_until_it_ends(served: House, ana: Seat) -> None:
    event = served.decide("hold", "pupil-4")
    page = ana.go(f"/alerts/a-{event}")
    page.keyboard.press("b")
    form = page.locator("form[action='/act/measure-rest']")
    form.get_by_label("A rule that hit").select_option("hold:customer")
    form.get_by_label("Reason").fill("a school trip")
    form.get_by_role("button", name="Snooze").click()
    page.get_by_text("Snoozed: the next event").wait_for()
    decided = served.verdict_on("hold", "pupil-4", time=NOON)
    assert (decided["action"], decided["rules"][0]["snoozed"]) == ("allow", True)
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert served.verdict_on("hold", "pupil-4", time=soon)["rules"][0]["snoozed"]
    assert served.verdict_on("hold", "pupil-5")["action"] == "hold"
    assert served.verdict_on("hold", "pupil-4", time="2099-01-01T09:00:00+09:00")["action"] == "hold"
    page.get_by_role("button", name="End it").click()
    page.get_by_text("The snooze has ended.").wait_for()
    assert served.verdict_on("hold", "pupil-4", time=soon)["action"] == "hold"


def test_a_watch_list_from_its_beginning_to_the_alert_it_makes(served: House, ana: Seat) -> None:
    """An empty list begun, a rule that asks it, an entity from an alert, two people each time; then it is seen."""
    event = served.decide("hold", "victim-9", payee="a-666")
    page = ana.go("/rules/lists")
    page.get_by_role("row").filter(has_text="watched_accounts").get_by_role("button", name="Ask for it").click()
    page.wait_for_url("**/approvals/change/*")
    both(served, {"id": page.url.partition("?")[0].rpartition("/")[2]})
    assert "Nobody stands on this list." in ana.go("/rules/lists/watched_accounts").inner_text("main")
    rule = LISTED.format(name="watched_accounts", action="challenge", effect="minimum")
    rule = rule.replace('id = "watched_accounts"', 'id = "watched-account"').replace("customer)", "payee)")
    assert served.asker.ask("POST", "/v1/rules", rule.encode(), "application/toml")[0] == 200
    both(served, served.asker.ask("POST", "/v1/rules/watched-account/lane", {"lane": "live"})[1])
    assert served.verdict_on("none", "other-9", payee="a-666", time=NOON)["action"] == "allow"
    change = asked_for(ana, event, "watched_accounts:payee")
    agree(served, change, "a-666")
    seen = served.verdict_on("none", "other-9", payee="a-666", time=NOON)
    assert seen["action"] == "challenge"
    page = ana.go(f"/events/{seen['event_id']}")
    told = page.inner_text("main")
    assert "on the list watched_accounts" in told
    assert "What would have let it pass" in told
    assert "without the rule watched-account" in told
    page.keyboard.press("t")
    page.wait_for_url("**/alerts/a-*")
    assert "on the list watched_accounts" in page.inner_text("main")
    ana.go("/rules/lists/watched_accounts")
    row = page.get_by_role("row").filter(has_text="a-666")
    assert "she called us" in row.inner_text()
    row.get_by_role("button", name="Take off").click()
    both(served, {"id": page.url.partition("?")[0].rpartition("/")[2]})
    assert served.verdict_on("none", "third-9", payee="a-666", time=NOON)["action"] == "allow"


@contextmanager
def town_house(folder: Path, browser: Browser) -> Iterator[House]:
    """A served home that remembers 36 days of a small town, with what became of each payment."""
    plan = parameters("small", customers=25, days=36, fraud={"level": 15.0})
    written = write_town(folder / "town", plan, 5, labelled=True)
    key = new_home(folder / "home", written.events_path)
    with serving(folder / "home", key, folder / "log") as asker:
        yield House(asker, {"ana": key}, browser, folder / "log")


def test_j6_a_rule_is_written_corrected_and_replayed_on_real_labels(served: House, tmp_path: Path) -> None:
    with town_house(tmp_path, served.browser) as town, town.seat("ana") as ana:
        page = ana.go("/rules/edit")
        page.locator("#condition").type('channel == "online" and amuont >= 20_000 won')
        page.get_by_text("did you mean amount").wait_for()
        assert "line 1, column 25" in page.inner_text("#findings")
        page.locator("#condition").fill('channel == "online" and amount >= 20_000 won')
        page.get_by_text("amount is at least 20,000 won").wait_for()
        page.locator("input[name=id]").fill("online-large")
        for name, text in TEXTS.items():
            page.locator(f"input[name={name}]").fill(text)
        page.select_option("#days", "30")
        page.get_by_role("button", name="Replay").click()
        page.wait_for_url("**/rules/replay/*")
        page.get_by_role("heading", name="online-large@1").wait_for(timeout=60_000)
        check_replay(page)
        page.get_by_role("link", name="Go on in the editor").click()
        page.get_by_role("button", name="Keep as draft").click()
        page.get_by_role("radio", name="Shadow").check()
        page.get_by_role("button", name="Move", exact=True).click()
        page.get_by_text("Done, and in force.").wait_for()
        matched = town.verdict_on("app", "c-1", 25_000, channel="online")
        assert matched["rules"] == [{"rule": "online-large", "version": 1, "result": "hit", "lane": "shadow"}]
        page.reload()
        assert "1 (0 had a say)" in page.locator("dl.facts").last.inner_text().replace("\n", " ")


def check_replay(page: Page) -> None:
    """Every hit is in the matrix or not known yet, and some of each; money and examples are told."""
    rows = page.get_by_role("table", name="Matrix").get_by_role("row")
    cells = [[int(one.replace(",", "")) for one in row.get_by_role("cell").all_inner_texts()] for row in rows.all()[1:]]
    (caught, missed), (false_alarms, passed) = cells
    assert min(caught, missed, false_alarms, passed) > 0
    told = page.inner_text("main")
    hits, unknown = re.search(r"(\d+) hits", told), re.search(r"Not known yet\s+(\d+)", told)
    assert hits
    assert unknown
    assert int(hits[1]) == caught + false_alarms + int(unknown[1])
    assert re.search(r"Money caught\s+[1-9][\d,]* won\s+Money missed\s+[1-9][\d,]* won", told)
    page.get_by_text("Examples").click()
    assert page.locator("details a").count() >= 2
