"""The house: everything that deciding needs, handed in by the door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from haechi.decision.budget import Budget
from haechi.decision.decision import Decision
from haechi.decision.policy import Policy
from haechi.events import Event, Reason, Signal
from haechi.stores import Journal


class Memory(Protocol):
    """Remembers and learns in one call."""

    def look_and_learn(self, event: Event) -> Any:
        """What was known before this event, which is history from now on."""
        ...


class Detector(Protocol):
    """Judges one event from what was known before it; keeps no state."""

    @property
    def name(self) -> str:
        """What console, metrics and policy call it."""
        ...

    @property
    def version(self) -> str:
        """Which model or rules it uses."""
        ...

    def judge(self, event: Event, known: Any) -> Signal:
        """A probability of fraud, fast and without reasons."""
        ...

    def explain(self, event: Event, known: Any, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """The reasons behind a signal, the strongest first; asked only when something is done about the event."""
        ...


class Desk(Protocol):
    """Where people sit; the alert itself is in the journal's commit."""

    def open(self, decision: Decision) -> None:
        """Show a person that there is something to look at."""
        ...


@dataclass
class House:
    """Memory, detectors, policy, journal, desk and a clock in nanoseconds that only ever rises."""

    memory: Memory
    detectors: Sequence[Detector]
    policy: Policy
    journal: Journal
    desk: Desk
    clock: Callable[[], int]
    versions: Mapping[str, str] = field(default_factory=dict)  # features, model, rules; the policy's own is added
    budget: Budget = field(init=False)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter, init=False)  # (detector, why) -> how often

    def __post_init__(self) -> None:
        self.budget = Budget(self.policy.alert_budget_per_day)
        self.versions = {**self.versions, "policy": self.policy.version}
