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
        self.knew_all: list[bool] = []

    def judge(self, event: Event, known: Known) -> Signal:
        self.asked.append(1)
        self.knew_all.append(bool(np.isfinite(known.row).all()))
        return Signal(self.name, 0.0, self.version)

    def judge_row(self, known: Any) -> Signal:
        return Signal(self.name, 0.0, self.version)

    def judge_rows(self, rows: np.ndarray, scores: np.ndarray, one_in: np.ndarray) -> None:
        self.asked.append(len(rows))

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        return ()


def test_every_way_of_judging_is_tried_before_it_decides() -> None:
    found = Counting()
    rehearse([found], default_spec(Schema.read("bank")))
    assert found.asked == [1, 1, *WIDTHS]
    assert sorted(found.knew_all) == [False, True], "of a first event little is known"
