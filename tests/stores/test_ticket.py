"""A receipt tells everyone once, in whatever order asking and settling meet."""

from __future__ import annotations

import asyncio
import threading

import pytest

from haechi.stores import Broken
from haechi.stores.ticket import Ticket

from .kit import entry


def ticket() -> Ticket:
    one = Ticket((entry("a", seq=7),), keys=(1,), size=10)
    assert (one.seq, one.settled, one.error) == (7, False, None)
    return one


def test_asking_too_early_is_an_error_of_the_caller() -> None:
    with pytest.raises(RuntimeError, match="still on its way"):
        ticket().result()
    with pytest.raises(TimeoutError, match="entry 7 was not written"):
        ticket().wait(0)


def test_everyone_is_told_exactly_once() -> None:
    for _ in range(200):
        one, told = ticket(), []
        start = threading.Barrier(5)

        def ask(one: Ticket = one, told: list[int] = told, start: threading.Barrier = start) -> None:
            start.wait()
            one.then(lambda done: told.append(done.seq))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        start.wait()
        one.settle(None)
        for thread in threads:
            thread.join()
        assert told == [7] * 4


def test_waiting_coroutines_get_the_error() -> None:
    async def run() -> None:
        one = ticket()
        waiting = [asyncio.ensure_future(_await(one)) for _ in range(3)]
        cancelled = asyncio.ensure_future(_await(one))
        await asyncio.sleep(0)
        cancelled.cancel()
        threading.Thread(target=one.settle, args=(Broken("the disk is gone"),)).start()
        results = await asyncio.gather(*waiting, cancelled, return_exceptions=True)
        assert [type(result) for result in results] == [Broken] * 3 + [asyncio.CancelledError]
        with pytest.raises(Broken):
            await one

    asyncio.run(run())


async def _await(one: Ticket) -> int:
    return await one
