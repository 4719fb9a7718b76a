"""What nobody in the bank knows: which events belong to which campaign, the campaigns, who people really are."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from haechi.town.acts import Acts
from haechi.town.almanac import DAY_US
from haechi.town.dice import Ints
from haechi.town.people import SEGMENTS
from haechi.town.personas import NAMES as PERSONA_NAMES
from haechi.town.places import COUNTRIES, COUNTRIES_KO, PROVINCE_NAMES, PROVINCE_NAMES_KO
from haechi.town.render import event_ids
from haechi.town.trips import TRAVEL, TRAVELLING, away, is_travel, traveller
from haechi.town.typologies import ROLES, TYPOLOGIES
from haechi.town.wave import draw_wave

if TYPE_CHECKING:
    from haechi.town.town import Town

EVENTS: dict[str, Any] = {
    "event_id": pl.String, "campaign_id": pl.String, "typology": pl.String, "role": pl.String, "fraud": pl.Boolean,
}  # fmt: skip
CAMPAIGNS: dict[str, Any] = {
    "campaign_id": pl.String, "typology": pl.String, "form": pl.String, "is_fraud": pl.Boolean, "start_us": pl.Int64,
    "end_us": pl.Int64, "victims": pl.Int64, "victim": pl.String, "age": pl.Int64, "loss_won": pl.Int64,
    "recovered_won": pl.Int64, "first_report_us": pl.Int64, "events": pl.Int64, "summary": pl.String,
    "summary_ko": pl.String,
}  # fmt: skip


def events_of(town: Town, acts: Acts) -> pl.DataFrame:
    """The events of a day that belong to a campaign or a journey; `fraud` marks what a fraudster did or had done."""
    mine = acts.take(acts["campaign"] >= 0)
    number = mine["campaign"]
    roles = pl.Series([*ROLES, "purchase"])
    role = np.where(mine["role"] == TRAVELLING, len(ROLES), mine["role"])
    code = np.where(is_travel(number), len(TYPOLOGIES), (number >> 14) & 31)
    return pl.DataFrame(
        {
            "event_id": event_ids(mine["key"]), "campaign_id": campaign_ids(town, number),
            "typology": pl.Series([*(t.name for t in TYPOLOGIES), TRAVEL]).gather(code),
            "role": roles.gather(role.astype(np.int64)), "fraud": mine["fraud"],
        },
        schema=EVENTS,
    )  # fmt: skip


def campaign_ids(town: Town, number: np.ndarray) -> pl.Series:
    """The names of campaigns: typology, day, running number; of journeys: the traveller."""
    names = []
    memory: dict[int, str] = {}
    for one in number.tolist():
        if one not in memory:
            memory[one] = _name(town, one)
        names.append(memory[one])
    return pl.Series(names, dtype=pl.String)


def campaigns_of(town: Town, day: int, forms: Container[str] | None = None) -> pl.DataFrame:
    """The campaigns that begin on a day; those of some forms alone take a fraction of the time."""
    wave = town.wave(day) if forms is None else draw_wave(town, day, TYPOLOGIES, forms)
    number, time_us = wave.acts["campaign"], wave.acts["time_us"]
    rows = []
    for campaign in wave.campaigns:
        own = time_us[number == campaign.number]
        rows.append((
            campaign.name, campaign.typology, campaign.form, campaign.is_fraud, int(own.min()), int(own.max()),
            len(campaign.victims), f"c-{campaign.victims[0]}" if campaign.victims else None,
            campaign.age if campaign.age >= 0 else None, campaign.loss_won, campaign.recovered_won,
            campaign.first_report_us if campaign.first_report_us >= 0 else None, len(own), campaign.summary,
            campaign.summary_ko,
        ))  # fmt: skip
    return pl.DataFrame(rows, schema=CAMPAIGNS, orient="row")


def journeys_of(events: pl.DataFrame, town: Town) -> pl.DataFrame:
    """The journeys among a town's true events, as campaigns without fraud."""
    found = events.filter(pl.col("typology") == TRAVEL).group_by("campaign_id").agg(pl.len().alias("events"))
    found = found.sort("campaign_id")
    parts = found["campaign_id"].str.split("-")
    begun = parts.list.get(1).str.to_date("%Y%m%d").dt.epoch("us") - 9 * 3_600_000_000
    customer, where = "c-" + parts.list.get(2), _whereto(town, parts)
    names = pl.Series([*COUNTRIES, *PROVINCE_NAMES]), pl.Series([*COUNTRIES_KO, *PROVINCE_NAMES_KO])
    en, ko = (one.gather(where) for one in names)
    return pl.DataFrame(
        {
            "campaign_id": found["campaign_id"], "typology": TRAVEL, "form": "benign", "is_fraud": False,
            "start_us": begun, "end_us": begun + 5 * DAY_US - 1, "victims": 0, "victim": customer, "age": None,
            "loss_won": 0, "recovered_won": 0, "first_report_us": None, "events": found["events"],
            "summary": "A customer is on a journey to " + en + ".", "summary_ko": "고객의 여행: " + ko + ".",
        },
        schema=CAMPAIGNS, strict=False,
    )  # fmt: skip


def _whereto(town: Town, parts: pl.Series) -> Ints:
    """The country that each journey goes to, or, counted after all countries, the province."""
    begun, customer = parts.list.get(1).str.to_date("%Y%m%d"), parts.list.get(2).cast(pl.Int64).to_numpy()
    places = town.people.places
    found = np.zeros(len(customer), np.int64)
    for on in begun.unique():
        there = (begun == on).to_numpy()
        gone = away(town.parameters, town.seed, len(places), customer[there], town.parameters.day_of(on))
        at_home = len(COUNTRIES) + places.province[gone.district]
        found[there] = np.where(gone.country > 0, gone.country, at_home)
    return found


def people_of(town: Town) -> pl.DataFrame:
    """Everybody's hidden traits."""
    people, number = town.people, np.arange(len(town.people))
    lat, lon = people.home_point(number, 0)
    epoch = np.datetime64("1970-01-01")
    return pl.DataFrame(
        {
            "customer": "c-" + pl.Series(number).cast(pl.String),
            "persona": pl.Series(PERSONA_NAMES).gather(people.persona.astype(np.int64)),
            "birth_date": pl.Series((epoch + (people.born.astype(np.int64) - 719_163)).astype("datetime64[D]")),
            "sex": pl.Series(["female", "male"]).gather(people.sex.astype(np.int64)),
            "segment": pl.Series(SEGMENTS).gather(people.segment.astype(np.int64)),
            "region": pl.Series(PROVINCE_NAMES).gather(people.places.province[people.first_home]),
            "district": people.first_home.astype(np.int64), "home_lat": np.round(lat, 4), "home_lon": np.round(lon, 4),
            "joined_day": people.joined.astype(np.int64), "level": np.round(people.level.astype(np.float64), 4),
            "salary_won": people.salary_won.astype(np.int64), "rent_won": people.rent_won.astype(np.int64),
            "breakfast": people.breakfast,
        }
    )  # fmt: skip


def _name(town: Town, number: int) -> str:
    if is_travel(np.array([number]))[0]:
        who, since = traveller(np.array([number]))
        return f"{TRAVEL}-{town.parameters.date_of(int(since[0])):%Y%m%d}-{int(who[0])}"
    day, code, index = number >> 19, (number >> 14) & 31, number & ((1 << 14) - 1)
    return f"{TYPOLOGIES[code].name}-{town.parameters.date_of(day):%Y%m%d}-{index + 1}"
