"""Refunds on the command line, from the report to the payment, on a home that no server runs on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from haechi.app import add_key, open_shut
from haechi.commands.asking import AskFailed
from haechi.commands.refunds_command import minor_units
from haechi.stores import Entry
from homes import SETTINGS, new_home

from .line import Said

MORE = "[cases.four_eyes]\nKRW = 5_000\n[cases.refund_days]\nworking = ['decided']\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HAECHI_KEY", new_home(tmp_path / "home", settings=SETTINGS + MORE))
    with open_shut(tmp_path / "home") as shut:
        event = {"id": "p-1", "kind": "payment", "time": "2024-10-25T07:02:00+09:00", "customer": "c-1",
                 "amount": 7_000, "currency": "KRW"}  # fmt: skip
        entry = Entry(type=1, event_id="p-1", time_us=1, body=json.dumps(event).encode(), decision=None)
        shut.store.journal.write(entry).wait(60)
    return tmp_path / "home"


def test_from_report_to_payment(home: Path, haechi: Callable[..., Said]) -> None:
    with open_shut(home) as shut:
        other = add_key(shut.store, "bo", ["read", "cases:approve"]).token
    ask = ("--home", home)
    said = haechi("refunds", "report", "p-1", "-m", "her mother called", *ask).out
    assert said.startswith(
        "1: reported, customer:c-1, event p-1, 7,000 won claimed, 0 won recovered, 0 won paid, frozen"
    )
    assert "evidence due" in haechi("refunds", "step", "1", "frozen", *ask).out
    assert "decided due" in haechi("refunds", "step", "1", "evidence", *ask).out
    assert "waits for 1 other(s)" in haechi("refunds", "decide", "1", "7,000", "-m", "at school", *ask).out
    own = haechi("refunds", "answer", "1", "approve", *ask)
    assert (own.status, "own" in own.err or "asked" in own.err) == (1, True), own
    assert "decided" in haechi("refunds", "answer", "1", "approve", "--key", other, *ask).out
    assert "2,000 won recovered" in haechi("refunds", "recovered", "1", "2000", "--reference", "B-77", *ask).out
    assert "paid" in haechi("refunds", "paid", "1", "7000", "--reference", "P-1", *ask).out
    assert json.loads(haechi("refunds", "list", "--state", "paid", "--json", *ask).out)[0]["paid"] == 7_000
    assert haechi("refunds", "list", *ask).out == ""
    assert json.loads(haechi("refunds", "show", "1", *ask).out)["loss"] == 5_000
    assert "1 paid, 0.0 days from report to payment; 0 open, 0 of them late" in haechi("refunds", "measure", *ask).out
    assert json.loads(haechi("refunds", "measure", "--json", *ask).out)["paid"] == 1


def test_a_wrong_amount_is_refused_before_anybody_is_asked(home: Path, haechi: Callable[..., Said]) -> None:
    wrong = haechi("refunds", "report", "p-1", "--claimed", "12.50", "--home", home)
    assert (wrong.status, "KRW has 0 decimals" in wrong.err) == (1, True)
    assert minor_units("12.50", "EUR") == 1_250
    assert minor_units("1,234.567", "KWD") == 1_234_567
    for text, currency in (("ten", "KRW"), ("1", "won"), ("NaN", "KRW"), ("Infinity", "KRW"), ("", "KRW")):
        with pytest.raises(AskFailed):
            minor_units(text, currency)
