"""How fast a real server decides over HTTP: a home with a model, a server process, a load process."""

from __future__ import annotations

import http.client
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import run as run_command
from typing import Any

from haechi.app import create_home
from haechi.bench.bodies import deeds
from haechi.bench.durability import plain_file
from haechi.bench.errors import BenchError
from haechi.bench.plan import Figures, Plan
from haechi.bench.process import Server, cpu_s, floor_command, rest, run_apart, server

__all__ = ["HttpFigures", "Loaded", "decided", "measure_http"]

CUSTOMERS, DAYS = 2_000, 30
OPEN_RATE = 5_000.0
OPEN_CONNECTIONS, CLOSED_CONNECTIONS, BATCH_CONNECTIONS = 256, 32, 4
BATCH = 100
SYNCS = 200
WARM_UP_S = 5.0  # behind a start the console reads history, and the first 20,000 events make a reference to watch by
_DECIDED = re.compile(r'^haechi_decisions_total\{action="(\w+)"\} (\S+)$', re.MULTILINE)
Say = Callable[[str], None]


# What a model of so small a town takes for a risk would have every third customer asked for another check.
POLICY = """
[policy.actions]
challenge = { from_risk = 0.25 }
hold = { from_risk = 0.25 }
"""


@dataclass(frozen=True)
class Loaded:
    """One load test: what it found, and the server's processor microseconds for each event."""

    figures: Figures
    server_us: float


@dataclass(frozen=True)
class HttpFigures:
    """Closed loop, batches and open loop against the same home; a part that could not be taken says why in `missing`.

    The floors: the same server with nothing behind its door, and one sync of this disk.
    """

    parts: dict[str, Loaded]  # closed, batch, open, floor
    missing: dict[str, str]
    actions: dict[str, int]  # what the server decided, by action
    sync_us: float


def measure_http(
    folder: Path, *, seconds: float = 10.0, open_seconds: float = 60.0, say: Say = lambda _: None,
    people: int = CUSTOMERS, days: int = DAYS,
) -> HttpFigures:  # fmt: skip
    """Build a home as a user would, serve it, and load it with its own town's next days.

    Nobody is answered before the commit. The more people, the slower their days pass at so many events a second: 2,000
    have 4,300 events a day.
    """
    home, key = folder / "home", _home(folder, say, people, days)
    town = folder / "town" / "events.jsonl"
    size, turn = len(deeds(town)), 1
    parts: dict[str, Loaded] = {}
    missing: dict[str, str] = {}
    actions: dict[str, int] = {}
    with server([sys.executable, "-m", "haechi", "serve", "--home", str(home), "--port", "0", "--json"]) as s:
        for name, told, changes in (
            ("closed", "closed loop, 32 connections", {"connections": CLOSED_CONNECTIONS}),
            ("batch", f"batches of {BATCH}", {"connections": BATCH_CONNECTIONS, "events_per_request": BATCH}),
            (
                "open",
                f"open loop, {OPEN_RATE:,.0f} a second for {open_seconds:.0f} s",
                {"connections": OPEN_CONNECTIONS, "rate_per_s": OPEN_RATE, "seconds": open_seconds},
            ),
        ):
            if not rest(s.pid):  # each part by itself, not behind what the part before left to the watching
                say("the server is still at work behind the last part: this one stands beside it")
            say(told)
            asked = {"seconds": seconds, "bodies_path": str(town), "turn": turn, **changes}
            try:
                parts[name] = _loaded(_plan(s, key, asked), s.pid)
                turn += 1 + parts[name].figures.events_sent // size
            except BenchError as error:
                missing[name] = str(error)
                break
        actions = decided(s.port, key)
    say("closed loop, 32 connections, nothing behind the door")
    with server(floor_command()) as floor:
        bare = _plan(floor, floor.key, {"seconds": seconds, "connections": CLOSED_CONNECTIONS})
        parts["floor"] = _loaded(bare, floor.pid)
    _, sync_us = plain_file(folder / "bench.log", SYNCS * CLOSED_CONNECTIONS, SYNCS)
    return HttpFigures(parts, missing, actions, sync_us)


def _plan(running: Server, key: str, asked: dict[str, Any]) -> Plan:
    return Plan(port=running.port, key=key, instance=running.instance, warm_up_s=WARM_UP_S, arrivals="poisson", **asked)


def _loaded(plan: Plan, pid: int) -> Loaded:
    before = cpu_s(pid)
    figures = run_apart(plan)
    return Loaded(figures, (cpu_s(pid) - before) / max(figures.events_sent, 1) * 1e6)


def decided(port: int, key: str) -> dict[str, int]:
    """What a server says that it decided, by action."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("GET", "/metrics", headers={"Authorization": f"Bearer {key}"})
        text = line.getresponse().read().decode()
    finally:
        line.close()
    return {action: int(float(count)) for action, count in _DECIDED.findall(text)}


def _home(folder: Path, say: Say, people: int = CUSTOMERS, days: int = DAYS) -> str:
    """Init, simulate, import, train: what a user types; returns the key."""
    home = folder / "home"
    place, key = create_home(home, behaviour=True)
    # Thirty days hold few frauds, and cannot wait until nearly all of them are known.
    settings = place.settings.read_text().replace("# mature_share = 0.95", "mature_share = 0.5")
    place.settings.write_text(settings + POLICY)
    town, more = str(folder / "town"), folder / "town.toml"
    more.write_text("[fraud]\nlevel = 4.0\n")
    size = ["--customers", str(people), "--days", str(days), "--parameters", str(more)]
    for words in (
        ["simulate", "--out", town, "--labelled", *size],
        ["import", "--home", str(home), "--schema", "bank", f"{town}/events.jsonl"],
        ["train", "--home", str(home), "--promote", "--even-if-weak", "-m", "a bench"],
    ):
        say(f"haechi {words[0]}")
        done = run_command([sys.executable, "-m", "haechi", *words], capture_output=True, text=True)
        if done.returncode:
            raise BenchError(f"haechi {words[0]} failed: {done.stderr.strip().splitlines()[-1:]}")
    return key.token
