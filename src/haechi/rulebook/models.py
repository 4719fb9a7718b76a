"""Models as people at the console see them: the registry alone, or the desk that leads them through their lives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from haechi.api import Refusal
from haechi.api.model_shapes import Look
from haechi.console.errors import BadForm, Missing, Refused, Stale, TooMuch
from haechi.events.times import moment
from haechi.learning import LearningError, ModelNotFound, Registry
from haechi.rulebook.scores import ScoreFigures

__all__ = ["ModelPeople", "Registered"]

STATUS: dict[int, type[Refused]] = {404: Missing, 409: Stale, 503: TooMuch}


@dataclass(frozen=True)
class Registered:
    """A model as the registry alone knows it."""

    version: str
    place: str
    share: float
    author: str
    at: str
    passed: bool | None
    beats_baseline: bool
    cause: str = ""


class ModelPeople:
    """One house's models for its people; `desk` leads them where there is one (front.models)."""

    def __init__(self, registry: Registry, scores: ScoreFigures, desk: Any = None) -> None:
        self._registry, self._scores, self._desk = registry, scores, desk

    @property
    def may_step(self) -> bool:
        """Whether anybody leads them."""
        return self._desk is not None

    def models(self) -> list[Any]:
        """Every model, the newest first."""
        if self._desk is not None:
            return list(self._desk.models().models)[::-1]
        found = [
            Registered(
                one.version, one.status, 1.0, one.promoted_by or "haechi train", moment(one.registered_us), None,
                one.beats_baseline,
            )
            for one in self._registry.entries()
        ]  # fmt: skip
        return found[::-1]

    def before(self) -> str | None:
        """What a rollback goes to."""
        found: str | None = None if self._desk is None else self._desk.models().before
        return found

    def report(self, version: str) -> dict[str, Any]:
        """Its training report."""
        with refusing():
            return self._registry.report(version)

    def full(self, version: str) -> Any:
        """Gates and history."""
        with refusing():
            return None if self._desk is None else self._desk.model(version)

    def watch(self, days: int) -> Any:
        """Drift and performance."""
        with refusing():
            return None if self._desk is None else self._desk.watch(days, "")

    def raised(self) -> list[str] | None:
        """Alarms that stand now."""
        found: list[str] | None = None if self._desk is None else self._desk.raised()
        return found

    def suspects(self) -> list[Any]:
        """Where suspicious events of several customers meet."""
        return [] if self._desk is None else list(self._desk.suspects())

    def changes(self, state: str) -> list[Any]:
        """Steps that were asked for."""
        return [] if self._desk is None else list(self._desk.changes(state, None, 100).changes)

    def step(self, model: str, step: str, share: float, person: str, comment: str) -> Any:
        """Ask for a step."""
        with refusing():
            return self._life().ask(model, step, person, share, comment)

    def answer(self, change: int, said: str, person: str, comment: str) -> Any:
        """Answer one."""
        with refusing():
            return self._life().answer(change, said, person, comment)

    def rollback(self, person: str, why: str) -> Any:
        """Back to the champion before."""
        with refusing():
            return self._life().rollback(person, why)

    def second_look(self, person: str) -> Any:
        """What waits for this person's opinion."""
        found = None if self._desk is None else self._desk.second_look(person)
        return found if found and found.alert else None

    def say_second_look(self, alert: str, person: str, verdict: str) -> None:
        """Take it."""
        with refusing():
            self._led().say_second_look(alert, person, msgspec.convert({"verdict": verdict}, Look))

    def my_quality(self, person: str) -> Any:
        """What became of her verdicts."""
        return None if self._desk is None else self._desk.my_quality(person)

    def agreement(self) -> Any:
        """How often two people agree."""
        return None if self._desk is None else self._desk.agreement()

    def scores(self) -> ScoreFigures:
        """Scores in life."""
        self._scores.step()
        return self._scores

    def _led(self) -> Any:
        if self._desk is None:
            raise Stale("models are led by `haechi train --promote` here")
        return self._desk

    def _life(self) -> Any:
        return self._led().life


@contextmanager
def refusing() -> Iterator[None]:
    """What the rooms refuse, as a page says it."""
    try:
        yield
    except ModelNotFound as error:
        raise Missing(str(error)) from None
    except LearningError as error:
        raise Stale(str(error)) from None
    except Refusal as error:
        raise STATUS.get(error.status, BadForm)(str(error)) from None
