"""The calls about models: read what came, hand it to the desk in a thread, write it out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from haechi.api import model_shapes as shapes
from haechi.api.asking import query, whole_number
from haechi.api.case_calls import DeskCalls
from haechi.api.errors import BadQuery, NotFound
from haechi.api.model_desk import ModelDesk
from haechi.api.rule_calls import Asked

PAGE_ROWS = 100
DAYS, DAYS_MAX = 14, 400
STATES = ("waiting", "done", "rejected", "withdrawn")
AnswerQuestion = Callable[[int, shapes.QuestionAnswer], Awaitable[shapes.QuestionLine]]


class ModelCalls(DeskCalls):
    """One method for each name in the table of routes."""

    def _models(self) -> ModelDesk:
        raise NotImplementedError

    def _asked(self) -> AnswerQuestion:
        raise NotImplementedError

    async def models(self, request: Asked) -> bytes:
        """List models."""
        return await _said(self._models().models)

    async def model(self, request: Asked) -> bytes:
        """Show a model."""
        return await _said(self._models().model, request.value)

    async def model_changes(self, request: Asked) -> bytes:
        """List steps that were asked for."""
        asked = query(request.query, ("state", "limit", "cursor"))
        state = asked.get("state")
        if state is not None and state not in STATES:
            raise BadQuery(f"state is {', '.join(STATES)}, not {state[:40]!r}")
        before = whole_number("cursor", asked["cursor"], 0, 10**18 - 1) if "cursor" in asked else None
        return await _said(self._models().changes, state, before, self._limit(asked))

    async def model_history(self, request: Asked) -> bytes:
        """List what took effect."""
        asked = query(request.query, ("limit", "cursor"))
        before = whole_number("cursor", asked["cursor"], 0, 10**18 - 1) if "cursor" in asked else None
        return await _said(self._models().history, before, self._limit(asked))

    async def step_model(self, request: Asked) -> bytes:
        """Ask for a step."""
        return await _said(self._models().step, request.value, self._told(request, shapes.Step), request.person)

    async def answer_model(self, request: Asked) -> bytes:
        """Answer a change."""
        told = self._told(request, shapes.AnswerStep)
        return await _said(self._models().answer, _number(request.value, "change"), told, request.person)

    async def roll_back_model(self, request: Asked) -> bytes:
        """Go back."""
        why = self._told(request, shapes.ModelWhy).comment
        return await _said(self._models().rollback, request.person, why)

    async def end_model(self, request: Asked) -> bytes:
        """Take a model out."""
        why = self._told(request, shapes.ModelWhy).comment
        return await _said(self._models().end, request.value, request.person, why)

    async def gate_model(self, request: Asked) -> bytes:
        """Start the gates."""
        self._told(request, shapes.ModelWhy)
        return await _said(self._models().gate, request.value, request.person)

    async def train_model(self, request: Asked) -> bytes:
        """Start a training."""
        return await _said(self._models().train, self._told(request, shapes.TrainWish), request.person)

    async def trainings(self, request: Asked) -> bytes:
        """List trainings."""
        return await _said(self._models().trainings)

    async def compare_models(self, request: Asked) -> bytes:
        """Compare."""
        asked = query(request.query, ("since", "until", "budget"))
        budget = whole_number("budget", asked["budget"], 1, 10**6) if "budget" in asked else None
        return await _said(self._models().compare, asked.get("since"), asked.get("until"), budget)

    async def watch(self, request: Asked) -> bytes:
        """Say what moved."""
        asked = query(request.query, ("days", "feature"))
        days = whole_number("days", asked.get("days", str(DAYS)), 1, DAYS_MAX)
        return await _said(self._models().watch, days, asked.get("feature", ""))

    async def questions(self, request: Asked) -> bytes:
        """List questions."""
        asked = query(request.query, ("state", "limit"))
        return await _said(self._models().questions, asked.get("state", "waiting"), self._limit(asked))

    async def answer_question(self, request: Asked) -> bytes:
        """Take a customer's answer; it is a label once this is answered."""
        told = self._told(request, shapes.QuestionAnswer)
        return msgspec.json.encode(await self._asked()(_number(request.value, "question"), told))

    async def second_look(self, request: Asked) -> bytes:
        """Find an alert for a second opinion."""
        return await _said(self._models().second_look, request.person)

    async def say_second_look(self, request: Asked) -> bytes:
        """Take a second opinion."""
        look = self._told(request, shapes.Look)
        return await _said(self._models().say_second_look, request.value, request.person, look)

    async def my_quality(self, request: Asked) -> bytes:
        """Tell somebody about her own verdicts."""
        return await _said(self._models().my_quality, request.person)

    async def agreement(self, request: Asked) -> bytes:
        """Say how often people agree."""
        return await _said(self._models().agreement)

    def _limit(self, asked: dict[str, str]) -> int:
        return whole_number("limit", asked.get("limit", str(PAGE_ROWS)), 1, self._limits.page_rows_max)


def _number(value: str, what: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise NotFound(f"{value[:40]!r} is no number of a {what}")
    return int(value)


async def _said(call: Callable[..., Any], *args: Any) -> bytes:
    return msgspec.json.encode(await asyncio.to_thread(call, *args))
