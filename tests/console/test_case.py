"""Cases, refunds and customers: the story to its end, by two people, with files and a pack of evidence."""

from __future__ import annotations

import json

import pytest

from haechi.cases.evidence import sound
from haechi.cases.recent import Seen as Noted
from haechi.console.errors import BadForm
from haechi.console.pages.refunds import major, minor
from haechi.events import Event

from .making import Bank, happened
from .test_frame import check_page

PNG = b"\x89PNG\r\n\x1a\n picture"


def opened(bank: Bank, amount: int = 7_000) -> str:
    """A case over one alert, opened from the alert's page; its address."""
    page = "/alerts/" + happened(bank, amount=amount)
    return bank.person("ana").fill(page, "/act/case-open", title="Ice cream at seven").headers["location"].split("?")[0]


def test_a_case_is_worked_and_closed(bank: Bank) -> None:
    page, ana = opened(bank), bank.person("ana")
    other = happened(bank, "e-2", "c-18")
    ana.fill(f"/alerts/{other}", "/act/case-alert", case="1")
    ana.fill(page, "/act/case-person", entity="payee:p-3", role="mule")
    ana.fill(page, "/act/case-step", text="Ask the telco")
    for line in range(1, 6):
        ana.fill(page, "/act/case-tick", line=str(line), done="yes")
    ana.fill(page, "/act/case-tick", line="5", done="no")
    ana.fill(page, "/act/note", about="case", id="1", text="The branch knows him.")
    ana.fill(page, "/act/case-assign", to="ana")
    seen = ana.get(page)
    check_page(seen)
    for word in ("Ice cream at seven", "c-18", "p-3", "mule", "Ask the telco", "4/5", "The branch knows him."):
        assert word in seen.text, word
    assert ana.send("/act/case-assign", **ana.token(), case="1", to="bo", version="1").status_code == 409
    assert "case opened" in ana.get(f"{page}?about=case").text
    check_page(ana.get("/cases"))
    ana.fill(page, "/act/case-close", outcome="fraud", comment="clear")
    assert "Closed" in ana.get(page).text
    assert "/cases/1" in ana.get("/cases?state=closed").links
    for wrong in ("/cases/x", "/cases/99", "/attachments/x", "/attachments/99"):
        assert ana.get(wrong, 404)


def test_files_come_in_checked_and_go_out_as_downloads(bank: Bank) -> None:
    page, ana = opened(bank), bank.person("ana")
    form = next(f for f in ana.get(page).forms if f["action"] == "/act/case-attach")["fields"]
    name = "증거 <script>.png"
    answer = ana.send("/act/case-attach", **form, files={"file": (name, PNG, "image/png")})
    assert answer.headers["location"] == f"{page}?said=attached"
    assert "증거 &lt;script&gt;.png" in ana.get(page).html
    taken = ana.line.get("/attachments/1")
    assert taken.content == PNG
    assert taken.headers["content-type"] == "application/octet-stream"
    assert taken.headers["content-disposition"].startswith("attachment; ")
    wrong = ana.send("/act/case-attach", **ana.token(), case="1", files={"file": ("a.png", b"<html>", "image/png")})
    assert wrong.status_code == 400
    assert ana.send("/act/case-attach", **ana.token(), case="1").status_code == 400


def test_an_upload_beyond_all_bounds_is_a_page(bank: Bank) -> None:
    page, ana = opened(bank), bank.person("ana")
    huge = b"\x00" * (bank.limits.upload_bytes_max + 1)
    answer = ana.send("/act/case-attach", **ana.token(), case="1", files={"file": ("a.png", huge, "image/png")})
    assert answer.status_code == 413
    assert "Too large" in answer.text
    assert ana.get(page)


def test_a_large_case_is_closed_by_two(bank: Bank) -> None:
    page, ana, bo = opened(bank, 20_000_000), bank.person("ana"), bank.person("bo")
    for line in range(1, 5):
        ana.fill(page, "/act/case-tick", line=str(line), done="yes")
    assert "said=closing" in ana.fill(page, "/act/case-close", outcome="fraud").headers["location"]
    assert "somebody else has to agree" in ana.get(page).text
    assert ana.send("/act/case-answer", **ana.token(), case="1", answer="approve").status_code == 409
    bo.fill(page, "/act/case-answer", answer="reject", comment="not yet")
    ana.fill(page, "/act/case-close", outcome="fraud")
    bo.fill(page, "/act/case-answer", answer="approve")
    assert bank.work.desk.cases.case(1).state == "closed"


def test_the_evidence_of_a_case_is_one_file_and_is_written_down(bank: Bank) -> None:
    page, ana = opened(bank), bank.person("ana")
    answer = ana.fill(page, "/act/case-pack", reason="for the police")
    pack = json.loads(answer.content)
    assert sound(answer.content)
    assert pack["events"][0]["body_sha256"]
    assert pack["case"]["history"][0]["what"] == "opened"
    assert bank.work.desk.keeping.exports()[0].query.startswith("case=1&sha256=")


