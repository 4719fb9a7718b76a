"""The town at the console: only in a demonstration, played by a form, told while it goes on and afterwards."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

from haechi.commands.playing import Playing
from haechi.town import Town, parameters

from .making import Bank
from .test_frame import check_page


def test_a_real_bank_has_no_town(bank: Bank) -> None:
    bank.behind.town = None
    ana = bank.person()
    assert "/town" not in ana.get("/rules").links
    ana.get("/town", 404)


@pytest.fixture
def stage(bank: Bank) -> tuple[Playing, threading.Event]:
    gate = threading.Event()

    def decide(body: bytes) -> bytes:
        assert gate.wait(60)
        event = msgspec.json.decode(body)
        action = "hold" if (event.get("amount") or 0) >= 7_000 else "allow"
        return msgspec.json.encode({"action": action, "sentence": {"en": "<b>Held</b>", "ko": "보류"}})

    town = Town(parameters("small", customers=400, days=60, fraud={"level": 4.0}), 0)
    bank.behind.town = Playing(lambda: town, lambda: 1_729_000_000_000_000, decide, pause_s=0.0)
    return bank.behind.town, gate


def test_choose_press_play_watch_and_hear_the_truth(bank: Bank, stage: Any) -> None:
    playing, gate = stage
    for language, words in (
        ("en", ("07:02, a school day", "Ring of mules")),
        ("ko", ("수업이 있는 날 7시 2분", "대포통장 조직")),
    ):
        seen = bank.person(language=language).get("/town")
        check_page(seen)
        for word in words:
            assert word in seen.text
    ana = bank.person()
    answer = ana.send("/act/town-play", **ana.token(), scene="founding")
    assert answer.headers["location"] == "/town/play/1"
    seen = ana.get("/town/play/1")
    assert 'http-equiv="refresh"' in seen.html
    assert "fraud" not in seen.text.lower().replace("a fraud", ""), "the truth comes afterwards"
    assert ana.send("/act/town-play", **ana.token(), scene="founding").status_code == 409
    gate.set()
    playing._thread.join(60)
    seen = ana.get("/town/play/1")
    check_page(seen)
    assert "1 of 1 fraudulent events" in seen.text
    assert "What nobody in the bank knew" in seen.text
    assert "A pupil of 17 pays 7,000 won" in seen.text
    assert "17살 학생이 수업이 있는 금요일" in bank.person(language="ko").get("/town/play/1").text
    assert "<b>Held" not in seen.html
    assert any("/alerts/a-story-founding" in link for link in seen.links)
    assert "refresh" not in seen.html
    assert "1. 07:02, a school day over" in ana.get("/town").text
    playing.play("holiday")
    playing._thread.join(60)
    assert "1 honest event was stopped" in ana.get("/town/play/2").text
    ana.get("/town/play/9", 404)
    ana.get("/town/play/x", 400)
    assert ana.send("/act/town-play", **ana.token(), scene="none").status_code == 404
