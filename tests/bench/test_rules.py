"""The bench of rules on small numbers: every figure is taken, and all rules it writes are sound."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from haechi.bench import rules
from haechi.commands.bench_command import lines


def test_every_figure_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"FEW": 5, "MANY": 40, "WARM": 300, "PROBES": 200, "LISTED": 2_000, "BACKTEST_RULES": 4,
             "BACKTEST_EVENTS": 4_000, "CHUNK": 1_000}  # fmt: skip
    for name, value in small.items():
        monkeypatch.setattr(rules, name, value)
    found = asdict(rules.measure_rules())
    for value in (v for figure in found.values() for v in (figure.values() if isinstance(figure, dict) else [figure])):
        assert value > 0
    assert len(lines("rules", found)) == 4
