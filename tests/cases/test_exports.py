"""What leaves the house: a register that only grows, CSV that runs no formula, evidence that proves itself."""

from __future__ import annotations

import csv
import hashlib
import json
from io import StringIO

import apsw
import msgspec
import pytest

from haechi.cases import BadAsk
from haechi.cases.evidence import sound
from haechi.cases.exports import csv_of
from haechi.stores import Entry, LabelRow

from .making import Work


def test_every_export_is_written_down(work: Work) -> None:
    exports = work.desk.exports
    made = exports.note("alerts", {"state": "open"}, b"a,b\n", 1, "monthly report", "ana")
    other = exports.note("refunds", {}, b"", 0, "asked for by the auditor", "bo")
    assert made.sha256 == hashlib.sha256(b"a,b\n").hexdigest()
    assert exports.page() == [other, made]
    assert exports.page(before=2) == [made]
    assert exports.page(person="bo") == [other]
    assert exports.page(limit=1) == [other]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b"])
def test_no_reason_no_export(work: Work, reason: str) -> None:
    with pytest.raises(BadAsk, match="a reason"):
        work.desk.exports.note("alerts", {}, b"", 0, reason, "ana")
    with pytest.raises(BadAsk, match="what is exported"):
        work.desk.exports.note("passwords", {}, b"", 0, "why not", "ana")
    assert work.desk.exports.page() == []


@pytest.mark.parametrize(
    "sql",
    ["UPDATE exports SET person = 'eve'", "DELETE FROM exports",
     "INSERT OR REPLACE INTO exports SELECT number, what, query, 'x', rows, sha256, person, at_us FROM exports"],
)  # fmt: skip
def test_the_register_only_grows(work: Work, sql: str) -> None:
    work.desk.exports.note("alerts", {}, b"", 0, "why", "ana")
    with apsw.Connection(str(work.path)) as connection, pytest.raises(apsw.ConstraintError, match=r"never|already"):
        connection.execute(sql)


@pytest.mark.parametrize("text", ["=1+1", "+82", "-2", "@SUM(A1)", "\tx", "\r=1"])
def test_no_text_of_a_customer_runs_in_a_spreadsheet(text: str) -> None:
    told = csv_of([{"memo": text, "amount": -5, "list": ["=x"], "none": None}], ["memo", "amount", "list", "none"])
    assert told.startswith("\ufeff".encode())
    rows = list(csv.DictReader(StringIO(told.decode("utf-8-sig"), newline="")))
    assert rows == [{"memo": "'" + text, "amount": "-5", "list": '["=x"]', "none": ""}]


def case_with_everything(work: Work) -> int:
    work.call("p-1", "c-1")
    body = b'{"id": "t-1", "memo": "<b>=1</b>"}'
    entry = Entry(type=1, event_id="t-1", time_us=work.clock.now, body=body, decision=b'{"action":"hold"}', digest=255)
    work.store.journal.write(entry).wait(60)
    case = work.desk.cases.open("Ice cream at seven", "ana", ["a-p-1"])
    work.desk.refunds.report(work.transfer("t-1"), "ana", case_id=case.id)
    work.desk.notes.add("alert", "a-p-1", "She was at school.", "ana")
    work.desk.notes.add("case", str(case.id), "The branch knows him.", "bo")
    work.desk.attachments.add(case.id, "call.txt", "text/plain", b"hello", "ana")
    label = LabelRow("t-1", fraud=True, known_at_us=work.clock.now, source="verdict:ana")
    told = Entry(type=3, event_id="t-1", time_us=work.clock.now, body=msgspec.json.encode(label))
    work.store.journal.write(told).wait(60)
    return case.id


def test_an_evidence_pack_holds_all_and_proves_itself(work: Work) -> None:
    case_id = case_with_everything(work)
    pack, made = work.desk.evidence.pack(case_id, "ana", "asked for by the police")
    told = json.loads(pack)
    assert (told["made"]["by"], told["made"]["reason"]) == ("ana", "asked for by the police")
    assert told["case"]["notes"][0]["text"] == "The branch knows him."
    assert told["case"]["attachments"][0]["sha256"] == hashlib.sha256(b"hello").hexdigest()
    assert told["alerts"][0]["notes"][0]["text"] == "She was at school."
    assert [h["what"] for h in told["refunds"][0]["history"]] == ["reported"]
    events = {one["id"]: one for one in told["events"]}
    assert set(events) == {"p-1", "t-1"}
    transfer = events["t-1"]
    assert transfer["body_sha256"] == hashlib.sha256(b'{"id": "t-1", "memo": "<b>=1</b>"}').hexdigest()
    assert transfer["decision_sha256"] == hashlib.sha256(b'{"action":"hold"}').hexdigest()
    assert (transfer["body"]["memo"], transfer["decision"], transfer["features"]) == (
        "<b>=1</b>", {"action": "hold"}, "00000000000000ff",
    )  # fmt: skip
    assert transfer["labels"][0]["source"] == "verdict:ana"
    assert transfer["journal"] == work.store.journal.find("t-1").seq
    assert sound(pack)
    assert not sound(pack.replace(b"She was at school.", b"She was at home.  "))
    assert not sound(b"{}")
    assert (made.what, made.query, made.rows) == ("evidence", {"case": case_id}, 2)
    assert made.sha256 == hashlib.sha256(pack).hexdigest()


def test_what_the_journal_no_longer_holds_is_named(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = case_with_everything(work)
    monkeypatch.setattr(work.desk.evidence._past, "entry", lambda id_: None)
    monkeypatch.setattr("haechi.cases.evidence.EVENTS_MAX", 1)
    told = json.loads(work.desk.evidence.pack(case_id, "ana", "why")[0])
    assert told["events"] == [{"id": "p-1", "journal": None}]
    assert told["events_left_out"] == ["t-1"]


def test_no_reason_no_evidence(work: Work) -> None:
    with pytest.raises(BadAsk):
        work.desk.evidence.pack(case_with_everything(work), "ana", " ")
    assert work.desk.exports.page() == []
