"""Files of lists: a reason first, written down, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io

import pytest

from haechi.console.pages import exports

from .making import Bank, happened
from .test_rules import kept


def rows(answer) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_cases_and_refunds_leave_with_a_reason(bank: Bank) -> None:
    alert = happened(bank, "e-1", "c-17", 7_000)
    ana = bank.person()
    bank.work.desk.cases.open("=cmd|'/c calc'!A1", "ana", [alert])
    bank.work.desk.refunds.report("e-1", "ana")
    names, row = rows(ana.fill("/cases", "/act/export", reason="for the auditor"))
    assert dict(zip(names, row, strict=True))["title"] == "'=cmd|'/c calc'!A1"
    names, row = rows(ana.fill("/refunds", "/act/export", reason="for the auditor"))
    told = dict(zip(names, row, strict=True))
    assert (told["event_id"], told["claimed"], told["currency"]) == ("e-1", "7000", "KRW")
    kept_exports = bank.work.desk.keeping.exports()
    assert sorted((one.what, one.query, one.lines) for one in kept_exports) == [
        ("cases", "", 1), ("refunds", "", 1),
    ]  # fmt: skip


def test_rules_leave_as_they_stand(bank: Bank) -> None:
    ana = bank.person()
    kept(ana, condition="amount >= 8_000 won", name_en="=large")
    names, row = rows(ana.fill("/rules", "/act/export", reason="yearly review"))
    told = dict(zip(names, row, strict=True))
    assert (told["rule"], told["version"], told["lane"], told["name"]) == ("school-hours", "1", "draft", "'=large")
    assert told["condition"] == "amount >= 8_000 won"


def test_a_file_is_never_cut_off_silently(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    happened(bank, "e-1", "c-17", 7_000)
    happened(bank, "e-2", "c-18", 7_000)
    ana = bank.person()
    for n in (1, 2):
        bank.work.desk.refunds.report(f"e-{n}", "ana")
    assert len(rows(ana.fill("/refunds", "/act/export", reason="both"))) == 3
    monkeypatch.setattr(exports, "EXPORT_ROWS_MAX", 1)
    answer = ana.fill("/refunds", "/act/export", reason="both")
    assert answer.status_code == 400
    assert "at most: narrow the filters" in answer.text
    assert len(bank.work.desk.keeping.exports()) == 1


@pytest.mark.parametrize(("form", "status"), [
    ({"what": "cases", "reason": " "}, 400), ({"what": "customers", "reason": "why"}, 400),
    ({"what": "cases", "state": "none", "reason": "why"}, 400), ({"what": "list", "name": "none", "reason": "y"}, 404),
])  # fmt: skip
def test_what_cannot_leave_is_told(bank: Bank, form: dict[str, str], status: int) -> None:
    ana = bank.person()
    assert ana.send("/act/export", **ana.token(), **form).status_code == status
    assert not bank.work.desk.keeping.exports()
