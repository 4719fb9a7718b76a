"""What rules would have done: history replayed once, every rule asked about every event; rules/backtest.py counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl

from haechi.events import Schema
from haechi.features import Exact, Memory, Spec
from haechi.features.encode import Encoder
from haechi.features.replay import Replayer
from haechi.rules import BadRule, Rule
from haechi.rules.backtest import Tally
from haechi.rules.lists import Lists
from haechi.rules.names import Names
from haechi.rules.ruleset import RuleSet

__all__ = ["Span", "backtest", "check_span", "replayed"]

ROWS_AT_ONCE = 50_000


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


def check_span(since_us: int | None, until_us: int | None) -> None:
    """BadRule when nothing can lie in a span."""
    if since_us is not None and until_us is not None and until_us <= since_us:
        raise BadRule("until lies before since: no event can be in between")


def backtest(
    frames: Iterable[pl.DataFrame],
    schema: Schema,
    spec: Spec,
    rules: Sequence[Rule],
    *,
    last_us: int,
    lists: Lists | None = None,
    span: Span | None = None,
    maturity_us: int = 0,
    refunded: Sequence[str] = (),
    on_rows: Callable[[int], None] = lambda rows: None,
) -> dict[str, Any]:
    """Replay frames in their order and report on each rule; `last_us` is when the history ends."""
    rule_set = RuleSet.compile([_asked(rule) for rule in rules], Names.of(schema, spec), lists)
    for error in rule_set.broken.values():
        raise error
    tally = Tally(rule_set, last_us, maturity_us, refunded)
    windows = rule_set.windows
    for judged, features, kept, read in replayed(frames, schema, spec, windows, span or Span()):
        positions = {window: place for place, window in enumerate(windows)}
        tally.add(judged, rule_set.backtest(judged, features, spec, kept, positions))
        on_rows(read)
    return tally.report()


def replayed(
    frames: Iterable[pl.DataFrame], schema: Schema, spec: Spec, windows: Sequence[Any], span: Span
) -> Iterator[tuple[pl.DataFrame, np.ndarray, np.ndarray | None, int]]:
    """The events of the span with their features and windows, and how many events were read for them."""
    memory = Memory(spec)
    replayer, encoder = Replayer(memory), Encoder(spec, memory.seed)
    exact = Exact(windows, spec, seed=memory.seed, currency=schema.currency) if windows else None
    for frame in frames:
        for rows in frame.iter_slices(ROWS_AT_ONCE):
            inside = span.holds(rows["time_us"].to_numpy())
            features, _ = replayer.feed(rows, inside)
            kept = None if exact is None else exact.feed(encoder.frame(rows)[0], rows, keep=True)
            yield rows.filter(pl.Series(inside)), features, None if kept is None else kept[inside], rows.height


def _asked(rule: Rule) -> Rule:
    """A draft is asked too, and none is left out because of its time: the span says what is judged."""
    return msgspec.structs.replace(rule, lane="live", valid_from_us=None, valid_until_us=None)
