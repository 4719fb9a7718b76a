"""`haechi demo`: a town with history, a model, a server and live traffic."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from haechi.commands.screen import Bars, bars, console, note, say

if TYPE_CHECKING:
    from haechi.commands.demonstration import Demonstration
    from haechi.commands.visitor import Visitor

epilog = "Example: haechi demo --home demo-home --port 8080"

PORTS_TRIED = 10
SPEED_MAX = 100_000
STOP_S_MAX = 60.0
PAUSE_S_MAX = 5.0  # at any speed something moves on screen


def command(
    home: Annotated[Path, typer.Option(help="The home to build, or to start again", file_okay=False)] = Path(
        "demo-home"
    ),
    port: Annotated[int, typer.Option(min=1, max=65_535, help="If it is taken, one of the next ten")] = 8080,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same town")] = 0,
    customers: Annotated[int, typer.Option(min=100, max=100_000, help="Customers of the town")] = 400,
    speed: Annotated[str, typer.Option(help="How much faster than life the traffic after the story is")] = "60x",
    once: Annotated[bool, typer.Option("--once", help="Stop after the story, as without a terminal")] = False,
) -> None:
    """Build a town's past, learn from it, start a server and tell the story of a 17-year-old and 7,000 won.

    Keeps serving live traffic until Ctrl-C; without a terminal it stops after the story.
    """
    from haechi.commands.demonstration import Demonstration, Plan

    began, faster = time.perf_counter(), speed_of(speed)
    number = free_port(port)
    if number != port:
        note(f"port {port} is taken: using {number}")
    with bars(quiet_s=0.0) as shown:
        steps = Steps(shown)
        demonstration = Demonstration(home, Plan(customers=customers, seed=seed), steps.advance)
        key = demonstration.build()
        steps.advance("its bank opens", 0, 1)
        with server(home, number, home / "serve.log") as (child, password):
            steps.advance("its bank opens", 1, 1)
            shown.close()
            stays = faster if sys.stdout.isatty() and not once else 0
            _tell(demonstration, number, key, began, speed=stays, child=child, password=password)


def speed_of(text: str) -> float:
    """How many times faster than life: `60x` or `60`."""
    try:
        speed = float(text.lower().removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not 0 < speed <= SPEED_MAX:  # a NaN fails here too
        raise typer.BadParameter(f"--speed must be like 60x, above 0 and at most {SPEED_MAX:,}x, not {text!r}")
    return speed


class Steps:
    """A bar for each step on a terminal, a line for each elsewhere."""

    def __init__(self, shown: Bars) -> None:
        self._shown, self._told = shown, ""

    def advance(self, step: str, amount: float, total: float | None) -> None:
        """Move a step on."""
        self._shown.advance(step, amount, total=total)
        if not sys.stderr.isatty() and step != self._told:
            note(f"{step} ...")
            self._told = step


def free_port(first: int) -> int:
    """The first of ten ports that nobody listens on."""
    for number in range(first, min(first + PORTS_TRIED, 65_536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
            return number
    raise typer.BadParameter(f"ports {first} to {first + PORTS_TRIED - 1} are all taken: choose another with --port")


@contextmanager
def server(home: Path, port: int, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server in a process of its own, which ends with the block and never by our Ctrl-C; and its password."""
    from haechi.bench.process import introduced

    words = [sys.executable, "-m", "haechi", "serve", "--home", str(home), "--port", str(port), "--json"]
    with log.open("ab") as errors:
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
    try:
        yield child, introduced(child).password
    finally:
        if child.poll() is None:
            os.kill(child.pid, signal.SIGTERM)
        child.wait(STOP_S_MAX)
        if child.stdout is not None:
            child.stdout.close()


def _tell(
    demonstration: Demonstration, port: int, key: str, began: float, *, speed: float, child: subprocess.Popen[bytes],
    password: str,
) -> None:  # fmt: skip
    """The days before the story, the story, and where to look; then traffic until somebody has seen enough."""
    from haechi.commands.telling import decided, learned, traffic, where_to_look
    from haechi.commands.visitor import Visitor

    out = console()
    event = demonstration.story()
    out.print(f"learned from {learned(demonstration.report())}")
    with Visitor(port, key) as visitor:
        tally, caught = _live(demonstration, visitor, event["time"])
        out.print(traffic(tally, caught))
        asked = time.perf_counter()
        decision = visitor.decide(event)
        out.print(decided(event, decision, 1e3 * (time.perf_counter() - asked)))
        out.print(f"ready after {time.perf_counter() - began:.0f} s")
        where_to_look(out, port, key, str(demonstration.home.path), event["id"], password if speed else "")
        if speed:
            _go_on(demonstration, visitor, event["time"], child, speed)


def _live(demonstration: Demonstration, visitor: Visitor, until: str) -> tuple[Counter[str], Counter[str]]:
    """Send the days between history and story; how often each action was taken, and how often on frauds."""
    from haechi.commands.visitor import LINES_MAX

    tally: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    days = demonstration.days_before(until)
    frauds = demonstration.frauds(len(days))
    for day in days:
        for start in range(0, len(day), LINES_MAX):
            for decision in visitor.decide_batch(day[start : start + LINES_MAX]):
                tally[decision["action"]] += 1
                caught[decision["action"]] += decision["event_id"] in frauds
    return tally, caught


def _go_on(demonstration: Demonstration, visitor: Visitor, since: str, child: subprocess.Popen[bytes], speed: float
) -> None:  # fmt: skip
    """Live traffic, so much faster than life, until Ctrl-C."""
    say(f"\nlive traffic at {speed:g} times the speed of life; Ctrl-C ends it")
    begun, first = time.perf_counter(), datetime.fromisoformat(since)
    tally: Counter[str] = Counter()
    out = console()
    try:
        with out.status("") as status:
            for event in demonstration.events_after(since):
                due_s = (datetime.fromisoformat(event["time"]) - first).total_seconds() / speed
                time.sleep(min(max(0.0, due_s - (time.perf_counter() - begun)), PAUSE_S_MAX))
                decision = visitor.decide(event)
                tally[decision["action"]] += 1
                if decision["action"] != "allow":
                    out.print(f"{event['time'][:16]}  {decision['action']:9}  {decision['sentence']['en']}")
                counts = ", ".join(f"{action} {count:,}" for action, count in tally.most_common())
                status.update(f"{event['time'][:16]}  {counts}")
                if child.poll() is not None:
                    raise _Gone(f"the server ended with status {child.returncode}: see serve.log in the home")
    except KeyboardInterrupt:
        say("\nstopping the server; what it acknowledged is on disk")


class _Gone(Exception):
    """The server is gone."""
