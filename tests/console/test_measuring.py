"""The measuring behind docs/console.md still runs, on a tenth of a percent of its work."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import measuring


def test_pages_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, small in (("ALERTS", 100), ("RING", 10_000), ("HISTORY", 120), ("ROUNDS", 1)):
        monkeypatch.setattr(measuring, name, small)
    measuring.server(tmp_path)
    told = capsys.readouterr().out
    assert told.count("ms CPU") == 5
    assert "/alerts/a-story" in told
