"""Week by week: what was promised while nothing is known, what is known soon, and when it is told for good."""

from __future__ import annotations

import numpy as np

from haechi.learning.life.scores import Block
from haechi.learning.watch.weeks import weeks
from learning.watch.test_estimate import DAY_US, lived


def block(events: int = 40_000) -> tuple[Block, dict[int, tuple[int, str]]]:
    """Two weeks of decisions, and what was said of their frauds."""
    said, fraud = lived(3, weeks=2, n=events // 2)
    zeros = np.zeros(events)
    frauds = {
        seq: (int(said.known_us[seq]), "verdict:kim" if said.looked[seq] else "report") for seq in np.flatnonzero(fraud)
    }
    return Block(
        np.arange(events), said.time_us, zeros.astype(np.float32), zeros.astype(np.float32), zeros.astype(np.uint8),
        zeros.astype(np.int64), np.arange(events), {"m": said.p.astype(np.float32)},
    ), frauds  # fmt: skip


def test_a_week_ripens() -> None:
    seen, frauds = block()
    end = 14 * DAY_US
    at = {
        days: weeks(seen, {k: v for k, v in frauds.items() if v[0] <= end + days * DAY_US}, "m",
                    now_us=end + days * DAY_US, mature_us=21 * DAY_US)[1]
        for days in (0, 14, 60)
    }  # fmt: skip
    final = at[60].known_ap
    assert at[60].mature
    assert not at[14].mature
    assert abs(at[0].estimated_ap - final) < 0.06 < at[0].known_ap - final
    assert abs(at[14].estimated_ap - final) < 0.05
    assert abs(at[14].estimated_frauds - at[60].known_frauds) < 0.15 * at[60].known_frauds
    promised = weeks(seen, {}, "m", now_us=end, mature_us=21 * DAY_US)
    assert abs(promised[1].estimated_ap - final) < 0.1, "nothing is known: the probabilities promise"
    assert promised[1].known_frauds == 0
    assert weeks(seen, frauds, "other", now_us=end, mature_us=1) == []
