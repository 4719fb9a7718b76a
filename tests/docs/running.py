"""Run the examples of a page as a reader would."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from .pages import ROOT, Block

EXAMPLE_S = 300


def run(block: Block, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a block as a reader would, and insist that every line of it works."""
    environment = {
        **os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src"), **more
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=EXAMPLE_S,
    )  # fmt: skip
    assert done.returncode == 0, f"{block.name} failed\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done
