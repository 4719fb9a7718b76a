"""How rules do in life: their hits in the journal and what became of them, counted as entries come, a piece at a time.

Nothing of it decides anything. It is lost with the process and read again from what the journal still holds; the page
says from when on it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from haechi.rulebook.counting import Counting
from haechi.stores import DECIDED, LABEL, Entry, Journal
from haechi.stores.entry import label_of

__all__ = ["Figures", "RuleFigures"]

DAY_US = 86_400_000_000
EVENTS_MAX = 200_000


class _Line(msgspec.Struct):
    rule: str = ""
    version: int = 0
    result: str = ""
    lane: str = ""
    snoozed: bool = False


class _Lines(msgspec.Struct):
    rules: list[_Line] = []


@dataclass
class Figures:
    """One rule's hits: `acted` had a say; frauds and honest are those that somebody told us of since."""

    hits: int = 0
    acted: int = 0
    frauds: int = 0
    honest: int = 0
    caught: dict[str, int] = field(default_factory=dict)  # by currency, in minor units
    days: dict[int, int] = field(default_factory=dict)  # day since 1970 -> hits

    @property
    def precision(self) -> float | None:
        """The share of frauds among the hits that somebody judged."""
        judged = self.frauds + self.honest
        return self.frauds / judged if judged else None


class RuleFigures(Counting):
    """Counts for one home; every call may come from any thread."""

    def __init__(
        self, journal: Journal, amount_of: Callable[[bytes], tuple[int, str]], clock_ns: Callable[[], int]
    ) -> None:  # fmt: skip
        """`amount_of` reads amount and currency of a body; `clock_ns` keeps a step short."""
        super().__init__(journal, clock_ns)
        self._amount_of = amount_of
        self._decode = msgspec.json.Decoder(_Lines).decode
        self._rules: dict[str, Figures] = {}
        self._hits: dict[str, tuple[tuple[str, ...], int, str]] = {}  # event -> rules, amount, currency
        self._said: dict[str, bool] = {}

    def of(self, rule: str) -> Figures:
        """One rule's figures; none are all zero."""
        return self._rules.get(rule, Figures())

    def count(self, entry: Entry) -> None:
        """Count one entry."""
        if entry.type == LABEL:
            label = label_of(entry)
            self._label(label.event_id, fraud=label.fraud)
        elif entry.type == DECIDED and entry.decision is not None and b'"hit"' in entry.decision:
            self._decided(entry)

    def _decided(self, entry: Entry) -> None:
        assert entry.decision is not None
        lines = [line for line in self._decode(entry.decision).rules if line.result == "hit" and line.rule]
        self.seen(entry.time_us)
        for line in lines:
            found = self._rules.setdefault(line.rule, Figures())
            found.hits += 1
            found.acted += line.lane in ("canary", "live") and not line.snoozed
            day = entry.time_us // DAY_US
            found.days[day] = found.days.get(day, 0) + 1
        if lines:
            names = tuple(dict.fromkeys(line.rule for line in lines))
            self._hits[entry.event_id] = (names, *self._amount_of(entry.body))
            if len(self._hits) > EVENTS_MAX:  # the oldest is forgotten: a label so late is not counted any more
                self._said.pop(oldest := next(iter(self._hits)), None)
                del self._hits[oldest]

    def _label(self, event_id: str, *, fraud: bool) -> None:
        """What was said last counts; what was said before is taken back."""
        if event_id not in self._hits:
            return
        names, amount, currency = self._hits[event_id]
        before = self._said.get(event_id)
        if before == fraud:
            return
        self._said[event_id] = fraud
        for name in names:
            found = self._rules[name]
            if before is not None:
                self._add(found, before, -1, amount, currency)
            self._add(found, fraud, 1, amount, currency)

    def _add(self, found: Figures, fraud: bool, by: int, amount: int, currency: str) -> None:
        if not fraud:
            found.honest += by
            return
        found.frauds += by
        if currency:
            found.caught[currency] = found.caught.get(currency, 0) + by * amount
