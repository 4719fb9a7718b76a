"""Rules and approvals at the console: written, checked, replayed, agreed on by a second person, put to rest."""

from __future__ import annotations

import re
from typing import Any

import pytest

from haechi.console.pages.diffing import changed, pieces
from haechi.console.pages.lists import STARTERS
from haechi.rules import Effect, Rule

from .making import Bank, Browser
from .test_frame import check_page

FIELDS = {
    "id": "school-hours", "name_en": "A minor pays at school", "name_ko": "수업 시간 결제", "reason_en": "at school",
    "reason_ko": "수업 시간", "kinds": "payment", "condition": "age < 19 and amount >= 3_000 won", "effect": "minimum",
    "action": "hold", "weight": "0.5", "priority": "500", "tags": "minors", "comment": "pupils",
}  # fmt: skip
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def write(ana: Browser, do: str = "save", **changes: str) -> Any:
    return ana.fill("/rules/edit", "/act/rule-save", **{**FIELDS, **changes}, do=do)


def kept(ana: Browser, **changes: str) -> None:
    answer = write(ana, **changes)
    assert answer.status_code == 303, answer.text[:3_000]


def asked(ana: Browser, lane: str = "live", version: int = 1) -> int:
    answer = ana.fill(
        f"/rules/of/school-hours?version={version}", "/act/rule-move", lane=lane, comment="a week", share="10"
    )
    assert answer.headers["location"] == "/rules/of/school-hours?said=rule_asked", answer.text[:2_000]
    found = re.findall(r"/approvals/change/(\d+)", ana.get("/approvals").html)
    return int(found[0])


def test_a_rule_from_draft_to_live_needs_two(bank: Bank) -> None:
    ana, bo = bank.person("ana"), bank.person("bo")
    assert "no rule yet" in ana.get("/rules").text
    kept(ana)
    seen = ana.get("/rules")
    assert "A minor pays at school school-hours@1 Draft" in seen.text
    page = ana.get("/rules/of/school-hours")
    assert "age of the customer is below 19" in page.text
    moved = ana.fill("/rules/of/school-hours", "/act/rule-move", lane="shadow")
    assert moved.headers["location"].endswith("said=rule_moved"), "a trial needs nobody"
    number = asked(ana)
    mine = ana.get(f"/approvals/change/{number}")
    assert "You asked for this" in mine.text
    assert "/act/change-answer" not in [form["action"] for form in mine.forms]
    token = ana.token()
    own = ana.send("/act/change-answer", **token, number=number, answer="approve", comment="yes")
    assert own.status_code == 409, "the store itself refuses"
    theirs = bo.get(f"/approvals/change/{number}")
    check_page(theirs)
    assert "all of it is new" in theirs.text
    silent = bo.fill(f"/approvals/change/{number}", "/act/change-answer", answer="approve")
    assert silent.status_code == 400, "an answer has a reason"
    said = bo.fill(f"/approvals/change/{number}", "/act/change-answer", answer="approve", comment="the replay is good")
    assert said.status_code == 303
    assert "school-hours@1 Live" in bo.get("/rules?lane=live").text
    assert "the replay is good" in bo.get(f"/approvals/change/{number}").text
    assert "school-hours" not in bo.get("/approvals").text


def test_a_new_version_is_told_as_a_diff(bank: Bank) -> None:
    ana, bo = bank.person("ana"), bank.person("bo")
    kept(ana)
    bo.send("/act/change-answer", **bo.token(), number=asked(ana), answer="approve", comment="ok")
    answer = ana.fill(
        "/rules/edit?rule=school-hours", "/act/rule-save", **{**FIELDS, "condition": "age < 18"}, do="save"
    )
    assert answer.headers["location"] == "/rules/of/school-hours?version=2&said=rule_kept"
    assert "version 2 waits" in ana.get("/rules").text
    compared = ana.get("/rules/of/school-hours?version=2&against=1")
    assert "<del>19 and amount &gt;= 3_000 won</del><ins>18</ins>" in compared.html
    number = asked(ana, version=2)
    page = bo.get(f"/approvals/change/{number}")
    assert "Against version 1" in page.text
    asked_for = bo.get("/approvals")
    check_page(asked_for)
    assert "instead of version 1" in asked_for.text
    assert "age < 18" in (said := " ".join(asked_for.text.split()))
    assert "At least" in said.partition("age < 18")[2][:30], said.partition("age < 18")[2][:60]
    assert "버전 1 대신" in bank.person("bo", language="ko").get("/approvals").text
    bo.send("/act/change-answer", **bo.token(), number=number, answer="reject", comment="pupils of 18 go to school")
    assert "said no" in ana.get(f"/approvals/change/{number}").text
    assert "Rejected" in ana.get("/approvals?state=rejected").text
    assert (
        bo.fill("/rules/of/school-hours", "/act/rule-rollback", comment="too many")
        .headers["location"]
        .endswith("said=rule_asked")
    )
    assert "rollback: takes back version 1" in bo.get("/approvals").text
    assert "bo: agreed ok" in " ".join(bo.get("/rules/of/school-hours").text.split())


