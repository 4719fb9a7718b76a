"""Replay before publishing: started from the editor or a rule, waited for, told with what became of the hits."""

from __future__ import annotations

from typing import Any

import pytest

from haechi.api import rule_shapes as shapes

from .making import Bank
from .test_frame import check_page
from .test_rules import FIELDS, kept, write

ONE = {
    "rule": "school-hours@1", "asked": 900, "hits": 40, "undecided": 2, "hits_without_mature_label": 10, "refunded": 3,
    "alone": 30, "confusion": {"caught": 12, "false_alarms": 18, "missed": 5, "rightly_passed": 800}, "precision": 0.4,
    "recall": 0.7, "money_caught": {"KRW": 84_000}, "money_missed": {}, "customers_bothered": 17,
    "by_day": [{"day": "2024-10-25", "hits": 40, "caught": 12, "false_alarms": 18}],
    "examples": {"frauds": ["p-1"], "others": ["p-2"]},
}  # fmt: skip
REPORT = {"events": 1_000, "mature_labels": 900, "frauds": 17, "days": 10.0, "warnings": [], "actions": {},
          "rules": [ONE, {**ONE, "rule": "other@1"}],
          "overlap": [{"rules": ["school-hours@1", "other@1"], "both": 1, "only_first": 39, "only_second": 39}],
          "whole": False}  # fmt: skip


def stub(bank: Bank, monkeypatch: pytest.MonkeyPatch, **found: Any) -> list[shapes.BacktestWish]:
    wishes: list[shapes.BacktestWish] = []
    desk = bank.behind.rules._desk

    def start(wish: shapes.BacktestWish, refunded: Any = ()) -> shapes.Backtest:
        wishes.append(wish)
        return shapes.Backtest(id="abc", state="running")

    monkeypatch.setattr(desk, "backtest", start)
    monkeypatch.setattr(desk, "backtest_of", lambda id_: shapes.Backtest(id=id_, **found))
    return wishes


def test_a_draft_is_replayed_before_it_is_kept(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    wishes = stub(bank, monkeypatch, state="running")
    ana = bank.person()
    answer = write(ana, do="replay", days="7")
    assert answer.headers["location"] == "/rules/replay/abc?rule=school-hours&draft=1"
    assert (wishes[0].live, wishes[0].rules) == (True, [])
    assert FIELDS["condition"] in wishes[0].toml
    seen = ana.get("/rules/replay/abc?rule=school-hours")
    assert "being replayed" in seen.text
    assert 'http-equiv="refresh"' in seen.html
    assert "no rule yet" in ana.get("/rules").text, "nothing was kept"


def test_two_versions_are_replayed_side_by_side(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    wishes = stub(bank, monkeypatch, state="running")
    ana = bank.person()
    kept(ana)
    kept(ana, condition="age < 18")
    page = "/rules/of/school-hours?version=2&against=1"
    forms = [f for f in ana.get(page).forms if f["action"] == "/act/replay"]
    assert len(forms) == 2
    ana.send("/act/replay", **forms[0]["fields"] | {"ref": ["school-hours@1", "school-hours@2"]})
    assert (wishes[0].rules, wishes[0].live) == (["school-hours@1", "school-hours@2"], False)


def test_the_report_tells_what_became_of_the_hits(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(bank, monkeypatch, state="done", report=REPORT)
    for language, words in (
        (
            "en",
            (
                "40 hits",
                "3.0",
                "Refunded",
                "9",
                "18",
                "10",
                "84,000 won",
                "archive was read",
                "Matrix Hits Passes Fraud 12 5 Legitimate 18 800",
            ),
        ),
        ("ko", ("환급됨", "이의 제기", "정상", "84,000원")),
    ):
        seen = bank.person(language=language).get("/rules/replay/abc?rule=school-hours")
        check_page(seen)
        for word in words:
            assert word in seen.text, word
    assert "Hits: 3 refunded, 9 disputed, 18 legitimate, 10 not known yet" in bank.person().get(
        "/rules/replay/abc?rule=school-hours").html  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [({"events": 0}, "No event lies"), ({"mature_labels": 0}, "No outcome is known"),
     ({"mature_labels": 10}, "Fewer than half"), ({"frauds": 0}, "no confirmed fraud")],
)  # fmt: skip
def test_doubts_are_told(bank: Bank, monkeypatch: pytest.MonkeyPatch, changes: Any, doubt: str) -> None:
    bare = {**ONE, "confusion": None, "precision": None, "recall": None, "by_day": []}
    stub(bank, monkeypatch, state="done", report={**REPORT, "rules": [bare], **changes})
    assert doubt in bank.person().get("/rules/replay/abc").text


def test_a_failed_or_unknown_replay_is_a_page(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bank.person().get("/rules/replay/none", 404)
    stub(bank, monkeypatch, state="failed", why="the disk is full")
    assert "the disk is full" in bank.person().get("/rules/replay/abc").text


def test_what_was_replayed_and_not_kept_is_not_lost(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(bank, monkeypatch, state="done", report=REPORT)
    ana = bank.person()
    text = bank.behind.rules.written({
        "id": "school-hours", "name": {"en": "A", "ko": "가"}, "reason": {"en": "b", "ko": "나"},
        "condition": "amount >= 5_000 won", "effect": "weight", "value": 0.25, "kinds": [], "tags": ["t"],
        "priority": 7,
    })  # fmt: skip
    monkeypatch.setattr(bank.behind.rules._desk._jobs, "texts", lambda id_: ["other", text])
    page = "/rules/replay/abc?rule=school-hours&draft=1"
    assert "/rules/edit?replay=abc" in ana.get(page).links
    assert "/rules/edit?replay=abc" not in ana.get("/rules/replay/abc?rule=school-hours").links
    seen = ana.get("/rules/edit?replay=abc")
    check_page(seen)
    assert "amount &gt;= 5_000 won</textarea>" in seen.html
    inputs = {given.get("name"): given.get("value") for tag, given in seen.tags if tag == "input"}
    assert (inputs["id"], inputs["weight"], inputs["priority"]) == ("school-hours", "0.25", "7")
    assert "/rules/edit?replay=abc" not in bank.person("cho", scopes=("read",)).get(page).links
