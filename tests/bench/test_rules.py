"""The bench of rules on small numbers: every figure is taken, and all rules it writes are sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from haechi.bench import publishing, rules
from haechi.commands.bench_command import lines


def zeros(figures: dict[str, Any]) -> Iterator[str]:
    """The names of figures that were not taken."""
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from zeros(value)
        elif not value > 0:
            yield name


def test_every_figure_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"FEW": 5, "MANY": 40, "WARM": 300, "PROBES": 200, "LISTED": 2_000, "BACKTEST_RULES": 4,
             "BACKTEST_EVENTS": 4_000, "CHUNK": 1_000}  # fmt: skip
    for name, value in small.items():
        monkeypatch.setattr(rules, name, value)
    monkeypatch.setattr(publishing, "WARM", 100)
    monkeypatch.setattr(publishing, "QUIET", 500)
    found = asdict(rules.measure_rules())
    assert list(zeros(found)) == ["held_ms"], "nothing is published in the quiet part"
    assert len(lines("rules", found)) == 5
