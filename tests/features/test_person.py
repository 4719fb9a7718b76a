"""A person's profile: what is usual, what comes regularly, what changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

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
    assert told["events"] == 66
    assert told["hours"]["working_day"][8] > 10
    assert told["amounts"]["payment"]["largest"] == 17_000
    assert told["merchants"][0]["name"] == "cafe"
    assert told["devices"] == [
        {"name": "d-1", "events": 66, "median": 4_670.0, "first": "2024-03-01", "last": "2024-08-25"}
    ]
    assert told["categories"][0]["events"] == 48


def test_a_change_of_habit_is_dated() -> None:
    changes = describe(life(), SPEC)["changes"]
    assert {"month": "2024-08", "what": "middle_hour"} in [{k: c[k] for k in ("month", "what")} for c in changes]


def test_the_picture_has_a_cell_for_every_hour_and_escapes_names() -> None:
    told = {"customer": "<c&1>", **describe(life(), SPEC)}
    svg = picture(told)
    assert svg.count("<rect") == 24 * len(told["hours"])
    assert "&lt;c&amp;1&gt;" in svg
    assert "<c&1>" not in svg


def test_nobody_did_nothing() -> None:
    profile = life().head(1).with_columns(kind=pl.lit("profile"))
    assert describe(profile, SPEC) == {"events": 0}
    assert picture({"customer": "c", "events": 0}).startswith("<svg")
