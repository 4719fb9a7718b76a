"""docs/rules.md from the first line to the last, as its reader would do it: one home, one server, two people."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from haechi.commands.demo_command import free_port

from .pages import ROOT, blocks

PAGE = [b for b in blocks("bash") if b.page.name == "rules.md"]
SERVER = "runs until stopped"
PAGE_S = 900
WAIT = """
haechi serve --home home --port {port} > serve.log 2>&1 &
trap 'kill %1; wait %1' EXIT
for _ in $(seq 600); do curl -s $HAECHI/readyz > ready && break; kill -0 %1; read -t 0.5 <> <(:) || true; done
"""


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are written for curl, which is not here")
def test_the_fifteen_minutes_work_as_written(tmp_path: Path) -> None:
    port = free_port(18_700)
    script = "\n".join(WAIT.format(port=port) if SERVER in b.note else b.text for b in PAGE)
    script = script.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    (tmp_path / "bin").mkdir()
    door = tmp_path / "bin" / "haechi"
    door.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m haechi "$@"\n')
    door.chmod(0o755)
    environment = {
        **os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src"),
        "HAECHI": f"http://127.0.0.1:{port}",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PAGE_S,
    )  # fmt: skip
    said = done.stdout
    assert done.returncode == 0, f"{said[-3000:]}\n{done.stderr[-3000:]}"
    assert '"status":4' not in said, said
    assert '"status":5' not in said, said
    shadowed, held, snoozed = (next(line for line in said.split("{\"event_id\":") if f'"{n}"' in line[:9]) for n in
                               ("s-1", "s-2", "s-3"))  # fmt: skip
    assert '"lane":"shadow"' in shadowed
    assert '"action":"hold"' in held
    assert "a minor paying during school hours" in held
    assert '"snoozed":true' in snoozed
    assert '"action":"hold"' not in snoozed
    assert "change 3: rule school-hours version 1 to retired, asked by ana, approved by bo: done" in said
    assert "    why: held against six weeks, one hit in shadow\n" in said
    assert "school-hours does not act for customer c-901 until 2024-10-15T00:00:00+09:00\n" in said
    assert "    approved by bo\n" in said, "show names who agreed"
    assert "2 of 2 tests hold" in said
    assert "nobody approves what is her own" in done.stderr
    assert "as it should be" in said
    assert "change 2: rule school-hours version 1 to retired, asked by cy: withdrawn" in said
    assert '"comment":"from the risk committee"' in said
    assert '"state":"running"' in said.rpartition('"report"')[0] or '"state":"done"' in said
    assert "p-9: mule account (ana)" in said
