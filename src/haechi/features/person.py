"""What is usual for one person: hours, amounts, shops, devices, payees, regular payments, and how that changed.

Read from the person's own events, so nothing is a score here: counts, ranges and dates that a person can check.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from haechi.features.blocks import surprise_layout as lay
from haechi.features.calendar import day_classes
from haechi.features.encode import NOT_OWN
from haechi.features.spec import Spec

__all__ = ["CLASSES", "EVENTS_MAX", "describe"]

CLASSES = ("working_day", "school_break", "saturday", "sunday", "public_holiday")
EVENTS_MAX = 1_000_000
TOP = 10
REGULAR_MIN = 3
# Days between regular payments: weekly, every two weeks, monthly, quarterly; and how far a date may stray.
RHYTHMS = (("weekly", 7.0, 1.5), ("biweekly", 14.0, 2.0), ("monthly", 30.44, 3.5), ("quarterly", 91.3, 6.0))
KEPT_SHARE = 0.75  # of the gaps that must keep the rhythm
AMOUNT_SPREAD = 0.35  # of a regular amount, as a share of its median
INCOME = ("deposit", "salary", "income")
DAY_US = 86_400_000_000
CHANGE_FACTOR = 1.5
CHANGE_EVENTS_MIN, CHANGE_DAYS_MIN = 5, 10


def describe(frame: pl.DataFrame, spec: Spec) -> dict[str, Any]:
    """The profile of one person's events (a canonical frame in any order); amounts in major units, times as dates."""
    frame = frame.sort("time_us", maintain_order=True).tail(EVENTS_MAX)
    acts = frame.filter(pl.col("kind") != "profile") if "kind" in frame.columns else frame
    if not acts.height:
        return {"events": 0}
    local = _local(acts, spec)
    # Habits are of what she does herself: salaries and calls come when others want.
    own = local.filter(~pl.col("kind").is_in(list(NOT_OWN))) if "kind" in local.columns else local
    parties = {plural: _parties(own, column) for plural, column in _columns(spec).items() if column in own.columns}
    return {
        "events": acts.height,
        "own_events": own.height,
        "first": str(local["day"][0]),
        "last": str(local["day"][-1]),
        "hours": _hours(own, spec, _birth_date(frame)),
        "amounts": _amounts(local),
        **parties,
        "regular": _regular(local, spec),
        "changes": _changes(own),
    }


def _birth_date(frame: pl.DataFrame) -> date | None:
    """When the person was born, where an event told it."""
    if "attribute:birth_date" not in frame.columns:
        return None
    told = frame["attribute:birth_date"].drop_nulls().cast(pl.String)
    found = told.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).drop_nulls()
    return found[-1] if len(found) else None


def _columns(spec: Spec) -> dict[str, str]:
    part = spec.behaviour
    if part is None:
        return {}
    named = {"merchants": part.merchant, "payees": part.payee, "devices": part.device}
    found = {plural: f"entity:{name}" for plural, name in named.items() if name}
    return found | ({"categories": f"category:{part.category}"} if part.category else {})


def _local(acts: pl.DataFrame, spec: Spec) -> pl.DataFrame:
    """The events with their local day and hour, and amounts in major units."""
    moments = acts["time_us"].cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(str(ZoneInfo(spec.timezone)))
    amount = acts["amount"] if "amount" in acts.columns else pl.Series([None] * acts.height, dtype=pl.Int64)
    return acts.with_columns(
        day=moments.dt.date(), hour=moments.dt.hour() + moments.dt.minute() / 60.0, major=amount * spec.scale
    )


def _hours(local: pl.DataFrame, spec: Spec, born: date | None) -> dict[str, Any]:
    """Events of each hour, by the class of the day; a school break is one only for those who go to school."""
    country = spec.behaviour.calendar if spec.behaviour else ""
    days = local["day"].cast(pl.Int32).cast(pl.Int64).to_numpy()
    classes = day_classes(days, country)
    age = np.full(len(days), -1.0) if born is None else (days - (born - date(1970, 1, 1)).days) / 365.2425
    is_pupil = (age >= lay.PUPIL_FROM) & (age < lay.PUPIL_TO)
    classes = np.where((classes == lay.SCHOOL_BREAK) & ~is_pupil, lay.WORKDAY, classes)
    hours = local["hour"].to_numpy().astype(np.int64)
    return {
        name: np.bincount(hours[classes == i], minlength=24).tolist()
        for i, name in enumerate(CLASSES)
        if (classes == i).any()
    }


