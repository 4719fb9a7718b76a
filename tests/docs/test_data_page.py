"""docs/data.md from the first line to the last, as its reader would do it: guessed, judged, trained."""

from __future__ import annotations

from pathlib import Path

from .pages import OPTIONS_ONLY, blocks
from .running import run

DATA = [b for b in blocks("bash") if b.page.name == "data.md" and OPTIONS_ONLY not in b.note]


def test_the_way_of_your_own_data_works_as_written(bench: Path) -> None:
    """docs/data.md from the first line to the last, in one folder."""
    outputs = [run(block, bench).stdout for block in DATA]
    assert any("accepted, 0 rejected" in out for out in outputs)
    assert any("logistic baseline" in out for out in outputs)
    assert any("champion" in out or "nothing was promoted" in out for out in outputs)
