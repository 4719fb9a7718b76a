"""Whom to ask, within what bothers nobody too much; what the answers say; what a day sooner is worth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from haechi.app import create_home, open_shut
from haechi.learning.asking.choose import Candidate, Suspicion, choose, information
from haechi.learning.asking.questions import Questions, checks_told
from haechi.learning.asking.worth import worth_of_delay
from haechi.learning.life.errors import NoSuchModel, NotAllowed
from haechi.learning.life.policy import AskingPart
from haechi.stores import Tables

DAY_US = 86_400_000_000


def one(n: int, p: float = 0.3, **more: object) -> Candidate:
    return Candidate(f"e-{n}", f"customer:{n}", n, p, **more)  # type: ignore[arg-type]


def test_the_least_sure_are_asked_first_and_suspected_before_new() -> None:
    assert information(0.5) == pytest.approx(1.0)
    assert information(0.0) == pytest.approx(0.0, abs=1e-4)
    crowd = [one(1, 0.01), one(2, 0.4), one(3, 0.02, surprising=True), one(4, 0.3, suspected=True), one(5, 0.999)]
    chosen = choose(crowd, AskingPart(per_day=3), asked_today=0, rested=())
    assert [(c.event_id, c.why) for c in chosen] == [("e-4", "suspected"), ("e-2", "uncertain"), ("e-3", "new")]


def test_the_budget_of_bother_holds() -> None:
    crowd = [one(n) for n in range(10)] + [Candidate("e-x", "customer:1", 99, 0.5), Candidate("e-y", "", 1, 0.5)]
    assert len(choose(crowd, AskingPart(per_day=4), asked_today=1, rested=())) == 3
    assert choose(crowd, AskingPart(per_day=4), asked_today=9, rested=()) == []
    chosen = choose(crowd, AskingPart(per_day=99), asked_today=0, rested={"customer:3"})
    subjects = [c.subject for c in chosen]
    assert len(subjects) == len(set(subjects)) == 9
    assert "customer:3" not in subjects


def test_an_entity_where_suspicious_customers_meet_is_under_suspicion() -> None:
    suspicion = Suspicion()
    assert not suspicion.add("e1", DAY_US, "customer:1", {"payee": "p"}, 0.7)
    assert not suspicion.add("e2", DAY_US, "customer:1", {"payee": "p"}, 0.7), "one customer alone is her own matter"
    assert suspicion.add("e3", DAY_US, "customer:2", {"payee": "p", "customer": "2"}, 0.4)
    ((name, held),) = suspicion.suspects()
    assert (name, len(held.events)) == ("payee:p", 3)
    assert not suspicion.add("e4", 30 * DAY_US, "customer:3", {"payee": "p"}, 0.2), "it was long ago"


def test_a_busy_shop_is_not_suspected_for_its_size() -> None:
    suspicion = Suspicion()
    for n in range(1_000):
        assert not suspicion.add(f"e{n}", DAY_US + n, f"customer:{n}", {"merchant": "large"}, 0.01)
    assert suspicion.suspects() == []


def test_a_suspicion_ends_a_week_after_its_last_event() -> None:
    suspicion = Suspicion()
    for n in range(3):
        suspicion.add(f"e{n}", DAY_US, f"customer:{n}", {"payee": "p"}, 0.6)
    assert [name for name, _ in suspicion.suspects()] == ["payee:p"]
    suspicion.add("late", 9 * DAY_US, "customer:9", {"payee": "other"}, 0.01)
    assert suspicion.suspects() == []


def test_suspicion_is_bounded(monkeypatch) -> None:
    from haechi.learning.asking import choose as file

    monkeypatch.setattr(file, "ENTITIES_MAX", 10)
    suspicion = Suspicion()
    for n in range(50):
        suspicion.add(f"e{n}", n, "customer:1", {"payee": f"p{n}"}, 0.1)
    assert len(suspicion._known) == 10


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    create_home(tmp_path / "home")
    with open_shut(tmp_path / "home") as shut:
        yield shut.store.tables


def test_a_question_lives_from_asking_to_a_label(tables: Tables) -> None:
    clock = [100 * DAY_US]
    questions = Questions(tables, lambda: clock[0], AskingPart(per_day=2, days_between=10))
    assert Questions(tables, lambda: clock[0], AskingPart()).offer([one(1)]) == [], "nobody is asked by default"
    asked = questions.offer([one(n, 0.2 + n / 10) for n in range(3)])
    assert [q.event_id for q in asked] == ["e-2", "e-1"]
    assert questions.offer([one(7)]) == [], "two a day are enough"
    held, label = questions.answer(asked[0].number, "not_mine", "app")
    assert (held.state, label.fraud, label.kind, label.source) == (
        "not_mine", True, "confirmation", "confirmation:app"
    )  # fmt: skip
    assert questions.answer(asked[0].number, "not_mine", "app")[1] == label, "an answer that was lost on the way"
    with pytest.raises(NotAllowed, match="is not_mine already"):
        questions.answer(asked[0].number, "mine", "app")
    assert not questions.answer(asked[1].number, "mine", "call")[1].fraud
    with pytest.raises(NoSuchModel):
        questions.answer(99, "mine", "app")
    clock[0] += DAY_US
    assert [q.event_id for q in questions.offer([one(2), one(1), one(5)])] == ["e-5"], "two were asked lately"
    clock[0] += 3 * DAY_US
    assert questions.sweep() == 1
    assert questions.sweep() == 0
    assert [q.event_id for q in questions.page("unanswered")] == ["e-5"]
    with pytest.raises(NotAllowed, match="state is"):
        questions.page("lost")


def test_checks_that_ended_are_labels(tables: Tables) -> None:
    def add(seq: int, state: str, closed: int | None) -> None:
        row = {
            "seq": seq, "id": f"c-{seq}", "event_id": f"e-{seq}", "subject": "", "amount": 1, "currency": "KRW",
            "expected_loss": 1, "urgency": 1, "service_us": 1, "created_us": 1, "opened_us": 1, "deadline_us": 9,
            "attempts": 0, "attempts_max": 3, "means": "{}", "state": state, "action": "", "method": "",
            "closed_us": closed,
        }  # fmt: skip
        tables.do(lambda work: work.add("challenges", row))

    for seq, state, closed in ((1, "passed", 5), (2, "refused", 5), (3, "failed", 6), (4, "waiting", None)):
        add(seq, state, closed)
    found, at = checks_told(tables, (0, 0))
    assert [(f.event_id, f.fraud, f.kind) for f in found] == [("e-1", False, "check"), ("e-2", True, "check")]
    assert checks_told(tables, at) == ([], at)
    add(5, "passed", 5)
    assert [f.event_id for f in checks_told(tables, at)[0]] == ["e-5"]


def test_a_day_sooner_is_worth_money() -> None:
    time_us = np.array([0, 1, 2, 5, 30]) * DAY_US
    amount = np.array([100, 200, 300, 400, 500])
    payee = np.array([7, 7, 7, 7, 3])
    device = np.array([-1, -1, -1, -1, -1])
    found = worth_of_delay(time_us, amount, {"payee": payee, "device": device}, (0.0, 1.0, 3.0, 7.0))
    assert [w.money_known for w in found] == [900, 900, 400, 0]
    assert [w.frauds_known for w in found] == [3, 3, 1, 0]
    assert [w.money_a_day_sooner for w in found] == [0.0, 0.0, 250.0, 100.0]
