"""Rules, approvals, audit, people who belong together, in a browser: journeys J5, J7, J10, J14, scripts off, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from .browsing import House, Seat, house, needs_browser

pytestmark = needs_browser
TEXTS = {"name_en": "Night cash", "name_ko": "심야 현금", "reason_en": "cash at night", "reason_ko": "심야 현금 인출"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("desk")) as made:
        yield made
        assert not made.refused()


@pytest.fixture
def ana(served: House) -> Iterator[Seat]:
    with served.seat("ana") as seat:
        yield seat


def approve(served: House, number: str, why: str = "the replay is good") -> None:
    """Bo looks at a change and agrees."""
    with served.seat("bo") as bo:
        page = bo.go(number)
        page.locator("textarea[name=comment]").fill(why)
        page.get_by_role("button", name="Approve").click()
        page.get_by_text("You agreed.").wait_for()


def ask(ana: Seat, lane: str, share: str = "5") -> str:
    """Ana asks for another lane; gives the address of the change."""
    page = ana.page
    page.get_by_role("radio", name=lane, exact=True).check()
    page.locator("input[name=share]").fill(share)
    page.locator("form[action='/act/rule-move'] input[name=comment]").fill("a week, no harm")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_text("Asked for: a second person").wait_for()
    found = page.get_by_role("link", name="Look at it").first.get_attribute("href")
    assert found
    return found


def test_j7_a_rule_from_shadow_to_a_share_to_all_and_back(served: House, ana: Seat) -> None:
    page = ana.go("/rules/edit")
    page.locator("#condition").type("amont >= 8_000 won")
    page.get_by_text("did you mean amount").wait_for()
    assert "^^^^^" in page.inner_text("#findings")
    page.locator("#condition").fill('amount >= 8_000 won and channel == "night"')
    page.get_by_text("amount is at least 8,000 won").wait_for()
    page.locator("input[name=id]").fill("night-cash")
    for name, text in TEXTS.items():
        page.locator(f"input[name={name}]").fill(text)
    page.get_by_role("button", name="Keep as draft").click()
    page.get_by_text("Kept as a draft").wait_for()
    page.get_by_role("radio", name="Shadow").check()
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_text("Done, and in force.").wait_for()
    served.decide("challenge", "before", 9_000, channel="night")
    number = ask(ana, "Canary")
    assert "You asked for this" in ana.go(number).inner_text("main")
    approve(served, number)
    assert "Canary 5%" in ana.go("/rules/of/night-cash").inner_text("header")
    approve(served, ask(ana, "Live"))
    held = served.decide("hold", "during", 9_000, channel="night")
    assert "Live" in ana.go("/rules/of/night-cash").inner_text("header")
    page.get_by_placeholder("Why").fill("too many on pay day")
    page.get_by_role("button", name="Roll back").click()
    page.get_by_text("Asked for: a second person").wait_for()
    found = page.get_by_role("link", name="Look at it").first.get_attribute("href")
    assert found
    approve(served, found, "agreed")
    served.decide("challenge", "after", 9_000, channel="night")
    assert "Retired" in ana.go("/rules/of/night-cash").inner_text("header")
    ana.go("/rules?q=night-cash")
    assert page.get_by_role("row").filter(has_text="night-cash").get_by_role("cell").nth(2).inner_text() == "2"
    assert held


def test_j14_why_was_this_customer_blocked_on_that_day(served: House, ana: Seat) -> None:
    event = served.decide("block", "blocked-one", 9_000)
    page = ana.go("/audit")
    page.get_by_role("textbox", name="Customer").fill("blocked-one")
    page.get_by_label("On", exact=True).fill("2024-10-25")
    page.get_by_role("button", name="Look").click()
    page.get_by_role("link", name=event, exact=True).click()
    told = page.inner_text("main")
    assert "block@1" in told
    assert "Asked for by first, agreed to by bo" in told.replace("\n", " ")
    _, decision = served.asker.ask("GET", f"/v1/decisions/{event}")
    assert decision["versions"]["rules"] in told
    assert decision["sentence"]["en"] in told
    assert len(re.findall(r"\b[0-9a-f]{64}\b", told)) == 2
    ana.go("/audit?customer=blocked-one&on=2024-10-24")
    page.get_by_text("Nothing of this customer was stopped then.").wait_for()
    ana.go("/audit?about=sign_in")
    assert "came in with a key" in page.inner_text("main")


def test_j10_a_challenge_ends_in_a_final_decision(served: House, ana: Seat) -> None:
    for result, action in (("passed", "Allowed"), ("refused", "Blocked")):
        event = served.decide("challenge", f"asked-{result}")
        page = ana.go("/challenges")
        page.get_by_role("link", name=f"asked-{result}").first.wait_for()
        check = {
            "id": f"k-{event}", "kind": "check", "time": "2024-10-25T07:59:00+09:00", "customer": f"asked-{result}",
            "method": "otp", "challenge": f"c-{event}", "result": result,
        }  # fmt: skip
        assert served.asker.ask("POST", f"/v1/challenges/{event}/answer", check)[0] == 200
        ana.go(f"/challenges?state={result}")
        row = page.get_by_role("row").filter(has_text=f"asked-{result}")
        assert action in row.inner_text()


def test_j5_who_meets_at_one_place_becomes_one_case(served: House, ana: Seat) -> None:
    event = ""
    for who in ("ring-1", "ring-2", "ring-3"):
        event = served.decide("hold", who, merchant="shop-ring")
    page = ana.go(f"/alerts/a-{event}")
    shared = page.get_by_role("row").filter(has_text="shop-ring")
    for _ in range(40):  # the console reads behind the decisions
        if shared.count():
            break
        page.reload()
    assert shared.count()
    ana.go("/entities/merchant/shop-ring")
    told = page.inner_text("main")
    assert all(who in told for who in ("ring-1", "ring-2", "ring-3"))
    page.locator("#case-title").fill("A ring at one shop")
    page.get_by_role("button", name=re.compile("case", re.IGNORECASE)).click()
    page.get_by_text("The case is open.").wait_for()
    opened = page.inner_text("main")
    assert all(who in opened for who in ("ring-1", "ring-2", "ring-3"))


def test_a_rule_is_written_and_agreed_on_without_scripts(served: House) -> None:
    with served.seat("ana", java_script_enabled=False) as seat:
        page = seat.go("/rules/edit")
        page.locator("#condition").fill("amount > 3 apples")
        page.locator("input[name=id]").fill("no-scripts")
        for name, text in TEXTS.items():
            page.locator(f"input[name={name}]").fill(text)
        page.get_by_role("button", name="Check").click()
        assert "'apples' is no unit" in page.inner_text("#findings")
        page.locator("#condition").fill("amount > 3_000_000 won")
        page.get_by_role("button", name="Keep as draft").click()
        assert "Kept as a draft" in page.inner_text("main")
        page.get_by_role("radio", name="Live").check()
        page.get_by_role("button", name="Move", exact=True).click()
        number = page.get_by_role("link", name="Look at it").first.get_attribute("href")
    with served.seat("bo", java_script_enabled=False) as bo:
        page = bo.go(str(number))
        page.locator("textarea[name=comment]").fill("no")
        page.get_by_role("button", name="Reject").click()
        assert "You said no." in page.inner_text("main")


def test_the_desk_by_keys_alone(served: House, ana: Seat) -> None:
    page = ana.go("/watch")
    for key, path in (("l", "/rules"), ("a", "/approvals"), ("m", "/models"), ("u", "/audit")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(f"**{path}")
    ana.go("/rules")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rules/of/*")
    page.keyboard.press("e")
    page.wait_for_url("**/rules/edit*")


def test_the_graph_is_walked_and_zoomed_by_keys(served: House, ana: Seat) -> None:
    event = ""
    for who in ("walk-1", "walk-2", "walk-3"):
        event = served.decide("hold", who, merchant="shop-walk")
    page = ana.go(f"/alerts/a-{event}")
    for _ in range(40):  # the console reads behind the decisions
        if page.locator("[data-graph] a").count() >= 4:
            break
        page.reload()
    graph = page.locator("[data-graph]")
    stops = graph.locator("a[tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    whole, here = graph.get_attribute("viewBox"), "document.activeElement.getAttribute('aria-label')"
    seen = {page.evaluate(here)}
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown") * 2:
        page.keyboard.press(key)
        seen.add(page.evaluate(here))
        assert stops.count() == 1
        assert page.evaluate("document.activeElement.closest('[data-graph]') !== null")
    assert len(seen) >= 3
    page.keyboard.press("+")
    _, _, width, _ = map(float, graph.get_attribute("viewBox").split())
    assert width == pytest.approx(0.8 * float(graph.get_attribute("width")))
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert [float(n) for n in graph.get_attribute("viewBox").split()] == [float(n) for n in whole.split()]
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/(customers|entities)/"))
