"""What runs beside the decisions costs: processor time of an entry for the console's read models, and for the watcher.

Run by hand: python tests/lifecycle/beside_cost.py (with src and tests on PYTHONPATH).
"""

from __future__ import annotations

import asyncio
import sys
import time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from haechi.app import create_home, open_house, open_shut
from haechi.bench.bodies import events
from haechi.cases.recent import EVENTS_MAX
from haechi.following import Follower
from haechi.front import HouseFront
from haechi.learning.registry import Registry
from haechi.learning.watch.reference import Reference
from learning.life.making import GOOD, model

EVENTS, WARM, BATCH, COMMIT, QUARTER = 60_000, 20_000, 64, 64, 2_500
ALLOWING = "[policy.actions]\nchallenge.from_risk = 0.99\nhold.from_risk = 0.99\nblock.from_risk = 0.99\n"


class Seen(list):
    """Keeps what a watcher would see."""

    saw = list.append


def main() -> None:
    """Decide events of 10,000 customers, then let each thread's work be done in this one, and tell its time."""
    with TemporaryDirectory() as folder:
        home, _ = create_home(Path(folder) / "home")
        home.settings.write_text(ALLOWING)
        with open_shut(home.path) as shut:
            names = shut.spec.names
        registry = Registry(home.models)
        registry.promote(registry.register(model(0, names), GOOD, now_us=1).version, now_us=9, by="ana")
        with open_house(home.path) as opened:
            front = HouseFront(opened, lambda: 1)
            watching, opened.house.watcher = opened.house.watcher, Seen()
            decide(front, list(islice(events(3, 10_000), EVENTS)))
            sights, entries = opened.house.watcher, list(opened.store.journal.entries())
            allowed = sum(len(one.entries) for one in sights if one.action == "allow")
            tell("allowed", 100 * allowed / len(entries), "%")
            tell("read models", followed(opened, entries))
            rows = sights[0].rows[:1].repeat(1_000, 0)
            watching.keeper.use(Reference.of(rows, names))
            tell("watching", watched(watching, sights))


def decide(front: HouseFront, bodies: list[bytes]) -> None:
    """All of them, in batches."""

    async def asking() -> None:
        for at in range(0, len(bodies), BATCH):
            await front.decide_batch(bodies[at : at + BATCH])

    asyncio.run(asking())


def followed(opened, entries) -> float:
    """Microseconds of an entry from the journal's writer to the read models."""
    memory, store = opened.course.memory, opened.store
    one = Follower(opened.schema, memory.spec, memory.seed, opened.archive, store.journal, lambda: 1, EVENTS_MAX)
    one._journal = SimpleNamespace(durable_seq=0)  # nothing is on disk but what it hears
    start = 0.0
    for at in range(0, len(entries), QUARTER):
        start = start if at > WARM else time.thread_time()
        for first in range(at, min(at + QUARTER, len(entries)), COMMIT):
            one._hear(entries[first : min(first + COMMIT, at + QUARTER)])
        while one._step():
            pass
    assert one.recent.added == len(entries)
    return (time.thread_time() - start) / (len(entries) - WARM) * 1e6


def watched(watching, sights) -> float:
    """Microseconds of a decision from the deciding thread's queue to scores and counts."""
    start, done, warm = 0.0, 0, 0
    for at in range(0, len(sights), QUARTER // BATCH):
        if not start and done > WARM:
            start, warm = time.thread_time(), done
        for one in sights[at : at + QUARTER // BATCH]:
            watching.saw(one)
        done += watching.step()
    assert watching.scored == done == sum(len(one.entries) for one in sights)
    return (time.thread_time() - start) / (done - warm) * 1e6


def tell(what: str, value: float, unit: str = "us an entry") -> None:
    """One line."""
    sys.stdout.write(f"{what}: {value:.2f} {unit}\n")


if __name__ == "__main__":
    main()
