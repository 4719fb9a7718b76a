"""The rulebook as people at the console see it: the API's desk with plain arguments, words beside conditions, figures.

What the desk refuses becomes what a page can say; nothing is decided here that the desk does not decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import msgspec

from haechi.api import Refusal
from haechi.api import rule_shapes as shapes
from haechi.api.rule_calls import read_csv
from haechi.console.errors import BadForm, Missing, Refused, Stale, TooMuch
from haechi.events.times import moment
from haechi.rulebook.asking import lists_asked
from haechi.rulebook.book import Rulebook
from haechi.rulebook.desk import Desk
from haechi.rulebook.figures import RuleFigures
from haechi.rules import BadRule, Effect, Pack, Rule, RulesError, read_pack, write_pack
from haechi.rules.functions import FUNCTIONS
from haechi.rules.packs import PACKS, pack
from haechi.rules.rule import check_rule
from haechi.rules.telling import Told, told

__all__ = ["Kept", "Line", "People"]

LANES = ("live", "canary", "shadow")  # the version of a rule that is shown is the first of these, else the newest
PARSED_MAX = 20_000

DAY_US = 86_400_000_000
KEPT_US = 2_000_000
STATUS: dict[int, type[Refused]] = {404: Missing, 409: Stale, 503: TooMuch}


class Kept(NamedTuple):
    """One version of a rule as it was kept, and where it stands now."""

    id: str
    version: int
    lane: str
    share: float
    author: str
    created_us: int
    comment: str
    rule: Rule
    text: str


@dataclass(frozen=True)
class Line:
    """A rule with its versions, oldest first."""

    id: str
    versions: tuple[Kept, ...]

    @property
    def shown(self) -> Kept:
        """The version that speaks for the rule."""
        by_lane = [one for lane in LANES for one in self.versions if one.lane == lane]
        return by_lane[0] if by_lane else self.versions[-1]

    @property
    def newest(self) -> Kept:
        """The version that was written last."""
        return self.versions[-1]

    def number(self, version: int) -> Kept:
        """One version."""
        if not 1 <= version <= len(self.versions):
            raise Missing(f"rule {self.id!r} has no version {version}")
        return self.versions[version - 1]


class People:
    """One house's rules for its people; every call may come from any thread."""

    def __init__(
        self, book: Rulebook, desk: Desk, figures: RuleFigures, ends_us: Callable[[], int],
        refunded: Callable[[], list[str]], now_us: Callable[[], int],
    ) -> None:  # fmt: skip
        """`ends_us` is when the history ends that replays are made of, `refunded` which events were paid back."""
        self._book, self._desk, self._figures = book, desk, figures
        self._ends_us, self._refunded, self._now_us = ends_us, refunded, now_us
        self._waiting = (0, 0)
        self._read: dict[str, Rule] = {}

    def rules(self) -> list[Line]:
        """Every rule in a line, by name."""
        found: dict[str, list[Kept]] = {}
        for version in self._book.store.rules.versions("rule"):
            place = self._book.standing.lane("rule", version.name, version.version)
            kept = Kept(
                version.name, version.version, place.lane, place.share, version.author, version.created_us,
                version.comment, self.parsed(version.content), version.content,
            )  # fmt: skip
            found.setdefault(version.name, []).append(kept)
        return [Line(name, tuple(versions)) for name, versions in sorted(found.items())]

    def line(self, name: str) -> Line:
        """One rule in a line."""
        found = [line for line in self.rules() if line.id == name]
        if not found:
            raise Missing(f"there is no rule {name[:80]!r}")
        return found[0]

    def state(self) -> tuple[str, str]:
        """The set that decides, and the one that is being made ready."""
        told = self._desk.typologies()
        return told.in_force, told.preparing

    def rule(self, name: str) -> Any:
        """One rule in full."""
        with refusing():
            return self._desk.rule("rule", name)

    def parsed(self, text: str) -> Rule:
        """The one rule of a file; read once, for a version never changes."""
        if text not in self._read:
            if len(self._read) >= PARSED_MAX:
                self._read.clear()
            self._read[text] = read_pack(text).rules[0]
        return self._read[text]

    def figures(self) -> Any:
        """Hits and outcomes, counted on a little."""
        self._figures.step()
        return self._figures

    def check(self, text: str) -> list[Any]:
        """Findings, errors first; what cannot be read at all is one of them."""
        try:
            return list(self._desk.check(text).findings)
        except Refusal as error:
            return [shapes.Finding(rule="", level="error", message=str(error))]

    def told(self, condition: str) -> Told | None:
        """A condition in words."""
        try:
            return told(condition)
        except BadRule:
            return None

    def names(self) -> list[str]:
        """What a condition may name."""
        return sorted([*self._book.names().symbols, *FUNCTIONS])

    def written(self, fields: dict[str, Any]) -> str:
        """A file of one rule."""
        with refusing():
            effect = Effect(**{fields["effect"]: fields["value"]})
            rule = Rule(
                id=fields["id"], name=fields["name"], reason=fields["reason"], condition=fields["condition"],
                effect=effect, kinds=tuple(fields["kinds"]), tags=tuple(fields["tags"]), priority=fields["priority"],
            )  # fmt: skip
            return write_pack(Pack(rules=(check_rule(rule),)))

    def add(self, text: str, person: str, comment: str) -> list[tuple[str, int]]:
        """Keep drafts."""
        with refusing():
            return [(one.id, one.version) for one in self._desk.add(text, person, comment).versions]

    def move(self, name: str, version: int, lane: str, share: float, person: str, comment: str) -> int | None:
        """Another lane, or the wish for it."""
        wish = shapes.Move(lane=cast(Any, lane), version=version, share=share, comment=comment)
        with refusing():
            return self._asked(self._desk.move("rule", name, wish, person))

    def rollback(self, name: str, person: str, comment: str) -> int | None:
        """Back to what was live before."""
        with refusing():
            return self._asked(self._desk.rollback("rule", name, person, comment))

    def changes(self, state: str | None, before: int | None, limit: int) -> list[Any]:
        """Changes, the newest first."""
        return list(self._desk.changes(state, before, limit))

    def change(self, number: int) -> Any:
        """One change."""
        with refusing():
            return self._desk.change(number)

    def answer(self, number: int, said: str, person: str, comment: str) -> Any:
        """Approve, reject or withdraw."""
        with refusing():
            self._waiting = (0, 0)
            return self._desk.answer(number, said, person, comment)

    def waiting(self) -> int:
        """How many wait, as counted within the last moments."""
        until, count = self._waiting
        if self._now_us() >= until:
            count = len(self._book.store.rules.changes("waiting", None, 100))
            self._waiting = (self._now_us() + KEPT_US, count)
        return count

    def lists(self) -> list[Any]:
        """Every list."""
        return list(self._desk.lists())

    def asking(self) -> list[tuple[str, str, str]]:
        """Which acting rule looks up which entity on which list."""
        acting = [line.shown for line in self.rules() if line.shown.lane in ("live", "canary")]
        return [(one.id, name, entity) for one in acting for name, entity in sorted(lists_asked(one.rule.condition))]

    def entries(self, name: str, after: str, limit: int) -> list[Any]:
        """Who stands on it."""
        with refusing():
            return list(self._desk.entries(name, after, limit))

    def begin_list(self, name: str, purpose: str, person: str, comment: str) -> int:
        """Ask for a list on which nobody stands yet."""
        with refusing():
            if name in {one.name for one in self.lists()}:
                raise Stale(f"there is a list {name!r} already")
            self._waiting = (0, 0)
            wish = shapes.ListChange(rows=[], purpose=cast(Any, purpose), comment=comment)  # the book looks at it
            return self._desk.change_list(name, wish, person, None).id

    def change_list(self, name: str, purpose: str, rows: Sequence[dict[str, Any]], person: str, comment: str) -> int:
        """Ask for rows."""
        with refusing():
            wish = msgspec.convert({"rows": list(rows), "purpose": purpose, "comment": comment}, shapes.ListChange)
            self._waiting = (0, 0)
            return self._desk.change_list(name, wish, person, None).id

    def read_csv(self, content: bytes) -> list[dict[str, Any]]:
        """Rows from CSV."""
        with refusing():
            return [msgspec.structs.asdict(row) for row in read_csv(content)]

    def snoozes(self) -> list[Any]:
        """Every snooze."""
        return list(self._desk.snoozes())

    def snooze(self, rule: str, entity: str, id_: str, until_us: int, person: str, reason: str) -> None:
        """Let a rule rest."""
        with refusing():
            wish = shapes.Snooze(rule=rule, entity=entity, id=id_, until=moment(until_us), reason=reason)
            self._desk.snooze(wish, person)

    def replay(self, rules: Sequence[str], text: str, days: int, *, live: bool) -> str:
        """Start a replay of the last days."""
        since = datetime.fromtimestamp((self._ends_us() - days * DAY_US) / 1e6, UTC).isoformat()
        wish = shapes.BacktestWish(rules=list(rules), toml=text, live=live, since=since)
        with refusing():
            return self._desk.backtest(wish, self._refunded()).id

    def replay_of(self, name: str) -> Any:
        """How far it is."""
        with refusing():
            return self._desk.backtest_of(name)

    def replayed(self, name: str) -> Rule:
        """The rule that was written for it."""
        with refusing():
            return self.parsed(self._desk.backtest_text(name))

    def lists_of(self, condition: str) -> list[str]:
        """Lists that a condition asks, by name."""
        return sorted({name for name, _ in lists_asked(condition)})

    def packs(self) -> list[Any]:
        """The packs by name, with their rules."""
        return [(name, pack(name)) for name in PACKS]

    def take_pack(self, name: str, rules: Sequence[str], person: str) -> list[tuple[str, int]]:
        """Keep chosen rules of a pack as drafts."""
        with refusing():
            chosen = tuple(rule for rule in pack(name).rules if rule.id in rules)
            return self.add(write_pack(Pack(rules=chosen)), person, f"from the pack {name}") if chosen else []

    def _asked(self, moved: shapes.Moved) -> int | None:
        self._waiting = (0, 0)
        return None if moved.change is None else moved.change.id


@contextmanager
def refusing() -> Iterator[None]:
    """What the desk refuses, as a page says it."""
    try:
        yield
    except Refusal as error:
        raise STATUS.get(error.status, BadForm)(str(error)) from None
    except (RulesError, msgspec.ValidationError) as error:
        raise BadForm(str(error)) from None
