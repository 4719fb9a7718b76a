"""What stands behind the door: the API speaks to the house through these few calls and knows nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from haechi.api.errors import Refusal
from haechi.api.learning_calls import LearningDesk
from haechi.api.model_desk import ModelDesk
from haechi.api.model_shapes import QuestionAnswer, QuestionLine
from haechi.api.rule_desk import RuleDesk
from haechi.cases import CaseDesk
from haechi.security import StoredKey


@dataclass(frozen=True, slots=True)
class Figure:
    """One number the house shows to Prometheus."""

    name: str
    help: str
    kind: Literal["counter", "gauge"]
    value: float
    labels: tuple[tuple[str, str], ...] = ()


class Front(Protocol):
    """The house as seen from outside.

    Calls that write are answered only after the journal's commit. They take effect in the order in which they were
    started: all that changes the memory happens before the first suspension. Refusals are raised, except in lists,
    where each line has its own outcome and one bad line harms no other.
    """

    async def decide(self, body: bytes) -> bytes:
        """Decide one event and give the decision as JSON; raises BadJson, BadEvent, Conflict, Busy, NotReady.

        The same id with the same body gives the stored answer; with another body it is a Conflict.
        """
        ...

    def decide_together(self, bodies: Sequence[bytes], then: Callable[[list[bytes | Refusal]], None]) -> None:
        """Decide events that came at the same time, each as `decide` would, without a task.

        `then` is called once, in the event loop, with the outcome of each, when all decisions are on disk.
        """
        ...

    async def decide_batch(self, lines: Sequence[bytes]) -> list[bytes | Refusal]:
        """Decide events in their order; a decision or a refusal for each line."""
        ...

    async def learn(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        """Learn from events without deciding; None for each line taken."""
        ...

    async def label(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        """Take labels as they become known; None for each line taken."""
        ...

    async def check(self, challenge: str, body: bytes) -> None:
        """Take the `check` event that answers a challenge; raises BadEvent when it does not."""
        ...

    async def decision(self, event_id: str) -> bytes | None:
        """Find a stored decision with all its evidence."""
        ...

    async def alerts(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """List alerts behind a sequence number, oldest first, as (sequence number, JSON)."""
        ...

    @property
    def rules(self) -> RuleDesk:
        """Where people write rules and agree on them; its calls come from threads."""
        ...

    async def profile(self, customer: str) -> bytes | None:
        """Describe what is usual for a customer, as JSON; None when nobody knows her."""
        ...

    @property
    def cases(self) -> CaseDesk:
        """What people do; its calls come from threads."""
        ...

    @property
    def models(self) -> ModelDesk:
        """Where people lead models through their lives; its calls come from threads."""
        ...

    async def answer_question(self, number: int, answer: QuestionAnswer) -> QuestionLine:
        """Take a customer's answer to "was this you?"; it is a label, on disk, once this returns."""
        ...

    @property
    def learning(self) -> LearningDesk:
        """What models learn from; its calls come from threads."""
        ...

    def ready(self) -> str | None:
        """Say why the house cannot decide now; None when it can."""
        ...

    def figures(self) -> Iterable[Figure]:
        """Give the house's own numbers for Prometheus."""
        ...

    def key(self, digest: bytes) -> StoredKey | None:
        """Find an API key by its hash; called seldom, for answers are remembered for a few seconds."""
        ...
