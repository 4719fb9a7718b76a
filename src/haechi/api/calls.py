"""What each call does: check, hand to the house, put the outcome into bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from haechi import __version__
from haechi.api.asking import query, whole_number
from haechi.api.body import are_flat, check_depth, check_size, split_lines
from haechi.api.errors import BadJson, BadQuery, Busy, NotFound, NotReady, Refusal
from haechi.api.figures import Figures
from haechi.api.front import Front
from haechi.api.learning_calls import LearningCalls, LearningDesk
from haechi.api.limits import Limits
from haechi.api.model_calls import AnswerQuestion, ModelCalls
from haechi.api.model_desk import ModelDesk
from haechi.api.money_calls import MoneyCalls
from haechi.api.openapi import document
from haechi.api.routes import JSON, Route
from haechi.api.rule_calls import RuleCalls
from haechi.api.rule_desk import RuleDesk
from haechi.cases import CaseDesk

Outcome = TypeVar("Outcome")
PAGE_ROWS = 100


class Request(msgspec.Struct, frozen=True, gc=False):
    """A request that passed the door: its body is whole, its caller may make this call."""

    body: bytes = b""
    media_type: str = ""
    value: str = ""
    query: bytes = b""
    person: str = ""  # the name of the caller's key


class Calls(MoneyCalls, ModelCalls, RuleCalls, LearningCalls):
    """One method for each name in the table of routes."""

    def __init__(self, front: Front, limits: Limits, figures: Figures, routes: Sequence[Route], instance: str) -> None:
        self._front = front
        self._limits = limits
        self._figures = figures
        health = {"status": "ok", "service": "haechi", "version": __version__, "instance": instance}
        self._health = msgspec.json.encode(health)
        self._openapi = msgspec.json.encode(document(routes, version=__version__))

    def _desk(self) -> RuleDesk:
        return self._front.rules

    def _cases(self) -> CaseDesk:
        return self._front.cases

    def _models(self) -> ModelDesk:
        return self._front.models

    def _asked(self) -> AnswerQuestion:
        return self._front.answer_question

    def _learning(self) -> LearningDesk:
        return self._front.learning

    async def decide(self, request: Request) -> bytes:
        """Decide one event."""
        check_depth(request.body, self._limits.depth_max)
        return await self._front.decide(request.body)

    async def decide_batch(self, request: Request) -> bytes:
        """Decide line by line; answer n belongs to line n."""
        outcomes = await self._each_line(request, self._front.decide_batch)
        answers = [o.document(n) if isinstance(o, Refusal) else o for n, o in enumerate(outcomes, 1)]
        return b"\n".join(answers) + b"\n"

    async def learn(self, request: Request) -> bytes:
        """Learn line by line, without deciding."""
        return taken(await self._each_line(request, self._front.learn))

    async def label(self, request: Request) -> bytes:
        """Take labels, one as JSON or many as JSON Lines."""
        return taken(await self._each_line(request, self._front.label))

    async def decision(self, request: Request) -> bytes:
        """Find a stored decision."""
        if len(request.value) > self._limits.id_characters_max:
            raise BadQuery(f"an event id has at most {self._limits.id_characters_max} characters")
        stored = await self._front.decision(request.value)
        if stored is None:
            raise NotFound("no decision is stored under this event id: check the id, or POST the event to /v1/decide")
        return stored

    async def alerts(self, request: Request) -> bytes:
        """List alerts behind a cursor."""
        asked = query(request.query, ("limit", "cursor"))
        limit = whole_number("limit", asked.get("limit", str(PAGE_ROWS)), 1, self._limits.page_rows_max)
        after = whole_number("cursor", asked.get("cursor", "0"), 0, 10**18 - 1)
        rows = await self._front.alerts(after, limit)
        following = str(rows[-1][0]) if len(rows) == limit else None
        return msgspec.json.encode({"alerts": [msgspec.Raw(body) for _, body in rows], "next": following})

    async def profile(self, request: Request) -> bytes:
        """Describe a customer."""
        if len(request.value) > self._limits.id_characters_max:
            raise BadQuery(f"a customer's id has at most {self._limits.id_characters_max} characters")
        found = await self._front.profile(request.value)
        if found is None:
            raise NotFound("no event of this customer is known: check the id")
        return found

    async def healthz(self, request: Request) -> bytes:
        """Say who answers here."""
        return self._health

    async def readyz(self, request: Request) -> bytes:
        """Say whether the house can decide."""
        if (reason := self._front.ready()) is not None:
            raise NotReady(reason)
        return b'{"status":"ready"}'

    async def metrics(self, request: Request) -> bytes:
        """Write the figures for Prometheus."""
        return self._figures.render(self._front.figures())

    async def openapi(self, request: Request) -> bytes:
        """Give the document that describes every call."""
        return self._openapi

    async def _each_line(
        self, request: Request, send: Callable[[Sequence[bytes]], Awaitable[list[Outcome]]]
    ) -> list[Outcome | Refusal]:
        if request.media_type == JSON:
            lines = [check_size(request.body, self._limits.body_bytes_max)]
        else:
            lines = split_lines(request.body, self._limits.batch_lines_max)
        outcomes: list[Outcome | Refusal | None] = [None] * len(lines)
        if not are_flat(request.body, len(lines), self._limits.body_bytes_max, self._limits.depth_max):
            outcomes = [self._screen(line) for line in lines]
        sound = [n for n, refusal in enumerate(outcomes) if refusal is None]
        answered = await self._in_slices([lines[n] for n in sound], send)
        for n, outcome in zip(sound, answered, strict=True):
            outcomes[n] = outcome
        if all(isinstance(outcome, Busy) for outcome in outcomes):
            raise outcomes[0]  # type: ignore[misc]
        return outcomes  # type: ignore[return-value]

    def _screen(self, line: bytes) -> Refusal | None:
        try:
            check_size(line, self._limits.body_bytes_max)
            check_depth(line, self._limits.depth_max)
        except Refusal as refusal:
            return refusal
        return BadJson("the line is empty: send one JSON object per line") if not line or line.isspace() else None

    async def _in_slices(
        self, lines: list[bytes], send: Callable[[Sequence[bytes]], Awaitable[list[Outcome]]]
    ) -> list[Outcome | Refusal]:
        """Hand over a few lines at a time: other callers get their turn, and commits overlap with the next lines."""
        size, ahead = self._limits.slice_lines, self._limits.slices_ahead_max
        tasks: list[asyncio.Task[list[Outcome | Refusal]]] = []
        async with asyncio.TaskGroup() as group:
            for start in range(0, len(lines), size):
                tasks.append(group.create_task(outcomes_of(send, lines[start : start + size])))
                await (tasks[-1 - ahead] if len(tasks) > ahead else asyncio.sleep(0))
        return [outcome for task in tasks for outcome in task.result()]


async def outcomes_of(
    send: Callable[[Sequence[bytes]], Awaitable[list[Outcome]]], lines: Sequence[bytes]
) -> list[Outcome | Refusal]:
    """The outcome of each line; when the house refuses them all at once, each line is refused."""
    try:
        return list(await send(lines))
    except Refusal as refusal:
        return [refusal] * len(lines)


def taken(outcomes: Sequence[Refusal | None]) -> bytes:
    """Report how many lines were taken, and every one that was not."""
    rejected = [o.problem(n) for n, o in enumerate(outcomes, 1) if o is not None]
    return msgspec.json.encode({"taken": len(outcomes) - len(rejected), "rejected": rejected})
