"""A million events, one by one and replayed, in processes with different hash seeds, hot and evicted: one digest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from pathlib import Path

import numpy as np
import xxhash

from haechi.features import Memory, Replayer
from tests.features.making import event, history, spec

way, n, hot, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
frame = history(n, 99, customers=20_000, merchants=5_000, days=90.0).drop("label", "known_at_us")
declared = spec(memory={"hot": hot, "cold": 2_000_000})
memory = Memory(declared, cold=folder / f"{way}.cold")
digest = xxhash.xxh3_64()
if way == "online":
    for row in frame.iter_rows(named=True):
        digest.update(memory.look_and_learn(event(row)).row.tobytes())
else:
    replayer = Replayer(memory)
    for start in range(0, n, 50_000):
        part = frame.slice(start, 50_000)
        digest.update(replayer.feed(part, np.ones(part.height, bool))[0].tobytes())
print(digest.hexdigest(), sum(shelf["returned"] for shelf in memory.counts().values()))
"""


def digest_of(way: str, events: int, hot: int, folder: Path, hash_seed: str) -> tuple[str, int]:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, way, str(events), str(hot), str(folder)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=True,
    )
    digest, returned = done.stdout.split()
    return digest, int(returned)


def test_twenty_thousand_events_in_two_processes(tmp_path: Path) -> None:
    online, _ = digest_of("online", 20_000, 100_000, tmp_path, "1")
    evicting, returned = digest_of("replay", 20_000, 200, tmp_path, "2")
    assert online == evicting
    assert returned > 1000


@pytest.mark.nightly
def test_a_million_events_in_two_processes(tmp_path: Path) -> None:
    online, _ = digest_of("online", 1_000_000, 100_000, tmp_path, "1")
    evicting, returned = digest_of("replay", 1_000_000, 3_000, tmp_path, "2")
    assert online == evicting
    assert returned > 100_000