def test_what_one_asked_for_one_takes_back(bank: Bank) -> None:
    ana = bank.person("ana")
    kept(ana)
    number = asked(ana, "canary")
    assert "Canary 10%" in ana.get("/approvals").text
    assert ana.fill(f"/approvals/change/{number}", "/act/change-withdraw").status_code == 303
    assert "Withdrawn" in ana.get(f"/approvals/change/{number}").text


def test_checking_points_at_the_place(bank: Bank) -> None:
    ana = bank.person()
    part = ana.get("/rules/part/findings?condition=amont%20%3E%203_000%20won")
    assert "nothing is called 'amont' here" in part.text
    assert "did you mean amount" in part.text
    assert "^^^^^" in part.html
    sound = ana.get("/rules/part/findings?condition=amount%20%3E%203_000%20won")
    assert "This can be kept" in sound.text
    assert "amount is above 3,000 won" in sound.text
    assert "금액 3,000원 초과" in bank.person(language="ko").get("/rules/part/findings?condition=amount>3_000 won").text
    assert "Write a condition" in ana.get("/rules/part/findings").text
    wrong = write(ana, do="check", condition="amount >")
    assert "this cannot be read" in wrong.text
    assert FIELDS["name_en"] in wrong.text, "what was typed stays"
    assert "This can be kept" in write(ana, do="check").text
    assert "nothing is called" in write(ana, condition="amont > 3").text, "nothing wrong is kept"
    assert "no rule yet" in ana.get("/rules").text


@pytest.mark.parametrize(
    "changes",
    [{"id": "Not An Id"}, {"name_en": ""}, {"effect": "magic"}, {"effect": "weight", "weight": "2"},
     {"effect": "weight", "weight": "much"}, {"priority": "1e12"}, {"effect": "minimum", "action": "allow"}],
)  # fmt: skip
def test_a_senseless_field_is_told_and_nothing_is_lost(bank: Bank, changes: dict[str, str]) -> None:
    seen = write(bank.person(), **changes)
    assert seen.status_code == 200
    assert 'class="refused"' in seen.text
    assert "3_000 won" in seen.text


def test_a_weight_is_kept_and_shown(bank: Bank) -> None:
    ana = bank.person()
    kept(ana, effect="weight", weight="0.4")
    assert "Weighs 0.4" in ana.get("/rules").text
    assert 'value="0.4"' in ana.get("/rules/edit?rule=school-hours&version=1").html
    assert ana.get("/rules/edit?rule=none", 404)
    assert ana.get("/rules/of/none", 404)
    assert ana.get("/rules/of/school-hours?version=9", 404)
    assert ana.get("/rules/of/school-hours?version=x", 400)


def test_filters_and_order_stand_in_the_address(bank: Bank) -> None:
    ana = bank.person()
    kept(ana)
    kept(ana, id="other", name_en="Another one", tags="")
    assert "Another" not in ana.get("/rules?q=minors").text
    assert "No rule fits" in ana.get("/rules?lane=live").text
    for sort in ("name", "hits", "precision", "edited"):
        assert "Another one" in ana.get(f"/rules?sort={sort}").text


