"""Rule sets come into force between decisions: no decision sees two, none is lost, windows are filled first."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from haechi.app import OpenHouse, open_house
from haechi.decision import answer
from haechi.restore import event_of
from haechi.rulebook.publishing import rehearse
from haechi.rulebook.standing import Place
from homes import Pupil, new_home, payment

PUBLISH_S_MAX, WAIT_S = 5.0, 60.0
BEGIN = datetime.fromisoformat("2024-08-12T00:00:00+09:00")
OFTEN = 'count(customer, "1h") >= 2'


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    path = tmp_path_factory.mktemp("publishing") / "home"
    new_home(path)
    with open_house(path, detectors=[Pupil()]) as found:
        rehearse(found.schema, found.spec)  # as a server does before it listens
        yield found


class Deciding:
    """A thread that decides until told to stop, and runs what others want done between two decisions."""

    def __init__(self, opened: OpenHouse) -> None:
        self.opened, self.number, self.stop = opened, 0, False
        self.calls: list[Any] = []
        self.decisions: list[Any] = []
        self.longest_s = 0.0
        self.more = threading.Condition()
        self.thread = threading.Thread(target=self._run)
        opened.publisher.decide_through(self.calls.append)

    def event(self, number: int) -> dict[str, Any]:
        time = (BEGIN + timedelta(minutes=number)).isoformat()
        return payment(number, id=f"d-{id(self)}-{number}", customer=f"c-{id(self)}-{number % 13}", time=time)

    def decide(self) -> Any:
        self.number += 1
        body = json.dumps(self.event(self.number)).encode()
        return answer(event_of(self.opened.schema, body), self.opened.house, body)

    def _run(self) -> None:
        while not self.stop or self.calls:
            before = time.perf_counter()
            while self.calls:
                self.calls.pop(0)()
            found = self.decide()
            with self.more:
                self.decisions.append(found.decision)
                self.more.notify()
            self.longest_s = max(self.longest_s, time.perf_counter() - before)
            found.written.wait(WAIT_S)  # as whoever asks does; the journal takes only so many that wait

    def until(self, count: int) -> None:
        """Wait until so many decisions were taken."""
        with self.more:
            assert self.more.wait_for(lambda: len(self.decisions) >= count, WAIT_S)

    def __enter__(self) -> Deciding:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop = True
        self.thread.join()
        self.opened.publisher.decide_through(lambda call: call())


def publish(opened: OpenHouse, id_: str, version: int, lane: str = "live") -> None:
    asked = opened.rulebook.move("rule", id_, version, Place(lane), "ana")
    opened.rulebook.answer(asked.id, "approve", "bo")  # type: ignore[union-attr]


def test_no_decision_sees_two_versions_while_rules_change(opened: OpenHouse) -> None:
    from .making import pack

    for least in (1, 2):
        opened.rulebook.add(pack("all", f"amount >= {least}_000 won", "weight = 0.1"), "ana")
    with Deciding(opened) as deciding:
        took = []
        for n in range(12):
            before = time.perf_counter()
            publish(opened, "all", 1 + n % 2)
            took.append(time.perf_counter() - before)
    assert max(took) < PUBLISH_S_MAX
    sets: dict[str, set[int]] = {}
    for decision in deciding.decisions:
        used = {line["version"] for line in decision.rules}
        assert len(used) <= 1
        sets.setdefault(decision.versions["rules"], set()).update(used)
        assert {s.version for s in decision.signals if s.detector == "rules"} <= {decision.versions["rules"]}
    assert all(len(used) <= 1 for used in sets.values()), sets
    assert len(sets) >= 3, "the sets changed while decisions were taken"


def test_windows_are_filled_while_decisions_go_on_and_nothing_is_missed(opened: OpenHouse) -> None:
    from .making import pack

    opened.rulebook.add(pack("often", OFTEN, "weight = 0.2"), "ana")
    with Deciding(opened) as deciding:
        deciding.until(500)
        publish(opened, "often", 1)
        opened.publisher.wait()
        assert opened.publisher.state[1] == ""
        seen = len(deciding.decisions)
        deciding.until(seen + 200)
    counted: dict[str, list[int]] = {}
    for number in range(1, deciding.number + 1):
        event = deciding.event(number)
        before = counted.setdefault(event["customer"], [])
        time_us = opened.schema.event(event).time_us
        expected = sum(time_us - 3_600_000_000 <= t <= time_us for t in before) >= 2
        before.append(time_us)
        lines = {line["rule"]: line["result"] for line in deciding.decisions[number - 1].rules}
        if number > seen:
            assert (lines.get("often") == "hit") == expected
    assert opened.publisher.failed == ""
