"""A house of cards for the tests of the door: it decides, remembers and refuses as the real one promises to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

import msgspec

from haechi.api import Api, BadEvent, Busy, Conflict, Figure, Limits, Refusal, read_object
from haechi.security import SCOPES, NewKey, StoredKey, make_key


def key_for(*scopes: str) -> NewKey:
    """A key for these scopes, always the same."""
    return make_key(sha256(repr(scopes).encode()).digest() + bytes(range(8)), scopes=scopes)


class FakeDesk:
    """Remembers what it was asked, and answers with the same change whatever it is."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            self.asked.append((name, *args))
            if name in ("changes", "entries"):
                return [Row(id=n, entity=f"e-{n}") for n in range(args[-1])]
            return [] if name in ("lists", "snoozes") else Row(id=7, entity="e")

        return call


class Row(msgspec.Struct):
    """Something with an id and an entity."""

    id: int
    entity: str


class FakeFront:
    """Keeps decisions in a dictionary."""

    def __init__(self, *keys: NewKey) -> None:
        self.keys: dict[bytes, StoredKey] = {key.stored.digest: key.stored for key in keys}
        self.stored: dict[str, tuple[bytes, bytes]] = {}
        self.learned: list[bytes] = []
        self.labels: list[bytes] = []
        self.order: list[str] = []
        self.not_ready: str | None = None
        self.gate: asyncio.Event | None = None
        self.raises: Exception | None = None
        self.asked_for_keys = 0
        self.short = 0  # decisions that took the short way
        self.holds = False  # whether they wait in `short_waits`
        self.short_waits: list[Callable[..., None]] = []
        self.desk = FakeDesk()
        self.case_desk: Any = None
        self.model_desk = FakeDesk()
        self.learning: Any = FakeDesk()

    async def decide(self, body: bytes) -> bytes:
        answer = self._decide(body)
        if self.gate is not None:
            await self.gate.wait()
        return answer

    def decide_together(self, bodies: Sequence[bytes], then: Callable[[list[bytes | Refusal]], None]) -> None:
        self.short += len(bodies)
        answers = [self._outcome(body) for body in bodies]
        if not self.holds:
            then(answers)
            return
        self.short_waits.append(lambda outcome=None: then(answers if outcome is None else [outcome] * len(answers)))

    def _outcome(self, body: bytes) -> bytes | Refusal:
        try:
            return self._decide(body)
        except Refusal as refusal:
            return refusal

    def _decide(self, body: bytes) -> bytes:
        if self.raises is not None:
            raise self.raises
        event_id = read_object(body).get("id")
        if not isinstance(event_id, str):
            raise BadEvent("the event has no id: send one as text")
        if event_id in self.stored:
            before, answer = self.stored[event_id]
            if before != body:
                raise Conflict(f"event {event_id} was decided before with another body: send a new id")
            return answer
        self.order.append(event_id)
        answer = msgspec.json.encode({"event_id": event_id, "action": "allow"})
        self.stored[event_id] = (body, answer)
        return answer

    async def decide_batch(self, lines: Sequence[bytes]) -> list[bytes | Refusal]:
        outcomes = [self._outcome(line) for line in lines]
        if self.gate is not None:
            await self.gate.wait()
        return outcomes

    async def learn(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        if isinstance(self.raises, Busy):
            raise self.raises
        return [self._take(line, "id", self.learned) for line in lines]

    async def label(self, lines: Sequence[bytes]) -> list[Refusal | None]:
        return [self._take(line, "event_id", self.labels) for line in lines]

    def _take(self, line: bytes, field: str, into: list[bytes]) -> Refusal | None:
        try:
            if field not in read_object(line):
                return BadEvent(f"there is no {field}: send one")
        except Refusal as refusal:
            return refusal
        into.append(line)
        return None

    async def check(self, challenge: str, body: bytes) -> None:
        self.learned.append(body)

    async def decision(self, event_id: str) -> bytes | None:
        return self.stored[event_id][1] if event_id in self.stored else None

    async def profile(self, customer: str) -> bytes | None:
        return b'{"customer":"c-1","events":1}' if customer == "c-1" else None

    async def alerts(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        return [(n, b'{"seq":%d}' % n) for n in range(after + 1, 8)][:limit]

    @property
    def rules(self) -> FakeDesk:
        return self.desk

    @property
    def cases(self) -> Any:
        return self.case_desk

    @property
    def models(self) -> Any:
        return self.model_desk

    async def answer_question(self, number: int, answer: Any) -> Any:
        return self.model_desk.answer_question(number, answer)

    def ready(self) -> str | None:
        return self.not_ready

    def figures(self) -> Iterable[Figure]:
        yield Figure("haechi_decisions", "Decisions taken.", "counter", len(self.order), (("action", "allow"),))
        yield Figure("haechi_decisions", "Decisions taken.", "counter", 0, (("action", "hold"),))
        yield Figure("haechi_queue", "Entries that wait for the disk.", "gauge", 3)

    def key(self, digest: bytes) -> StoredKey | None:
        self.asked_for_keys += 1
        return self.keys.get(digest)


class Answer(msgspec.Struct):
    """An answer as the caller sees it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def detail(self) -> str:
        assert self.headers["content-type"] == "application/problem+json"
        assert b"\n" not in self.body
        problem = self.json
        assert problem["status"] == self.status
        assert problem["type"].startswith("urn:haechi:problem:")
        assert problem["title"]
        return problem["detail"]


KEY = key_for(*SCOPES)


class Door:
    """An application with a fake house behind it, called without a server."""

    def __init__(self, limits: Limits | None = None, clock: Any = None) -> None:
        self.front = FakeFront(KEY)
        extra = {} if clock is None else {"clock": clock}
        self.api = Api(self.front, limits=limits or Limits(), instance="test", **extra)

    def __call__(self, *args: Any, **named: Any) -> Answer:
        return asyncio.run(self.call(*args, **named))

    async def call(
        self,
        method: str,
        target: str,
        body: bytes | Sequence[bytes] | None = b"",
        headers: Mapping[str, str] | None = None,
        key: str | None = KEY.token,
        kind: str | None = "application/json",
    ) -> Answer:
        """Make one request; a body given as pieces comes without a length, None hangs up."""
        raw_path, _, query = target.encode().partition(b"?")
        head = {} if key is None else {"authorization": f"Bearer {key}"}
        if isinstance(body, bytes):
            head["content-length"] = str(len(body))
        if kind is not None:
            head["content-type"] = kind
        head |= headers or {}
        scope = {
            "type": "http", "method": method, "path": unquote(raw_path.decode()), "raw_path": raw_path,
            "query_string": query, "headers": [(n.encode(), v.encode()) for n, v in head.items()],
        }  # fmt: skip
        pieces = [body] if isinstance(body, bytes) else list(body or ())
        coming = [{"type": "http.request", "body": p, "more_body": n < len(pieces)} for n, p in enumerate(pieces, 1)]
        if body is None:
            coming = [{"type": "http.disconnect"}]
        sent: list[Any] = []

        async def receive() -> Any:
            return coming.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        await self.api(scope, receive, send)
        if not sent:
            return Answer(0, {}, b"")
        start, end = sent
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        assert int(names["content-length"]) == len(end["body"])
        return Answer(start["status"], names, end["body"])
