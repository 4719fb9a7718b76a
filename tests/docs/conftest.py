"""A folder in which the examples of the docs work."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from .pages import ROOT

MONTH, CLIENTS, ROWS_A_DAY = 30, 40, 100


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the examples name: their own payments.csv, the docs, and `haechi` on the path."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(ROOT / "docs", folder / "docs")
    _payments(folder / "payments.csv")
    (folder / "bin").mkdir()
    door = folder / "bin" / "haechi"
    door.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m haechi "$@"\n')
    door.chmod(0o755)
    return folder


def _payments(path: Path) -> None:
    """A month of payments; some of the large ones are fraud, not so many that the amount alone would tell."""
    lines = ["tx_id,when,client,shop,amount,is_fraud"]
    for n in range(MONTH * ROWS_A_DAY):
        day, place = divmod(n, ROWS_A_DAY)
        client, minute = n * 7 % CLIENTS, place * 14
        suspect = n % 23 == 0
        large = suspect or n % 7 == 0
        amount = (n * 13 % 9 + 1) * (9_000 if large else 1_000)
        fraud = int(suspect and client % 3 != 0)
        when = f"2024-03-{1 + day:02}T{minute // 60:02}:{minute % 60:02}:00"
        lines.append(f"t{n},{when},c{client},s{n * 11 % 30},{amount},{fraud}")
    path.write_text("\n".join(lines) + "\n")
