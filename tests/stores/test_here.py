"""An event loop writes what it handed in itself, while the disk is quick and the writer's own thread is not at it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from haechi.stores import Broken, Limits, Ticket
from haechi.stores.intake import Intake
from haechi.stores.sqlite import SqliteStore
from haechi.stores.syncer import FAILED, SOUND, Syncer
from haechi.stores.writer import HERE_S_MAX, now

from .kit import entry, faulty_disk

THREAD = "haechi-journal"
FULL = 2  # as SQLite counts


def in_loop(store: SqliteStore, scene: Callable[[], Awaitable[None]], *, beside: bool = False) -> None:
    """Play a scene in a loop that hands in entries as the server's does; `beside`: what it writes is synced beside."""

    async def play() -> None:
        loop = asyncio.get_running_loop()
        store.journal.deliver_through(loop.call_soon_threadsafe, loop.call_soon)
        if beside:
            store.sync_beside(loop)
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


class Disk:
    """Stands for the syncer: the test says when a sync is done, and how."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = b""

    def ask(self) -> None:
        self.asked += 1

    def heard(self) -> bytes:
        return self.answers

    def sync(self) -> None:
        self.answers += SOUND


def test_what_the_loop_wrote_is_settled_when_it_was_synced_and_not_before(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "beside.db") as store:
        writer, disk = store.journal._writer, Disk()
        writer.sync_beside(disk)  # type: ignore[arg-type]

        async def scene() -> None:
            (first,), threads = settled_in(store, "a")
            await asyncio.sleep(0.01)
            (second,), _ = settled_in(store, "b")
            await asyncio.sleep(0.01)
            assert (disk.asked, store.journal.commits) == (2, 2)
            assert not first.settled
            assert store.journal.durable_seq == 0
            assert list(store.journal.entries()) == []
            assert store.journal.ticket("a") is first, "the same event again waits, too"
            disk.answers = SOUND
            writer.synced()
            assert (await first, second.settled) == (1, False)
            assert threads == [threading.current_thread().name]
            writer.synced()
            assert await second == 2
            assert store.journal.waiting == 0

        in_loop(store, scene)


def test_a_commit_of_the_writer_makes_durable_what_the_loop_wrote_before(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "beside.db") as store:
        writer, disk = store.journal._writer, Disk()
        writer.sync_beside(disk)  # type: ignore[arg-type]

        async def scene() -> None:
            heard: list[list[int]] = []
            store.journal.follow(lambda entries: heard.append([one.seq for one in entries]))
            (first,), _ = settled_in(store, "a")
            await asyncio.sleep(0.01)
            assert disk.asked == 1
            with writer._one:  # nobody writes until the job is there, and its thread takes what came before it
                (second,), _ = settled_in(store, "b")
                store.journal.submit(lambda connection: None)
                await asyncio.sleep(0.01)
            assert (await first, await second) == (1, 2)
            disk.answers = SOUND
            writer.synced()  # late, and nothing is told twice
            assert heard == [[1], [2]]

        in_loop(store, scene)


def test_filling_the_index_settles_nothing_that_was_not_synced(tmp_path: Path) -> None:
    """It needs no sync of its own, and is none."""
    with SqliteStore(tmp_path / "beside.db", limits=Limits(index_entries=2)) as store:
        writer, disk = store.journal._writer, Disk()
        writer.sync_beside(disk)  # type: ignore[arg-type]

        async def scene() -> None:
            tickets, _ = settled_in(store, "a", "b")
            while store.journal.commits < 2:
                await asyncio.sleep(0.01)
            index = writer._index
            while index.indexed_through < 2:
                await asyncio.sleep(0.01)
            assert disk.asked == 1
            assert not any(ticket.settled for ticket in tickets)
            assert store.journal.durable_seq == 0
            disk.answers = SOUND
            writer.synced()
            assert [await ticket for ticket in tickets] == [1, 2]

        in_loop(store, scene)


def test_what_falls_due_while_the_writer_lies_down_is_not_slept_through() -> None:
    intake = Intake(0, Limits())

    def falls_due_now() -> bool:
        ringing = threading.Thread(target=intake.ring)
        ringing.start()
        ringing.join(0.2)  # it has to wait until the other one sleeps
        return False

    writer = threading.Thread(target=intake.wait, args=(falls_due_now,), daemon=True)
    writer.start()
    writer.join(10)
    assert not writer.is_alive()


def test_what_the_loop_could_not_write_is_left_to_it(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "beside.db") as store:
        writer, disk = store.journal._writer, Disk()
        writer.sync_beside(disk)  # type: ignore[arg-type]

        async def scene() -> None:
            with writer._one:  # the thread is at its own work
                (ticket,), threads = settled_in(store, "a")
                await asyncio.sleep(0.01)
                assert store.journal.commits == 0
            while not disk.asked:
                await asyncio.sleep(0.001)
            disk.answers = SOUND
            writer.synced()
            assert await ticket == 1
            assert threads == [threading.current_thread().name]

        in_loop(store, scene)


def test_a_sync_that_fails_breaks_the_journal(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "beside.db") as store:
        writer, disk = store.journal._writer, Disk()
        writer.sync_beside(disk)  # type: ignore[arg-type]

        async def scene() -> None:
            (first,), _ = settled_in(store, "a")
            await asyncio.sleep(0.01)
            disk.answers = FAILED
            writer.synced()
            with pytest.raises(Broken, match="the disk reports an error"):
                await first
            assert store.journal.find("a") is None
            with pytest.raises(Broken):
                store.journal.write(entry("b"))

        in_loop(store, scene)


def test_closing_syncs_what_is_left(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "beside.db") as store:
        disk = Disk()
        store.journal._writer.sync_beside(disk)  # type: ignore[arg-type]
        tickets: list[Ticket] = []

        async def scene() -> None:
            tickets.extend(settled_in(store, "a")[0])
            await asyncio.sleep(0.01)

        in_loop(store, scene)
        assert not tickets[0].settled
    assert tickets[0].result() == 1
    assert disk.answers == SOUND


@pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="this system has no fdatasync: commits are synced as before")
def test_the_syncer_syncs_beside_the_loop(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "beside.db") as store:

        async def scene() -> None:
            for n in range(40):
                tickets, threads = settled_in(store, f"a-{n}", f"b-{n}")
                assert [await ticket for ticket in tickets] == [2 * n + 1, 2 * n + 2]
                assert threads == [threading.current_thread().name] * 2
            seen = store.journal.submit(lambda connection: connection.pragma("synchronous"))
            assert await asyncio.wrap_future(seen) == FULL, "what the thread writes is synced by SQLite"

        in_loop(store, scene, beside=True)
        assert len(list(store.journal.entries())) == 80
    assert "haechi-syncer" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="this system has no fdatasync: commits are synced as before")
def test_the_syncer_says_that_a_file_cannot_be_synced_and_tries_no_more(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # a pipe has nothing that could be synced
    held = os.open(tmp_path / "pipe", os.O_RDWR)
    syncer = Syncer(tmp_path / "pipe")
    syncer.ask()
    assert syncer.heard() == FAILED
    with pytest.raises(OSError, match="Invalid argument"):
        syncer.sync()
    syncer.close()
    os.close(held)
