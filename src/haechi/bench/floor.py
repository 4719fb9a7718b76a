"""The floor under the HTTP figures: our server with an empty house behind it, which answers at once."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import cast

import msgspec

from haechi.api import Api, Figure, Refusal, bind, run, serve
from haechi.api.errors import NotFound
from haechi.api.learning_calls import LearningDesk
from haechi.api.model_desk import ModelDesk
from haechi.api.model_shapes import QuestionAnswer, QuestionLine
from haechi.api.rule_desk import RuleDesk
from haechi.cases import CaseDesk
from haechi.security import ENTROPY_BYTES, SCOPES, NewKey, StoredKey, make_key

ANSWER = msgspec.json.encode(
    {
        "event_id": "b1-1", "action": "allow", "score": 0.0123, "expected_loss": 65,
        "sentence": {"en": "Allowed: nothing about this payment is unusual.", "ko": "허용: 특이한 점이 없습니다."},
        "reasons": [
            {"code": f"behaviour.{n}", "value": "7,000", "usual": "2,000", "weight": 0.41,
             "text": {"en": "amount compared with the usual", "ko": "평소 대비 금액"}}
            for n in range(3)
        ],
        "signals": [{"detector": "supervised", "score": 0.0123, "version": "0"}], "rules": [], "degraded": [],
        "versions": {"features": "0", "model": "0", "rules": "0", "policy": "0"},
        "timings_us": {"decode": 1, "look": 7, "judge": 15, "weigh": 3, "journal": 700},
    }
)  # fmt: skip


class EmptyFront:
    """Answers everything with the same decision, so that only the way to the house and back is measured."""

    rules = cast(RuleDesk, None)  # nobody asks about rules here
    cases = cast(CaseDesk, None)  # nor about cases
    models = cast(ModelDesk, None)  # nor about models
    learning = cast(LearningDesk, None)  # nor about data sets

    def __init__(self, key: StoredKey) -> None:
        self._key = key

    async def decide(self, body: bytes) -> bytes:
        """Answer without looking."""
        return ANSWER

    def decide_together(self, bodies: Sequence[bytes], then: Callable[[list[bytes | Refusal]], None]) -> None:
        """Answer without looking."""
        then([ANSWER] * len(bodies))

    async def decide_batch(self, lines: Sequence[bytes]) -> list[bytes | Refusal]:
        """Answer each line without looking."""
        return [ANSWER] * len(lines)

    async def learn(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        """Take each line and forget it."""
        return [None] * len(lines)

    async def label(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        """Take each line and forget it."""
        return [None] * len(lines)

    async def check(self, challenge: str, body: bytes) -> None:
        """Take it and forget it."""

    async def decision(self, event_id: str) -> bytes | None:
        """Nothing was kept."""
        return None

    async def profile(self, customer: str) -> bytes | None:
        """Nobody is known."""
        return None

    async def alerts(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Nobody was alarmed."""
        return []

    async def answer_question(self, number: int, answer: QuestionAnswer) -> QuestionLine:
        """Nobody was asked."""
        raise NotFound("nobody is asked here")

    def ready(self) -> str | None:
        """Always ready."""
        return None

    def figures(self) -> Iterable[Figure]:
        """No figures of its own."""
        return ()

    def key(self, digest: bytes) -> StoredKey | None:
        """The one key of this run."""
        return self._key if digest == self._key.digest else None


def floor_server(port: int = 0) -> None:
    """Serve the empty house; the first line on standard output tells port, key and instance."""
    key: NewKey = make_key(os.urandom(ENTROPY_BYTES), scopes=SCOPES)
    instance = secrets.token_hex(8)
    listener = bind("127.0.0.1", port)
    told = {"port": listener.getsockname()[1], "key": key.token, "instance": instance, "pid": os.getpid()}

    def tell() -> None:
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        sys.stdout.flush()

    run(serve(Api(EmptyFront(key.stored), instance=instance), listener, on_ready=tell))
