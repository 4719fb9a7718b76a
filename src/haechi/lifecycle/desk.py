"""The life of models as the API sees it: words of the wire become the rooms' words, and errors refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from haechi.api import BadEvent, Conflict, NotReady, Refusal
from haechi.api import model_shapes as shapes
from haechi.api.asking import zoned_us
from haechi.api.errors import NotFound
from haechi.events.times import moment
from haechi.learning.asking.questions import Question, Questions
from haechi.learning.errors import LearningError, ModelNotFound
from haechi.learning.frozen import DataSets
from haechi.learning.life.book import Change, GateRow, Said
from haechi.learning.life.compare import compare
from haechi.learning.life.errors import NoSuchModel
from haechi.learning.life.life import OURS, Life
from haechi.learning.life.scores import ScoreStore
from haechi.learning.life.standing import WHOLE_PPM, HistoryRow, stood
from haechi.learning.quality import Quality
from haechi.lifecycle.descent import made_of
from haechi.lifecycle.reporting import report, suspects
from haechi.lifecycle.trainings import Training, Trainings
from haechi.stores import Disagreed

if TYPE_CHECKING:
    from haechi.lifecycle.watching import Watching
    from haechi.settings import Settings

__all__ = ["ModelDesk", "question_line", "refusing"]

DAY_US = 86_400_000_000
CLOSED = "no server runs on this home: start one with `haechi serve`"


class ModelDesk:
    """The desk of one home; without a server nothing is watched, and trainings are for the command line."""

    def __init__(
        self, life: Life, settings: Settings, questions: Questions, quality: Quality,
        job: Callable[[str, shapes.TrainWish], Any], trainings: Trainings, datasets: DataSets,
        watching: Watching | None = None,
    ) -> None:  # fmt: skip
        self.life, self._settings, self._questions, self._quality = life, settings, questions, quality
        self._job, self._trainings, self._datasets, self._watching = job, trainings, datasets, watching
        self._scores = ScoreStore(life.book.tables)

    def models(self) -> shapes.ModelLines:
        """Every model and where it stands."""
        self.life.settle()
        standing = self.life.standing
        lines = [self._line(one.version) for one in self.life.book.models()]
        return shapes.ModelLines(
            lines, standing.champion, standing.canary[0] if standing.canary else None, standing.before
        )

    def model(self, model: str) -> shapes.ModelInFull:
        """One model in full."""
        with refusing():
            self.life.place(model)
            history = [self._event(row) for row in self.life.book.history() if row.model == model]
            return shapes.ModelInFull(
                self._line(model), _gates(model, self.life.book.gates(model)), history,
                made_of(self.life.registry, self._datasets, model), self.life.registry.report(model),
            )  # fmt: skip

    def changes(self, state: str | None, before: int | None, limit: int) -> shapes.ModelChanges:
        """Steps that were asked for."""
        found = [_change(one) for one in self.life.book.changes(state, before, limit)]
        return shapes.ModelChanges(found, str(found[-1].id) if len(found) == limit else None)

    def history(self, before: int | None, limit: int) -> shapes.ModelHistory:
        """What took effect, rollbacks included, the newest first."""
        rows = [row for row in reversed(self.life.book.history()) if before is None or row.number < before]
        found = [self._event(row) for row in rows[:limit]]
        return shapes.ModelHistory(found, str(found[-1].number) if len(rows) > limit else None)

    def step(self, model: str, wish: shapes.Step, person: str) -> shapes.ModelChange:
        """Ask for a step."""
        with refusing():
            return _change(self.life.ask(model, wish.step, _person(person), wish.share, wish.comment))

    def answer(self, change: int, answer: shapes.AnswerStep, person: str) -> shapes.ModelChange:
        """Approve, reject or withdraw."""
        with refusing():
            return _change(self.life.answer(change, answer.answer, _person(person), answer.comment))

    def rollback(self, person: str, why: str) -> shapes.ModelEvent:
        """Go back to the champion before."""
        with refusing():
            return self._event(self.life.rollback(_person(person), why))

    def end(self, model: str, person: str, why: str) -> shapes.ModelEvent:
        """Take a model out."""
        with refusing():
            return self._event(self.life.end(model, _person(person), why))

    def gate(self, model: str, person: str) -> shapes.OneTraining:
        """Hold a model against its gates, in a child."""
        with refusing():
            self.life.place(model)
            return _training(self._trainings.start(self._job(model, shapes.TrainWish()), "gates", _person(person)))

    def train(self, wish: shapes.TrainWish, person: str) -> shapes.OneTraining:
        """Train a challenger, in a child."""
        with refusing():
            return _training(self._trainings.start(self._job("", wish), "by hand", _person(person)))

    def trainings(self) -> shapes.TrainingList:
        """Trainings, the newest first."""
        return shapes.TrainingList([_training(one) for one in self._trainings.last()])

    def compare(self, since: str | None, until: str | None, budget: int | None) -> shapes.Comparison:
        """Models and rules side by side, on what was decided in a span."""
        newest = self._scores.newest_us()
        until_us = zoned_us("until", until, BadEvent) if until else (newest or 0) + 1
        since_us = zoned_us("since", since, BadEvent) if since else until_us - DAY_US
        roles = {one.version: self.life.standing.place(one.version).step for one in self.life.book.models()}
        found = compare(
            self._scores.between(since_us, until_us), self._scores.labels(since_us, until_us), roles,
            (since_us, until_us), budget or self._settings.models.gates.alert_budget_per_day,
        )  # fmt: skip
        sides = [shapes.ModelSide(**msgspec.structs.asdict(side)) for side in found.sides]
        return shapes.Comparison(
            moment(found.since_us), moment(found.until_us), found.events, found.labelled, found.frauds,
            found.alert_budget_per_day, sides,
        )  # fmt: skip

    def watch(self, days: int, feature: str) -> shapes.WatchReport:
        """What is watched."""
        if self._watching is None:
            raise NotReady(CLOSED)
        found = report(self._watching, self.life.standing, self._settings.watch, days, feature)
        newest = next((row for row in reversed(self.life.book.history()) if row.step == "champion"), None)
        return msgspec.structs.replace(found, decides=None if newest is None else self._event(newest))

    def raised(self) -> list[str] | None:
        """The alarms that stand now; None where nothing is watched."""
        return None if self._watching is None else sorted(self._watching.raised)

    def suspects(self) -> list[shapes.SuspectLine]:
        """Where suspicious events of several customers meet, the most expected frauds first."""
        return [] if self._watching is None else suspects(self._watching)

    def questions(self, state: str, limit: int) -> shapes.Questions:
        """Whom to ask."""
        with refusing():
            return shapes.Questions([question_line(one) for one in self._questions.page(state, limit)])

    def second_look(self, person: str) -> shapes.LookWish:
        """An alert that waits for this person's opinion."""
        found = self._quality.next(person)
        return shapes.LookWish(*found) if found else shapes.LookWish(None, None, None)

    def say_second_look(self, alert: str, person: str, look: shapes.Look) -> shapes.AgreementFigures:
        """Take a second opinion."""
        with refusing():
            return shapes.AgreementFigures(**msgspec.structs.asdict(self._quality.say(alert, person, look.verdict)))

    def my_quality(self, person: str) -> shapes.MyQuality:
        """One person's own figures."""
        return shapes.MyQuality(**msgspec.structs.asdict(self._quality.mine(person)))

    def agreement(self) -> shapes.AgreementFigures:
        """How often two people agree."""
        return shapes.AgreementFigures(**msgspec.structs.asdict(self._quality.agreement()))

    def _event(self, row: HistoryRow) -> shapes.ModelEvent:
        """What took effect, with those who agreed to it."""
        said = () if row.change_id is None else self.life.book.change(row.change_id).answers
        practice = self.life.practised.at(row.at_us)
        return shapes.ModelEvent(
            row.number, row.what, row.model, row.step, row.share_ppm / WHOLE_PPM, row.person, moment(row.at_us),
            row.change_id, row.why, [_answer(one) for one in said if one.answer == "approve"],
            practice.version if practice else "", self._undone(row),
        )  # fmt: skip

    def _undone(self, row: HistoryRow) -> str | None:
        """The model that decided until a rollback."""
        if row.what != "rollback":
            return None
        return stood(one for one in self.life.book.history() if one.number < row.number).champion

    def _line(self, model: str) -> shapes.ModelLine:
        known = next(one for one in self.life.book.models() if one.version == model)
        place = self.life.standing.place(model)
        entry = next((e for e in self.life.registry.entries() if e.version == model), None)
        return shapes.ModelLine(
            model, place.step, place.share_ppm / WHOLE_PPM, known.author, moment(known.at_us),
            _passed(self.life.book.gates(model)), bool(entry and entry.beats_baseline),
            str(known.content.get("cause", "")),
        )  # fmt: skip


