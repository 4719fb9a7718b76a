"""kill -9 at random moments under load: nothing acknowledged is lost, nothing is there twice, no number is missing."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from haechi.stores.sqlite import SqliteStore

CHILD = """
import os, sys
from haechi.stores import Entry, Limits, open_store
limits = Limits(index_entries=300, index_slice_entries=64, wal_bytes=1 << 20)
store = open_store("sqlite:///" + sys.argv[1], limits=limits)
journal, out = store.journal, sys.stdout.fileno()
said = lambda ticket: os.write(out, f"{ticket.seq} {ticket.entry.event_id}\\n".encode())
number = journal.last_seq
while True:
    tickets = []
    for _ in range(1 + number % 40):
        number += 1
        body = f'{{"id":"p-{number}"}}'.encode() + b" " * (number % 1500)
        entry = Entry(type=1, event_id=f"p-{number}", time_us=number, body=body, decision=b"{}")
        tickets.append(journal.write(entry, said))
    tickets[-1].wait()
"""


def run_and_kill(path: Path, acknowledgements: int, extra_us: int) -> dict[int, str]:
    """Let a child write until it acknowledged so many, and a moment more; return what it acknowledged."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    os.set_blocking(child.stdout.fileno(), False)
    heard = b""
    while heard.count(b"\n") < acknowledgements:
        ready, _, _ = select.select([child.stdout], [], [], 60)
        assert ready, "the child says nothing"
        piece = os.read(child.stdout.fileno(), 1 << 16)
        assert piece, "the child ended by itself"
        heard += piece
    select.select([], [], [], extra_us / 1e6)  # the moment of the kill falls anywhere in a commit
    child.send_signal(signal.SIGKILL)
    child.wait()
    while piece := os.read(child.stdout.fileno(), 1 << 16):
        heard += piece
    child.stdout.close()
    lines = heard.decode().rpartition("\n")[0].splitlines()
    return {int(seq): name for seq, name in (line.split() for line in lines)}


def kill_often(path: Path, times: int, seed: int) -> None:
    dice = random.Random(seed)
    acknowledged: dict[int, str] = {}
    for _ in range(times):
        heard = run_and_kill(path, dice.randint(1, 1_500), dice.randint(0, 5_000))
        assert not heard.keys() & acknowledged.keys(), "a number was given twice"
        acknowledged |= heard
        with SqliteStore(path) as store:
            found = {one.seq: one.event_id for one in store.journal.entries()}
            assert sorted(found) == list(range(1, len(found) + 1)), "numbers without gaps"
            assert len(set(found.values())) == len(found), "nothing twice"
            assert acknowledged.items() <= found.items(), "nothing lost"
            held = {name: store.journal.find(name) for name in acknowledged.values()}
            assert all(one and acknowledged[one.seq] == name for name, one in held.items())
            assert store.check() == []


def test_eight_kills_lose_nothing(tmp_path: Path) -> None:
    kill_often(tmp_path / "haechi.db", 8, seed=1)


@pytest.mark.nightly
def test_sixty_kills_lose_nothing(tmp_path: Path) -> None:
    kill_often(tmp_path / "haechi.db", 60, seed=2)
