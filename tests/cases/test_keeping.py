"""Views that people come back to, files that they took out, and what their pages ask of the desk."""

from __future__ import annotations

import pytest

from haechi.cases import BadAsk, NotAllowed, Unknown
from haechi.stores import Disagreed

from .making import DAY_US, Work


def test_views_are_ones_own_and_few(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = work.desk.keeping
    keeping.keep("ana", "queue", "mine", "holder=me")
    keeping.keep("ana", "queue", "mine", "holder=ana")
    keeping.keep("bo", "queue", "mine", "holder=bo")
    (view,) = keeping.views("ana", "queue")
    assert (view.name, view.query) == ("mine", "holder=ana")
    keeping.drop("bo", view.number)
    assert keeping.views("ana", "queue") == [view]
    monkeypatch.setattr("haechi.cases.keeping.VIEWS_MAX", 1)
    with pytest.raises(NotAllowed, match="remove one"):
        keeping.keep("ana", "queue", "another", "")
    keeping.drop("ana", view.number)
    assert keeping.views("ana", "queue") == []
    with pytest.raises(BadAsk):
        keeping.keep("ana", "queue", " ", "")


def test_an_export_is_written_down_for_good(work: Work) -> None:
    taken = work.desk.keeping.export("ana", "queue", "state=open", "monthly report", 12)
    assert work.desk.keeping.exports() == [taken]
    with pytest.raises(BadAsk, match="a reason is needed"):
        work.desk.keeping.export("ana", "queue", "", " ", 1)
    for change in ("UPDATE exports SET lines = 0", "DELETE FROM exports"):
        with pytest.raises(Disagreed):
            work.store.tables.do(lambda task, sql=change: task.run(sql))


def test_a_person_may_look_into_a_challenge_once(work: Work) -> None:
    id_ = work.challenge("p-1")
    alert = work.desk.challenges.look_into(id_, "ana")
    assert work.desk.challenges.look_into(id_, "bo") == alert == "a-p-1"
    (found,) = work.desk.alerts.queue().alerts
    assert (found.action, found.amount, found.subject) == ("challenge", 5_000_000, "customer:c-1")
    work.answer("k-1", id_, "refused")
    assert work.desk.challenges.challenge(id_).action == "block", "the challenge goes on"
    assert len(work.desk.alerts.queue().alerts) == 1
    assert [one.id for one in work.desk.challenges.about("customer:c-1")] == [id_]
    with pytest.raises(Unknown):
        work.desk.challenges.look_into("c-none", "ana")


def test_what_pages_ask_about_one_customer(work: Work) -> None:
    work.transfer("p-1", 7_000)
    work.call("p-1", "c-1")
    before = work.clock.now
    work.later(1_000_000)
    work.call("p-2", "c-2")
    assert [one.id for one in work.desk.alerts.about("customer:c-1")] == ["a-p-1"]
    assert work.desk.alerts.of_event("p-2") == "a-p-2"
    assert work.desk.alerts.of_event("p-9") is None
    assert work.desk.alerts.new_since(before) == 1
    refund = work.desk.refunds.report("p-1", "ana")
    assert [one.id for one in work.desk.refunds.about("customer:c-1")] == [refund.id]
    work.desk.verdicts.say("a-p-1", "ana", "fraud")
    assert work.desk.money_since(work.clock.now - DAY_US) == ({"KRW": 14_000}, {"KRW": 7_000}, {})
    work.desk.count()
    assert work.desk.numbers.cases == 0
    case = work.desk.cases.open("one", "ana", ["a-p-1"])
    file = work.desk.attachments.add(case.id, "a.txt", "text/plain", b"x", "ana")
    assert work.desk.attachments.find(file.number).name == "a.txt"
    with pytest.raises(Unknown):
        work.desk.attachments.find(99)
    assert work.desk.cases.open_count() == 1
