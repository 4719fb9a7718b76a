"""What acts from the next event on, in a browser: J4 from the alert, J6 from the first letter of a rule to its replay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from haechi.app import add_key, create_home, open_shut
from haechi.commands.importing import bring_in
from haechi.town import parameters, write_town
from homes import SETTINGS, Asker, serving

from .browsing import House, Seat, browsing, house, needs_browser

pytestmark = needs_browser
LISTED = """
[[rules]]
id = "{name}"
name = {{ en = "{name}", ko = "{name}" }}
reason = {{ en = "on the list {name}", ko = "목록 {name}에 있음" }}
condition = '''in_list("{name}", customer)'''
effect = {{ {effect} = "{action}" }}
"""
LISTS = (("stopped", "block", "minimum"), ("trusted", "allow", "fixed"))
TEXTS = {"name_en": "Transfer late", "name_ko": "늦은 이체", "reason_en": "a late transfer", "reason_ko": "늦은 시각의 이체"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("measures")) as made:
        for name, action, effect in LISTS:
            row = {"entity": "nobody", "reason": "to begin with"}
            both(made, made.asker.ask("POST", f"/v1/lists/{name}/changes", {"purpose": action, "rows": [row]})[1])
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
    decided = served.verdict_on("hold", "pupil-4")
    assert (decided["action"], decided["rules"][0]["snoozed"]) == ("allow", True)
    assert served.verdict_on("hold", "pupil-5")["action"] == "hold"
    assert served.verdict_on("hold", "pupil-4", time="2099-01-01T09:00:00+09:00")["action"] == "hold"
    page.get_by_role("button", name="End it").click()
    page.get_by_text("The snooze has ended.").wait_for()
    assert served.verdict_on("hold", "pupil-4")["action"] == "hold"


def test_j6_a_rule_is_written_corrected_and_replayed_on_real_labels(tmp_path: Path) -> None:
    with town_house(tmp_path) as served, served.seat("ana") as ana:
        page = ana.go("/rules/edit")
        page.locator("#condition").type('kind == "transfer" and amuont >= 1_000_000 won')
        page.get_by_text("did you mean amount").wait_for()
        assert "line 1, column 24" in page.inner_text("#findings")
        page.locator("#condition").fill('kind == "transfer" and amount >= 1_000_000 won')
        page.get_by_text("amount is at least 1,000,000 won").wait_for()
        page.locator("input[name=id]").fill("large-transfer")
        for name, text in TEXTS.items():
            page.locator(f"input[name={name}]").fill(text)
        page.select_option("#days", "30")
        page.get_by_role("button", name="Replay").click()
        page.wait_for_url("**/rules/replay/*")
        page.get_by_text("Precision").wait_for(timeout=60_000)
        told = page.inner_text("main")
        print(told)