@contextmanager
def refusing() -> Iterator[None]:
    """What the rooms say no to, as a refusal with its status."""
    try:
        yield
    except Refusal:
        raise
    except (NoSuchModel, ModelNotFound) as error:
        raise NotFound(str(error)) from None
    except (LearningError, Disagreed) as error:
        raise Conflict(str(error)) from None


def question_line(one: Question) -> shapes.QuestionLine:
    """A question for the wire."""
    return shapes.QuestionLine(
        one.number, one.event_id, one.subject, one.why, one.score, one.state, moment(one.asked_us),
        moment(one.until_us), one.channel,
    )  # fmt: skip


def _person(name: str) -> str:
    if name in OURS:
        raise Conflict(f"a key named {name!r} cannot act for a person: Haechi itself signs with that name")
    return name


def _passed(gates: list[GateRow]) -> bool | None:
    return all(gate.passed for gate in gates) if gates else None


def _gates(model: str, gates: list[GateRow]) -> shapes.Gates:
    lines = [shapes.GateLine(g.name, g.value, g.threshold, g.passed, moment(g.at_us), g.content) for g in gates]
    return shapes.Gates(model, _passed(gates), lines)


def _answer(one: Said) -> shapes.ModelAnswer:
    return shapes.ModelAnswer(one.person, one.answer, one.comment, moment(one.at_us))


def _change(one: Change) -> shapes.ModelChange:
    answers = [_answer(said) for said in one.answers]
    return shapes.ModelChange(
        one.id, one.model, one.step, one.share_ppm / WHOLE_PPM, one.author, moment(one.created_us), one.needs,
        one.comment, one.state, answers,
    )  # fmt: skip


def _training(one: Training) -> shapes.OneTraining:
    ended = None if one.ended_us is None else moment(one.ended_us)
    return shapes.OneTraining(
        one.number, one.cause, one.person, one.state, moment(one.started_us), ended, one.model, one.content
    )
