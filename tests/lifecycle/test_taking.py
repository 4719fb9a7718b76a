"""A detector that comes into force has judged alone and among others before."""

from __future__ import annotations

from typing import Any

import numpy as np

from haechi.detectors.abreast import WIDTHS
from haechi.events import Event, Reason, Schema, Signal
from haechi.features import Known, default_spec
from haechi.lifecycle.taking import rehearse


class Counting:
    """Judges nothing, and counts how many rows it was asked about at once."""

    name, version = "counting", "1"

    def __init__(self) -> None:
        self.asked: list[int] = []

    def judge(self, event: Event, known: Known) -> Signal:
        self.asked.append(1)
        return Signal(self.name, 0.0, self.version)

    def judge_row(self, known: Any) -> Signal:
        return Signal(self.name, 0.0, self.version)

    def judge_rows(self, rows: np.ndarray) -> list[Signal]:
        self.asked.append(len(rows))
        return [Signal(self.name, 0.0, self.version)] * len(rows)

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        return ()


def test_every_way_of_judging_is_tried_before_it_decides() -> None:
    found = Counting()
    rehearse([found], default_spec(Schema.read("bank")))
    assert found.asked == [1, *WIDTHS]
