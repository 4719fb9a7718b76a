"""Cases: alerts and people in one story, a checklist, files, and four eyes above an amount."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from haechi.cases import BadAsk, NotAllowed, Practice, Stale, Unknown
from haechi.stores import Disagreed

from .making import Work

PDF = b"%PDF-1.7 statement"


def done(work: Work, *alerts: str) -> int:
    """A case whose checklist is done."""
    case = work.desk.cases.open("Ice cream at seven", "ana", list(alerts))
    for step in case.checklist:
        work.desk.cases.tick(case.id, step.number, "ana")
    return case.id


def test_a_case_gathers_alerts_people_notes_and_files(work: Work) -> None:
    first, other = work.call("p-1", "c-1"), work.call("p-2", "c-2", amount=500)
    work.call("p-3", "c-1", amount=1_000)
    case = work.desk.cases.open("Ice cream at seven", "ana", [first])
    case = work.desk.cases.add_alerts(case.id, ["a-p-3", other], "ana")
    assert [a.id for a in case.alerts] == [first, other], "a folded alert is in the case with its head"
    assert case.alerts[0].case_id == case.id
    assert case.amounts == {"KRW": 8_500}
    case = work.desk.cases.add_person(case.id, "payee:p-3", "mule", "ana")
    case = work.desk.cases.add_person(case.id, "customer:c-2", "second victim", "ana")
    assert [(p.entity, p.role) for p in case.people] == [
        ("customer:c-1", "subject"), ("customer:c-2", "second victim"), ("payee:p-3", "mule"),
    ]  # fmt: skip
    work.desk.notes.add("case", str(case.id), "The branch knows him.", "bo")
    file = work.desk.attachments.add(case.id, "statement.pdf", "application/pdf", PDF, "ana")
    assert work.desk.attachments.add(case.id, "again.pdf", "application/pdf", PDF, "bo") == file
    case = work.desk.cases.add_step(case.id, "Ask the telco", "ana")
    case = work.desk.cases.assign(case.id, "bo", "ana", case.version)
    assert (case.holder, case.notes[0].person, case.attachments) == ("bo", "bo", [file])
    assert case.checklist[-1].required is False
    assert {h.what for h in case.history} == {
        "opened", "alert", "person", "note", "attached", "step_added", "assigned",
    }  # fmt: skip
    assert work.desk.attachments.read(file.number) == PDF
    with pytest.raises(Stale):
        work.desk.cases.assign(case.id, "cy", "ana", 1)
    with pytest.raises(NotAllowed, match="in case 1 already"):
        work.desk.cases.open("another", "ana", [first])
    assert [c.id for c in work.desk.cases.page("open").cases] == [1]


def test_a_case_holds_so_many_alerts_and_people_and_no_more(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = work.call("p-1", "c-1"), work.call("p-2", "c-2")
    monkeypatch.setattr("haechi.cases.case.ALERTS_MAX", 1)
    monkeypatch.setattr("haechi.cases.case.PEOPLE_MAX", 1)
    case = work.desk.cases.open("full", "ana", [first])
    with pytest.raises(NotAllowed, match="a case holds 1 alerts: open another one"):
        work.desk.cases.add_alerts(case.id, [other], "ana")
    with pytest.raises(NotAllowed, match="a case names 1 people: open another one"):
        work.desk.cases.add_person(case.id, "payee:p-3", "mule", "ana")


def test_an_alert_about_nobody_brings_no_person(work: Work) -> None:
    case = work.desk.cases.open("a terminal gone wild", "ana", [work.call("p-1", subject="")])
    assert case.people == []


def test_a_small_case_is_closed_by_one_when_the_checklist_is_done(work: Work) -> None:
    case = work.desk.cases.open("small", "ana", [work.call("p-1")])
    with pytest.raises(NotAllowed, match="line 1, 2, 3, 4"):
        work.desk.cases.close(case.id, "fraud", "ana")
    for step in case.checklist:
        work.desk.cases.tick(case.id, step.number, "ana")
    assert work.desk.cases.tick(case.id, 1, "ana", done=False).checklist[0].done_by == ""
    work.desk.cases.tick(case.id, 1, "ana")
    closed = work.desk.cases.close(case.id, "fraud", "ana", "clear")
    assert (closed.state, closed.outcome, closed.closed_us) == ("closed", "fraud", work.clock.now)
    with pytest.raises(NotAllowed, match="only an open one"):
        work.desk.cases.add_step(case.id, "more", "ana")


def test_a_large_case_is_closed_by_four_eyes(work: Work) -> None:
    id_ = done(work, work.call("p-1", "c-1", amount=6_000_000), work.call("p-2", "c-2", amount=4_000_000))
    asked = work.desk.cases.close(id_, "fraud", "ana")
    assert (asked.state, asked.waiting.needs, asked.waiting.content) == ("closing", 1, {"outcome": "fraud"})
    with pytest.raises(Disagreed, match="her own"):
        work.desk.cases.answer(id_, "approve", "ana")
    back = work.desk.cases.answer(id_, "reject", "bo", "who is c-2?")
    assert (back.state, back.waiting) == ("open", None)
    work.desk.cases.close(id_, "fraud", "ana")
    closed = work.desk.cases.answer(id_, "approve", "bo")
    assert (closed.state, closed.outcome) == ("closed", "fraud")
    with pytest.raises(NotAllowed, match="nothing about case"):
        work.desk.cases.answer(id_, "approve", "cy")


def test_two_others_must_agree_where_the_house_says_so(work: Work) -> None:
    work.desk.office.__dict__["practice"] = Practice(approvers=2)
    id_ = done(work, work.call("p-1", amount=10_000_000))
    work.desk.cases.close(id_, "unsure", "ana")
    assert work.desk.cases.answer(id_, "approve", "bo").state == "closing"
    assert work.desk.cases.answer(id_, "approve", "cy").state == "closed"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases SET state = 'closed'",
        "UPDATE cases SET state = 'closed', agreement = 1",
        "UPDATE agreements SET needs = 0",
        "INSERT OR REPLACE INTO agreements VALUES (1, 'case', '1', '{}', 0, 'eve', 1)",
        "INSERT INTO agreement_answers VALUES (1, 'ana', 'approve', '', 1)",
        "DELETE FROM cases",
    ],
)
def test_raw_sql_cannot_close_a_large_case(work: Work, sql: str) -> None:
    id_ = done(work, work.call("p-1", amount=10_000_000))
    work.desk.cases.close(id_, "fraud", "ana")
    with pytest.raises((Disagreed, apsw.ConstraintError)):
        work.store.tables.do(lambda open_: open_.run(sql))
    assert work.desk.cases.case(id_).state == "closing"


@pytest.mark.parametrize(
    ("kind", "content", "says"),
    [
        ("application/pdf", b"<script>", "first bytes"), ("image/png", PDF, "first bytes"),
        ("text/html", b"<b>", "an attachment is"), ("text/plain", b"\xff", "UTF-8"),
        ("text/csv", b"a\0b", "NUL"), ("text/plain", b"", "1 to"), ("text/plain", b"x" * (5 << 20) + b"x", "1 to"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_says_is_refused(work: Work, kind: str, content: bytes, says: str) -> None:
    case = work.desk.cases.open("files", "ana")
    with pytest.raises(BadAsk, match=says):
        work.desk.attachments.add(case.id, "f", kind, content, "ana")
    assert not (work.path.parent / "attachments").exists()


def test_files_have_a_limit_and_damage_is_seen(work: Work) -> None:
    case = work.desk.cases.open("files", "ana")
    for n in range(20):
        last = work.desk.attachments.add(case.id, f"{n}.txt", "text/plain", b"%d" % n, "ana")
    with pytest.raises(NotAllowed, match="20 attachments"):
        work.desk.attachments.add(case.id, "x.txt", "text/plain", b"x", "ana")
    path = work.path.parent / "attachments" / last.sha256
    path.write_bytes(b"other")
    with pytest.raises(NotAllowed, match="is not what was attached"):
        work.desk.attachments.read(last.number)
    path.unlink()
    with pytest.raises(NotAllowed, match="cannot be read"):
        work.desk.attachments.read(last.number)
    with pytest.raises(Unknown):
        work.desk.attachments.read(99)


def test_what_makes_no_sense_is_refused(work: Work) -> None:
    cases = work.desk.cases
    id_ = cases.open("one", "ana").id
    for call in (
        lambda: cases.open(" ", "ana"), lambda: cases.add_person(id_, "nobody", "", "ana"),
        lambda: cases.close(id_, "won", "ana"), lambda: cases.page("lost"),
    ):  # fmt: skip
        with pytest.raises(BadAsk):
            call()
    for call in (
        lambda: cases.case(9), lambda: cases.add_alerts(id_, ["a-x"], "ana"), lambda: cases.tick(id_, 99, "ana"),
        lambda: cases.open("x", "ana", ["a-x"]),
    ):  # fmt: skip
        with pytest.raises(Unknown):
            call()
    assert len(cases.page("open").cases) == 1, "a case that could not be filled was not opened"


def test_each_queue_may_ask_for_more(tmp_path: Path) -> None:
    practice = Practice(
        checklist=("Read the reasons",),
        checklists={"block": ("Tell the customer why", "Read the reasons"), "level-1": ("Ask the branch",)},
    )
    work = Work(tmp_path / "h.db", practice)
    held, blocked, hard = work.call("p-1", "c-1"), work.call("p-2", "c-2", action="block"), work.call("p-3", "c-3")
    work.desk.alerts.escalate(hard, "ana", "too large for me")
    case = work.desk.cases.open("three", "ana", [held])
    assert [s.text for s in case.checklist] == ["Read the reasons"]
    case = work.desk.cases.add_alerts(case.id, [blocked, hard], "ana")
    assert [s.text for s in case.checklist] == ["Read the reasons", "Tell the customer why", "Ask the branch"]
    assert all(s.required for s in case.checklist)
    case = work.desk.cases.add_alerts(case.id, [blocked], "ana")
    assert len(case.checklist) == 3
    work.store.close()
