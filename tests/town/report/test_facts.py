"""The figures behind the pictures, against a naive count of the same files."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

import polars as pl

from haechi.town.report.facts import DELAY_HOURS, MONEY


def naive(town):
    events = {row["id"]: row for row in map(json.loads, (town / "events.jsonl").read_text().splitlines())}
    campaigns = {row["campaign_id"]: row for row in pl.read_parquet(town / "truth" / "campaigns.parquet").to_dicts()}
    truth = pl.read_parquet(town / "truth" / "events.parquet").to_dicts()
    frauds = {
        t["event_id"] for t in truth
        if campaigns[t["campaign_id"]]["is_fraud"] and events[t["event_id"]]["kind"] in MONEY
    }  # fmt: skip
    return events, frauds


def test_counts_by_kind_day_and_hour(town, facts) -> None:
    events, frauds = naive(town)
    assert facts.events == len(events)
    assert facts.frauds == len(frauds) > 50
    kinds = Counter(row["kind"] for row in events.values())
    assert dict(facts.kinds.select("kind", "events").iter_rows()) == kinds
    days = Counter(row["time"][:10] for row in events.values())
    assert {str(d): n for d, n in facts.days.select("date", "events").iter_rows()} == days
    hours = Counter((int(row["time"][11:13]), name in frauds) for name, row in events.items() if row["kind"] in MONEY)
    found = facts.hours.group_by("hour", "fraud").agg(pl.col("events").sum())
    assert {(h, f): n for h, f, n in found.select("hour", "fraud", "events").iter_rows()} == hours


def test_money_flows_to_the_last_won(town, facts) -> None:
    events, frauds = naive(town)
    assert facts.flows["won"].sum() == sum(events[name]["amount"] for name in frauds)
    assert facts.flows["way"].unique().to_list() == ["transfer"]


def test_everybody_stands_in_the_pyramid(facts) -> None:
    assert facts.pyramid["people"].sum() == facts.customers == 60
    assert facts.pyramid["age"].is_between(10, 85).all()


def test_delays_and_what_is_never_known(town, facts) -> None:
    events, frauds = naive(town)
    labels = [json.loads(line) for line in (town / "labels.jsonl").read_text().splitlines()]
    known = {row["event_id"]: row["known_at"] for row in labels}
    assert facts.labels.never == len(frauds - set(known)) > 0
    assert facts.labels.wrong == 0
    hours = [(datetime.fromisoformat(at) - datetime.fromisoformat(events[n]["time"])).total_seconds() / 3600
             for n, at in known.items()]  # fmt: skip
    within_a_day = sum(h < DELAY_HOURS[2] for h in hours)
    assert facts.labels.delays.filter(pl.col("delay") <= 2)["labels"].sum() == within_a_day
