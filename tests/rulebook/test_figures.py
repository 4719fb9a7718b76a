"""How rules do in life: hits, what became of them, money; the last word counts, and nothing is counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from haechi.rulebook import counting
from haechi.rulebook import figures as module
from haechi.rulebook.figures import RuleFigures
from haechi.stores import Entry, LabelRow
from haechi.stores.sqlite import SqliteStore

DAY_US = 86_400_000_000


class House:
    """A journal with decisions and labels, and who counts them."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder / "h.db")
        self.ticks = iter(range(10**9))
        self.figures = RuleFigures(self.store.journal, lambda body: (int(body), "KRW"), lambda: next(self.ticks))

    def decide(self, id_: str, *rules: str, lane: str = "live", day: int = 1, result: str = "hit") -> None:
        lines = [{"rule": rule, "version": 1, "result": result, "lane": lane} for rule in rules]
        decision = msgspec.json.encode({"action": "hold", "rules": lines})
        self.write(Entry(type=1, event_id=id_, time_us=day * DAY_US, body=b"7000", decision=decision))

    def label(self, id_: str, fraud: bool) -> None:
        body = msgspec.json.encode(LabelRow(id_, fraud, 1, "verdict:ana"))
        self.write(Entry(type=3, event_id=id_, time_us=1, body=body))

    def write(self, entry: Entry) -> None:
        self.store.journal.write(entry).wait(60)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.store.close()


def test_hits_and_what_became_of_them(house: House) -> None:
    house.decide("e-1", "large", "night")
    house.decide("e-2", "large", day=2)
    house.decide("e-3", "large", lane="shadow", day=2)
    house.decide("e-4", "large", result="miss")
    house.label("e-1", True)
    house.label("e-2", False)
    house.figures.step()
    large = house.figures.of("large")
    assert (large.hits, large.acted, large.frauds, large.honest, large.precision) == (3, 2, 1, 1, 0.5)
    assert (large.caught, large.days) == ({"KRW": 7_000}, {1: 1, 2: 2})
    assert (house.figures.since_us, house.figures.through_us) == (DAY_US, 2 * DAY_US)
    assert house.figures.of("night").hits == 1
    assert house.figures.of("nobody").precision is None


def test_the_last_word_counts_and_the_same_word_once(house: House) -> None:
    house.decide("e-1", "large")
    for fraud in (True, True, False):
        house.label("e-1", fraud)
    house.label("e-9", True)
    house.figures.step()
    large = house.figures.of("large")
    assert (large.frauds, large.honest, large.caught) == (0, 1, {"KRW": 0})


def test_it_goes_on_where_it_stopped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "PIECE", 2)
    for n in range(5):
        house.decide(f"e-{n}", "large")
    house.figures.step(ns_max=1)
    assert house.figures.of("large").hits < 5
    assert house.figures.is_behind
    house.figures.step()
    house.figures.step()
    assert house.figures.of("large").hits == 5
    assert not house.figures.is_behind
    house.decide("e-6", "large")
    house.figures.step()
    assert house.figures.of("large").hits == 6


def test_only_so_many_events_are_remembered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVENTS_MAX", 2)
    for n in range(3):
        house.decide(f"e-{n}", "large")
    house.label("e-0", True)
    house.label("e-2", True)
    house.figures.step()
    assert house.figures.of("large").frauds == 1, "the oldest is forgotten, not miscounted"
