"""64 analysts and kill -9: no verdict that was acknowledged is lost, and no alert is given to two."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .making import Work

CHILD = """
import os, sys, threading, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from cases.making import Work
work = Work(Path(sys.argv[1]))
work.clock.now = int(sys.argv[3])
out = sys.stdout.fileno()
def analyst(name):
    while (found := work.desk.alerts.next(name)) is not None:
        os.write(out, f"got {found.id} {name}\\n".encode())
        said = work.desk.verdicts.say(found.id, name, "fraud")
        os.write(out, f"said {said.number} {found.id}\\n".encode())
for n in range(64):
    threading.Thread(target=analyst, args=(f"{sys.argv[3]}-{n}",), daemon=True).start()
threading.Event().wait(120)
"""


def let_work_and_kill(path: Path, now: int, lines: int, extra_us: int) -> list[list[str]]:
    """Let 64 analysts work until so much was acknowledged, kill them at once, and give what they had heard."""
    here = str(Path(__file__).parent.parent)
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), here, str(now)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    heard = b""
    while heard.count(b"\n") < lines:
        ready, _, _ = select.select([child.stdout], [], [], 120)
        assert ready, "the child says nothing"
        piece = os.read(child.stdout.fileno(), 1 << 16)
        assert piece, "the child ended by itself"
        heard += piece
    select.select([], [], [], extra_us / 1e6)
    child.send_signal(signal.SIGKILL)
    child.wait()
    while piece := os.read(child.stdout.fileno(), 1 << 16):
        heard += piece
    child.stdout.close()
    return [line.split() for line in heard.decode().rpartition("\n")[0].splitlines()]


def kill_often(path: Path, times: int, seed: int, alerts: int) -> None:
    dice = random.Random(seed)
    work = Work(path)
    for n in range(alerts):
        work.call(f"p-{n}", urgency=n * 7 % 50 * 1_000)
    work.store.close()
    said: dict[str, str] = {}
    got: list[str] = []
    for turn in range(times):
        for word, *told in let_work_and_kill(path, work.clock.now + turn, dice.randint(10, 60), dice.randint(0, 4_000)):
            if word == "said":
                assert told[1] not in said.values(), "one alert, one verdict"
                said[told[0]] = told[1]
            else:
                got.append(told[0])
    assert len(got) == len(set(got)), "an alert was given to two"
    work = Work(path)
    work.clock.now += 3_600_000_000
    done = work.desk.sweep()
    assert done >= len(said)
    asked = "SELECT v.number, a.id FROM verdicts v JOIN alerts a ON a.seq = v.alert_seq WHERE v.state = 'final'"
    verdicts = {str(number): alert for number, alert in work.store.tables.rows(asked)}
    assert said.items() <= verdicts.items(), "no verdict lost"
    assert {one.event_id for one in work.desk.verdicts.lessons()} == {a.removeprefix("a-") for a in verdicts.values()}
    assert work.store.check() == []
    work.store.close()


def test_three_kills_lose_no_verdict(tmp_path: Path) -> None:
    kill_often(tmp_path / "h.db", 3, seed=1, alerts=180)


@pytest.mark.nightly
def test_thirty_kills_lose_no_verdict(tmp_path: Path) -> None:
    kill_often(tmp_path / "h.db", 30, seed=2, alerts=6_000)
