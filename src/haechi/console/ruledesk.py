"""What the console asks of whoever keeps the rules: plain words in, shapes out, refusals as errors.py has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class RuleDesk(Protocol):
    """Everything that people do to rules, lists and snoozes; calls come from the console's threads.

    Answers have the fields of the API's shapes of the same name (/openapi.json: Version, Change, ListRow, ...).
    """

    def rules(self) -> list[Any]:
        """Every rule: `.id`, `.versions`, `.shown` and `.newest` of them, each with `.lane`, `.rule`, `.text`."""
        ...

    def line(self, name: str) -> Any:
        """One of these."""
        ...

    def state(self) -> tuple[str, str]:
        """The set that decides, and the one that is being made ready."""
        ...

    def parsed(self, text: str) -> Any:
        """The one rule of a file."""
        ...

    def rule(self, name: str) -> Any:
        """One rule with its versions (`toml`, `rule`), history and snoozes."""
        ...

    def figures(self) -> Any:
        """Hits and what became of them: `.of(rule)`, `.since_us`, `.through_us`, `.is_behind`."""
        ...

    def check(self, text: str) -> list[Any]:
        """What a careful colleague would say about a file of rules; errors first."""
        ...

    def told(self, condition: str) -> Any:
        """A condition in words: `.text`, `.parts`; None when it cannot be read."""
        ...

    def names(self) -> list[str]:
        """What a condition may name here."""
        ...

    def written(self, fields: dict[str, Any]) -> str:
        """A file of one rule from the fields of a form."""
        ...

    def add(self, text: str, person: str, comment: str) -> list[tuple[str, int]]:
        """Keep new versions as drafts: their ids and numbers."""
        ...

    def move(self, name: str, version: int, lane: str, share: float, person: str, comment: str) -> int | None:
        """Put a version into another lane; the number of the change when others must agree."""
        ...

    def rollback(self, name: str, person: str, comment: str) -> int | None:
        """Ask for the version that was live before."""
        ...

    def changes(self, state: str | None, before: int | None, limit: int) -> list[Any]:
        """Changes, the newest first."""
        ...

    def change(self, number: int) -> Any:
        """One change with its first rows."""
        ...

    def answer(self, number: int, said: str, person: str, comment: str) -> Any:
        """Approve, reject or withdraw."""
        ...

    def waiting(self) -> int:
        """How many changes wait; a number that was counted a moment ago will do."""
        ...

    def lists(self) -> list[Any]:
        """Every list."""
        ...

    def asking(self) -> list[tuple[str, str, str]]:
        """What acting rules look up on lists: rule, list, entity."""
        ...

    def entries(self, name: str, after: str, limit: int) -> list[Any]:
        """Who stands on a list."""
        ...

    def begin_list(self, name: str, purpose: str, person: str, comment: str) -> int:
        """Ask for a list on which nobody stands yet; the number of the change."""
        ...

    def lists_of(self, condition: str) -> list[str]:
        """Lists that a condition asks, by name."""
        ...

    def change_list(self, name: str, purpose: str, rows: Sequence[dict[str, Any]], person: str, comment: str) -> int:
        """Ask for rows; the number of the change."""
        ...

    def read_csv(self, content: bytes) -> list[dict[str, Any]]:
        """Rows of a list from CSV."""
        ...

    def snoozes(self) -> list[Any]:
        """Every snooze as it was set last."""
        ...

    def snooze(self, rule: str, entity: str, id_: str, until_us: int, person: str, reason: str) -> None:
        """Let one rule rest for one entity."""
        ...

    def replay(self, rules: Sequence[str], text: str, days: int, *, live: bool) -> str:
        """Start judging rules on the last days of the history; gives its name."""
        ...

    def replay_of(self, name: str) -> Any:
        """How far it is: `.state`, `.report`, `.why`."""
        ...

    def replayed(self, name: str) -> Any:
        """The rule that was written for a replay, so that one can go on writing."""
        ...

    def packs(self) -> list[Any]:
        """The packs that come with Haechi."""
        ...

    def take_pack(self, name: str, rules: Sequence[str], person: str) -> list[tuple[str, int]]:
        """Keep chosen rules of a pack as drafts."""
        ...
