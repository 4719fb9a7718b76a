"""The API of a home that no server runs on: rules and what belongs to them; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from haechi.api import Api, Figure, NotReady, Refusal
from haechi.api.model_shapes import QuestionAnswer, QuestionLine
from haechi.app import Shut, cases_of, rulebook_of
from haechi.cases import CaseDesk
from haechi.commands.learned import Learned
from haechi.lifecycle.desk import ModelDesk
from haechi.lifecycle.room import desk_of
from haechi.rulebook.desk import Desk
from haechi.rulebook.seen import Seen
from haechi.security import StoredKey

__all__ = ["Indoors"]

CLOSED = "no server runs on this home: start one with `haechi serve`"


class Indoors:
    """Answers for a home whose memory was not read."""

    def __init__(self, shut: Shut) -> None:
        self._shut = shut
        seen = Seen(shut.archive, shut.store.journal, shut.schema)
        self._rules = Desk(rulebook_of(shut), lambda: ("", ""), shut.home.path, seen=seen)
        self._cases = cases_of(shut)
        self._models = desk_of(shut)
        self.learning = Learned(shut.home, shut.store.journal)
        self.api = Api(self, instance="indoors")

    @property
    def rules(self) -> Desk:
        """Where people write rules and agree on them."""
        return self._rules

    @property
    def cases(self) -> CaseDesk:
        """Where people work."""
        return self._cases

    @property
    def models(self) -> ModelDesk:
        """Where people lead models through their lives."""
        return self._models

    async def answer_question(self, number: int, answer: QuestionAnswer) -> QuestionLine:
        """Not here: an answer is a label, and labels are learned."""
        raise NotReady(CLOSED)

    async def decide(self, body: bytes) -> bytes:
        """Not here."""
        raise NotReady(CLOSED)

    def decide_together(self, bodies: Sequence[bytes], then: Callable[[list[bytes | Refusal]], None]) -> None:
        """Not here."""
        raise NotReady(CLOSED)

    async def decide_batch(self, lines: Sequence[bytes]) -> list[bytes | Refusal]:
        """Not here."""
        raise NotReady(CLOSED)

    async def learn(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        """Not here."""
        raise NotReady(CLOSED)

    async def label(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        """Not here."""
        raise NotReady(CLOSED)

    async def check(self, challenge: str, body: bytes) -> None:
        """Not here."""
        raise NotReady(CLOSED)

    async def decision(self, event_id: str) -> bytes | None:
        """Not here."""
        raise NotReady(CLOSED)

    async def alerts(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Not here."""
        raise NotReady(CLOSED)

    async def profile(self, customer: str) -> bytes | None:
        """Not here."""
        raise NotReady(CLOSED)

    def ready(self) -> str | None:
        """Why nothing is decided."""
        return CLOSED

    def figures(self) -> Iterable[Figure]:
        """None."""
        return ()

    def key(self, digest: bytes) -> StoredKey | None:
        """Find an API key by its hash."""
        return self._shut.key(digest)
