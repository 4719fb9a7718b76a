"""The receipt of entries: it is done when they are on disk, and not a moment earlier."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Generator, Iterable, Sequence

import msgspec

from haechi.stores.entry import Entry
from haechi.stores.errors import StoreError

log = logging.getLogger("haechi.stores")

Then = Callable[["Ticket"], None]

_late = threading.Lock()


class Ticket(msgspec.Struct, gc=False, eq=False):
    """The receipt of entries that were handed in together: await it, give it a callback, or wait for it in a thread.

    `gc=False` spares the collector twenty thousand objects; settling cuts every circle that a callback might close.
    """

    entries: Sequence[Entry]  # numbered without a gap
    keys: Sequence[int]  # of their ids in the index; 0 for an entry that has none
    size: int
    outcome: StoreError | bool = False  # True: on disk
    first: Then | None = None
    later: list[Then] | None = None

    @property
    def settled(self) -> bool:
        """Whether it has ended, well or badly."""
        return self.outcome is not False

    @property
    def error(self) -> StoreError | None:
        """What kept the entry from the disk; None while nothing did."""
        return None if isinstance(self.outcome, bool) else self.outcome

    @property
    def entry(self) -> Entry:
        """The last of the entries; nearly always there is one."""
        return self.entries[-1]

    @property
    def seq(self) -> int:
        """The last entry's place in the sequence."""
        return self.entries[-1].seq

    @property
    def seqs(self) -> range:
        """All their places."""
        first = self.entries[0].seq
        return range(first, first + len(self.entries))

    def add(self, other: Ticket) -> None:
        """Take in the entries of another one that nobody has seen yet."""
        self.entries, self.keys = [*self.entries, *other.entries], [*self.keys, *other.keys]
        self.size += other.size

    def entry_of(self, key: int) -> Entry:
        """The entry whose id has this key."""
        return self.entries[self.keys.index(key)]

    def then(self, call: Then) -> None:
        """Call back once the ticket is settled; at once if it already is."""
        with _late:
            if self.later is None:
                self.later = []
            self.later.append(call)
        if self.outcome is not False:
            self._run_later()

    def wait(self, timeout_s: float | None = None) -> int:
        """Block this thread until the entry is on disk and return its number; never call it in the event loop."""
        bell = threading.Event()
        self.then(lambda _: bell.set())
        if not bell.wait(timeout_s):
            raise TimeoutError(f"entry {self.seq} was not written within {timeout_s} s")
        return self.result()

    def result(self) -> int:
        """The entry's number, or the error that kept it from the disk."""
        if self.error is not None:
            raise self.error
        if not self.outcome:
            raise RuntimeError(f"entry {self.seq} is still on its way to the disk; await or wait() first")
        return self.seq

    def __await__(self) -> Generator[object, None, int]:
        if self.outcome is False:
            loop = asyncio.get_running_loop()
            future: asyncio.Future[None] = loop.create_future()
            self.then(lambda _: _wake(loop, future))
            yield from future
        return self.result()

    def settle(self, error: StoreError | None) -> None:
        """Say how it ended; the callbacks run in the calling thread."""
        self.outcome = error or True
        call, self.first = self.first, None
        if call is not None:
            self._run(call)
        if self.later:
            self._run_later()

    def _run_later(self) -> None:
        # Settling and registering may meet in two threads: pop() hands each callback to exactly one of them.
        while self.later:
            try:
                call = self.later.pop(0)
            except IndexError:
                return
            self._run(call)

    def _run(self, call: Then) -> None:
        try:
            call(self)
        except Exception:
            log.exception("a callback of journal entry %d failed; the entry itself is not affected", self.seq)


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