def _amounts(local: pl.DataFrame) -> dict[str, Any]:
    """Quantiles by kind of event."""
    found = {}
    for (kind,), rows in local.filter(pl.col("major").is_not_null()).group_by("kind", maintain_order=True):
        q = np.quantile(rows["major"].to_numpy(), [0.1, 0.5, 0.9, 1.0]).round(2).tolist()
        found[str(kind)] = {"events": rows.height, "p10": q[0], "median": q[1], "p90": q[2], "largest": q[3]}
    return found


def _parties(local: pl.DataFrame, column: str) -> list[dict[str, Any]]:
    """The most frequent ones, how often, how much, since when."""
    known = local.filter(pl.col(column).is_not_null())
    table = (
        known.group_by(column)
        .agg(events=pl.len(), median=pl.col("major").median(), first=pl.col("day").min(), last=pl.col("day").max())
        .sort(["events", column], descending=[True, False])
    )
    return [
        {
            "name": r[column],
            "events": r["events"],
            "median": r["median"],
            "first": str(r["first"]),
            "last": str(r["last"]),
        }
        for r in table.head(TOP).iter_rows(named=True)
    ]


def _regular(local: pl.DataFrame, spec: Spec) -> list[dict[str, Any]]:
    """Payments that come in a rhythm: the same party, about the same amount, about the same distance."""
    part = spec.behaviour
    columns = [f"entity:{n}" for n in (part.payee, part.merchant) if n] if part else []
    found = []
    for column in [c for c in columns if c in local.columns]:
        for (name, kind), rows in local.filter(pl.col(column).is_not_null()).group_by([column, "kind"]):
            found += _rhythm(rows, str(name), str(kind))
    deposits = local.filter(pl.col("kind").is_in(INCOME))
    if deposits.height and not any(r["direction"] == "in" for r in found):
        found += _rhythm(deposits, "", "deposit")
    return sorted(found, key=lambda r: (-r["median"], r["party"]))


def _rhythm(rows: pl.DataFrame, party: str, kind: str) -> list[dict[str, Any]]:
    rows = rows.filter(pl.col("major").is_not_null() & (pl.col("major") > 0)).sort("day")
    if rows.height < REGULAR_MIN:
        return []
    amounts = rows["major"].to_numpy()
    median = float(np.median(amounts))
    steady = np.abs(amounts - median) <= AMOUNT_SPREAD * median
    days = rows["day"].cast(pl.Int32).to_numpy()[steady].astype(np.float64)
    gaps = np.diff(days)
    if len(days) < REGULAR_MIN or steady.mean() < KEPT_SHARE:
        return []
    for name, period, stray in RHYTHMS:
        if (np.abs(gaps - period) <= stray).mean() >= KEPT_SHARE:
            last = date.fromordinal(int(days[-1]) + date(1970, 1, 1).toordinal())
            following = date.fromordinal(round(last.toordinal() + period))
            return [
                {"party": party, "kind": kind, "direction": "in" if kind in INCOME else "out", "rhythm": name,
                 "times": len(days), "median": median, "last": str(last), "next": str(following)}
            ]  # fmt: skip
    return []


def _median(values: pl.Series) -> float:
    known = values.drop_nulls().to_numpy()
    return float(np.median(known)) if len(known) else 0.0


def _changes(local: pl.DataFrame) -> list[dict[str, Any]]:
    """Month by month, what moved by half or more: events a day, median amount, middle hour.

    A first or last month of which few days are known tells nothing yet.
    """
    if not local.height:
        return []
    first, last = local["day"][0], local["day"][-1]
    table = []
    months = local.with_columns(month=pl.col("day").dt.month_start())
    for (month,), rows in months.group_by("month", maintain_order=True):
        following = (month + timedelta(days=31)).replace(day=1)
        days = (min(last + timedelta(days=1), following) - max(first, month)).days
        if rows.height >= CHANGE_EVENTS_MIN and days >= CHANGE_DAYS_MIN:
            rate = round(rows.height / days, 2)
            table.append((f"{month:%Y-%m}", rate, _median(rows["major"]), _median(rows["hour"])))
    found = []
    for before, now in pairwise(table):
        for what, a, b in (("events_per_day", before[1], now[1]), ("median_amount", before[2], now[2])):
            if a and b and not 1 / CHANGE_FACTOR < b / a < CHANGE_FACTOR:
                found.append({"month": now[0], "what": what, "before": a, "now": b})
        if abs(now[3] - before[3]) >= 3.0:
            found.append({"month": now[0], "what": "middle_hour", "before": before[3], "now": now[3]})
    return found
