"""The alert on one page: what was done and why, the verdict and its ten seconds, and everything else one does to it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from haechi.cases.recent import Seen as Noted
from haechi.events import Event, Signal

from .making import Bank, happened
from .test_frame import check_page

US = 1_000_000


def test_the_alert_tells_what_was_done_and_why(bank: Bank) -> None:
    for n in range(3):
        bank.clock.now += 60 * US
        happened(bank, f"past-{n}", amount=2_000, action="allow")
    happened(bank, "other", "c-2")
    seen = bank.person().get("/alerts/" + happened(bank))
    check_page(seen)
    for word in (
        "Held: a minor paying during school hours.", "3.5 times the usual", "now 3.5", "usually 1.0", "risk 60%",
        "c-17", "7,000 won", "ice_cream-7", "an unusual hour",
    ):  # fmt: skip
        assert word in seen.text, word
    (row,) = [given for tag, given in seen.tags if tag == "tr" and given.get("aria-current")]
    assert row["class"] == "this", "which of the latest events it is"
    assert "/rules/of/minor" in seen.links
    assert "/customers/c-2?alert=a-e-1" in seen.links, "they share a device; the way back goes with it"
    assert seen.html.count('<svg class="drawing') >= 4
    korean = bank.person(language="ko").get("/alerts/a-e-1")
    check_page(korean)
    assert "미성년자가 수업 시간에 결제여서 보류했습니다." in korean.text
    assert "아이스크림 가게" in korean.text, "the kind of shop, as the sentence says it"


def test_events_are_told_from_around_the_one_that_is_looked_at(bank: Bank) -> None:
    for n in range(20):
        bank.clock.now += 60 * US
        happened(bank, f"e-{n}", amount=1_000 + n, action="allow" if n != 12 else "hold")
    told = bank.person().get("/alerts/a-e-0?event=e-12").text.partition("Before and after")[2]
    assert [n for n in range(20) if f"{1_000 + n:,} won" in told] == list(range(6, 16)), "three after it, six before"


def test_how_well_the_customer_knows_what_an_event_names_stands_beside_it(bank: Bank) -> None:
    happened(bank, "past", "c-2", links={"device": "d-1", "payee": "a-9"}, amount=2_000)
    bank.clock.now += 60 * US
    alert = happened(bank, "e-1", "c-17", links={"device": "d-1", "payee": "a-9"})
    ana = bank.person()
    first = ana.get(f"/alerts/{alert}").text
    assert "Device d-1 never before and 1 other customer" in first
    assert "in a confirmed fraud" not in first
    bank.behind.recent.mark(bank.behind.held["past"].seq, True)
    seen = ana.get(f"/alerts/{alert}")
    assert "Device d-1 never before and 1 other customer in a confirmed fraud" in seen.text
    assert "Payee a-9 never paid before and 1 other customer confirmed fraud: c-2," in seen.text, (
        "whose, when, how much"
    )
    assert seen.text.count("in a confirmed fraud") == 1
    assert {f"/entities/device/d-1?alert={alert}", f"/entities/payee/a-9?alert={alert}"} <= set(seen.links)
    bank.clock.now += 3 * 86_400 * US
    happened(bank, "e-2", "c-17", links={"device": "d-1", "payee": "a-9"}, fields={"ip": "10.0.0.1"})
    again = bank.person().get(f"/alerts/{alert}?event=e-2")
    assert "Payee a-9 never paid before, known for 3 d and" in again.text, "what was held was not paid"
    assert "as far as 3 days are known" in again.text
    assert f"/entities/ip/10.0.0.1?alert={alert}" in again.links, "a field links as an entity does"


def test_what_was_paid_to_a_payee_and_what_came_back_is_told_in_one_line(bank: Bank) -> None:
    links = {"device": "d-1", "payee": "a-9"}
    for n, action in enumerate(("allow", "allow", "hold", "challenge")):
        happened(bank, f"past-{n}", amount=1_000 * (n + 1), action=action, links=links)
        bank.clock.now += 3_600 * US
    noted(bank, "deposit", -60, amount=500, attributes={"payee": "a-9"})
    alert = happened(bank, "e-1", amount=3_000, links=links)
    told = bank.person().get(f"/alerts/{alert}?event=e-1").text
    assert "Payee a-9 paid 2 times before: 1,000 won to 2,000 won, last 3 h earlier; 500 won came back" in told
    assert "2 tries of 3,000 won, perhaps one payment" in told
    bank.behind.recent.mark(bank.behind.held["past-0"].seq, True)
    for language, words in (("en", "confirmed fraud: c-17,"), ("ko", "확인된 사기: c-17,")):
        assert words in bank.person(language=language).get(f"/alerts/{alert}?event=e-1").text, "of herself, too"


def noted(bank: Bank, kind: str, after_s: int, **changes: Any) -> None:
    """Something else that the customer or her telephone told."""
    event = Event(id=f"{kind}-{after_s}", kind=kind, time_us=bank.clock() + after_s * US, entities={"customer": "c-17"},
                  currency="KRW", **changes)  # fmt: skip
    bank.behind.recent.add([Noted(bank.behind.recent.last_seq + 1, event, "")])


def test_what_the_customer_reported_and_what_happened_that_day_stand_on_top(bank: Bank) -> None:
    noted(bank, "call", -3_600)
    noted(bank, "call", -100_000)
    noted(bank, "limit_change", -600, amount=50_000_000)
    noted(bank, "check", -500, fields={"result": "passed"})
    noted(bank, "check", -400)
    alert = happened(bank)
    noted(bank, "report", 7_200, amount=7_000)
    for language, words in (
        ("en", ("c-17 reported 7,000 won as fraud on", "Within a day", "Call in", "Limit change 50,000,000 won",
                "Check Passed")),
        ("ko", ("c-17 고객이", "7,000원을 사기로 신고했습니다", "걸려 온 전화", "한도 변경 50,000,000원", "확인 통과")),
    ):  # fmt: skip
        told = bank.person(language=language).get(f"/alerts/{alert}").text
        top = told.partition({"en": "The event", "ko": "거래 내용"}[language])[0]
        for word in words:
            assert word in top, word
    assert told.partition("거래 내용")[0].count("걸려 온 전화") == 1, "of the day before, not of the days before it"


def test_fraud_opens_a_refund_and_may_be_taken_back_for_ten_seconds(bank: Bank) -> None:
    ana, page = bank.person(), "/alerts/" + happened(bank)
    answer = ana.fill(page, "/act/verdict", verdict="fraud", typology="card_theft", comment="not hers", refund="yes")
    assert answer.headers["location"] == f"{page}?event=e-1&next=off", "she stays, and that is remembered"
    seen = ana.get(page)
    assert "Undo (10 s)" in seen.text
    assert "Stolen card" in seen.text
    assert "Refund 1" in seen.text
    assert ana.fill(page, "/act/undo").headers["location"] == f"{page}?said=undone"
    assert bank.work.desk.alerts.alert("a-e-1").state == "taken"
    ana.fill(page, "/act/verdict", verdict="legitimate", typology="card_theft", refund="yes")
    bank.work.later(11 * US)
    seen = ana.get(page)
    assert "Undo" not in seen.text
    assert bank.work.desk.alerts.alert("a-e-1").state == "closed"
    assert ana.send("/act/undo", **ana.token(), alert="a-e-1").status_code == 409


def test_a_stale_verdict_changes_nothing_and_says_what_was_typed(bank: Bank) -> None:
    ana, page = bank.person(), "/alerts/" + happened(bank)
    form = next(f for f in ana.get(page).forms if f["action"] == "/act/verdict")["fields"]
    happened(bank, "e-2")
    answer = ana.send("/act/verdict", referer=page, **form, verdict="fraud", comment="I looked for an hour")
    assert answer.status_code == 409
    assert "I looked for an hour" in answer.text
    assert f'href="{page}"' in answer.text
    assert bank.work.desk.alerts.alert("a-e-1").state == "new"
    assert ana.send("/act/verdict", **{**form, "once": "again"}, verdict="?").status_code == 400
    assert "2 events of this customer" in ana.get(page).text


def test_who_holds_it_is_told_and_it_may_be_taken_over_with_a_reason(bank: Bank) -> None:
    ana, bo, page = bank.person("ana"), bank.person("bo"), "/alerts/" + happened(bank)
    ana.fill(page, "/act/take")
    assert "ana has this alert." in bo.get(page).text
    assert bo.fill(page, "/act/take", comment="she is ill").status_code == 303
    assert bank.work.desk.alerts.alert("a-e-1").holder == "bo"
    bo.fill(page, "/act/assign", to="cy")
    assert bank.work.desk.alerts.alert("a-e-1").holder == "cy"


def test_it_rests_it_rises_it_goes_back(bank: Bank) -> None:
    ana, page = bank.person(), "/alerts/" + happened(bank)
    assert (
        ana.fill(page, "/act/snooze", days="3", reason="asks her mother").headers["location"] == "/queue?said=snoozed"
    )
    assert bank.work.desk.alerts.alert("a-e-1").state == "snoozed"
    assert ana.fill(page, "/act/snooze", days="99", reason="x").status_code == 400
    ana.fill(page, "/act/escalate", reason="too much for me")
    assert bank.work.desk.alerts.alert("a-e-1").level == 1
    ana.fill(page, "/act/take")
    ana.fill(page, "/act/release")
    assert bank.work.desk.alerts.alert("a-e-1").holder == ""


def test_notes_begin_with_a_template(bank: Bank) -> None:
    ana, page = bank.person(), "/alerts/" + happened(bank)
    assert "Called customer:c-17 about 7,000 won:" in ana.get(f"{page}?template=called").text
    ana.fill(page, "/act/note", text="He was at school.\r\nSays so.")
    assert "He was at school.\nSays so." in ana.get(page).html
    assert ana.send("/act/note", **ana.token(), about="planet", id="x", text="y").status_code == 400


def test_an_event_leads_to_its_alert_and_one_without_stands_alone(bank: Bank) -> None:
    ana = bank.person()
    happened(bank)
    assert ana.get("/events/e-1", 303).answer.headers["location"] == "/alerts/a-e-1?event=e-1"
    assert ana.get("/go?q=e-1", 303).answer.headers["location"] == "/alerts/a-e-1"
    happened(bank, "c-1", "c-9", action="challenge")
    seen = ana.get("/events/c-1")
    assert "Waits for the customer." in seen.text
    assert ana.get("/events/unknown", 404)
    assert ana.get("/alerts/unknown", 404)


def test_a_challenge_is_looked_into_from_its_list(bank: Bank) -> None:
    ana = bank.person()
    happened(bank, "e-5", "c-9", action="challenge")
    listed = ana.get("/challenges")
    check_page(listed)
    assert "/events/e-5" in listed.links
    assert "without an answer: Held" in listed.text
    answer = ana.fill("/events/e-5", "/act/challenge-look")
    assert answer.headers["location"] == "/alerts/a-e-5?said=taken"
    assert "Waits for the customer." in ana.get("/alerts/a-e-5").text
    assert "No challenge is in this state." in ana.get("/challenges?state=passed").text
    for wrong in ("?state=lost", "?cursor=x"):
        assert ana.get(f"/challenges{wrong}", 400)


def test_whoever_may_only_look_sees_no_buttons(bank: Bank) -> None:
    reader, page = bank.person("wall", ["read"]), "/alerts/" + happened(bank)
    assert {form["action"] for form in reader.get(page).forms} == {"/go", "/sign-out"}
    assert {form["action"] for form in reader.get("/queue").forms} >= {"/queue"}


@pytest.mark.parametrize("found", [{"holder": "me"}, {"state": "decided"}])
def test_the_command_bar_finds_its_way(bank: Bank, found: dict) -> None:
    ana = bank.person()
    happened(bank)
    happened(bank, "k-1", "c-k", action="challenge")
    for said, where in (
        ("a-e-1", "/alerts/a-e-1"), ("k-1", "/events/k-1"), ("case 12", "/cases/12"), ("사건 3", "/cases/3"),
        ("", "/queue"),
        ("c-17", "/customers/c-17"), ("customer:c-17", "/customers/c-17"),
    ):  # fmt: skip
        assert ana.get(f"/go?q={said}", 303).answer.headers["location"] == where
    assert ana.get("/", 303).answer.headers["location"] == "/watch"
    assert ana.get("/queue?" + "&".join(f"{k}={v}" for k, v in found.items()))


def test_what_would_have_let_it_pass_is_told_where_it_says_something(bank: Bank) -> None:
    alert = happened(bank, "e-1", "c-17", amount=700_000)
    held = bank.behind.held["e-1"]
    heading = {"en": "What would have let it pass", "ko": "이랬다면 통과했을 거래"}
    for score, floor, words in (
        (0.01, {}, {"en": "up to 148,571 won", "ko": "금액이 148,571원 이하"}),
        (0.99, {}, {}),  # what only an amount of next to nothing would have passed, nothing passes
        (0.001, {"minimum": "hold"}, {"en": "without the rule minor", "ko": "규칙 minor에 걸리지 않은 경우"}),
    ):
        decision = msgspec.structs.replace(
            held.decision, floor=floor, signals=[Signal("supervised", score, "1")], score=score
        )
        bank.behind.held["e-1"] = held._replace(decision=decision)
        for language in ("en", "ko"):
            told = bank.person(language=language).get(f"/alerts/{alert}").text
            assert (heading[language] in told) == bool(words)
            assert words.get(language, "") in told.partition(heading[language])[2][:200]


def test_an_alert_of_several_events_opens_at_the_one_with_the_most_at_stake(bank: Bank) -> None:
    alert = happened(bank, "e-first", "c-1", amount=5_000)
    bank.work.call("e-large", "c-1", amount=9_000_000, expected_loss=8_000_000, action="block")
    held = bank.behind.held["e-first"]
    event = msgspec.structs.replace(held.event, id="e-large", amount=9_000_000)
    said = msgspec.structs.replace(held.decision.reasons[0], text={"en": "nine million to a stranger", "ko": "x"})
    decision = msgspec.structs.replace(held.decision, reasons=[said])
    bank.behind.held["e-large"] = held._replace(event=event, decision=decision)
    for n in range(12):
        bank.work.call(f"e-small-{n}", "c-1", amount=1_000, expected_loss=1)
    seen = bank.person().get(f"/alerts/{alert}")
    heading = seen.text.partition("Why")[0]
    assert "9,000,000 won" in heading, "not the first, whose row holds the sum of all"
    assert "14 events of this customer · 9,017,000 won" in seen.text
    (one,) = bank.work.desk.alerts.queue().alerts
    assert one.action == "hold", "as the first one was"
    assert "Blocked c-1" in heading, "what was done about this one"
    row = bank.person().get("/queue").text
    assert "Blocked c-1" in row
    assert "nine million to a stranger" in row, "the queue tells the same event that the page opens at"
    chips = [link for link in seen.links if link.startswith(f"/alerts/{alert}?event=")]
    assert len(chips) == 14, "the newest eight and the one that is looked at, the others behind a fold"
    assert f"/alerts/{alert}?event=e-large" in chips[:9]
    assert "5 more" in seen.text
    assert "for all 14 events" in seen.text, "a verdict is about every event of the alert"
