"""Evidence that leaves the house: all of it, with its proof, never without a reason."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from haechi.cases import BadAsk
from haechi.cases.evidence import sound
from haechi.stores import Entry, LabelRow

from .making import Work


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
    pack = work.desk.evidence.pack(case_id, "ana", "asked for by the police")
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
    (made,) = work.desk.keeping.exports()
    assert (made.what, made.person, made.lines) == ("evidence", "ana", 2)
    assert made.query == f"case={case_id}&sha256={hashlib.sha256(pack).hexdigest()}"


def test_what_the_journal_no_longer_holds_is_named(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = case_with_everything(work)
    monkeypatch.setattr(work.desk.evidence.past, "entry", lambda id_: None)
    monkeypatch.setattr("haechi.cases.evidence.EVENTS_MAX", 1)
    told = json.loads(work.desk.evidence.pack(case_id, "ana", "why"))
    assert told["events"] == [{"id": "p-1", "journal": None}]
    assert told["events_left_out"] == ["t-1"]


def test_no_reason_no_evidence(work: Work) -> None:
    with pytest.raises(BadAsk):
        work.desk.evidence.pack(case_with_everything(work), "ana", " ")
    assert work.desk.keeping.exports() == []
