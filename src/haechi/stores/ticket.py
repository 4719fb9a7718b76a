"""The receipt of an entry: it is done when the entry is on disk, and not a moment earlier."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Generator, Iterable

from haechi.stores.entry import Entry
from haechi.stores.errors import StoreError

log = logging.getLogger("haechi.stores")

Then = Callable[["Ticket"], None]


class Ticket:
    """The receipt of one entry: await it, give it a callback, or wait for it in a thread."""

    __slots__ = ("_calls", "entry", "error", "key", "settled")

    def __init__(self, entry: Entry, key: int, then: Then | None) -> None:
        self.entry = entry
        self.key = key
        self.settled = False
        self.error: StoreError | None = None
        self._calls: list[Then] = [] if then is None else [then]

    @property
    def seq(self) -> int:
        """The entry's place in the sequence."""
        return self.entry.seq

    def then(self, call: Then) -> None:
        """Call back once the ticket is settled; at once if it already is."""
        self._calls.append(call)
        if self.settled:
            self._run()

    def wait(self, timeout_s: float | None = None) -> int:
        """Block this thread until the entry is on disk and return its number; never call it in the event loop."""
        bell = threading.Event()
        self.then(lambda _: bell.set())
        if not bell.wait(timeout_s):
            raise TimeoutError(f"entry {self.entry.seq} was not written within {timeout_s} s")
        return self.result()

    def result(self) -> int:
        """The entry's number, or the error that kept it from the disk."""
        if self.error is not None:
            raise self.error
        return self.entry.seq

    def __await__(self) -> Generator[object, None, int]:
        if not self.settled:
            loop = asyncio.get_running_loop()
            future: asyncio.Future[None] = loop.create_future()
            self.then(lambda _: _wake(loop, future))
            yield from future
        return self.result()

    def settle(self, error: StoreError | None) -> None:
        """Say how it ended; the callbacks run in the calling thread."""
        self.error = error
        self.settled = True
        if self._calls:
            self._run()

    def _run(self) -> None:
        # Settling and registering may meet in two threads: pop() hands each callback to exactly one of them.
        calls = self._calls
        while calls:
            try:
                call = calls.pop()
            except IndexError:
                return
            try:
                call(self)
            except Exception:
                log.exception("a callback of journal entry %d failed; the entry itself is not affected", self.entry.seq)


def settle_all(tickets: Iterable[Ticket], error: StoreError | None = None) -> None:
    """Settle a whole batch: one call into the event loop for all of them."""
    for ticket in tickets:
        ticket.settle(error)


def _wake(loop: asyncio.AbstractEventLoop, future: asyncio.Future[None]) -> None:
    if asyncio._get_running_loop() is loop:
        _finish(future)
    else:
        loop.call_soon_threadsafe(_finish, future)


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
