"""A person's profile: what is usual, what comes regularly, what changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from haechi.commands.portrait import busiest, portrait
from haechi.commands.profiling import picture
from haechi.features import Behaviour, Entity, Spec
from haechi.features.person import describe

SEOUL = ZoneInfo("Asia/Seoul")
SPEC = Spec(
    entities=(Entity("customer", "subject", True, True, False, False, False),), categories=(), numbers=(),
    attributes=(), windows=(), has_amount=True, has_place=False, clock=True, timezone="Asia/Seoul", scale=1.0,
    day_us=86_400_000_000, behaviour=Behaviour("merchant", "payee", "device", "merchant_category", "KR"),
)  # fmt: skip


def row(month: int, day: int, hour: int, amount: int, kind: str = "payment", **more: Any) -> dict[str, Any]:
    at = datetime(2024, month, day, hour, 15, tzinfo=SEOUL).astimezone(UTC)
    return {
        "id": f"{month}-{day}-{hour}-{amount}", "kind": kind, "time_us": int(at.timestamp()) * 1_000_000,
        "amount": amount, "currency": "KRW", "entity:customer": "c-1", "entity:merchant": None, "entity:payee": None,
        "entity:device": "d-1", "category:merchant_category": None, **more,
    }  # fmt: skip


def life() -> pl.DataFrame:
    rows = []
    for month in range(3, 9):
        rows.append(row(month, 25, 9, 2_800_000 + 1_000 * month, "deposit"))
        rows.append(row(month, 1, 10, 550_000, "transfer", **{"entity:payee": "landlord"}))
        rows.append(row(month, 14, 3, 17_000, **{"entity:merchant": "films"}))
        for day in range(2, 24, 3):
            cafe = {"entity:merchant": "cafe", "category:merchant_category": "cafe"}
            rows.append(row(month, day, 8 if month < 8 else 15, 4_500 + 10 * day, **cafe))
    return pl.DataFrame(rows, infer_schema_length=None)


def test_salary_rent_and_subscription_are_found() -> None:
    found = {(r["party"], r["direction"]): r for r in describe(life(), SPEC)["regular"]}
    assert found["", "in"]["rhythm"] == "monthly"
    assert found["landlord", "out"]["median"] == 550_000
    assert found["landlord", "out"]["next"].startswith("2024-08-3") or found["landlord", "out"]["next"] == "2024-09-01"
    assert found["films", "out"]["times"] == 6
    assert ("cafe", "out") not in found


def test_hours_amounts_and_parties_are_counted() -> None:
    told = describe(life(), SPEC)
    assert (told["events"], told["own_events"]) == (66, 60)
    assert told["hours"]["working_day"][8] > 10
    assert told["amounts"]["payment"]["largest"] == 17_000
    assert told["merchants"][0]["name"] == "cafe"
    assert told["devices"] == [
        {"name": "d-1", "events": 60, "median": 4_655.0, "first": "2024-03-01", "last": "2024-08-23"}
    ]
    assert told["categories"][0]["events"] == 48


def test_a_change_of_habit_is_dated() -> None:
    changes = describe(life(), SPEC)["changes"]
    assert {"month": "2024-08", "what": "middle_hour"} in [{k: c[k] for k in ("month", "what")} for c in changes]


def test_calls_and_salaries_are_no_habit_and_only_pupils_have_school_breaks() -> None:
    calls = [row(8, day, 3, 0, "call") for day in range(5, 17)]
    told = describe(pl.concat([life(), pl.DataFrame(calls, schema=life().schema)]), SPEC)
    assert (told["events"], told["own_events"]) == (78, 60)
    assert told["hours"] == describe(life(), SPEC)["hours"]
    assert "school_break" not in told["hours"]
    pupil = life().with_columns(pl.lit("2008-01-09").alias("attribute:birth_date"))
    assert sum(describe(pupil, SPEC)["hours"]["school_break"]) > 0


def test_a_month_of_which_few_days_are_known_changes_nothing() -> None:
    days = [row(3, day, 12, 5_000) for day in range(26, 32) for _ in range(2)]
    days += [row(4, day, 12, 5_000) for day in range(1, 31) for _ in range(2)]
    days += [row(5, day, 12, 5_000) for day in range(1, 31) for _ in range(5)]
    told = describe(pl.DataFrame(days, infer_schema_length=None), SPEC)["changes"]
    assert told == [{"month": "2024-05", "what": "events_per_day", "before": 2.0, "now": 5.0}]


def test_it_reads_well_in_a_terminal() -> None:
    told = list(portrait({"customer": "c-1", **describe(life(), SPEC)}))
    assert told[0] == "c-1: 66 events, 60 of them own doing, 2024-03-01 to 2024-08-25"
    assert any(line.startswith("  working days") and "mostly 03:00 to 11:00" in line for line in told)
    assert "  transfer landlord: monthly, 550,000, 6 times, next about 2024-08-31" in told
    assert any("middle hour: 8.2 -> 15.2" in line for line in told)
    assert list(portrait({"customer": "c-2", "events": 0})) == ["c-2: 0 events"]


def test_the_busiest_hours_may_lie_around_midnight() -> None:
    assert busiest([4, 4, *[0] * 20, 1, 4]) == (23, 3)


def test_the_picture_has_a_cell_for_every_hour_and_escapes_names() -> None:
    told = {"customer": "<c&1>", **describe(life(), SPEC)}
    svg = picture(told)
    assert svg.count("<rect") == 24 * len(told["hours"])
    assert "&lt;c&amp;1&gt;" in svg
    assert "<c&1>" not in svg
    assert "본인 거래 60건" in picture(told, "ko")


def test_nobody_did_nothing() -> None:
    profile = life().head(1).with_columns(kind=pl.lit("profile"))
    assert describe(profile, SPEC) == {"events": 0}
    assert picture({"customer": "c", "events": 0}).startswith("<svg")
