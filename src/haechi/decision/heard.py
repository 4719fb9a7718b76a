"""Heard: what all detectors said of many events, by column; signals are made of it where somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, overload

import numpy as np
import numpy.typing as npt

from haechi.events import Signal

__all__ = ["Heard", "Signals", "heard_of"]


class Heard(NamedTuple):
    """Scores and rarities, float64 [detectors, events]; the name and version of each detector stand in `voices`."""

    voices: Sequence[tuple[str, str]]
    scores: npt.NDArray[np.float64]
    one_in: npt.NDArray[np.float64]


def heard_of(signals: Sequence[Signal]) -> Heard:
    """What was said of one event."""
    numbers = np.array([(signal.score, signal.one_in) for signal in signals]).reshape(-1, 2)
    return Heard([(signal.detector, signal.version) for signal in signals], numbers[:, :1], numbers[:, 1:])


class Signals(Sequence[Signal]):
    """The signals of one of these events."""

    __slots__ = ("_heard", "_place")

    def __init__(self, heard: Heard, place: int) -> None:
        self._heard, self._place = heard, place

    def __len__(self) -> int:
        return len(self._heard.voices)

    @overload
    def __getitem__(self, n: int) -> Signal: ...
    @overload
    def __getitem__(self, n: slice) -> Sequence[Signal]: ...
    def __getitem__(self, n: int | slice) -> Signal | Sequence[Signal]:
        if isinstance(n, slice):
            return list(self)[n]
        (voices, scores, one_in), place = self._heard, self._place
        name, version = voices[n]
        return Signal(name, scores.item(n, place), version, one_in=one_in.item(n, place))
