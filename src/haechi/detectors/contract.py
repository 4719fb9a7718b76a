"""What every detector promises: a pure look at one event, and its reasons when somebody asks."""

from __future__ import annotations

from typing import Protocol

from haechi.events import Event, Reason, Signal
from haechi.features import Known

__all__ = ["Detector"]


class Detector(Protocol):
    """Judges an event from what was known before it; keeps no state of its own."""

    @property
    def name(self) -> str:
        """How signals, console and metrics call it."""
        ...

    @property
    def version(self) -> str:
        """Which model or rules it judges by; equal versions judge equally."""
        ...

    def judge(self, event: Event, known: Known) -> Signal:
        """The score alone, as fast as possible: reasons stay empty."""
        ...

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """What speaks for fraud, the strongest first."""
        ...
