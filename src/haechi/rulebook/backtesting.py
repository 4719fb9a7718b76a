"""What rules would have done: history replayed once, every rule asked about every event, labels held against the hits.

Hits are counted on everything; frauds and honest customers only where a label is mature, that is, known by the end of
the history. What nobody has said anything about yet is neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
import polars as pl

from haechi.events import Schema
from haechi.features import Exact, Memory, Spec
from haechi.features.encode import Encoder
from haechi.features.replay import Replayer
from haechi.rules import HIT, OUT, UNDECIDED, Rule
from haechi.rules.lists import Lists
from haechi.rules.names import Names
from haechi.rules.ruleset import RuleSet

__all__ = ["Span", "backtest"]

EXAMPLES_MAX = 10
ROWS_AT_ONCE = 50_000
MATURE_SHARE_MIN = 0.5


@dataclass(frozen=True)
class Span:
    """The part of the history that is judged; all of it is remembered."""

    since_us: int | None = None
    until_us: int | None = None

    def holds(self, times: np.ndarray) -> np.ndarray:
        """Which events are judged."""
        inside = np.ones(len(times), bool)
        inside &= times >= self.since_us if self.since_us is not None else True
        inside &= times < self.until_us if self.until_us is not None else True
        return inside


@dataclass
class Tally:
    """What is counted for one rule."""

    asked: int = 0
    hits: int = 0
    undecided: int = 0
    caught: int = 0
    false_alarms: int = 0
    missed: int = 0
    rightly_passed: int = 0
    money_caught: Counter[str] = field(default_factory=Counter)
    money_missed: Counter[str] = field(default_factory=Counter)
    bothered: set[str] = field(default_factory=set)
    by_day: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    frauds: list[str] = field(default_factory=list)
    honest: list[str] = field(default_factory=list)


def backtest(
    frames: Iterable[pl.DataFrame],
    schema: Schema,
    spec: Spec,
    rules: Sequence[Rule],
    *,
    last_us: int,
    lists: Lists | None = None,
    span: Span | None = None,
    on_rows: Callable[[int], None] = lambda rows: None,
) -> dict[str, Any]:
    """Replay frames in their order and report on each rule; `last_us` is when the history ends."""
    names = Names.of(schema, spec)
    rule_set = RuleSet.compile([_asked(rule) for rule in rules], names, lists)
    for error in rule_set.broken.values():
        raise error
    tallies = [Tally() for _ in rule_set.rules]
    overlap: Counter[tuple[int, int]] = Counter()
    events = Counter[str]()
    for rows, results, read in _judged(frames, schema, spec, rule_set, span or Span()):
        _count(rows, results, tallies, overlap, events, schema, last_us)
        on_rows(read)
    return _report(rule_set, tallies, overlap, events)


def _asked(rule: Rule) -> Rule:
    """A draft is asked too, and none is left out because of its time or share: the span says what is judged."""
    return msgspec.structs.replace(rule, lane="live", valid_from_us=None, valid_until_us=None)


def _judged(
    frames: Iterable[pl.DataFrame], schema: Schema, spec: Spec, rule_set: RuleSet, span: Span
) -> Iterable[tuple[pl.DataFrame, np.ndarray, int]]:
    """The events of the span with what every rule says of them, and how many were read for that."""
    memory = Memory(spec)
    replayer, encoder = Replayer(memory), Encoder(spec, memory.seed)
    exact = Exact(rule_set.windows, spec, seed=memory.seed, currency=schema.currency) if rule_set.windows else None
    for frame in frames:
        for rows in frame.iter_slices(ROWS_AT_ONCE):
            inside = span.holds(rows["time_us"].to_numpy())
            features, _ = replayer.feed(rows, inside)
            kept = None if exact is None else exact.feed(encoder.frame(rows)[0], rows, keep=True)
            judged = rows.filter(pl.Series(inside))
            counted = (None, None) if exact is None or kept is None else (kept[inside], exact.windows)
            yield judged, rule_set.backtest(judged, features, spec, *counted), rows.height


def _count(
    rows: pl.DataFrame, results: np.ndarray, tallies: list[Tally], overlap: Counter[tuple[int, int]],
    events: Counter[str], schema: Schema, last_us: int,
) -> None:  # fmt: skip
    labels = rows["label"].to_numpy()
    known = rows["known_at_us"].fill_null(2**62).to_numpy() <= last_us
    fraud, honest = (labels == 1) & known, (labels == 0) & known
    events.update(judged=rows.height, mature=int((fraud | honest).sum()), frauds=int(fraud.sum()))
    hits = results == HIT
    for number, tally in enumerate(tallies):
        asked, hit = results[number] != OUT, hits[number]
        tally.asked += int(asked.sum())
        tally.hits += int(hit.sum())
        tally.undecided += int((results[number] == UNDECIDED).sum())
        tally.caught += int((hit & fraud).sum())
        tally.false_alarms += int((hit & honest).sum())
        tally.missed += int((asked & ~hit & fraud).sum())
        tally.rightly_passed += int((asked & ~hit & honest).sum())
        _money(rows, hit & fraud, tally.money_caught, schema)
        _money(rows, asked & ~hit & fraud, tally.money_missed, schema)
        _days(rows, hit, fraud, honest, tally, schema.timezone)
        _people(rows, hit & honest, tally, schema)
        for found, place in ((tally.frauds, hit & fraud), (tally.honest, hit & ~fraud)):
            found += rows.filter(pl.Series(place))["id"].head(EXAMPLES_MAX - len(found)).to_list()
    for one, other in combinations(range(len(tallies)), 2):
        overlap[one, other] += int((hits[one] & hits[other]).sum())


def _money(rows: pl.DataFrame, where: np.ndarray, into: Counter[str], schema: Schema) -> None:
    if "amount" not in rows.columns or not where.any():
        return
    chosen = rows.filter(pl.Series(where))
    named = chosen["currency"] if "currency" in rows.columns else pl.Series([schema.currency] * chosen.height)
    sums = pl.DataFrame({"currency": named.fill_null(schema.currency), "amount": chosen["amount"]})
    for currency, amount in sums.group_by("currency").agg(pl.col("amount").sum()).iter_rows():
        into[currency] += int(amount or 0)


def _days(
    rows: pl.DataFrame, hit: np.ndarray, fraud: np.ndarray, honest: np.ndarray, tally: Tally, timezone: str
) -> None:
    times = rows["time_us"].filter(pl.Series(hit)).cast(pl.Datetime("us", "UTC"))
    found = pl.DataFrame(
        {"day": times.dt.convert_time_zone(timezone or "UTC").dt.date(), "caught": fraud[hit], "false": honest[hit]}
    )
    for day, hits, caught, false in found.group_by("day").agg(pl.len(), pl.sum("caught"), pl.sum("false")).iter_rows():
        before = tally.by_day.get(str(day), (0, 0, 0))
        tally.by_day[str(day)] = (before[0] + hits, before[1] + caught, before[2] + false)


def _people(rows: pl.DataFrame, where: np.ndarray, tally: Tally, schema: Schema) -> None:
    subject = f"entity:{schema.entity_names[0]}" if schema.entity_names else ""
    if subject in rows.columns:
        tally.bothered.update(rows.filter(pl.Series(where))[subject].drop_nulls().to_list())


def _report(
    rule_set: RuleSet, tallies: list[Tally], overlap: Counter[tuple[int, int]], events: Counter[str]
) -> dict[str, Any]:
    refs = [rule.ref for rule in rule_set.rules]
    warnings = _warnings(events)
    return {
        "events": events["judged"], "mature_labels": events["mature"], "frauds": events["frauds"],
        "warnings": warnings,
        "rules": [_one(ref, tally, events) for ref, tally in zip(refs, tallies, strict=True)],
        "overlap": [
            {"rules": [refs[a], refs[b]], "both": both, "only_first": tallies[a].hits - both,
             "only_second": tallies[b].hits - both}
            for (a, b), both in sorted(overlap.items())
        ],
    }  # fmt: skip


def _warnings(events: Counter[str]) -> list[str]:
    if not events["judged"]:
        return ["no event lies in this span"]
    if not events["mature"]:
        return ["no label is mature yet: hits are counted, but nothing can be said about frauds and honest customers"]
    share = events["mature"] / events["judged"]
    if share < MATURE_SHARE_MIN:
        return [f"only {share:.0%} of the events have a mature label: judge an earlier span, or wait"]
    return [] if events["frauds"] else ["there is no confirmed fraud in this span: recall cannot be told"]


def _one(ref: str, tally: Tally, events: Counter[str]) -> dict[str, Any]:
    judged = tally.caught + tally.false_alarms
    frauds = tally.caught + tally.missed
    confusion = None
    if events["mature"]:
        confusion = {
            "caught": tally.caught, "false_alarms": tally.false_alarms, "missed": tally.missed,
            "rightly_passed": tally.rightly_passed,
        }  # fmt: skip
    return {
        "rule": ref, "asked": tally.asked, "hits": tally.hits, "undecided": tally.undecided,
        "hits_without_mature_label": tally.hits - judged, "confusion": confusion,
        "precision": tally.caught / judged if judged else None, "recall": tally.caught / frauds if frauds else None,
        "money_caught": dict(tally.money_caught), "money_missed": dict(tally.money_missed),
        "customers_bothered": len(tally.bothered),
        "by_day": [
            {"day": day, "hits": hits, "caught": caught, "false_alarms": false}
            for day, (hits, caught, false) in sorted(tally.by_day.items())
        ],
        "examples": {"frauds": tally.frauds, "others": tally.honest},
    }  # fmt: skip
