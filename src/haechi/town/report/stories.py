"""Campaigns drawn at random, each with everything that happened in it, in order: to be read and believed, or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from haechi.town.report.folder import NUMBERS, TEXTS, TownFolder, local_us

FRAUDS, LOOK_ALIKES = 50, 10
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
    summary: str
    steps: tuple[Step, ...]
    left_out: int  # steps between the first and the last ones that are not told
    people: dict[str, Person]


def draw(campaigns: pl.DataFrame, seed: int, *, frauds: int = FRAUDS, look_alikes: int = LOOK_ALIKES) -> list[str]:
    """Campaigns drawn evenly, every one as likely as any other: frauds first, look-alikes after them."""
    rng = np.random.default_rng([seed, 50])
    chosen: list[str] = []
    for is_fraud, wanted in ((True, frauds), (False, look_alikes)):
        names = campaigns.filter(pl.col("is_fraud") == is_fraud)["campaign_id"].sort().to_list()
        places = rng.permutation(len(names))[:wanted]
        chosen += [names[place] for place in places]
    return chosen


def tell(folder: TownFolder, campaigns: pl.DataFrame, chosen: Sequence[str]) -> list[Story]:
    """The chosen campaigns with their events, in the order chosen; reads only what they need."""
    truth = folder.truth().filter(pl.col("campaign_id").is_in(list(chosen))).collect(engine="streaming")
    ids = truth["event_id"].unique()
    events = folder.events().filter(pl.col("id").is_in(ids.implode())).collect(engine="streaming")
    labels = (
        folder.labels().filter(pl.col("event_id").is_in(ids.implode()) & pl.col("fraud")).collect(engine="streaming")
    )
    people = folder.people().filter(pl.col("customer").is_in(events["customer"].unique().implode())).collect(
        engine="streaming")  # fmt: skip
    known = labels.sort("known").unique("event_id", keep="first", maintain_order=True)
    told = (
        truth.join(events, left_on="event_id", right_on="id")
        .join(known.select("event_id", "known", label_source="source"), on="event_id", how="left")
        .sort("at", "event_id")
    )
    who = {
        row["customer"]: Person(str(row["persona"]), row["birth_date"], str(row["sex"])) for row in people.to_dicts()
    }
    steps = {str(name): rows.to_dicts() for (name,), rows in told.group_by("campaign_id", maintain_order=True)}
    facts = {
        row["campaign_id"]: row
        for row in _timed(campaigns).filter(pl.col("campaign_id").is_in(list(chosen))).to_dicts()
    }
    return [_story(facts[name], steps.get(name, []), who) for name in chosen]


def _timed(campaigns: pl.DataFrame) -> pl.DataFrame:
    return campaigns.with_columns(
        begins=local_us("start_us"), ends=local_us("end_us"), reported=local_us("first_report_us")
    )


def _story(row: dict[str, Any], events: list[dict[str, Any]], who: dict[str, Person]) -> Story:
    half = STEPS_MAX // 2
    kept = events if len(events) <= STEPS_MAX else events[:half] + events[-half:]
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
        summary=row["summary"] or "",
        steps=tuple(_step(event) for event in kept),
        left_out=len(events) - len(kept),
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
