"""Processes of their own: the server under test and the load generator never share an interpreter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from select import select
from time import sleep

import msgspec

from haechi.bench.errors import BenchError, ServerFailed
from haechi.bench.plan import Figures, Plan

START_S_MAX = 120.0
STOP_S_MAX = 60.0
LOOK_S, REST_SHARE, REST_S_MAX = 1.0, 0.15, 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server under test, as it introduced itself on its first line of output."""

    port: int
    key: str
    instance: str
    pid: int
    password: str = ""  # of the console, once


def cpu_s(pid: int) -> float:
    """Seconds of CPU a process has used so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rest(
    pid: int, used_s: Callable[[int], float] = cpu_s, wait: Callable[[float], None] = sleep, most_s: float = REST_S_MAX
) -> bool:
    """Wait until a process hardly does anything by itself: what the load before left to it is done; False: it never is.

    A second in which it uses less than 15 % of a core is rest; an idle server uses a few.
    """
    before = used_s(pid)
    for _ in range(round(most_s / LOOK_S)):
        wait(LOOK_S)
        now = used_s(pid)
        if now - before < REST_SHARE * LOOK_S:
            return True
        before = now
    return False


def run_apart(plan: Plan) -> Figures:
    """Carry out a plan in a process of its own, so that the caller's work does not blur it."""
    plan.check()
    time_max_s = plan.warm_up_s + plan.seconds + plan.drain_s + START_S_MAX
    done = subprocess.run(
        [sys.executable, "-m", "haechi.bench", "load"],
        input=msgspec.json.encode(plan),
        capture_output=True,
        timeout=time_max_s,
    )
    if done.returncode:
        raise BenchError(
            done.stderr.decode(errors="replace").strip().rpartition("\n")[2] or "the load generator failed"
        )
    return msgspec.json.decode(done.stdout, type=Figures)


@contextmanager
def server(command: Sequence[str]) -> Iterator[Server]:
    """Start a server, wait for its first line, stop it in the end and insist that it stops cleanly."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=None)
    try:
        yield introduced(child)
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        try:
            code = child.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
        if child.stdout is not None:
            child.stdout.close()
    if code:
        raise ServerFailed(f"the server under test ended with status {code}: look at what it wrote")


def introduced(child: subprocess.Popen[bytes]) -> Server:
    """Read the line in which a server says where it listens."""
    if child.stdout is None:
        raise ServerFailed("the server under test was started without a pipe for its first line")
    ready, _, _ = select([child.stdout], [], [], START_S_MAX)
    line = child.stdout.readline() if ready else b""
    try:
        return msgspec.json.decode(line, type=Server)
    except msgspec.DecodeError:
        raise ServerFailed(
            f"the server under test did not start within {START_S_MAX:g} s: look at what it wrote"
        ) from None


def floor_command() -> list[str]:
    """How to start the server with an empty house."""
    return [sys.executable, "-m", "haechi.bench", "floor"]
