"""Try the rules of a file on the histories that stand beside them: does each say what its author expects?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from haechi.events import BadSchema, EventsError, Schema, span_us
from haechi.features import Exact, Memory, Spec
from haechi.rules.calendar import Calendar
from haechi.rules.errors import BadRuleFile
from haechi.rules.files import Pack, Test
from haechi.rules.lists import Lists
from haechi.rules.names import Names
from haechi.rules.rule import Rule
from haechi.rules.ruleset import RuleSet

__all__ = ["Tried", "try_pack", "untested"]

EVENTS_PER_TEST_MAX = 2_000


@dataclass(frozen=True)
class Tried:
    """One test: what was expected and what the rule said of the last event."""

    rule: str
    name: str
    expected: str
    said: str

    @property
    def holds(self) -> bool:
        """Whether the rule says what it should."""
        return self.expected == self.said


def try_pack(pack: Pack, schema: Schema, spec: Spec, calendar: Calendar | None = None) -> Iterator[Tried]:
    """Run every test of a file, each on a memory of its own; BadRule and BadRuleFile say what cannot be run."""
    for test in pack.tests:
        rule = next(r for r in pack.rules if r.id == test.rule)
        yield Tried(test.rule, test.name, test.expect, _said(rule, test, schema, spec, calendar))


def untested(pack: Pack) -> list[str]:
    """Rules without a history that hits, or without one that does not."""
    hits = {test.rule for test in pack.tests if test.expect == "hit"}
    others = {test.rule for test in pack.tests if test.expect != "hit"}
    return [rule.id for rule in pack.rules if rule.id not in hits or rule.id not in others]


def _said(rule: Rule, test: Test, schema: Schema, spec: Spec, calendar: Calendar | None) -> str:
    where = f"test {test.name or '?'!r} of rule {rule.id!r}"
    rows = [row for given in test.events for row in _repeated(given, where)]
    if not 1 <= len(rows) <= EVENTS_PER_TEST_MAX:
        raise BadRuleFile(f"{where}: write 1 to {EVENTS_PER_TEST_MAX:,} events")
    names = Names.of(schema, spec, lists=None, calendar=calendar)
    rules = RuleSet.compile([msgspec.structs.replace(rule, lane="live")], names, Lists.of(test.lists))
    for error in rules.broken.values():
        raise error
    memory = Memory(spec)
    memory.keep_windows(Exact(rules.windows, spec, currency=schema.currency))
    for number, row in enumerate(rows):
        try:
            event = schema.event({"id": str(number), **row}, number)
        except EventsError as error:
            raise BadRuleFile(f"{where}, event {number + 1}: {error}") from error
        known = memory.look_and_learn(event)
    lines = rules.decide(event, known).lines
    return str(lines[0]["result"]) if lines else "miss"


def _repeated(given: dict[str, Any], where: str) -> list[dict[str, Any]]:
    """An event with `times` and `every` stands for many, a span apart; {n} in its texts counts them from 1."""
    row = dict(given)
    times, every = row.pop("times", 1), row.pop("every", "0s")
    if not isinstance(times, int) or not 1 <= times <= EVENTS_PER_TEST_MAX:
        raise BadRuleFile(f"{where}: times must be a number from 1 to {EVENTS_PER_TEST_MAX:,}")
    try:
        step = timedelta(microseconds=span_us(every))
        start = datetime.fromisoformat(row["time"]) if times > 1 else None
    except (BadSchema, KeyError, TypeError, ValueError) as error:
        raise BadRuleFile(f"{where}: {error!s} (a repeated event needs a time as text, and every like 10m)") from error
    found = []
    for n in range(times):
        one = {k: v.replace("{n}", str(n + 1)) if isinstance(v, str) else v for k, v in row.items()}
        found.append(one if start is None else {**one, "time": (start + n * step).isoformat()})
    return found
