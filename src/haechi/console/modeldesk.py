"""What the console asks of whoever keeps the models: plain words in, shapes out, refusals of errors.py."""

from __future__ import annotations

from typing import Any, Protocol


class ModelDesk(Protocol):
    """Models and their lives; calls come from the console's threads."""

    @property
    def may_step(self) -> bool:
        """Whether models are led through their lives here, or only looked at."""
        ...

    def models(self) -> list[Any]:
        """Every model: `.version`, `.place`, `.share`, `.author`, `.at`, `.passed`, `.beats_baseline`, `.cause`."""
        ...

    def before(self) -> str | None:
        """The model that a rollback goes to."""
        ...

    def report(self, version: str) -> dict[str, Any]:
        """Its training report."""
        ...

    def full(self, version: str) -> Any:
        """`.gates.gates`, `.history`; None where nobody keeps them."""
        ...

    def watch(self, days: int) -> Any:
        """Drift, alarms and performance; None where nothing watches."""
        ...

    def raised(self) -> list[str] | None:
        """The names of the alarms that stand now, at no cost; None where nothing watches."""
        ...

    def suspects(self) -> list[Any]:
        """Where suspicious events of several customers meet: `.entity`, `.customers`, `.expected_frauds`, `.events`."""
        ...

    def changes(self, state: str) -> list[Any]:
        """Steps that were asked for, the newest first."""
        ...

    def step(self, model: str, step: str, share: float, person: str, comment: str) -> Any:
        """Ask for a step."""
        ...

    def answer(self, change: int, said: str, person: str, comment: str) -> Any:
        """Approve, reject or withdraw."""
        ...

    def rollback(self, person: str, why: str) -> Any:
        """The champion before decides again."""
        ...

    def second_look(self, person: str) -> Any:
        """What waits for this person's opinion: `.alert`, `.event_id`; None when nothing does."""
        ...

    def say_second_look(self, alert: str, person: str, verdict: str) -> None:
        """Take her opinion."""
        ...

    def my_quality(self, person: str) -> Any:
        """What became of her own verdicts; None where nobody keeps that."""
        ...

    def agreement(self) -> Any:
        """How often two people agree; None where nobody keeps that."""
        ...

    def scores(self) -> Any:
        """How scores lie in life, counted on a little: rulebook/scores.py."""
        ...
