"""Labels as a table with two times: since when a thing could be known, and when the house was told.

Nothing said is ever overwritten: what is believed about an event at a moment is the word that was known last by then.
With the second time a data set can be made as it would have been made on an earlier day, mistakes and all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import polars as pl

from haechi.stores import LabelRow

LABELS: dict[str, Any] = {
    "id": pl.String, "fraud": pl.Int8, "known_us": pl.Int64, "told_us": pl.Int64, "event_us": pl.Int64,
    "kind": pl.String, "who": pl.String, "typology": pl.String,
}  # fmt: skip


ALL = "all"
LOOKED = ("verdict", "check", "confirmation")  # kinds that come because somebody looked or asked, not by report


class Delay(NamedTuple):
    """How long frauds of one kind and typology took until somebody said so."""

    kind: str
    typology: str
    labels: int
    median_s: float
    p90_s: float


def table_of(labels: Iterable[LabelRow]) -> pl.DataFrame:
    """Labels in the order in which they were told."""
    rows = [
        (one.event_id, int(one.fraud), one.known_at_us, one.told_us or one.known_at_us, one.event_us, one.found_by,
         one.source, one.typology)
        for one in labels
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=LABELS, orient="row")


def last_words(labels: pl.DataFrame, until_us: int | None = None, as_of_us: int | None = None) -> pl.DataFrame:
    """One row an event: the word known last by `until_us`, among those that the house had been told by `as_of_us`.

    Of two words known at the same moment the one that was told last counts.
    """
    labels = labels.with_row_index("order")
    if until_us is not None:
        labels = labels.filter(pl.col("known_us") <= until_us)
    if as_of_us is not None:
        labels = labels.filter(pl.col("told_us") <= as_of_us)
    last = labels.sort("known_us", "told_us", "order").unique("id", keep="last", maintain_order=True)
    return last.sort("order").drop("order")


def revised(labels: pl.DataFrame) -> int:
    """How many events were called fraud by one word and not by another."""
    said = labels.group_by("id").agg(pl.col("fraud").n_unique())
    return int((said["fraud"] > 1).sum())


def delays(labels: pl.DataFrame) -> list[Delay]:
    """Median and 90 % of the time from a fraud to its first report, by kind and typology, and over `all` of them.

    Only what was reported counts, so young frauds make it shorter than it is: the maturity curve sees through that.
    """
    first = labels.filter((pl.col("fraud") == 1) & (pl.col("event_us") != 0))
    first = first.sort("known_us").unique("id", keep="first", maintain_order=True)
    seconds = (pl.col("known_us") - pl.col("event_us")).clip(lower_bound=0) / 1e6
    figures = [
        pl.len().alias("labels"), seconds.median().alias("median_s"),
        seconds.quantile(0.9, interpolation="higher").alias("p90_s"),
    ]  # fmt: skip
    found: list[Delay] = []
    for keys in ((), ("kind",), ("typology",), ("kind", "typology")):
        rows = first.group_by(keys, maintain_order=True).agg(figures) if keys else first.select(figures)
        found += [_delay(row) for row in rows.iter_rows(named=True) if row["labels"]]
    return sorted(found, key=lambda one: (one.kind, one.typology))


def _delay(row: dict[str, Any]) -> Delay:
    return Delay(row.get("kind", ALL), row.get("typology", ALL), row["labels"], row["median_s"], row["p90_s"])
