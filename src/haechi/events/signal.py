"""A signal: what one detector thinks of one event, always with its reasons."""

from __future__ import annotations

import msgspec


class Reason(msgspec.Struct):
    """One sentence of evidence: what was seen, what is usual, and how much it counted."""

    code: str
    value: str
    usual: str
    weight: float
    text: dict[str, str]


class Signal(msgspec.Struct):
    """A detector's opinion from 0 (fine) to 1 (fraud), with the version that formed it.

    `one_in` is for detectors that never saw a label: the event is as rare as one in so many, and the score is only that
    rank. 0: the score is a probability of fraud.
    """

    detector: str
    score: float
    version: str
    reasons: tuple[Reason, ...] = ()
    one_in: float = 0.0
