"""From the alert: somebody on a list, a rule that rests; what acts is offered, and what was asked for is told."""

from __future__ import annotations

import pytest

from .making import Bank, Browser, happened
from .test_frame import check_page
from .test_rules import kept, write

ALERT = "/alerts/a-e-1"


def listing(bank: Bank, ana: Browser) -> None:
    """Two people agree on a list of people to block and a live rule that asks it."""
    bo = bank.person("bo")
    for name, purpose in (("stopped", "block"), ("idle", "allow")):
        file = ("list.csv", b"entity,reason\nx-1,mule\n", "text/csv")
        ana.fill("/rules/lists", "/act/list-import", list=name, purpose=purpose, files={"file": file})
    for number in (1, 2):
        bo.fill(f"/approvals/change/{number}", "/act/change-answer", answer="approve", comment="agreed")
    answer = write(ana, id="stopped-people", condition='in_list("stopped", customer)', action="block", kinds="")
    assert answer.status_code == 303, answer.text[:3_000]
    ana.fill("/rules/of/stopped-people", "/act/rule-move", lane="live", share="5", comment="")
    bo.fill("/approvals/change/3", "/act/change-answer", answer="approve", comment="agreed")


def test_only_what_acts_is_offered(bank: Bank) -> None:
    happened(bank)
    ana = bank.person()
    assert "No live rule looks anybody" in ana.get(ALERT).text
    listing(bank, ana)
    seen = ana.get(ALERT)
    check_page(seen)
    assert "Block Customer c-17 · stopped (stopped-people)" in seen.text
    assert "idle" not in seen.text, "nobody asks this list"
    ko = bank.person("kim", language="ko").get(ALERT)
    check_page(ko)
    assert "고객 c-17 차단" in ko.text
    reader = bank.person("cho", scopes=("read", "cases:write")).get(ALERT)
    assert "From the next event on" not in reader.text


def test_a_customer_is_put_on_a_list_by_two(bank: Bank) -> None:
    happened(bank)
    ana, bo = bank.person(), bank.person("bo")
    listing(bank, ana)
    answer = ana.fill(ALERT, "/act/measure-list", entry="stopped:customer", days="7", reason="her phone was stolen")
    assert answer.headers["location"] == f"{ALERT}?event=e-1&said=rule_asked"
    assert "#4 on list stopped: ana asked" in ana.get(ALERT).text
    change = bank.behind.rules.change(4)
    (row,) = change.first_rows
    assert (row.entity, row.action, row.reason) == ("c-17", "add", "her phone was stolen")
    bo.fill("/approvals/change/4", "/act/change-answer", answer="approve", comment="agreed")
    assert [one.entity for one in bank.behind.rules.entries("stopped", "", 10)] == ["c-17", "x-1"]
    assert "#4 on list" not in ana.get(ALERT).text


def test_a_rule_that_hit_rests_for_her(bank: Bank) -> None:
    happened(bank)
    ana = bank.person()
    kept(ana, id="minor")
    answer = ana.fill(ALERT, "/act/measure-rest", rest="minor:customer", days="1", reason="a school trip")
    assert answer.headers["location"] == f"{ALERT}?event=e-1&said=rule_snoozed", answer.text[:2_000]
    (one,) = bank.behind.rules.snoozes()
    assert (one.rule, one.entity, one.id) == ("minor", "customer", "c-17")
    seen = ana.get(ALERT)
    assert "minor rests for c-17 until" in seen.text
    check_page(seen)
    ana.fill(ALERT, "/act/rule-snooze")
    assert "minor rests" not in ana.get(ALERT).text
    happened(bank, "e-2", "c-18", action="challenge")
    answer = ana.fill("/events/e-2", "/act/measure-rest", rest="minor:customer", days="1", reason="a school trip")
    assert answer.headers["location"] == "/events/e-2?said=rule_snoozed", "an event that called nobody has a page too"


@pytest.mark.parametrize(
    ("act", "wrong", "status"),
    [
        ("list", {"entry": "stopped:payee"}, 400), ("list", {"entry": ""}, 400), ("list", {"days": "5000"}, 400),
        ("list", {"reason": " "}, 400), ("list", {"entry": "none:customer"}, 409), ("rest", {"rest": "minor"}, 400),
        ("rest", {"days": ""}, 400), ("rest", {"rest": "none:customer"}, 404), ("rest", {"reason": ""}, 409),
        ("rest", {"event": "e-0"}, 404),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(bank: Bank, act: str, wrong: dict[str, str], status: int) -> None:
    happened(bank)
    ana = bank.person()
    kept(ana, id="minor")
    form = {
        "event": "e-1",
        "entry": "stopped:customer",
        "rest": "minor:customer",
        "days": "1",
        "reason": "why",
        **wrong,
    }
    assert ana.send(f"/act/measure-{act}", **ana.token(), **form).status_code == status
    assert not bank.behind.rules.snoozes()
    assert not bank.behind.rules.changes("waiting", None, 10)
