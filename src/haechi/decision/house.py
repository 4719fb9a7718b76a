"""The house: everything that deciding needs, handed in by the door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from haechi.decision.budget import Budget
from haechi.decision.decision import Action, Decision
from haechi.decision.policy import Policy
from haechi.decision.sight import Sights
from haechi.events import Event, Reason, Signal
from haechi.stores import Journal


class Memory(Protocol):
    """Remembers and learns in one call."""

    def look_and_learn(self, event: Event) -> Any:
        """What was known before this event, which is history from now on."""
        ...

    def hold(self, event: Event, known: Any) -> Any:
        """The same, once no more than a little of the event is learned until its verdict is known."""
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
        """The reasons behind a signal, the strongest first; asked only when something is done about the event.

        Each is told as something else (Feature.told_as): more of a kind would not be told.
        """
        ...


@runtime_checkable
class RowDetector(Protocol):
    """A detector that needs nothing of an event but its row: it can be asked before there is an event (swift.py)."""

    @property
    def name(self) -> str:
        """What console, metrics and policy call it."""
        ...

    def judge_row(self, known: Any) -> Signal:
        """The same signal as `judge`."""
        ...

    def judge_rows(self, rows: Any, scores: Any, one_in: Any) -> None:
        """The numbers of the same signals, of many rows at once.

        rows: float32 [events, F]; scores, one_in: float64 [events], to be written.
        """
        ...


class Agreed(Protocol):
    """What the rules say of one event."""

    @property
    def version(self) -> str:
        """The rule set that was asked: equal versions are equal rules, lists and snoozes."""
        ...

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each rule that hit or could not be decided: {"rule", "version", "result", "lane"}."""
        ...

    @property
    def score(self) -> float | None:
        """The joined weights of the rules that hit; None when no rule for such an event gives one."""
        ...

    @property
    def floor(self) -> dict[str, Action]:
        """What was agreed whatever the models say: {"minimum": ...}, {"fixed": ...}, both or nothing."""
        ...

    def reasons(self) -> list[Reason]:
        """The reasons of the rules that acted, the heaviest first."""
        ...


class Rules(Protocol):
    """The rules in force; another set is another object, so that one decision never sees two."""

    def decide(self, event: Event, known: Any) -> Agreed:
        """Ask every rule about one event."""
        ...


class Desk(Protocol):
    """Where people sit; the alert itself is in the journal's commit."""

    def open(self, decision: Decision) -> None:
        """Show a person that there is something to look at."""
        ...


class Watcher(Protocol):
    """Sees what was decided, and holds nobody up."""

    def saw(self, sights: Sights) -> None:
        """Take decisions that were just handed to the journal."""
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
    versions: Mapping[str, str] = field(default_factory=dict)  # features, model; those of policy and rules are added
    rules: Rules | None = None
    watcher: Watcher | None = None
    now_us: Callable[[], int] | None = None  # the clock on the wall, for people's deadlines; without it, event time
    budget: Budget = field(init=False)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter, init=False)  # (detector, why) -> how often

    def __post_init__(self) -> None:
        self.budget = Budget(self.policy.alert_budget_per_day)
        self.versions = {**self.versions, "policy": self.policy.version}
