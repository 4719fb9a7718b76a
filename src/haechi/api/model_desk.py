"""The desk where people lead models through their lives, as the API sees it."""

from __future__ import annotations

from typing import Protocol

from haechi.api import model_shapes as shapes


class ModelDesk(Protocol):
    """Everything that may be done about models; `person` is who asks. Calls come from threads and raise refusals."""

    def models(self) -> shapes.ModelLines:
        """Every model."""
        ...

    def model(self, model: str) -> shapes.ModelInFull:
        """One model in full."""
        ...

    def changes(self, state: str | None, before: int | None, limit: int) -> shapes.ModelChanges:
        """Steps that were asked for."""
        ...

    def history(self, before: int | None, limit: int) -> shapes.ModelHistory:
        """What took effect, rollbacks included."""
        ...

    def step(self, model: str, wish: shapes.Step, person: str) -> shapes.ModelChange:
        """Ask for a step."""
        ...

    def answer(self, change: int, answer: shapes.AnswerStep, person: str) -> shapes.ModelChange:
        """Approve, reject or withdraw."""
        ...

    def rollback(self, person: str, why: str) -> shapes.ModelEvent:
        """Go back to the champion before."""
        ...

    def end(self, model: str, person: str, why: str) -> shapes.ModelEvent:
        """Take a model out."""
        ...

    def gate(self, model: str, person: str) -> shapes.OneTraining:
        """Hold a model against its gates."""
        ...

    def train(self, wish: shapes.TrainWish, person: str) -> shapes.OneTraining:
        """Train a challenger."""
        ...

    def trainings(self) -> shapes.TrainingList:
        """Trainings."""
        ...

    def compare(self, since: str | None, until: str | None, budget: int | None) -> shapes.Comparison:
        """Models and rules side by side."""
        ...

    def watch(self, days: int, feature: str) -> shapes.WatchReport:
        """Drift, alarms and estimated performance."""
        ...

    def questions(self, state: str, limit: int) -> shapes.Questions:
        """Whom to ask."""
        ...

    def second_look(self, person: str) -> shapes.LookWish:
        """An alert that waits for this person's opinion."""
        ...

    def say_second_look(self, alert: str, person: str, look: shapes.Look) -> shapes.AgreementFigures:
        """Take a second opinion."""
        ...

    def my_quality(self, person: str) -> shapes.MyQuality:
        """One person's own figures."""
        ...

    def agreement(self) -> shapes.AgreementFigures:
        """How often two people agree."""
        ...
