"""What watching costs a decision: blocks of decisions with and without it, in turn, on the schema bank.

Run by hand: python tests/lifecycle/shadow_cost.py (with src and tests on PYTHONPATH).
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from haechi.app import create_home, open_house, open_shut
from haechi.decision import answer
from haechi.learning.registry import Registry
from haechi.lifecycle.room import ModelRoom
from homes import payment
from learning.life.making import GOOD, model

EVENTS, BLOCK, SHADOWS = 12_000, 500, 3


def main() -> None:
    """Decide, and tell both sides' times."""
    with TemporaryDirectory() as folder:
        home, _ = create_home(Path(folder) / "home")
        with open_shut(home.path) as shut:
            names = shut.spec.names
        registry = Registry(home.models)
        made = [registry.register(model(n, names), GOOD, now_us=n + 1).version for n in range(SHADOWS + 1)]
        registry.promote(made[0], now_us=9, by="ana")
        with open_house(home.path) as opened:
            room = ModelRoom(opened, lambda: 1)
            for version in made[1:]:
                opened.life.ask(version, "shadow", "ana")
            told = decided(opened, room)
            opened.house.watcher = None
            room.close()
    for name, taken in told.items():
        rank = sorted(taken)
        p50, p99 = rank[len(rank) // 2] / 1e3, rank[len(rank) * 99 // 100] / 1e3
        sys.stdout.write(f"{name}: p50 {p50:.1f} us, p99 {p99:.1f} us, mean {statistics.mean(taken) / 1e3:.1f} us\n")


def decided(opened, room) -> dict[str, list[int]]:
    """Nanoseconds of each decision, with its worker at work all the time."""
    watcher, going = opened.house.watcher, [True]
    bodies = [json.dumps(payment(n)).encode() for n in range(EVENTS)]
    events = [opened.schema.event(json.loads(body)) for body in bodies]

    def work() -> None:
        while going[0]:
            room.watching.step()
            time.sleep(0.25)

    worker = threading.Thread(target=work)
    worker.start()
    told: dict[str, list[int]] = {"alone": [], "watched": []}
    for n, (event, body) in enumerate(zip(events, bodies, strict=True)):
        watched = n // BLOCK % 2 == 0
        opened.house.watcher = watcher if watched else None
        start = time.perf_counter_ns()
        answer(event, opened.house, body)
        told["watched" if watched else "alone"].append(time.perf_counter_ns() - start)
        while opened.store.journal.waiting > 2_000:
            time.sleep(0.001)
    going[0] = False
    worker.join()
    return told


if __name__ == "__main__":
    main()
