"""`haechi demo`: a town with history, a model, a server and live traffic."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

        def told(tally: Counter[str], caught: Counter[str]) -> None:
            out.print(traffic(tally, caught))
            asked = time.perf_counter()
            decision = visitor.decide(event)
            out.print(decided(event, decision, 1e3 * (time.perf_counter() - asked)))
            out.print(f"ready after {time.perf_counter() - began:.0f} s")
            home = str(demonstration.home.path)
            where_to_look(out, port, key, home, event["id"], password if speed else "")

        _live(demonstration, _Guide(visitor, event["time"], told, child, speed))


class _Guide:
    """Decides the town's events; when the time of the story has come it is told first, then they come at a speed."""

    def __init__(
        self, visitor: Visitor, story_time: str, tell: Callable[[Counter[str], Counter[str]], None],
        child: subprocess.Popen[bytes], speed: float,
    ) -> None:  # fmt: skip
        self.speed, self.begun = speed, 0.0
        self.tally, self.caught = Counter[str](), Counter[str]()
        self._visitor, self._story_time, self._tell, self._child = visitor, story_time, tell, child
        self._first = datetime.fromisoformat(story_time)

    def decide(self, event: dict[str, Any]) -> str:
        """The action for an event of the town."""
        if not self.begun and event["time"] >= self._story_time:
            self._tell(self.tally, self.caught)
            self.begun = time.perf_counter()
            if self.speed:
                say(f"\nlive traffic at {self.speed:g} times the speed of life; Ctrl-C ends it")
        if self.begun and self.speed:
            self._wait(event)
        decision = self._visitor.decide(event)
        if self.begun and self.speed and decision["action"] != "allow":
            say(f"{event['time'][:16]}  {decision['action']:9}  {decision['sentence']['en']}")
        return str(decision["action"])

    def _wait(self, event: dict[str, Any]) -> None:
        due_s = (datetime.fromisoformat(event["time"]) - self._first).total_seconds() / self.speed
        time.sleep(min(max(0.0, due_s - (time.perf_counter() - self.begun)), PAUSE_S_MAX))
        if self._child.poll() is not None:
            raise _Gone(f"the server ended with status {self._child.returncode}: see serve.log in the home")


def _live(demonstration: Demonstration, guide: _Guide) -> None:
    """Let the town live: until the story is told, or, at a speed, until Ctrl-C."""
    try:
        with console().status("") as status:
            for one in demonstration.living(guide.decide):
                if guide.begun and not guide.speed:
                    return
                guide.tally[one.action] += 1
                guide.caught[one.action] += one.fraud
                if guide.begun:
                    counts = ", ".join(f"{action} {count:,}" for action, count in guide.tally.most_common())
                    status.update(f"{one.event['time'][:16]}  {counts}")
    except KeyboardInterrupt:
        say("\nstopping the server; what it acknowledged is on disk")


class _Gone(Exception):
    """The server is gone."""
