"""How fast a real server decides over HTTP: a home with a model, a server process, a load process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import run as run_command

from haechi.app import create_home
from haechi.bench import floor_command
from haechi.bench.durability import plain_file
from haechi.bench.errors import BenchError
from haechi.bench.plan import Figures, Plan
from haechi.bench.process import cpu_s, run_apart, server

__all__ = ["HttpFigures", "measure_http"]

CUSTOMERS, DAYS = 400, 60
OPEN_RATE = 5_000.0
OPEN_CONNECTIONS, CLOSED_CONNECTIONS, BATCH_CONNECTIONS = 64, 32, 4
BATCH = 100
SYNCS = 200
Say = Callable[[str], None]


@dataclass(frozen=True)
class HttpFigures:
    """Closed loop, open loop and batches against the same home.

    The floors: the same server with nothing behind its door, and one sync of this disk.
    """

    closed: Figures
    closed_server_us: float
    open: Figures
    open_server_us: float
    batch: Figures
    batch_server_us: float
    floor: Figures
    floor_server_us: float
    sync_us: float


def measure_http(
    folder: Path, *, seconds: float = 10.0, open_seconds: float = 60.0, say: Say = lambda _: None
) -> HttpFigures:
    """Build a home as a user would, serve it, and load it; nobody is answered before the commit."""
    home, key = folder / "home", _home(folder, say)
    say("closed loop, 32 connections, nothing behind the door")
    with server(floor_command()) as floor:
        bare = _plan(floor.port, floor.key, floor.instance, CLOSED_CONNECTIONS, seconds)
        floor_figures, floor_us = _loaded(bare, floor.pid)
    with server([sys.executable, "-m", "haechi", "serve", "--home", str(home), "--port", "0", "--json"]) as s:
        say("closed loop, 32 connections")
        closed, closed_us = _loaded(_plan(s.port, key, s.instance, CLOSED_CONNECTIONS, seconds, seed=1), s.pid)
        say(f"open loop, {OPEN_RATE:,.0f} a second for {open_seconds:.0f} s")
        steady = _plan(s.port, key, s.instance, OPEN_CONNECTIONS, open_seconds, seed=2, rate=OPEN_RATE)
        opened, open_us = _loaded(steady, s.pid)
        say(f"batches of {BATCH}")
        batch, batch_us = _loaded(
            _plan(s.port, key, s.instance, BATCH_CONNECTIONS, seconds, seed=3, batch=BATCH), s.pid
        )
    _, sync_us = plain_file(folder / "bench.log", SYNCS * CLOSED_CONNECTIONS, SYNCS)
    return HttpFigures(closed, closed_us, opened, open_us, batch, batch_us, floor_figures, floor_us, sync_us)


def _plan(
    port: int,
    key: str,
    instance: str,
    connections: int,
    seconds: float,
    *,
    seed: int = 1,
    rate: float | None = None,
    batch: int = 1,
) -> Plan:
    return Plan(
        port=port,
        key=key,
        instance=instance,
        connections=connections,
        seconds=seconds,
        warm_up_s=2.0,
        rate_per_s=rate,
        arrivals="poisson",
        seed=seed,
        events_per_request=batch,
    )


def _loaded(plan: Plan, pid: int) -> tuple[Figures, float]:
    """Carry a plan out; also the server's processor microseconds for each event."""
    before = cpu_s(pid)
    figures = run_apart(plan)
    if figures.errors:
        raise BenchError(f"{figures.errors:,} requests went wrong: {figures.statuses}")
    warm_up_share = plan.seconds / (plan.seconds + plan.warm_up_s)
    return figures, (cpu_s(pid) - before) * warm_up_share / figures.events * 1e6


def _home(folder: Path, say: Say) -> str:
    """Init, simulate, import, train: what a user types; returns the key."""
    home = folder / "home"
    place, key = create_home(home)
    # Sixty days hold few frauds, and cannot wait until nearly all of them are known.
    place.settings.write_bytes(place.settings.read_bytes().replace(b"# mature_share = 0.95", b"mature_share = 0.5"))
    town, more = str(folder / "town"), folder / "town.toml"
    more.write_text("[fraud]\nlevel = 4.0\n")
    size = ["--customers", str(CUSTOMERS), "--days", str(DAYS), "--parameters", str(more)]
    for words in (
        ["simulate", "--out", town, "--labelled", *size],
        ["import", "--home", str(home), "--schema", "bank", f"{town}/events.jsonl"],
        ["train", "--home", str(home), "--promote", "--even-if-weak"],
    ):
        say(f"haechi {words[0]}")
        done = run_command([sys.executable, "-m", "haechi", *words], capture_output=True, text=True)
        if done.returncode:
            raise BenchError(f"haechi {words[0]} failed: {done.stderr.strip().splitlines()[-1:]}")
    return key.token
