"""Whatever happens in whatever order, every engine's journal agrees with a list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from haechi.stores import DECIDED, LEARNED, DuplicateEvent, Entry, Limits, open_store

from .journals import Engine, entry, label


class Bookkeeper(RuleBasedStateMachine):
    """Whatever happens in whatever order, the journal agrees with a list and a dictionary."""

    engine: Engine
    new_folder: Callable[[], Path]

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Entry] = []
        self.by_id: dict[str, Entry] = {}
        self.forgotten = 0

    @initialize()
    def open(self) -> None:
        self.url = self.engine.url(self.new_folder())
        self.reopen()

    def reopen(self) -> None:
        tiny = Limits(index_entries=5, index_slice_entries=2, read_entries=3, batch_entries_max=4)
        self.store = open_store(self.url, limits=tiny, archived=lambda seq: self.said[seq - 1])

    @rule(number=st.integers(0, 30), body=st.binary(max_size=20), kind=st.sampled_from([DECIDED, LEARNED]))
    def write(self, number: int, body: bytes, kind: int) -> None:
        one = entry(f"p-{number}", body=body, type=kind)
        if one.event_id in self.by_id:
            with pytest.raises(DuplicateEvent):
                self.store.journal.write(one)
            return
        self.store.journal.write(one)
        self.said.append(one)
        self.by_id[one.event_id] = one

    @rule(number=st.integers(0, 30), fraud=st.booleans())
    def tell(self, number: int, fraud: bool) -> None:
        one = label(f"p-{number}", fraud, len(self.said))
        self.store.journal.write(one)
        self.said.append(one)

    @rule()
    def close_and_open(self) -> None:
        self.store.close()
        self.reopen()

    @rule()
    def forget_some(self) -> None:
        self.settle()
        through = (self.forgotten + len(self.said)) // 2
        if through > self.forgotten:
            assert self.store.journal.forget(self.forgotten + 1, through) == through - self.forgotten
            self.forgotten = through

    def settle(self) -> None:
        if self.said:
            self.store.journal.submit(lambda _: None).result(10)  # type: ignore[attr-defined]

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "store"):
            return
        journal = self.store.journal
        assert journal.last_seq == len(self.said)
        for number in range(0, 31, 7):
            assert journal.find(f"p-{number}") == self.by_id.get(f"p-{number}")
        self.settle()
        assert list(journal.entries()) == self.said[self.forgotten :]

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


def test_the_journal_agrees_with_a_list(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> None:
    Bookkeeper.engine = engine
    Bookkeeper.new_folder = staticmethod(lambda: tmp_path_factory.mktemp("home"))
    Bookkeeper.TestCase.settings = settings(
        max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    Bookkeeper.TestCase().runTest()
