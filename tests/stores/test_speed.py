"""What the journal costs. CPU is asserted, because it says the same on a busy machine; rates are printed.

Run `python -m pytest -m nightly tests/stores/test_speed.py -s` on a machine that does nothing else.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from haechi.stores import Entry, Limits
from haechi.stores.sqlite import SqliteStore

from .kit import entry

pytestmark = pytest.mark.nightly
BODY = bytes(range(256)) * 4
ROOM = Limits(queue_entries_max=10**7, queue_bytes_max=1 << 40)


def entries(count: int, seed: int, body: bytes = BODY) -> list[Entry]:
    dice = random.Random(seed)
    return [entry(f"{dice.getrandbits(64):016x}", body=body, decision=body) for _ in range(count)]


def best_us(call: Callable[[Entry], object], batches: Iterable[list[Entry]]) -> float:
    """CPU of this thread for one call, in the best of many batches."""
    found = []
    for batch in batches:
        start = time.thread_time()
        for one in batch:
            call(one)
        found.append((time.thread_time() - start) / len(batch) * 1e6)
    return min(found)


def writer_cpu_s(store: SqliteStore) -> float:
    stat = Path(f"/proc/self/task/{store._writer.native_id}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / 100


def test_a_caller_pays_three_microseconds_and_one_for_a_new_id(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "h.db", limits=ROOM) as store, store._links[0].lock:
        new = best_us(lambda one: store.journal.find(one.event_id), (entries(300, seed) for seed in range(60)))
        write = best_us(store.journal.write, (entries(300, seed) for seed in range(60)))
        print(f"\nwrite {write:.2f} us, find of a new id {new:.2f} us")
    assert write <= 4.0
    assert new <= 1.2


def test_the_writer_keeps_up_with_25_000_entries_a_second(tmp_path: Path) -> None:
    said = entries(100_000, 1)
    with SqliteStore(tmp_path / "h.db", limits=ROOM) as store:
        before, start = writer_cpu_s(store), time.perf_counter()
        for one in said:
            last = store.journal.write(one)
        last.wait(120)
        seconds = time.perf_counter() - start
        cpu_us = (writer_cpu_s(store) - before) / len(said) * 1e6
        print(
            f"\n{len(said) / seconds:.0f} entries/s, writer {cpu_us:.1f} us an entry, {store.journal.commits} commits"
        )
    assert cpu_us <= 18.0


def test_a_million_ids_are_known_within_a_second_of_starting(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "h.db", limits=ROOM) as store:
        for one in entries(1_000_000, 2, body=b"{}"):
            last = store.journal.write(one)
        last.wait(300)
    start, cpu = time.perf_counter(), time.process_time()
    with SqliteStore(tmp_path / "h.db") as store:
        print(f"\nstart with 1 M ids: {time.perf_counter() - start:.2f} s, cpu {time.process_time() - cpu:.2f} s")
        assert time.process_time() - cpu <= 1.5
        known = best_us(lambda one: store.journal.find(one.event_id), [entries(1_000, 2)])
        print(f"find of an old id {known:.1f} us")
        start = time.perf_counter()
        count = sum(1 for _ in store.journal.entries())
        print(f"reading {count / (time.perf_counter() - start):.0f} entries/s")
