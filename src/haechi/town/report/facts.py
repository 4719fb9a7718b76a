"""The figures behind the pictures, gathered in one pass over a town of any size, a batch at a time."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from haechi.town.report.folder import TownFolder, local_us

MONEY = ("payment", "transfer", "withdrawal")
AGE_STEP, AGE_LAST = 5, 85
AMOUNT_STEPS_PER_DECADE = 4
# Upper ends of the label delays' classes, in hours.
DELAY_HOURS = (1, 6, 24, 72, 168, 336, 672)
DAYS_PER_YEAR = 365.2425
# What is counted, and by what.
COUNTED: dict[str, tuple[str, ...]] = {
    "kinds": ("kind",),
    "days": ("date",),
    "hours": ("persona", "fraud", "hour"),
    "amounts": ("kind", "fraud", "step"),
    "flows": ("typology", "way", "target"),
    "moments": ("id", "at"),  # of frauds alone
}


@dataclass(frozen=True)
class Labels:
    """What the bank learned of its frauds: how late, from whom, and what never."""

    delays: pl.DataFrame  # source, delay (class number), labels
    frauds: int
    never: int
    wrong: int


@dataclass(frozen=True)
class Facts:
    """Everything the pictures show, small whatever the town's size."""

    info: dict[str, Any]
    first: date
    last: date
    customers: int
    kinds: pl.DataFrame  # kind, events, frauds
    days: pl.DataFrame  # date, events, frauds
    hours: pl.DataFrame  # persona, fraud, hour, events
    amounts: pl.DataFrame  # kind, fraud, step, events
    flows: pl.DataFrame  # typology, way, target, won
    pyramid: pl.DataFrame  # age, sex, people
    campaigns: pl.DataFrame
    labels: Labels

    @property
    def events(self) -> int:
        """How many events the town has."""
        return int(self.kinds["events"].sum())

    @property
    def frauds(self) -> int:
        """Payments, transfers and withdrawals that are fraud."""
        return int(self.kinds["frauds"].sum())


def gather(
    folder: TownFolder, wanted: pl.Series | None = None, on_events: Callable[[int], None] = lambda count: None
) -> tuple[Facts, pl.DataFrame]:
    """Read a town once, batch by batch: what its pictures need, and the events whose ids are wanted."""
    campaigns, people = folder.campaigns(), folder.people().select("customer", "persona").collect()
    frauds = _frauds(folder, campaigns)
    counted: dict[str, list[pl.DataFrame]] = {name: [] for name in COUNTED}
    told: list[pl.DataFrame] = []
    for batch in folder.batches():
        known = batch.join(frauds, left_on="id", right_on="event_id", how="left", maintain_order="left")
        known = known.with_columns(fraud=pl.col("typology").is_not_null() & pl.col("kind").is_in(MONEY))
        for name, table in _tables(known, people).items():
            counted[name].append(table)
        if wanted is not None:
            told.append(batch.filter(pl.col("id").is_in(wanted.implode())))
        on_events(batch.height)
    tables = {name: _summed(parts, COUNTED[name]) for name, parts in counted.items()}
    dates = tables["days"]["date"].drop_nulls()
    facts = Facts(
        info=folder.info,
        first=dates[0],
        last=dates[-1],
        customers=people.height,
        kinds=tables["kinds"].sort("events", "kind", descending=[True, False]),
        days=tables["days"],
        hours=tables["hours"],
        amounts=tables["amounts"],
        flows=tables["flows"],
        pyramid=_pyramid(folder.people(), dates[0]),
        campaigns=campaigns.filter(local_us("start_us").dt.date() <= dates[-1]),
        labels=_labels(tables["moments"], folder.accusations),
    )
    return facts, pl.concat(told) if told else pl.DataFrame()


def _frauds(folder: TownFolder, campaigns: pl.DataFrame) -> pl.DataFrame:
    """Every event that is truly fraud, with the scheme it belongs to."""
    schemes = campaigns.lazy().select("campaign_id", "typology")
    truth = folder.truth().join(folder.fraud_ids(), on="event_id", how="semi").join(schemes, on="campaign_id")
    return truth.select("event_id", "typology").unique("event_id", keep="first", maintain_order=True).collect()


def _tables(known: pl.DataFrame, people: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The counts of one batch."""
    both = {"events": pl.len().cast(pl.Int64), "frauds": pl.col("fraud").sum().cast(pl.Int64)}
    number = {"events": pl.len().cast(pl.Int64)}
    money = known.filter(pl.col("kind").is_in(MONEY)).join(people, on="customer", how="left")
    step = (pl.col("amount").log10() * AMOUNT_STEPS_PER_DECADE).floor().cast(pl.Int32)
    stolen = known.filter("fraud").with_columns(way=way(), target=target())
    return {
        "kinds": known.group_by("kind").agg(**both),
        "days": known.group_by(date=pl.col("at").dt.date()).agg(**both),
        "hours": money.group_by("persona", "fraud", hour=pl.col("at").dt.hour()).agg(**number),
        "amounts": money.filter(pl.col("amount") > 0).group_by("kind", "fraud", step=step).agg(**number),
        "flows": stolen.group_by("typology", "way", "target").agg(won=pl.col("amount").sum()),
        "moments": stolen.group_by("id", "at").agg(**number),
    }


def _summed(parts: list[pl.DataFrame], keys: tuple[str, ...]) -> pl.DataFrame:
    return pl.concat(parts).group_by(keys).agg(pl.exclude(keys).sum()).sort(keys)


def way() -> pl.Expr:
    """How money leaves: by transfer, card at a shop, card on the net, or cash."""
    return (
        pl.when(pl.col("kind") == "transfer").then(pl.lit("transfer"))
        .when(pl.col("kind") == "withdrawal").then(pl.lit("cash"))
        .when(pl.col("channel") == "online").then(pl.lit("card_online"))
        .otherwise(pl.lit("card_shop"))
    )  # fmt: skip


def target() -> pl.Expr:
    """Where money goes: an account here or at another bank, a machine, gift cards, a shop."""
    here = pl.col("payee").str.starts_with("a-")
    return (
        pl.when(pl.col("kind") == "transfer").then(pl.when(here).then(pl.lit("here")).otherwise(pl.lit("elsewhere")))
        .when(pl.col("kind") == "withdrawal").then(pl.lit("atm"))
        .when(pl.col("merchant_category") == "gift_card").then(pl.lit("gift_card"))
        .when(pl.col("channel") == "online").then(pl.lit("online"))
        .otherwise(pl.lit("shops"))
    )  # fmt: skip


def _pyramid(people: pl.LazyFrame, today: date) -> pl.DataFrame:
    years = (pl.lit(today) - pl.col("birth_date")).dt.total_days() / DAYS_PER_YEAR
    age = ((years / AGE_STEP).floor() * AGE_STEP).clip(0, AGE_LAST).cast(pl.Int32)
    return people.group_by(age.alias("age"), "sex").agg(people=pl.len()).sort("age", "sex").collect()


def _labels(moments: pl.DataFrame, accusations: pl.DataFrame) -> Labels:
    accused = moments.join(accusations, left_on="id", right_on="event_id")
    hours = (accused["known"] - accused["at"]).dt.total_seconds() / 3_600
    classes = pl.Series([bisect(DELAY_HOURS, h) for h in hours.to_list()], dtype=pl.Int32)
    delays = accused.with_columns(delay=classes).group_by("source", "delay").agg(labels=pl.len())
    return Labels(
        delays.sort("source", "delay"),
        moments.height,
        moments.height - accused.height,
        accusations.height - accused.height,
    )
