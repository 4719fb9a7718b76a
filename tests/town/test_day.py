"""One day as native events."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from haechi.town import Parameters, Town
from haechi.town.day import iso_seoul

TOWN = Town(Parameters(customers=400, shops=60, days=30), 11)


def test_times_are_written_as_in_seoul() -> None:
    (text,) = iso_seoul(np.array([1_729_807_320_000_000]))
    assert text == "2024-10-25T07:02:00+09:00"


def test_the_first_day_opens_with_everybodys_profile() -> None:
    rows = TOWN.day(0).rows()
    profiles = [r for r in rows if r["kind"] == "profile"]
    assert len(profiles) == 400
    assert rows[:400] == profiles
    assert set(profiles[0]) == {"id", "kind", "time", "customer", "birth_date"}
    assert not [r for r in TOWN.day(1).rows() if r["kind"] == "profile"]


def test_payments_stand_in_order_of_time_with_unique_ids() -> None:
    day = TOWN.day(5)
    rows = day.rows()
    assert [r["time"] for r in rows] == sorted(r["time"] for r in rows)
    assert len({r["id"] for r in rows}) == len(rows) == len(day)
    times = [int(datetime.fromisoformat(r["time"]).timestamp()) * 1_000_000 for r in rows]
    assert times == day.time_us.tolist()
    assert {datetime.fromisoformat(r["time"]).date() for r in rows} == {day.date}


def test_a_phone_is_named_only_where_one_was_used() -> None:
    for row in TOWN.day(5).rows():
        assert ("device" in row) == (row["channel"] != "pos")


def test_batches_hold_the_same_events() -> None:
    day = TOWN.day(0)
    batches = list(day.batches(rows_max=37))
    assert max(map(len, batches)) == 37
    assert [r for b in batches for r in b] == day.rows()


def test_labels_and_truth_tell_of_the_same_payments() -> None:
    day = TOWN.day(29)
    labels, truth = {r["event_id"]: r["fraud"] for r in day.labels()}, {r["event_id"] for r in day.truth()}
    assert {i for i, fraud in labels.items() if fraud} <= truth
    assert not [i for i, fraud in labels.items() if not fraud and i in truth]
    assert not {"fraud", "fraud_kind", "persona"} & set(day.rows()[0])