def test_the_victim_gets_her_money_back_in_steps(bank: Bank) -> None:
    ana, page = bank.person("ana"), "/alerts/" + happened(bank)
    where = ana.fill(page, "/act/refund-report").headers["location"].split("?")[0]
    check_page(ana.get("/refunds"))
    assert "day 0" in ana.get("/refunds").text
    ana.fill(where, "/act/refund-step")
    ana.fill(where, "/act/refund-step", comment="his statement")
    assert ana.send("/act/refund-decide", **ana.token(), refund="1", amount="7.5", comment="x").status_code == 400
    ana.fill(where, "/act/refund-decide", amount="7,000", comment="not his device")
    bank.clock.now += 3 * 86_400_000_000
    ana = bank.person("ana")
    ana.fill(where, "/act/note", about="refund", id="1", text="told him")
    ana.send("/act/refund-book", **ana.token(), refund="1", kind="recovered", amount="2000", reference="B-1")
    ana.send("/act/refund-book", **ana.token(), refund="1", kind="paid", amount="7000", reference="P-1")
    seen = ana.get(where)
    check_page(seen)
    assert "Paid in full, 3 days after the report." in seen.text
    assert "5,000 won" in seen.text
    assert "3.0 days from report to payment" in ana.get("/refunds?state=paid").text
    assert "refunded" in bank.person().get("/watch").text


def test_much_money_needs_two(bank: Bank) -> None:
    ana, bo, page = bank.person("ana"), bank.person("bo"), "/alerts/" + happened(bank, amount=20_000_000)
    where = ana.fill(page, "/act/refund-report").headers["location"].split("?")[0]
    for _ in range(2):
        ana.fill(where, "/act/refund-step")
    ana.fill(where, "/act/refund-decide", amount="20000000", comment="all")
    assert "somebody else has to agree" in ana.get(where).text
    bo.fill(where, "/act/refund-answer", answer="approve")
    assert bank.work.desk.refunds.refund(1).state == "decided"
    for wrong in ("/refunds/x", "/refunds/99"):
        assert ana.get(wrong, 404)


@pytest.mark.parametrize(("said", "scale", "units"), [("7,000", 0, 7_000), ("12.34", 2, 1_234), ("0", 2, 0)])
def test_amounts_are_read_exactly(said: str, scale: int, units: int) -> None:
    assert minor(said, scale) == units
    assert minor(major(units, scale), scale) == units


@pytest.mark.parametrize("said", ["", "x", "1.5", "-1", "NaN", "1e999", "Infinity", "9" * 40])
def test_what_is_no_amount_is_refused(said: str) -> None:
    with pytest.raises(BadForm):
        minor(said, 0)


def test_the_customer_and_what_she_uses(bank: Bank) -> None:
    happened(bank)
    happened(bank, "e-2", "c-18")
    happened(bank, "e-3", action="challenge")
    ana = bank.person("ana")
    bank.work.desk.refunds.report("e-1", "ana")
    seen = ana.get("/customers/c-17")
    check_page(seen)
    assert "/alerts/a-e-1" in seen.links
    assert "/entities/device/d-1" in seen.links
    assert "Refund 1" in seen.text
    bank.behind.profiles["c-17"] = {
        "events": 2, "first": "2024-10-01", "last": "2024-10-25",
        "regular": [{"party": "", "kind": "deposit", "rhythm": "monthly", "median": 50_000.0, "next": "2024-11-01"}],
        "merchants": [{"name": "ice_cream-7", "events": 2, "first": "2024-10-01", "last": "2024-10-25"}],
        "changes": [{"month": "2024-10", "what": "events_per_day", "before": 5, "now": 20}],
    }  # fmt: skip
    full = ana.get("/customers/c-17?full=1")
    for word in ("monthly", "next about 2024-11-01", "2024-10 · events a day: 5 → 20"):
        assert word in full.text, word
    bank.behind.profiles.clear()
    assert "knows nothing of this customer" in ana.get("/customers/c-17?full=1").text
    assert ana.get("/customers/nobody", 404)
    device = ana.get("/entities/device/d-1")
    check_page(device)
    assert "/customers/c-18" in device.links
    where = ana.fill("/entities/device/d-1", "/act/case-open", title="One device", person=["c-17", "c-18"])
    case = bank.work.desk.cases.case(int(where.headers["location"].split("/")[-1].split("?")[0]))
    assert {one.id for one in case.alerts} == {"a-e-1", "a-e-2"}
    for wrong in ("/entities/planet/x", "/entities/device/none"):
        assert ana.get(wrong, 404)


def test_what_is_usual_is_neither_what_was_stopped_nor_what_somebody_said(bank: Bank) -> None:
    for n in range(3):
        happened(bank, f"e-{n}", amount=2_000 + n, action="allow")
    happened(bank, "e-fraud", amount=900_000, action="allow")
    bank.behind.recent.mark(bank.behind.held["e-fraud"].seq, True)
    happened(bank, "e-held", amount=800_000)
    report = Event(id="r", kind="report", time_us=bank.clock(), entities={"customer": "c-17"}, amount=900_000)
    bank.behind.recent.add([Noted(99, report, "")])
    told = bank.person().get("/customers/c-17").text.partition("Usual amounts")[2].partition("Latest events")[0]
    assert "Payment 3 2,000 won 2,001 won 2,002 won" in told
    assert "00,000" not in told
    assert "Report" not in told


def test_a_things_events_name_their_customers_and_the_way_back_goes_with_them(bank: Bank) -> None:
    happened(bank)
    happened(bank, "e-2", "c-18")
    bank.behind.recent.mark(bank.behind.held["e-2"].seq, True)
    seen = bank.person().get("/entities/merchant/ice_cream-7?alert=a-e-1")
    check_page(seen)
    assert "When Kind Amount Customer Done Verdict" in seen.text
    assert "Payment 7,000 won c-18 Held fraud" in seen.text, "what was done stands beside what came of it"
    assert "Payment 7,000 won c-17 Held" in seen.text
    assert {"/alerts/a-e-1", "/customers/c-17?alert=a-e-1", "/customers/c-18?alert=a-e-1"} <= set(seen.links)
    assert "/alerts/a-e-1" in bank.person().get("/customers/c-18?alert=a-e-1").links
    assert "Back to the alert" not in bank.person().get("/customers/c-18").text
