"""The last layers of many rows are those of one, bit for bit, whatever the calibration and with or without a stack."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.detectors.calibration import Calibration
from haechi.detectors.layers import Layers
from haechi.detectors.stack import Stack

STAIRS = Calibration("isotonic", knots=(-4.0, -1.0, 0.5, 3.0), levels=(0.001, 0.01, 0.4, 0.9), floor=1e-4, ceiling=0.97)
PLATT = Calibration("platt", slope=1.3, shift=-0.4, floor=1e-4, ceiling=0.98)
STACK = Stack(("a", "b"), (0.8, 0.3, 0.05), -0.7, 2e-4, 0.95)


@pytest.mark.parametrize("calibration", [Calibration(), PLATT, STAIRS], ids=lambda one: one.kind)
@pytest.mark.parametrize("stack", [None, STACK], ids=["alone", "stacked"])
def test_many_are_as_one(calibration: Calibration, stack: Stack | None) -> None:
    r = np.random.default_rng(5)
    scores = np.concatenate([[-800.0, -4.0, -1.0, 0.0, 0.5, 3.0, 800.0], r.normal(-3.0, 4.0, 20_000)])
    rows = r.exponential(8.0, (len(scores), 5)).astype(np.float32)
    rows[r.random(rows.shape) < 0.2] = np.nan
    found = Layers(calibration, stack, [3, 1] if stack else []).apply(scores, rows)
    alone = [calibration.apply_one(score) for score in scores.tolist()]
    if stack is not None:
        alone = [stack.apply_one(p, row) for p, row in zip(alone, rows[:, [3, 1]].tolist(), strict=True)]
    assert found.tolist() == alone
