"""Audit and access: who did what, why somebody was stopped, who agreed to the rules that did it, who may do what."""

from __future__ import annotations

import csv
import json
from io import StringIO
from types import SimpleNamespace as Told

import apsw
import pytest

from haechi.cases import BadAsk
from haechi.console.behind import Decided
from haechi.decision.decision import decode
from haechi.events import Event
from haechi.stores import Entry, Work

from .making import Bank
from .test_frame import check_page
from .test_rules import kept


def decided(bank: Bank, event_id: str = "t-1") -> None:
    """A held transfer that a live rule hit, in journal and console."""
    told = {
        "event_id": event_id, "action": "hold", "score": 0.2, "expected_loss": 100,
        "sentence": {"en": "Held: <b>a minor</b>.", "ko": "보류"},
        "reasons": [{"code": "rules.school-hours", "value": "1", "usual": "", "weight": 1.0,
                     "text": {"en": "at school", "ko": "수업"}}],
        "signals": [{"detector": "supervised", "version": "m-1", "score": 0.2}], "degraded": [],
        "rules": [{"rule": "school-hours", "version": 1, "result": "hit", "lane": "live"}],
        "versions": {"rules": "set-77", "model": "m-1", "features": "f-1", "policy": "p-1"}, "timings_us": {},
    }  # fmt: skip
    body = b'{"id":"t-1"}'
    decision = json.dumps(told).encode()
    entry = Entry(type=1, event_id=event_id, time_us=bank.clock(), body=body, decision=decision, digest=255)
    bank.work.store.journal.write(entry).wait(60)
    event = Event(id=event_id, kind="transfer", time_us=bank.clock(), entities={"customer": "c-9"}, amount=7_000,
                  currency="KRW")  # fmt: skip
    bank.behind.held[event_id] = Decided(1, event, decode(decision))


