"""An event loop writes what it handed in itself, while the disk is quick and the writer's own thread is not at it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from haechi.stores import Broken, Ticket
from haechi.stores.sqlite import SqliteStore
from haechi.stores.writer import HERE_S_MAX, now

from .kit import entry, faulty_disk

THREAD = "haechi-journal"


def in_loop(store: SqliteStore, scene: Callable[[], Awaitable[None]]) -> None:
    """Play a scene in a loop that hands in entries as the server's does."""

    async def play() -> None:
        loop = asyncio.get_running_loop()
        store.journal.deliver_through(loop.call_soon_threadsafe, loop.call_soon)
        await asyncio.wait_for(scene(), 60)

    asyncio.run(play())


def settled_in(store: SqliteStore, *names: str) -> tuple[list[Ticket], list[str]]:
    """Hand entries in; their tickets, and in which threads they will be settled."""
    threads: list[str] = []
    tickets = [
        store.journal.write(entry(name), lambda _: threads.append(threading.current_thread().name)) for name in names
    ]
    return tickets, threads


def test_one_turn_of_the_loop_is_one_commit_of_its_own(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "here.db") as store:
        delivered: list[object] = []

        async def scene() -> None:
            store.journal._writer.deliver = delivered.append
            tickets, threads = settled_in(store, "a", "b", "c")
            assert [await ticket for ticket in tickets] == [1, 2, 3]
            assert threads == [threading.current_thread().name] * 3
            assert store.journal.commits == 1

        in_loop(store, scene)
        assert not delivered, "nothing was handed from one thread to another"
        assert [one.event_id for one in store.journal.entries()] == ["a", "b", "c"]


def test_a_slow_disk_is_the_writers_until_it_is_quick_again(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "slow.db") as store:
        writer, clock = store.journal._writer, iter([0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
        writer._clock = lambda: next(clock)

        async def written_by(name: str) -> str:
            (ticket,), threads = settled_in(store, name)
            await ticket
            return threads[0]

        async def scene() -> None:
            writer.deliver = now
            here = threading.current_thread().name
            assert [await written_by(name) for name in ("slow", "after", "quick")] == [here, THREAD, here]

        in_loop(store, scene)
    assert 0 < HERE_S_MAX < 1


def test_while_the_writer_is_at_it_nobody_waits_in_the_loop(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "busy.db") as store:

        async def scene() -> None:
            with store.journal._writer._one:
                (ticket,), _ = settled_in(store, "a")
                for _ in range(10):
                    await asyncio.sleep(0)
                assert not ticket.settled
            assert await ticket == 1

        in_loop(store, scene)


def test_a_job_and_the_index_are_the_writers_work(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "job.db") as store:

        async def scene() -> None:
            (ticket,), _ = settled_in(store, "a")
            seen = store.journal.submit(lambda connection: threading.current_thread().name)
            assert await asyncio.wrap_future(seen) == THREAD
            assert await ticket == 1

        in_loop(store, scene)


def test_a_disk_that_fails_the_loop_breaks_the_journal(tmp_path: Path) -> None:
    with faulty_disk() as (vfs, disk), SqliteStore(tmp_path / "broken.db", vfs=vfs) as store:

        async def scene() -> None:
            disk.only, disk.fails_at, disk.calls = "xSync", 1, 0
            (first, second), _ = settled_in(store, "a", "b")
            for ticket in (first, second):
                with pytest.raises(Broken, match="the disk reports an error"):
                    await ticket
            with pytest.raises(Broken):
                store.journal.write(entry("c"))
            assert store.journal.find("a") is None
            store.journal._writer.write_here()
            assert store.journal.durable_seq == 0

        in_loop(store, scene)
