"""The desk where people write rules and agree on them, as the API sees it."""

from __future__ import annotations

from typing import Protocol

from haechi.api import rule_shapes as shapes


class RuleDesk(Protocol):
    """Everything that may be done to rules; `person` is who asks. Calls come from threads and raise refusals."""

    def rules(self) -> shapes.RuleList:
        """Every version of every rule."""
        ...

    def typologies(self) -> shapes.RuleList:
        """Every version of every typology."""
        ...

    def rule(self, kind: str, name: str) -> shapes.RuleInFull:
        """Everything about one rule or typology."""
        ...

    def check(self, file: shapes.RuleFile | str) -> shapes.Checked:
        """Hold rules against this home; text is TOML."""
        ...

    def add(self, file: shapes.RuleFile | str, person: str, comment: str) -> shapes.Added:
        """Keep new versions."""
        ...

    def move(self, kind: str, name: str, wish: shapes.Move, person: str) -> shapes.Moved:
        """Put a version into another lane, or ask for it."""
        ...

    def rollback(self, kind: str, name: str, person: str, comment: str) -> shapes.Moved:
        """Ask for the version that was live before."""
        ...

    def changes(self, state: str | None, before: int | None, limit: int) -> list[shapes.Change]:
        """Changes, the newest first."""
        ...

    def change(self, id_: int) -> shapes.ChangeInFull:
        """One change."""
        ...

    def answer(self, id_: int, answer: str, person: str, comment: str) -> shapes.ChangeInFull:
        """Approve, reject or withdraw."""
        ...

    def lists(self) -> list[shapes.OneList]:
        """Every list."""
        ...

    def entries(self, name: str, after: str, limit: int) -> list[shapes.ListRow]:
        """Who stands on a list."""
        ...

    def change_list(self, name: str, wish: shapes.ListChange, person: str, into: int | None) -> shapes.ChangeInFull:
        """Ask for rows to be added or removed."""
        ...

    def backtest(self, wish: shapes.BacktestWish) -> shapes.Backtest:
        """Start a backtest, or find the one that was started for the same wish."""
        ...

    def backtest_of(self, id_: str) -> shapes.Backtest:
        """How far a backtest is."""
        ...

    def snoozes(self) -> list[shapes.Snoozed]:
        """Every snooze."""
        ...

    def snooze(self, wish: shapes.Snooze, person: str) -> shapes.Snoozed:
        """Let one rule rest for one entity."""
        ...
