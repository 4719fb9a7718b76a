"""A home behind its HTTP door, from the first entry replayed to the last snapshot."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from uuid import uuid4

from haechi.api import Api, Limits, Refusal, serve
from haechi.app import BadHome, OpenHouse, now_us, open_house
from haechi.commands.asking import forget_address, tell_address
from haechi.commands.mounting import Doors
from haechi.decision import Detector
from haechi.features.beside import Beside
from haechi.front import HouseFront
from haechi.learning.errors import LearningError
from haechi.rulebook.publishing import rehearse
from haechi.stores import StoreError

log = logging.getLogger("haechi")

TICK_S = 0.05
WORK_S = 0.25
WATCH_S = 0.05  # little at a time: as long as the worker is at it in one go, decisions wait
ARCHIVE_S = 10.0
COUNT_TURNS = 20
# The journal's writer needs the interpreter a few times for each commit; by default it would wait 5 ms each time.
SWITCH_S = 0.0005
# What a decision makes is gone without the collector; at its default it would look for circles every fifty decisions.
COLLECTED_AFTER = 50_000, 20, 100
Introduce = Callable[[str, dict[str, object]], None]


async def serve_home(
    home: Path, listener: socket.socket, introduce: Introduce, detectors: Sequence[Detector] | None = None
) -> None:
    """Open a home, serve it until told to stop, then leave it with a fresh snapshot."""
    opened = open_house(home, detectors=detectors)
    _check_id(opened)
    log.info("starting: %d entries read again; preparing rules", opened.replayed)
    rehearse(opened.schema, opened.course.memory.spec)
    sys.setswitchinterval(SWITCH_S)
    # What start-up made stays for good: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
    try:
        front = HouseFront(opened, now_us)
        loop = asyncio.get_running_loop()
        opened.store.journal.deliver_through(loop.call_soon_threadsafe, loop.call_soon)
        opened.store.sync_beside(loop)
        learn_here = learn_beside(opened, front, loop)
        given = opened.settings.limits
        limits = Limits(
            body_bytes_max=given.body_bytes_max, batch_bytes_max=given.batch_bytes_max,
            batch_lines_max=given.batch_lines_max, in_flight_max=given.in_flight_max,
            connections_max=given.connections_max,
        )  # fmt: skip
        instance = uuid4().hex[:12]
        api = Api(front, limits=limits, instance=instance)
        doors = Doors(api, opened, front)
        ticking = asyncio.create_task(tick(opened, front))
        working = [asyncio.create_task(one(front)) for one in (work, send, watch, archive)]

        async def stop() -> None:
            front.stopping = True
            learn_here()
            ticking.cancel()
            for task in working:
                task.cancel()
            # Swaps wait for the loop, and the loop would wait for them.
            await asyncio.to_thread(opened.publisher.close)
            await asyncio.to_thread(front.jobs.close)
            await asyncio.to_thread(front.room.close)
            await asyncio.to_thread(doors.close)

        def ready() -> None:
            doors.begin()
            tell_address(home, *listener.getsockname()[:2])
            introduce(instance, {"replayed": opened.replayed, "password": doors.password})

        await serve(api, listener, on_ready=ready, on_stop=stop, app=doors, on_shutdown=doors.end_feeds)
    finally:
        forget_address(home)
        opened.close()


def learn_beside(opened: OpenHouse, front: HouseFront, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    """Let the memory learn beside the loop, and what changes the house wait for it; what is returned ends that."""
    helper = Beside()
    front.turns.learn_beside(helper, loop.call_soon)
    loop.add_reader(helper.answers, front.turns.landed)

    def between(call: Callable[[], object]) -> None:
        loop.call_soon_threadsafe(front.turns.between, call)

    opened.publisher.decide_through(between)
    opened.taking.decide_through(between)

    def learn_here() -> None:
        front.turns.learn_here()
        loop.remove_reader(helper.answers)
        helper.close()

    return learn_here


def _check_id(opened: OpenHouse) -> None:
    """An event without an id of its own could not be sent twice and decided once."""
    if not opened.schema.id_column:
        path = opened.home.schema
        opened.close()
        raise BadHome(f'{path} names no id: live events need one, e.g. id = {{ column = "transaction_id" }}')


async def tick(opened: OpenHouse, front: HouseFront) -> None:
    """What has to be done between events now and then: snapshots, and pages of memory ahead of need."""
    while True:
        front.turns.between(opened.snapshots.step)
        opened.course.prepare_pages()  # at any moment: it faults pages in, and changes nothing in them
        await asyncio.sleep(TICK_S)


async def work(front: HouseFront) -> None:
    """What the clock does for people: locks end, verdicts become labels, deadlines pass."""
    for turn in count():
        try:
            await asyncio.to_thread(front.cases.sweep)
            if turn % COUNT_TURNS == 0:
                await asyncio.to_thread(front.cases.count)
            await front.tell_lessons()
            await front.tell_checks()
        except (StoreError, Refusal) as error:
            # Nothing is lost: what is due stays due, and the journal says itself when it is broken.
            log.warning("what is due at the desk has to wait: %s", error)
        await asyncio.sleep(WORK_S)


async def send(front: HouseFront) -> None:
    """Bring webhooks their messages; a slow receiver holds up nobody but the other receivers."""
    while True:
        tried = 0
        try:
            tried = await asyncio.to_thread(front.cases.webhooks.deliver)
        except StoreError as error:
            log.warning("messages to webhooks have to wait: %s", error)
        await asyncio.sleep(0 if tried else WORK_S)


async def watch(front: HouseFront) -> None:
    """Score and count what was decided, train when it is due; no decision waits for it."""
    while True:
        try:
            await asyncio.to_thread(front.room.step)
        except (StoreError, LearningError) as error:
            log.warning("what is watched has to wait: %s", error)
        await asyncio.sleep(WATCH_S)


async def archive(front: HouseFront) -> None:
    """Move old entries into the archive, a little at a time."""
    while True:
        await asyncio.sleep(ARCHIVE_S)
        try:
            await asyncio.to_thread(front.room.archiving.step)
        except (StoreError, OSError) as error:  # a full disk, too: what is half moved is found by the next step
            log.warning("what is old stays in the journal for now: %s", error)
