"""Real homes for the tests of the door: a small town, a detector that knows one trick, and servers as processes."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from haechi.app import create_home
from haechi.commands.importing import bring_in
from haechi.events import Event, Reason, Signal
from haechi.town import Town, parameters, story, write_town

SMALL = parameters("small", customers=300, days=15, start=date(2024, 10, 10))
SEED = 7
SETTINGS = "[memory]\ncold = false\n[snapshots]\nevery_entries = 300\n"
START_S = 240.0


class Pupil:
    """Thinks that early mornings and unusual amounts are strange; a pure function of what was known."""

    name = "pupil"
    version = "1"

    def judge(self, event: Event, known: Any) -> Signal:
        hour, ratio = known.value("hour"), known.value("customer.ratio_30d")
        strange = 0.3 * (hour < 8) + 0.6 * (ratio > 2)
        return Signal(self.name, min(0.01 + strange, 0.95), self.version)

    def explain(self, event: Event, known: Any, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        ratio = known.value("customer.ratio_30d")
        if ratio != ratio:  # nothing is usual for a customer who was never seen
            return ()
        text = {"en": f"{ratio:.1f} times the usual amount", "ko": f"평소 금액의 {ratio:.1f}배"}
        return (Reason("customer.ratio_30d", f"{ratio:.1f}", "1.0", 0.5, text),)[:top]


def town_files(folder: Path) -> Path:
    """The events of a small town, with their labels."""
    return write_town(folder, SMALL, SEED, labelled=True).events_path


def founding_event() -> dict[str, Any]:
    """The founding story's payment in this town."""
    return story(Town(SMALL, SEED))


def new_home(path: Path, events: Path | None = None, settings: str = SETTINGS, *, behaviour: bool = False) -> str:
    """A home, with history when there is some; returns its first key."""
    home, key = create_home(path, behaviour=behaviour)
    home.settings.write_text(settings)
    if events is not None:
        bring_in(path, [events], "bank")
    return key.token


def payment(number: int, **changes: Any) -> dict[str, Any]:
    """A payment of nobody in particular; numbers are in time order."""
    return {
        "id": f"q-{number}", "kind": "payment", "time": f"2024-08-{12 + number // 1440 % 15:02d}T"
        f"{number // 60 % 24:02d}:{number % 60:02d}:00+09:00", "customer": f"c-{number * 7 % 40}",
        "merchant": f"m-{number % 11}", "amount": 1000 + number * 37 % 9000, "currency": "KRW", **changes,
    }  # fmt: skip


class Asker:
    """One connection to a server."""

    def __init__(self, port: int, key: str, pid: int) -> None:
        self.port, self.key, self.pid = port, key, pid
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> tuple[int, Any]:
        """Make one request; a body that is text or bytes goes as it is."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.line.request(method, path, raw, {"Authorization": f"Bearer {self.key}", "Content-Type": kind})
        answer = self.line.getresponse()
        text = answer.read()
        is_json = (answer.headers["content-type"] or "").endswith(("application/json", "problem+json"))
        return answer.status, json.loads(text) if is_json else text.decode()

    def decide(self, event: dict[str, Any]) -> dict[str, Any]:
        status, answer = self.ask("POST", "/v1/decide", event)
        assert status == 200, answer
        return answer


SERVE = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from haechi.api import bind, run
from haechi.commands.serving import serve_home
from homes import Pupil
listener = bind("127.0.0.1", 0)
def introduce(instance, told):
    print(json.dumps({"port": listener.getsockname()[1], "pid": os.getpid(), **told}), flush=True)
run(serve_home(Path(sys.argv[1]), listener, introduce, [Pupil()]))
"""


def start(home: Path, key: str, log: Path) -> tuple[subprocess.Popen[bytes], Asker, dict[str, Any]]:
    """Start a server with the pupil as its detector, and wait until it says where it listens."""
    with log.open("ab") as errors:
        child = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(home), str(Path(__file__).parent)], stdout=subprocess.PIPE, stderr=errors
        )
    assert child.stdout is not None
    line = child.stdout.readline()
    assert line, log.read_text()
    told = json.loads(line)
    return child, Asker(told["port"], key, told["pid"]), told


def end(child: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> int:
    """Stop a server and say with which status it ended."""
    child.send_signal(how)
    code = child.wait(START_S)
    assert child.stdout is not None
    child.stdout.close()
    return code


@contextmanager
def serving(home: Path, key: str, log: Path) -> Iterator[Asker]:
    """A server for a while; it must end cleanly."""
    child, asker, _ = start(home, key, log)
    try:
        yield asker
    finally:
        asker.line.close()
        code = end(child)
    assert code == 0, log.read_text()


def haechi(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line; `before` are words in front of it."""
    return subprocess.run(
        [*more.pop("before", []), sys.executable, "-m", "haechi", *map(str, words)],
        capture_output=True, text=True, timeout=START_S, env={**os.environ, **more.pop("env", {})}, **more,
    )  # fmt: skip
