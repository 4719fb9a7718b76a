"""docs/model-life.md from the first line to the last: a challenger loses, one wins, the feed breaks, the way back."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from haechi.commands.demo_command import free_port

from . import running
from .pages import ROOT, Block, blocks

PAGE = [b for b in blocks("bash") if b.page.name == "model-life.md"]
TRAINED_S, START_S = 3_000, 240


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """The server of the page, on a port of its own."""
    port = free_port(18_500)
    words = [sys.executable, "-m", "haechi", "serve", "--home", "home", "--port", str(port), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with (folder / "serve.log").open("ab") as log:
        child = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log)
    try:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["port"] == port
        yield port
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(START_S)
        assert child.stdout is not None
        child.stdout.close()


def winner(folder: Path) -> str:
    """The model that step 5 trained last."""
    found = re.search("[0-9a-f]{12}", (folder / "new.txt").read_text())
    assert found is not None
    return found[0]


@pytest.mark.nightly
def test_a_data_scientist_lives_through_it(bench: Path, monkeypatch) -> None:
    monkeypatch.setattr(running, "EXAMPLE_S", TRAINED_S)

    def does(block: Block) -> str:
        return running.run(block, bench).stdout

    town, keys, serve, first, life, train, promote, broken, proof, mended = PAGE
    begun = time.monotonic()
    does(town)
    does(keys)
    assert "haechi serve" in serve.text
    with serving(bench) as port:
        assert "champion" in does(first)
        assert "ROLLED BACK" not in does(life)
        said = does(train)
        assert "FAIL  recall_at_budget" in said, "the old one loses"
        said = does(promote)
        assert "pass  recall_at_budget" in said
        assert "is done" in said
        assert "canary" in said
        said = does(broken)
        assert "ROLLED BACK by alarm" in said, said
        bank = (bench / "bank.key").read_text().strip()
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {bank}"}
        )  # fmt: skip
        assert "\nhaechi_model_rollbacks_total 1" in urllib.request.urlopen(asked).read().decode().replace(".0\n", "\n")
        said = does(proof)
        assert "ana" in said
        assert "kim agreed" in said
        assert "learned from data set" in said
        assert f"model {winner(bench)}, which judged it" in said
    restored = Block(mended.page, mended.line, "bash", "", next(
        line for line in mended.text.splitlines() if line.startswith("haechi restore")
    ))  # fmt: skip
    assert "is as before was" in does(restored)
    with serving(bench):
        again = Block(mended.page, mended.line, "bash", "", mended.text.splitlines()[-1])
        assert "were refused" not in does(again), "no event of the wrong day is known any more"
        said = does(Block(mended.page, mended.line, "bash", "", "haechi watch --home home --key $(cat ana.key)"))
        assert f"champion {winner(bench)}" in said
        assert "since 2024-12" not in said, "no alarm on these days"
    assert time.monotonic() - begun < 2 * TRAINED_S
