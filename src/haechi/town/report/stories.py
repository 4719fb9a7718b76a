"""Campaigns drawn at random, each with everything that happened in it, in order: to be read and believed, or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from haechi.town.report.facts import MONEY
from haechi.town.report.folder import NUMBERS, TEXTS, TownFolder, local_us
from haechi.town.report.markup import Word

FRAUDS, LOOK_ALIKES = 50, 10
LONG_DAYS, LAST_DAYS = 60, 30  # of a longer town, frauds of the last month are not drawn: their ends lie beyond it
DAY_US = 86_400_000_000
REPORTED = ("report", "claim", "false_claim")
HONEST = ("skimmed", "build_up")  # what a victim or a fraudster pays honestly in a campaign
STEPS_MAX = 40  # events of one story that are told; of a longer one the first and the last


@dataclass(frozen=True)
class Step:
    """One thing that happened."""

    at: datetime
    kind: str
    role: str
    who: str
    amount: int | None
    fields: dict[str, Any]
    known: datetime | None = None  # when the bank learned that it is a fraud
    source: str | None = None


@dataclass(frozen=True)
class Person:
    """Who somebody is."""

    persona: str
    birth_date: date
    sex: str


@dataclass(frozen=True)
class Story:
    """One campaign from its first event to its last."""

    campaign_id: str
    typology: str
    form: str
    is_fraud: bool
    begins: datetime
    ends: datetime
    victims: int
    age: int | None
    loss_won: int
    recovered_won: int
    reported: datetime | None
    summary: Word
    steps: tuple[Step, ...]
    left_out: int  # steps between the first and the last ones that are not told
    beyond: int  # steps that come after the town's last day
    lost: datetime | None  # when the first of the loss was gone
    reports: tuple[Step, ...]  # what customers told the bank, those that are not told among `steps` included
    paid_won: int  # refunds within the town's days
    people: dict[str, Person]


def draw(folder: TownFolder, seed: int, *, frauds: int = FRAUDS, look_alikes: int = LOOK_ALIKES) -> pl.DataFrame:
    """What belongs to campaigns drawn at random: frauds first, look-alikes after them.

    Every fraud is as likely as any other. Of the look-alikes, most are journeys, so kinds take turns. One row for each
    event: campaign_id, event_id, role. Campaigns of which nothing happened within the town's days are not drawn, nor
    are frauds that began in the last month of a long town.
    """
    rng = np.random.default_rng([seed, 50])
    campaigns = folder.campaigns().lazy().join(folder.truth(), on="campaign_id", how="semi").collect()
    shuffled = campaigns.sort("campaign_id").sample(fraction=1, shuffle=True, seed=int(rng.integers(1 << 32)))
    turn = pl.int_range(pl.len()).over("typology")
    look_alike = shuffled.filter(~pl.col("is_fraud")).sort(turn, maintain_order=True).head(look_alikes)
    fraud = shuffled.filter(pl.col("is_fraud") & _early(campaigns["start_us"])).head(frauds)
    chosen = [*fraud["campaign_id"], *look_alike["campaign_id"]]
    drawn = pl.LazyFrame({"campaign_id": chosen}, schema={"campaign_id": pl.String})
    return drawn.join(folder.truth(), on="campaign_id", how="left", maintain_order="left").collect()


def _early(starts: pl.Series) -> pl.Expr:
    """What began early enough to end within the town; everything, in a short town."""
    first, last = (int(found) if isinstance(found, int) else 0 for found in (starts.min(), starts.max()))
    return pl.col("start_us") <= (last - LAST_DAYS * DAY_US if last - first > LONG_DAYS * DAY_US else last)


def tell(folder: TownFolder, drawn: pl.DataFrame, events: pl.DataFrame) -> list[Story]:
    """The drawn campaigns with their events, in the order drawn."""
    people = folder.people().join(events.lazy().select("customer"), on="customer", how="semi").collect()
    known = folder.accusations.filter(pl.col("known") < folder.ends).select("event_id", "known", label_source="source")
    told = (
        drawn.join(events, left_on="event_id", right_on="id")
        .join(known, on="event_id", how="left")
        .sort("at", "event_id")
    )
    who = {p["customer"]: Person(str(p["persona"]), p["birth_date"], str(p["sex"])) for p in people.to_dicts()}
    steps = {str(name): rows.to_dicts() for (name,), rows in told.group_by("campaign_id", maintain_order=True)}
    chosen = drawn["campaign_id"].unique(maintain_order=True).to_list()
    facts = _timed(folder.campaigns().filter(pl.col("campaign_id").is_in(chosen)))
    by_name = {row["campaign_id"]: row for row in facts.to_dicts()}
    return [_story(by_name[name], steps.get(name, []), who) for name in chosen]


def _timed(campaigns: pl.DataFrame) -> pl.DataFrame:
    return campaigns.with_columns(
        begins=local_us("start_us"), ends=local_us("end_us"), reported=local_us("first_report_us")
    )


def _story(row: dict[str, Any], events: list[dict[str, Any]], who: dict[str, Person]) -> Story:
    half = STEPS_MAX // 2
    kept = events if len(events) <= STEPS_MAX else events[:half] + events[-half:]
    lost = [e["at"] for e in events if e["kind"] in MONEY and e["role"] not in HONEST] if row["is_fraud"] else []
    return Story(
        campaign_id=row["campaign_id"],
        typology=row["typology"],
        form=row["form"] or "",
        is_fraud=row["is_fraud"],
        begins=row["begins"],
        ends=row["ends"],
        victims=row["victims"] or 0,
        age=row["age"],
        loss_won=row["loss_won"] or 0,
        recovered_won=row["recovered_won"] or 0,
        reported=row["reported"],
        summary=Word(row["summary_ko"] or row["summary"] or "", row["summary"] or ""),
        steps=tuple(_step(event) for event in kept),
        left_out=len(events) - len(kept),
        beyond=max((row["events"] or 0) - len(events), 0),
        lost=min(lost, default=None),
        reports=tuple(_step(event) for event in events if event["role"] in REPORTED),
        paid_won=sum(event["amount"] or 0 for event in events if event["kind"] == "refund"),
        people={c: who[c] for event in kept if (c := event["customer"]) in who},
    )


def _step(event: dict[str, Any]) -> Step:
    fields = {name: event[name] for name in (*TEXTS, *NUMBERS) if event.get(name) is not None}
    for name in ("kind", "time", "customer"):
        fields.pop(name, None)
    return Step(
        event["at"], event["kind"], event["role"] or "", event["customer"] or "", event["amount"], fields,
        event["known"], event["label_source"],
    )  # fmt: skip