def test_a_snooze_has_an_end_and_can_be_ended(bank: Bank) -> None:
    ana = bank.person()
    kept(ana)
    form = {"entity": "customer", "id": "c-17", "hours": "24", "reason": "school trip"}
    answer = ana.fill("/rules/of/school-hours", "/act/rule-snooze", **form)
    assert answer.headers["location"].endswith("said=rule_snoozed"), answer.text[:2_000]
    assert "customer c-17" in ana.get("/rules/snoozes").text
    assert "school trip" in ana.get("/rules/of/school-hours").text
    assert ana.fill("/rules/snoozes", "/act/rule-snooze").headers["location"].endswith("said=rule_woken")
    for wrong in ({"hours": "99999"}, {"hours": "x"}):
        assert ana.fill("/rules/of/school-hours", "/act/rule-snooze", **{**form, **wrong}).status_code == 400


def test_packs_become_drafts(bank: Bank) -> None:
    ana = bank.person()
    assert "Minor pays during school hours" in ana.get("/rules/packs").text
    token = ana.token()
    answer = ana.send(
        "/act/pack-take", **token, pack="korea", rule=["kr-minor-school-hours", "kr-new-device-new-payee"]
    )
    assert answer.headers["location"] == "/rules?lane=draft&said=rules_taken"
    assert "kr-minor-school-hours@1" in ana.get("/rules?lane=draft").text
    assert "here already" in ana.get("/rules/packs").text
    assert ana.send("/act/pack-take", **ana.token(), pack="korea").headers["location"].endswith("said=nothing")
    assert ana.send("/act/pack-take", **ana.token(), pack="none", rule="x").status_code == 400


def test_lists_come_as_csv_and_two_agree(bank: Bank) -> None:
    ana, bo = bank.person("ana"), bank.person("bo")
    assert "no list yet" in ana.get("/rules/lists").text
    rows = f"entity,reason\np-1,mule\n{NASTY.replace(',', '')!r},x\n".encode()
    answer = ana.fill("/rules/lists", "/act/list-import", list="blocked", purpose="block", comment="police",
                      files={"file": ("list.csv", rows, "text/csv")})  # fmt: skip
    assert answer.headers["location"] == "/approvals/change/1?said=rule_asked", answer.text[:2_000]
    page = bo.get("/approvals/change/1")
    check_page(page)
    assert "List blocked: 2 rows" in page.text
    assert "<script>alert" not in page.html
    bo.fill("/approvals/change/1", "/act/change-answer", answer="approve", comment="known mules")
    assert "blocked to block #1" in ana.get("/rules/lists").text
    shown = ana.get("/rules/lists/blocked")
    assert "p-1 mule ana" in shown.text
    removed = ana.fill("/rules/lists/blocked", "/act/list-change", entity="p-1", action="remove")
    assert removed.headers["location"] == "/approvals/change/2?said=rule_asked"
    assert "take off p-1" in bo.get("/approvals/change/2").text
    ana.fill("/rules/lists/blocked", "/act/list-change", entity="p-9", action="add", reason="new", days="30")
    assert "ana asked for a change" in ana.get("/rules/lists/blocked").text
    taken = ana.fill("/rules/lists/blocked", "/act/export", reason="for the police")
    assert "p-1,mule,ana," in taken.text
    for days in ("0", "9999", "x"):
        wrong = ana.send("/act/list-change", **ana.token(), list="blocked", entity="p-8", days=days)
        assert wrong.status_code == 400
    for files in ({"file": ("a.csv", b"name\nx\n", "text/csv")}, {"file": ("a.csv", b"entity\n", "text/csv")}):
        assert ana.fill("/rules/lists", "/act/list-import", list="blocked", files=files).status_code == 400
    assert ana.get("/rules/lists/none", 404)


