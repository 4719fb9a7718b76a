"""Rules and the past: a start reads what windows can ask for and no more; explain, score and replay know the rules."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from haechi.app import OpenHouse, open_house, past_of
from haechi.commands.checking import check_home
from haechi.commands.explaining import explain_event
from haechi.commands.scoring import decisions
from haechi.decision import Decision, answer
from haechi.restore import event_of, recent_us
from haechi.rulebook.standing import Place
from homes import Pupil, new_home, payment

from .making import pack

DAY_US = 86_400_000_000
OFTEN = 'count(customer, "1h") >= 2 and amount > 1_000 won'
START = datetime.fromisoformat("2024-08-01T09:00:00+09:00")


def at(days: float, number: int, **changes: Any) -> dict[str, Any]:
    time = (START + timedelta(days=days, minutes=number % 60)).isoformat()
    return payment(number, id=f"e-{number}", time=time, **({"customer": "c-1"} | changes))


def decide(opened: OpenHouse, event: dict[str, Any]) -> Decision:
    body = json.dumps(event).encode()
    return answer(event_of(opened.schema, body), opened.house, body).decision


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty days of payments by one customer, a rule with a window in force for the last of them, then a restart."""
    path = tmp_path_factory.mktemp("past") / "home"
    new_home(path)
    with open_house(path, detectors=[Pupil()]) as opened:
        for day in range(20):
            decide(opened, at(day, day))
        opened.rulebook.add(pack("often", OFTEN, "weight = 0.9"), "ana")
        asked = opened.rulebook.move("rule", "often", 1, Place("live"), "ana")
        opened.rulebook.answer(asked.id, "approve", "bo")  # type: ignore[union-attr]
        opened.publisher.wait()
        assert [line["result"] for n in range(30, 33) for line in decide(opened, at(20, n)).rules] == ["hit"]
    return path


def test_a_start_reads_the_past_that_windows_can_ask_for_and_no_more(home: Path) -> None:
    with open_house(home, detectors=[Pupil()]) as opened:
        now_us = recent_us(opened.archive, opened.store.journal)
        assert now_us is not None
        read = [e.time_us for piece in past_of(opened, now_us - DAY_US) for e in piece.entries]
        every = [e.time_us for piece in past_of(opened) for e in piece.entries]
        assert read == [t for t in every if t >= now_us - DAY_US]
        assert 0 < len(read) < len(every)
        assert [line["result"] for line in decide(opened, at(20, 34)).rules] == ["hit"], "the last hour is known"
        late = decide(opened, at(4, 35, customer="c-2"))
        assert [line["result"] for line in late.rules] == ["undecided"], "what was not read is not claimed to be known"
    found = check_home(home, detectors=[Pupil()])
    assert found.difference is None
    assert found.late == 1


def test_one_wrong_clock_does_not_say_where_the_home_stands(tmp_path: Path) -> None:
    new_home(tmp_path / "home")
    with open_house(tmp_path / "home", detectors=[Pupil()]) as opened:
        assert recent_us(opened.archive, opened.store.journal) is None
        for number in range(9):
            decide(opened, at(1, number))
        decide(opened, at(900, 10))
        opened.store.meta.set("committed", "yes")
        stands = recent_us(opened.archive, opened.store.journal)
        assert stands is not None
        assert abs(stands - round(START.timestamp() * 1e6)) < 2 * DAY_US


def test_explain_says_what_each_rule_asked_and_saw(home: Path) -> None:
    told = explain_event(home, "e-32")
    (rule,) = told["rules"]
    assert (rule["rule"], rule["result"], rule["condition"]) == ("often", "hit", OFTEN)
    assert rule["saw"] == {"count(customer, 3600s)": 2.0, "amount": payment(32)["amount"]}
    assert (rule["author"], rule["effect"]["weight"]) == ("ana", 0.9)
    assert explain_event(home, "e-3").get("rules", []) == [], "no rule was asked that day"


def test_score_asks_the_rules_of_the_home(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "next.jsonl"
    file.write_text("".join(json.dumps(at(22, n) | {"id": f"n-{n}"}) + "\n" for n in range(40, 44)))
    found = [json.loads(line) for line in decisions(file, None, home, [])]
    assert [[line["result"] for line in one["rules"]] for one in found] == [[], [], ["hit"], ["hit"]]
    assert "rules" in {signal["detector"] for signal in found[-1]["signals"]}
