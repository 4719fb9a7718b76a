"""The verdict: its effects are told before, the next alert comes at once, and above it stands what was done."""

from __future__ import annotations

from typing import Any

import pytest

from .making import Bank, Browser, happened
from .test_frame import check_page

US = 1_000_000


def decided(person: Browser, page: str, word: str, **more: Any) -> str:
    """Where a verdict leads, given as a browser sends it: with the box for the next alert as it stands."""
    answer = person.fill(page, "/act/verdict", verdict=word, next="yes", **more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def goes_on(person: Browser, page: str) -> bool:
    """Whether the box for the next alert is ticked."""
    tags = person.get(page).tags
    (box,) = [given for _, given in tags if given.get("name") == "next" and given.get("type") == "checkbox"]
    return "checked" in box


def test_the_next_alert_comes_at_once_and_says_what_was_done(bank: Bank) -> None:
    ana = bank.person()
    first, second = happened(bank, "e-1", "c-1"), happened(bank, "e-2", "c-2", action="block")
    where = decided(ana, f"/alerts/{first}", "fraud", typology="card_theft", refund="yes")
    assert where == f"/alerts/{second}?after={first}"
    seen = ana.get(f"/alerts/{second}?after={first}")
    check_page(seen)
    assert "c-1 · Fraud · Stolen card. The held money is not sent. Refund 1" in seen.text
    assert "/refunds/1" in seen.links
    assert "Taken · you" in seen.text, "the next one is hers"
    assert "Undo (10 s)" in seen.text
    assert (
        ana.fill(f"/alerts/{second}?after={first}", "/act/undo").headers["location"] == f"/alerts/{first}?said=undone"
    )
    assert bank.work.desk.alerts.alert(first).state == "taken"
    assert "The held money is not sent" not in ana.get(f"/alerts/{second}?after={first}").text, "it stands no more"
    decided(ana, f"/alerts/{first}", "legitimate")
    bank.work.later(11 * US)
    assert "Undo" not in ana.get(f"/alerts/{second}?after={first}").text
    assert decided(ana, f"/alerts/{second}", "legitimate") == f"/queue?after={second}", "nothing is left"
    told = ana.get(f"/queue?after={second}").text
    assert "c-2 · Legitimate. What was blocked stays so; the customer may pay again." in told


def test_who_wants_to_stay_stays_until_she_says_otherwise(bank: Bank) -> None:
    ana = bank.person()
    for n in range(3):
        happened(bank, f"e-{n}", f"c-{n}")
    page = "/alerts/a-e-0"
    boxes = [
        given for _, given in ana.get(page).tags if given.get("name") == "next" and given.get("type") == "checkbox"
    ]
    assert ["checked" in one for one in boxes] == [True]
    stayed = ana.fill(page, "/act/verdict", verdict="legitimate").headers["location"]
    assert stayed == f"{page}?event=e-0&next=off"
    ana.get(stayed)
    assert not goes_on(ana, "/alerts/a-e-1"), "remembered"
    assert decided(ana, "/alerts/a-e-1", "legitimate") == "/alerts/a-e-2?after=a-e-1&next=on"


def test_who_is_unsure_passes_it_on_and_the_second_person_may_close_it(bank: Bank) -> None:
    ana, bo = bank.person("ana"), bank.person("bo")
    happened(bank, "e-1", "c-1")
    assert "Unsure, pass on o Money stays held; a second person decides." in ana.get("/alerts/a-e-1").text
    assert decided(ana, "/alerts/a-e-1", "pass_on", comment="the payee is odd") == "/queue?after=a-e-1"
    told = ana.get("/queue?after=a-e-1").text
    assert "Passed on: it waits in the queue for a second person" in told
    assert "Undo" not in told
    assert "Take it back" in told
    alert = bank.work.desk.alerts.alert("a-e-1")
    assert (alert.state, alert.level, alert.holder) == ("new", 1, "")
    assert alert.history[-1].content["reason"] == "the payee is odd"
    assert bank.work.desk.alerts.next("ana") is None, "she does not get it again"
    seen = bo.get("/alerts/a-e-1")
    assert "ana passed it on to level 1: the payee is odd" in seen.text, "she begins with that"
    assert "Unsure, close o Closed without a label; money stays held until your bank acts." in seen.text
    assert decided(bo, "/alerts/a-e-1", "unsure") == "/queue?after=a-e-1"
    assert bank.work.desk.alerts.alert("a-e-1").state == "decided"


def test_what_was_passed_on_may_be_taken_back(bank: Bank) -> None:
    ana = bank.person()
    happened(bank, "e-1", "c-1")
    where = decided(ana, "/alerts/a-e-1", "pass_on")
    assert ana.fill(where, "/act/take").headers["location"] == "/alerts/a-e-1?said=taken"
    assert bank.work.desk.alerts.alert("a-e-1").holder == "ana"
    assert "Take it back" not in ana.get(where).text


def test_equal_tries_are_told_as_perhaps_one_payment(bank: Bank) -> None:
    for n in range(3):
        happened(bank, f"e-{n}", "c-1")
    assert "Once, if these are tries of one payment." in bank.person().get("/alerts/a-e-0").text


def test_who_passes_it_on_without_a_word_was_unsure(bank: Bank) -> None:
    happened(bank, "e-1", "c-1")
    decided(bank.person(language="ko"), "/alerts/a-e-1", "pass_on", comment=" ")
    assert bank.work.desk.alerts.alert("a-e-1").history[-1].content["reason"] == "판단 보류"


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("hold", ("Held money is not sent.", "Your bank is told to send the held money.", "Money stays held")),
        ("block", ("It stays blocked.", "the customer may pay again.", "It stays blocked; a second person decides.")),
        ("challenge", ("The money has gone: open a refund.", "nothing else happens.", "A second person decides.")),
    ],
)
def test_each_choice_says_what_it_does_to_the_money(bank: Bank, action: str, words: tuple[str, ...]) -> None:
    ana = bank.person()
    happened(bank, "e-1", "c-1", action=action)
    if action == "challenge":
        bank.work.desk.challenges.look_into("c-e-1", "ana")
    seen = ana.get("/alerts/a-e-1")
    check_page(seen)
    for word in words:
        assert word in seen.text, word
    korean = bank.person(language="ko").get("/alerts/a-e-1")
    check_page(korean)
    assert "모르겠음, 넘기기" in korean.text


def test_a_strange_address_tells_of_nothing_that_was_done(bank: Bank) -> None:
    ana = bank.person()
    happened(bank, "e-1", "c-1")
    for after in ("a-unknown", "a-e-1", "%00", "x" * 500):
        assert "Undo" not in ana.get(f"/queue?after={after}").text
    assert ana.fill("/alerts/a-e-1", "/act/verdict", verdict="perhaps").status_code == 400