def test_large_cases_and_refunds_wait_with_the_rules(bank: Bank) -> None:
    ana, bo = bank.person("ana"), bank.person("bo")
    refund = bank.work.desk.refunds.report(bank.work.transfer("t-1", 20_000_000), "ana")
    bank.work.desk.refunds.step(refund.id, "frozen", "ana")
    bank.work.desk.refunds.step(refund.id, "evidence", "ana")
    bank.work.desk.refunds.decide(refund.id, 20_000_000, "ana", comment="voice phishing")
    mine = ana.get("/approvals")
    assert "Refund 1" in mine.text
    assert "You asked for this" in mine.text
    assert "/act/agreement-answer" not in [form["action"] for form in mine.forms]
    form = {"about": "refund", "id": "1", "answer": "approve"}
    assert ana.send("/act/agreement-answer", **ana.token(), **form, comment="x").status_code == 409
    assert bo.send("/act/agreement-answer", **bo.token(), **form, comment=" ").status_code == 400
    assert bo.send("/act/agreement-answer", **bo.token(), **{**form, "about": "rule"}, comment="x").status_code == 400
    assert bo.send("/act/agreement-answer", **bo.token(), **{**form, "answer": "maybe"}, comment="x").status_code == 400
    done = bo.fill("/approvals", "/act/agreement-answer", answer="approve", comment="agreed")
    assert done.headers["location"] == "/approvals?said=approved"
    assert bank.work.desk.refunds.refund(1).state == "decided"
    assert "Refund 1" not in bo.get("/approvals").text


def test_hostile_texts_stay_texts_on_every_page(bank: Bank) -> None:
    ana = bank.person()
    kept(ana, name_en=NASTY, name_ko=NASTY, reason_en=NASTY, reason_ko=NASTY, comment=NASTY, tags=NASTY[:60],
         condition="amount > 3 won")  # fmt: skip
    asked(ana)
    for path in ("/rules", "/rules/of/school-hours", "/rules/edit?rule=school-hours", "/approvals",
                 "/approvals/change/1", "/rules?q=%3Cscript%3E",
                 "/rules/part/findings?condition=%3Cscript%3E"):  # fmt: skip
        html = ana.get(path).html
        assert "<script>alert" not in html, path
        assert "<img src=x" not in html, path


def test_differences_are_told_word_by_word() -> None:
    assert [tuple(p) for p in pieces("amount > 3_000 won", "amount > 5_000 won")] == [
        ("same", "amount > "), ("gone", "3_000"), ("new", "5_000"), ("same", " won"),
    ]  # fmt: skip
    text = {"en": "a", "ko": "b"}
    one = Rule(id="a", name=text, reason=text, condition="x", effect=Effect(minimum="hold"))
    other = Rule(id="a", name=text, reason=text, condition="x", effect=Effect(weight=0.5), tags=("n",))
    assert [c.field for c in changed(one, other)] == ["effect", "tags"]
    assert {c.field for c in changed(None, one)} == {"name", "reason", "condition", "effect", "priority"}


def test_lists_to_begin_with_are_asked_for_and_let_a_packs_rule_in(bank: Bank) -> None:
    ana, bo = bank.person("ana"), bank.person("bo")
    packs = ana.get("/rules/packs")
    assert "needs the list suspended_accounts" in packs.text
    refused = ana.send("/act/pack-take", **ana.token(), pack="korea", rule="kr-suspended-account")
    assert refused.status_code == 400
    for name in ("suspended_accounts", "watched_accounts", "watched_customers", "trusted_payees"):
        assert name in ana.get("/rules/lists").text
    moved = ana.send("/act/list-begin", **ana.token(), list="suspended_accounts", purpose="block", comment="to begin")
    change = moved.headers["location"].partition("?")[0]
    assert "waits for a second person" in ana.get("/rules/lists").text
    bo.fill(change, "/act/change-answer", answer="approve", comment="yes")
    assert "Nobody stands on this list." in ana.get("/rules/lists/suspended_accounts").text
    again = ana.send("/act/list-begin", **ana.token(), list="suspended_accounts", purpose="block")
    assert again.status_code == 409
    taken = ana.send("/act/pack-take", **ana.token(), pack="korea", rule="kr-suspended-account")
    assert taken.headers["location"] == "/rules?lane=draft&said=rules_taken"
    wrong = ana.send("/act/list-begin", **ana.token(), list="Has Spaces", purpose="block")
    assert wrong.status_code in (400, 409)


def test_every_list_that_a_pack_asks_is_among_those_to_begin_with(bank: Bank) -> None:
    desk = bank.behind.rules
    asked = {name for _, pack in desk.packs() for rule in pack.rules for name in desk.lists_of(rule.condition)}
    assert asked
    assert asked <= set(STARTERS)
