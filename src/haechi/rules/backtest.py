"""What rules would have done: their verdicts on history are counted, exactly, and held against what came out.

Hits are counted on all events. Frauds, false alarms, money and customers count only where the label is mature: known by
the end of the history, of an event old enough that its fraud would have come to light. Anything else is neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import polars as pl

from haechi.events.times import moment
from haechi.rules.calendar import DAY_US
from haechi.rules.outcome import HIT, OUT, UNDECIDED
from haechi.rules.rule import ACTIONS
from haechi.rules.ruleset import RuleSet

__all__ = ["DECIDED", "EXAMPLES_MAX", "MATURE_SHARE_MIN", "Tally"]

EXAMPLES_MAX = 10
MATURE_SHARE_MIN = 0.5
FRAUDS_MIN = 10  # with fewer, one fraud more or less moves recall by more than a tenth
DECIDED = "said:action"  # a column with what was decided about an event here, where it is known
Counts = np.ndarray


@dataclass
class Tally:
    """Counts of one rule set, fed frame by frame.

    as_of_us: when the history ends; maturity_us: how old an event must be for its label to count; refunded: events
    whose victims were paid back.
    """

    rules: RuleSet
    as_of_us: int
    maturity_us: int = 0
    refunded: Sequence[str] = ()
    events: int = 0
    mature: int = 0
    frauds: int = 0
    first_us: int | None = field(init=False, default=None)
    last_us: int | None = field(init=False, default=None)
    _each: Counts = field(init=False)  # [rules, of _COUNTED]
    _more: Counts = field(init=False)  # [rules, 2]: hits that were refunded, hits of no rule of another name
    _pairs: Counts = field(init=False)  # [rules, rules]: both hit
    _pairs_fraud: Counts = field(init=False)
    _actions: Counts = field(init=False)  # [actions]: what all rules together would have asked for
    _moved: Counts = field(init=False)  # [decided, with these rules, 3]: events, frauds, honest
    _days: dict[int, Counts] = field(init=False, default_factory=dict)
    _money: dict[str, Counts] = field(init=False, default_factory=dict)
    _people: dict[str, int] = field(init=False, default_factory=dict)
    _bothered: Counts = field(init=False)
    _examples: list[tuple[list[str], list[str]]] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.rules.rules)
        self._each = np.zeros((n, len(_COUNTED)), np.int64)
        self._more = np.zeros((n, 2), np.int64)
        self._pairs, self._pairs_fraud = np.zeros((n, n), np.int64), np.zeros((n, n), np.int64)
        self._actions = np.zeros(len(ACTIONS), np.int64)
        self._moved = np.zeros((len(ACTIONS), len(ACTIONS), 3), np.int64)
        self._bothered = np.zeros((n, 0), bool)
        self._examples = [([], []) for _ in range(n)]

    def add(self, frame: pl.DataFrame, results: np.ndarray) -> None:
        """Count a frame: `results` is int8 [rules, rows] of RuleSet.backtest."""
        fraud, honest = self._outcomes(frame)
        self.events += frame.height
        self.mature += int((fraud | honest).sum())
        self.frauds += int(fraud.sum())
        hits = results == HIT
        asked = results != OUT
        columns = (asked, hits, results == UNDECIDED, hits & fraud, hits & honest, asked & ~hits & fraud,
                   asked & ~hits & honest)  # fmt: skip
        repaid = frame["id"].is_in(list(self.refunded)).to_numpy() if self.refunded else np.zeros(frame.height, bool)
        self._more += np.stack([(hits & repaid).sum(axis=1), self._alone(hits).sum(axis=1)], axis=1)
        self._span(frame)
        self._each += np.stack([column.sum(axis=1) for column in columns], axis=1)
        self._pairs += _together(hits)
        self._pairs_fraud += _together(columns[3])
        self._actions += np.bincount(asked_for(self.rules, hits), minlength=len(ACTIONS))
        self._add_moved(frame, hits, fraud, honest)
        self._add_days(frame, hits, columns[3], columns[4])
        self._add_money(frame, columns[3], columns[5])
        self._add_people(frame, columns[4])
        self._add_examples(frame, columns[3], hits & ~fraud)

    def report(self) -> dict[str, Any]:
        """All counts, ready for JSON; without mature labels nothing is said of frauds."""
        refs = [rule.ref for rule in self.rules.rules]
        return {
            "events": self.events,
            "mature_labels": self.mature,
            "frauds": self.frauds,
            "days": 0.0 if self.first_us is None else round((cast(int, self.last_us) - self.first_us) / DAY_US, 2),
            "warnings": self._warnings(),
            "actions": dict(zip(ACTIONS, self._actions.tolist(), strict=True)),
            "decided": {"events": int(self._moved[:, :, 0].sum()), "changed": self._changed()},
            "rules": [self._one(number, ref) for number, ref in enumerate(refs)],
            "overlap": [self._pair(a, b, refs) for a in range(len(refs)) for b in range(a + 1, len(refs))],
        }

    def _outcomes(self, frame: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        nobody = np.zeros(frame.height, bool)
        if "label" not in frame.columns:
            return nobody, nobody
        label = frame["label"].fill_null(-1).to_numpy()
        known = (frame["known_at_us"] <= self.as_of_us).fill_null(False).to_numpy()
        old = frame["time_us"].to_numpy() <= self.as_of_us - self.maturity_us
        return (label == 1) & known & old, (label == 0) & known & old

    def _span(self, frame: pl.DataFrame) -> None:
        if frame.height:
            first, last = cast(int, frame["time_us"].min()), cast(int, frame["time_us"].max())
            self.first_us = first if self.first_us is None else min(first, self.first_us)
            self.last_us = last if self.last_us is None else max(last, self.last_us)

    def _alone(self, hits: np.ndarray) -> np.ndarray:
        """Hits on events that no rule of another name hits: what this rule would add."""
        names = np.array([rule.id for rule in self.rules.rules])
        alone = np.zeros_like(hits)
        for number, name in enumerate(names):
            alone[number] = hits[number] & ~hits[names != name].any(axis=0)
        return alone

    def _add_moved(self, frame: pl.DataFrame, hits: np.ndarray, fraud: np.ndarray, honest: np.ndarray) -> None:
        """What was decided here, and what it would have been with these rules in place."""
        if DECIDED not in frame.columns:
            return
        number = {action: place for place, action in enumerate(ACTIONS)}
        was = frame[DECIDED].replace_strict(number, default=-1, return_dtype=pl.Int64).to_numpy()
        known = was >= 0
        becomes = asked_for(self.rules, hits, np.maximum(was, 0))
        for kind, mask in enumerate((known, known & fraud, known & honest)):
            np.add.at(self._moved[:, :, kind], (was[mask], becomes[mask]), 1)

    def _changed(self) -> list[dict[str, Any]]:
        return [
            {"from": first, "to": second, "events": events, "frauds": frauds, "honest": honest}
            for a, first in enumerate(ACTIONS) for b, second in enumerate(ACTIONS)
            for events, frauds, honest in [self._moved[a, b].tolist()] if a != b and events
        ]  # fmt: skip

    def _add_days(self, frame: pl.DataFrame, hits: np.ndarray, caught: np.ndarray, false: np.ndarray) -> None:
        days, where = np.unique(self.rules.names.calendar.days(frame["time_us"].to_numpy()), return_inverse=True)
        for number in range(len(hits)):
            for kind, mask in enumerate((hits[number], caught[number], false[number])):
                counted = np.bincount(where[mask], minlength=len(days))
                for at in np.flatnonzero(counted).tolist():
                    day = self._days.setdefault(int(days[at]), np.zeros((len(hits), 3), np.int64))
                    day[number, kind] += counted[at]

    def _add_money(self, frame: pl.DataFrame, caught: np.ndarray, missed: np.ndarray) -> None:
        if "amount" not in frame.columns or not (caught.any() or missed.any()):
            return
        home = self.rules.names.currency
        amounts = frame["amount"].fill_null(0).to_numpy()
        named = frame["currency"].fill_null("") if "currency" in frame.columns else pl.Series([home])
        for currency in named.unique().to_list():
            inside = np.broadcast_to((named == currency).to_numpy(), (frame.height,))
            sums = self._money.setdefault(currency or home, np.zeros((len(caught), 2), np.int64))
            for kind, masks in enumerate((caught, missed)):
                sums[:, kind] += [int(amounts[mask & inside].sum()) for mask in masks]

    def _add_people(self, frame: pl.DataFrame, false: np.ndarray) -> None:
        column = f"entity:{self.rules.names.subject}"
        if column not in frame.columns:
            return
        touched = false.any(axis=0)
        people = frame[column].filter(pl.Series(touched))
        different = people.drop_nulls().unique()
        known = pl.Series([self._people.setdefault(p, len(self._people)) for p in different.to_list()], dtype=pl.Int64)
        numbers = people.replace_strict(different, known, default=-1, return_dtype=pl.Int64).to_numpy()
        more = len(self._people) - self._bothered.shape[1]
        self._bothered = np.pad(self._bothered, ((0, 0), (0, more)))
        told = numbers >= 0
        for number, mask in enumerate(false[:, touched]):
            self._bothered[number, numbers[mask & told]] = True

    def _add_examples(self, frame: pl.DataFrame, caught: np.ndarray, others: np.ndarray) -> None:
        for number, kept in enumerate(self._examples):
            for found, mask in zip(kept, (caught[number], others[number]), strict=True):
                if len(found) < EXAMPLES_MAX:
                    places = np.flatnonzero(mask)[: EXAMPLES_MAX - len(found)]
                    found += frame["id"].gather(places).to_list()

    def _warnings(self) -> list[str]:
        if not self.events:
            return ["no event lies in this span"]
        told = [
            f"{rule.ref} was asked about no event: none in this span is of its kinds, {', '.join(rule.kinds)}"
            for rule, counts in zip(self.rules.rules, self._each, strict=True)
            if not counts[0]
        ]
        if not self.mature:
            told.append(
                "no label is mature yet: hits are counted, but nothing can be said about frauds and honest customers"
            )
            return told
        if self.mature < MATURE_SHARE_MIN * self.events:
            share = self.mature / self.events
            told.append(f"only {share:.0%} of the events have a mature label: judge an earlier span, or wait")
        if not self.frauds:
            told.append("there is no confirmed fraud in this span: recall cannot be told")
        elif self.frauds < FRAUDS_MIN:
            counted = "one confirmed fraud" if self.frauds == 1 else f"{self.frauds} confirmed frauds"
            told.append(f"only {counted} in this span: precision and recall say nothing yet; judge a longer span")
        return told

    def _one(self, number: int, ref: str) -> dict[str, Any]:
        counts = dict(zip(_COUNTED, self._each[number].tolist(), strict=True))
        confusion = {name: counts.pop(name) for name in _COUNTED[3:]}
        judged = confusion["caught"] + confusion["false_alarms"]
        frauds = confusion["caught"] + confusion["missed"]
        money = {c: sums[number].tolist() for c, sums in sorted(self._money.items()) if sums[number].any()}
        return {
            "rule": ref,
            **counts,
            "hits_without_mature_label": counts["hits"] - judged,
            "refunded": int(self._more[number, 0]),
            "alone": int(self._more[number, 1]),
            "confusion": confusion if self.mature else None,
            "precision": confusion["caught"] / judged if judged else None,
            "recall": confusion["caught"] / frauds if frauds else None,
            "money_caught": {c: caught for c, (caught, _) in money.items() if caught},
            "money_missed": {c: missed for c, (_, missed) in money.items() if missed},
            "customers_bothered": int(self._bothered[number].sum()),
            "by_day": [
                {"day": moment(day * DAY_US)[:10], "hits": hits, "caught": caught, "false_alarms": false}
                for day, counted in sorted(self._days.items())
                for hits, caught, false in [counted[number].tolist()]
                if hits
            ],
            "examples": {"frauds": self._examples[number][0], "others": self._examples[number][1]},
        }

    def _pair(self, a: int, b: int, refs: Sequence[str]) -> dict[str, Any]:
        both, frauds = int(self._pairs[a, b]), int(self._pairs_fraud[a, b])
        first, second = int(self._pairs[a, a]), int(self._pairs[b, b])
        return {
            "rules": [refs[a], refs[b]],
            "both": both,
            "only_first": first - both,
            "only_second": second - both,
            "frauds": {
                "both": frauds,
                "only_first": int(self._pairs_fraud[a, a]) - frauds,
                "only_second": int(self._pairs_fraud[b, b]) - frauds,
            },
        }


_COUNTED = ("asked", "hits", "undecided", "caught", "false_alarms", "missed", "rightly_passed")
_EXACT_ROWS = 1 << 23  # sums of ones in float32 are exact up to 2**24


def asked_for(rules: RuleSet, hits: np.ndarray, before: np.ndarray | None = None) -> np.ndarray:
    """The action that all these rules together would have asked for: int64 [rows].

    `before` is what would be done without them, int64 [rows]; without it nothing else speaks. The same order as in
    `conclude`: the fixed action of the highest priority, raised by what outranks it. A weight asks for no action: what
    it does to a decision depends on all that models say, and is not counted here.
    """
    n = hits.shape[1]
    fixed, rank = np.full(n, -1), np.full(n, -1)
    for rule, hit in zip(rules.rules, hits, strict=True):
        if rule.effect.fixed is not None:
            fits = hit & ((rank < 0) | (rank == rule.priority))
            fixed[fits] = np.maximum(fixed[fits], ACTIONS.index(rule.effect.fixed))
            rank[fits] = rule.priority
    actions: np.ndarray = np.where(fixed >= 0, fixed, 0 if before is None else before)
    for rule, hit in zip(rules.rules, hits, strict=True):
        if rule.effect.minimum is not None:
            fits = hit & (rule.priority > rank)
            actions[fits] = np.maximum(actions[fits], ACTIONS.index(rule.effect.minimum))
    return actions


def _together(hits: np.ndarray) -> np.ndarray:
    """How often each two rules hit the same event."""
    found = np.zeros((len(hits), len(hits)), np.int64)
    for start in range(0, hits.shape[1], _EXACT_ROWS):
        part = hits[:, start : start + _EXACT_ROWS]
        part = part[:, part.any(axis=0)].astype(np.float32)
        found += (part @ part.T).astype(np.int64)
    return found
