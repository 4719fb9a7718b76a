"""Whoever shows what happens: the read models know all that is kept, and what is decided a moment later."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.live import until
from haechi.app import OpenHouse, add_key, open_house
from haechi.backstage import Backstage
from haechi.following import Follower
from haechi.front import HouseFront
from haechi.stores import StoreError
from homes import Pupil, new_home, payment

NOW_US = 1_760_000_000_000_000


@pytest.fixture
def opened(tmp_path: Path, town_events: Path) -> Iterator[OpenHouse]:
    new_home(tmp_path / "home", town_events)
    house = open_house(tmp_path / "home", detectors=[Pupil()])
    yield house
    house.close()


def front_of(opened: OpenHouse) -> HouseFront:
    return HouseFront(opened, lambda: NOW_US)


def decide(front: HouseFront, number: int) -> str:
    event = payment(number)
    answer = front._decide(json.dumps(event).encode())
    answer.written.wait(60)
    return event["id"]


def test_the_ring_holds_archive_and_journal_and_goes_on(opened: OpenHouse) -> None:
    front = front_of(opened)
    first = decide(front, 1)
    heard = threading.Event()
    behind = Backstage(opened, front, lambda: NOW_US)
    behind.follower.start(heard.set)
    until(lambda: not behind.follower.is_reading)
    assert behind.recent.added == opened.archive.rows + 1
    assert [row.event_id for row in behind.pulse.rows(stopped=False)] == [first]
    assert behind.pulse.per_second(NOW_US) == 0, "what was decided before is shown, not counted"
    second = decide(front, 2)
    assert heard.wait(10)
    until(lambda: behind.pulse.rows(stopped=False)[0].event_id == second)
    customer = payment(2)["customer"]
    known = behind.recent.of("customer", customer, latest=10_000).latest
    assert payment(2)["merchant"] in {one.links.get("merchant") for one in known}
    told = f'{{"event_id": "{second}", "fraud": true, "known_at": "2024-12-01T00:00:00+09:00"}}'.encode()
    front._label(told).wait(60)
    until(lambda: behind.recent.of("customer", customer).frauds.any())
    assert behind.trouble() == ["model"]
    behind.close()


def test_behind_the_stage_is_the_house_itself(opened: OpenHouse) -> None:
    front = front_of(opened)
    behind = Backstage(opened, front, lambda: NOW_US)
    id_ = decide(front, 7)
    found = behind.decided(id_)
    assert found.event.id == id_
    assert found.decision.event_id == id_
    assert behind.decided(id_) is found
    for unknown in ("none", "\0", "\ud800"):
        assert behind.decided(unknown) is None
    assert behind.profile(payment(7)["customer"])["events"] >= 1
    assert behind.profile("nobody") is None
    assert behind.money_today(0) is behind.money_today(0)
    assert behind.subject == "customer"
    assert behind.policy.currency == "KRW"
    key = add_key(opened.store, "ana", ["read"])
    assert behind.key(key.stored.digest).name == "ana"
    assert behind.trouble()[0] == "model"


def test_a_journal_that_cannot_be_read_is_told_and_asked_again(
    opened: OpenHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    follower = Follower(opened.schema, opened.spec, 0, opened.archive, opened.store.journal, lambda: NOW_US, 10)
    front = front_of(opened)
    decide(front, 1)
    calls = []

    def broken(after: int, limit: int | None = None):
        calls.append(after)
        raise StoreError("the disk is slow")

    entries = opened.store.journal.entries
    with caplog.at_level(logging.WARNING, "haechi"):
        monkeypatch.setattr(opened.store.journal, "entries", broken)
        monkeypatch.setattr(opened.store.journal, "follow", lambda hear: None)
        follower.start()
        until(lambda: not follower.is_reading)
        decide(front, 2)
        until(lambda: len(calls) >= 2)
        monkeypatch.setattr(opened.store.journal, "entries", entries)
        until(lambda: follower.recent.added == 1)
        follower.close()
    assert "history could not be read" in caplog.text
    assert "cannot read the journal" in caplog.text