@pytest.fixture
def lives(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody keeps the lives of models."""
    agreed = [Told(person="bo", at="2024-10-02T10:00:00", comment="")]
    step = Told(step="champion", person="kim", at="2024-10-02T10:00:00", why="<b>good", agreed=agreed, what="step",
                policy="3f2a1c09b7de")  # fmt: skip
    back = Told(step="champion", person="alarm", at="2024-10-03T10:00:00", why="inputs moved", agreed=[], policy="",
                what="rollback")  # fmt: skip
    made = Told(dataset="9b25", until="2024-10-01", told_by={"customer": 1_213}, labels_hash="33370f2d")
    full = Told(model=Told(version="m-1", author="cho"), made_of=made, history=[step, back])
    desk = bank.behind.models
    monkeypatch.setattr(desk, "models", lambda: [Told(version="m-1"), Told(version="m-2")])
    monkeypatch.setattr(desk, "full", lambda version: full if version == "m-1" else None)


def test_one_decision_tells_which_model_from_which_data_and_who_agreed(bank: Bank, lives: None) -> None:
    decided(bank)
    seen = bank.person("ana").get("/audit/decision/t-1")
    check_page(seen)
    for word in ("trained by cho", "9b25", "customer 1,213", "33370f2d", "kim: <b>good", "bo agreed",
                 "by policy 3f2a1c09b7de", "rolled back", "alarm: inputs moved"):  # fmt: skip
        assert word in seen.text, word
    assert "/models?model=m-1" in seen.links


def test_one_decision_tells_its_versions_its_approvers_and_its_hashes(bank: Bank) -> None:
    ana, bo = bank.person("ana"), bank.person("bo")
    kept(ana)
    ana.fill("/rules/of/school-hours", "/act/rule-move", lane="live", comment="a week")
    bo.send("/act/change-answer", **bo.token(), number=1, answer="approve", comment="replay is good")
    decided(bank)
    seen = ana.get("/audit/decision/t-1")
    check_page(seen)
    for word in ("set-77", "m-1", "written by ana", "Asked for by ana, agreed to by bo", "replay is good", "at school",
                 "00000000000000ff", "7,000 won"):  # fmt: skip
        assert word in seen.text, word
    assert "<b>a minor" not in seen.html
    ana.get("/audit/decision/none", 404)


def test_a_customer_on_a_day_leads_to_what_was_stopped(bank: Bank) -> None:
    bank.work.call("p-1", "c-17", action="block")
    bank.work.challenge("p-2", "c-17")
    ana = bank.person()
    day = ana.get("/audit?customer=c-17").text
    assert "p-1 Blocked" in day
    assert "p-2 Challenged" in day
    assert "was stopped then" in ana.get("/audit?customer=c-17&on=2001-01-01").text
    assert "was stopped then" in ana.get("/audit?customer=nobody").text
    ana.get("/audit?customer=c-17&on=yesterday", 400)


def test_who_did_what_wherever_it_was_done(bank: Bank) -> None:
    ana, bo = bank.person("ana"), bank.person("bo")
    bank.work.call("p-1")
    bank.work.desk.alerts.take("a-p-1", "bo")
    kept(ana)
    ana.fill("/rules/of/school-hours", "/act/rule-move", lane="shadow")
    bank.browser().send("/sign-in", secret="wrong")
    everything = ana.get("/audit")
    check_page(everything)
    for word in ("Alert a-p-1", "Rule school-hours@1", "came in with a key", "was refused"):
        assert word in everything.text, word
    assert "school-hours" not in ana.get("/audit?who=bo").text
    assert "a-p-1" not in ana.get("/audit?about=rule").text
    assert "Nobody did anything" in ana.get("/audit?day=2001-01-01").text
    ana.get("/audit?about=love", 400)
    ana.send("/sign-out", **ana.token())
    assert "went" in bo.get("/audit?about=sign_in").text


def test_who_led_a_model_is_told_with_the_rest(bank: Bank) -> None:
    book = bank.work.store.tables

    def led(work: Work) -> None:
        work.add("models", {"version": "m-7", "author": "kim", "at_us": 1, "content": "{}"})
        work.add("model_changes", {"id": 1, "model": "m-7", "step": "shadow", "share_ppm": 10**6, "author": "lee",
                                   "created_us": 2, "needs": 1, "comment": "try it"})  # fmt: skip
        work.add("model_answers", {"change_id": 1, "person": "bo", "answer": "approve", "comment": "yes", "at_us": 3})
        work.add("model_history", {"number": 1, "what": "step", "model": "m-7", "step": "shadow", "share_ppm": 10**6,
                                   "person": "lee", "at_us": 4, "change_id": 1, "why": "try it"})  # fmt: skip

    book.do(led)
    ana = bank.person("ana")
    told = ana.get("/audit?about=model")
    for word in ("lee Model m-7 into shadow", "bo Model m-7 agreed yes", "lee Model m-7 asked for a step try it"):
        assert word in told.text, word
    assert "/models?model=m-7" in told.links
    assert "agreed" in ana.get("/audit?who=bo").text
    bank.behind.rules.change_list("mules", "block", [{"entity": "a-1", "reason": "x"}], "ana", "x")
    bank.behind.rules.answer(1, "approve", "bo", "yes")
    assert "/rules/lists/mules" in ana.get("/audit?about=rule").links, "a list is no rule"


def test_deeds_page_on_and_the_register_only_grows(bank: Bank) -> None:
    deeds = bank.work.desk.deeds
    for n in range(5):
        bank.clock.now += 1
        deeds.signed(f"p-{n}", "key")
    first = deeds.page(limit=3)
    assert [one.person for one in first] == ["p-4", "p-3", "p-2"]
    assert [one.person for one in deeds.page(before_us=first[-1].at_us)] == ["p-1", "p-0"]
    assert deeds.people() == [f"p-{n}" for n in range(5)]
    with pytest.raises(BadAsk):
        deeds.signed("eve", "through the window")
    for sql in ("UPDATE sign_ins SET person = 'x'", "DELETE FROM sign_ins",
                "INSERT OR REPLACE INTO sign_ins SELECT number, 'x', how, at_us FROM sign_ins"):  # fmt: skip
        with apsw.Connection(str(bank.work.path)) as connection, pytest.raises(apsw.ConstraintError):
            connection.execute(sql)


def test_an_export_of_the_audit_needs_a_reason_and_runs_no_formula(bank: Bank) -> None:
    ana = bank.person("=ana")
    assert ana.fill("/audit", "/act/export", reason=" ").status_code == 400
    answer = ana.fill("/audit", "/act/export", reason="yearly audit")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows[-1]["person"] == "'=ana"
    assert "audit, 1 line – yearly audit" in ana.get("/audit").text


def test_rights_are_told_by_key_and_by_page(bank: Bank) -> None:
    ana = bank.person("ana")
    bank.person("wall", ["read"])
    seen = ana.get("/audit/access")
    check_page(seen)
    assert "old" in seen.text
    assert "/act/rule-move" in seen.text
    bank.person("wall", ["read"]).get("/audit/access", 403)
