"""Second looks: blind to the first verdict and to what came of it, once, by somebody else; one's own figures."""

from __future__ import annotations

from types import SimpleNamespace as Told
from typing import Any

import pytest

from haechi.api import model_shapes as shapes
from haechi.learning.quality import Quality
from haechi.lifecycle.desk import ModelDesk
from haechi.rulebook.models import ModelPeople

from .making import Bank, happened
from .test_frame import check_page

SECOND_US = 1_000_000


@pytest.fixture
def quality(bank: Bank) -> Quality:
    """A desk that asks for a second look at everything."""
    made = Quality(bank.work.store.tables, bank.clock, 1.0, b"salt")
    room: Any = Told(book=Told(tables=None))
    desk = ModelDesk(room, room, room, made, room, room, room)
    models = bank.behind.models
    bank.behind.__dict__["models"] = ModelPeople(models._registry, models._scores, desk)
    return made


def judged(bank: Bank, event_id: str, verdict: str = "fraud", person: str = "ana") -> str:
    """An alert that somebody decided, for good."""
    alert = happened(bank, event_id, f"c-{event_id}")
    bank.work.desk.verdicts.say(alert, person, verdict, comment="she was at school")
    bank.work.later(11 * SECOND_US)
    return alert


def test_somebody_else_judges_without_the_first_verdict(bank: Bank, quality: Quality) -> None:
    judged(bank, "e-1")
    bank.behind.recent.mark(bank.behind.held["e-1"].seq, True)
    bo = bank.person("bo")
    assert 'class="tag bad"' in bo.get("/customers/c-e-1").html
    assert "/looks" in bo.get("/queue").links
    seen = bo.get("/looks")
    check_page(seen)
    assert "What do you think it was?" in seen.text
    assert "a minor paying during school hours" in seen.text, "what was known then"
    body = seen.html.partition("<main")[2]
    for word in ("at school", "ana", "Decided", 'class="tag bad"'):
        assert word not in body, word
    sent = bo.fill("/looks", "/act/second-look", verdict="legitimate")
    assert sent.headers["location"] == "/looks?said=looked"
    told = bo.get("/looks").text
    assert "Nothing waits for your opinion" in told
    assert "looked at by two 1 agreed 0%" in told
    assert quality.agreement().looked == 1


def test_nobody_looks_twice_at_her_own(bank: Bank, quality: Quality) -> None:
    alert = judged(bank, "e-1")
    ana = bank.person("ana")
    seen = ana.get("/looks")
    assert "Nothing waits for your opinion" in seen.text
    assert "events you judged 1 of which the truth is known 0" in seen.text
    answer = ana.send("/act/second-look", **ana.token(), alert=alert, verdict="fraud")
    assert answer.status_code == 409
    assert "you judged this alert yourself" in answer.text
    assert ana.send("/act/second-look", **ana.token(), alert=alert, verdict="maybe").status_code == 400
    assert not quality.agreement().looked


def test_what_others_found_out_is_told_to_oneself_alone(bank: Bank, quality: Quality, monkeypatch: Any) -> None:
    found = shapes.MyQuality("ana", 40, 30, 29, 1, 0, 2, 2, ["e-9"])
    monkeypatch.setattr(ModelPeople, "my_quality", lambda self, person: found if person == "ana" else None)
    seen = bank.person("ana").get("/looks")
    assert "frauds you called legitimate 1" in seen.text
    assert "/events/e-9" in seen.links
    assert "frauds you called legitimate" not in bank.person("bo").get("/looks").text


def test_a_house_without_a_model_desk_has_none(bank: Bank) -> None:
    ana = bank.person()
    assert "/looks" not in ana.get("/queue").links
    assert "Nothing waits for your opinion" in ana.get("/looks").text
    assert ana.send("/act/second-look", **ana.token(), alert="a-1", verdict="fraud").status_code == 409
