"""The figures behind the pictures, gathered in one streaming pass over a town of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from haechi.town.report.folder import TownFolder

MONEY = ("payment", "transfer", "withdrawal")
AGE_STEP, AGE_LAST = 5, 85
AMOUNT_STEPS_PER_DECADE = 4
# Upper ends of the label delays' classes, in hours.
DELAY_HOURS = (1, 6, 24, 72, 168, 336, 672)


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


def gather(folder: TownFolder) -> Facts:
    """Read a town once and keep what its pictures need."""
    campaigns = folder.campaigns()
    known = _with_truth(folder, campaigns)
    people = folder.people()
    kinds, days, hours, amounts, flows, pyramid = pl.collect_all(
        [
            _counted(known, "kind"),
            _counted(known.with_columns(date=pl.col("at").dt.date()), "date"),
            _hours(known, people),
            _amounts(known),
            _flows(known),
            _pyramid(people, campaigns),
        ],
        engine="streaming",
    )
    dates = days["date"].drop_nulls().sort()
    return Facts(
        info=folder.info,
        first=dates[0],
        last=dates[-1],
        customers=int(pyramid["people"].sum()),
        kinds=kinds.sort("events", "kind", descending=[True, False]),
        days=days.sort("date"),
        hours=hours.sort("persona", "fraud", "hour"),
        amounts=amounts.sort("kind", "fraud", "step"),
        flows=flows.sort("typology", "way", "target"),
        pyramid=pyramid.sort("age", "sex"),
        campaigns=campaigns,
        labels=_labels(folder, known),
    )


def _with_truth(folder: TownFolder, campaigns: pl.DataFrame) -> pl.LazyFrame:
    """Events with their campaign; `fraud` says that the event itself moves money wrongly."""
    told = campaigns.lazy().select("campaign_id", "typology")
    truth = folder.truth().join(told, on="campaign_id").unique("event_id", keep="first")
    wrong = folder.fraud_ids().with_columns(wrong=pl.lit(True))
    known = folder.events().join(truth, left_on="id", right_on="event_id", how="left")
    known = known.join(wrong, left_on="id", right_on="event_id", how="left")
    return known.with_columns(fraud=pl.col("wrong").fill_null(False) & pl.col("kind").is_in(MONEY))


def _counted(known: pl.LazyFrame, column: str) -> pl.LazyFrame:
    return known.group_by(column).agg(events=pl.len(), frauds=pl.col("fraud").sum().cast(pl.Int64))


def _hours(known: pl.LazyFrame, people: pl.LazyFrame) -> pl.LazyFrame:
    money = known.filter(pl.col("kind").is_in(MONEY))
    lived = money.join(people.select("customer", "persona"), on="customer", how="left")
    hour = pl.col("at").dt.hour().alias("hour")
    return lived.group_by("persona", "fraud", hour).agg(events=pl.len())


def _amounts(known: pl.LazyFrame) -> pl.LazyFrame:
    paid = known.filter(pl.col("kind").is_in(MONEY) & (pl.col("amount") > 0))
    step = (pl.col("amount").log10() * AMOUNT_STEPS_PER_DECADE).floor().cast(pl.Int32).alias("step")
    return paid.group_by("kind", "fraud", step).agg(events=pl.len())


def _flows(known: pl.LazyFrame) -> pl.LazyFrame:
    """Stolen money: by which scheme, in which way, and where it goes."""
    stolen = known.filter("fraud").with_columns(way=way(), target=target())
    return stolen.group_by("typology", "way", "target").agg(won=pl.col("amount").sum())


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


def _pyramid(people: pl.LazyFrame, campaigns: pl.DataFrame) -> pl.LazyFrame:
    first_us = campaigns["start_us"].min() or 0
    today = pl.lit(int(first_us)).cast(pl.Datetime("us")).dt.date()  # type: ignore[arg-type]
    years = (today - pl.col("birth_date")).dt.total_days() / 365.2425
    age = ((years / AGE_STEP).floor() * AGE_STEP).clip(0, AGE_LAST).cast(pl.Int32)
    return people.group_by(age.alias("age"), "sex").agg(people=pl.len())


def _labels(folder: TownFolder, known: pl.LazyFrame) -> Labels:
    told = folder.labels().select("event_id", "known", "source", accused="fraud")
    frauds = known.filter("fraud").select("id", "at").join(told, left_on="id", right_on="event_id", how="left").collect(
        engine="streaming")  # fmt: skip
    accused = frauds.filter(pl.col("accused").fill_null(False))
    hours = (accused["known"] - accused["at"]).dt.total_minutes() / 60
    delays = (
        accused.with_columns(delay=_class(hours))
        .group_by("source", "delay")
        .agg(labels=pl.len())
        .sort("source", "delay")
    )
    every = told.filter("accused").select(pl.len()).collect(engine="streaming").item()
    return Labels(delays, frauds.height, frauds.height - accused.height, int(every) - accused.height)


def _class(hours: pl.Series) -> pl.Series:
    return pl.Series([_place(h, DELAY_HOURS) for h in hours.to_list()], dtype=pl.Int32)


def _place(hours: float | None, ends: Sequence[int]) -> int:
    return sum((hours or 0) >= end for end in ends)
