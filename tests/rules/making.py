"""A small bank for the tests of this room: events of every kind of trouble, its names, its memory."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import polars as pl

from haechi.events import Event, Schema, canonical_columns
from haechi.events.convert import canonical_row
from haechi.features import Spec, default_spec
from haechi.rules import Effect, Rule
from haechi.rules.calendar import Calendar
from haechi.rules.lists import Lists
from haechi.rules.names import Names

START_US = 1_772_400_000_000_000  # Monday, 2 March 2026, 06:20 in Seoul
DAY_US = 86_400_000_000
ON_WATCH = ("p1", "p3", "c2")


@cache
def bank() -> tuple[Schema, Spec]:
    """The built-in schema and its default features, without labels."""
    schema = Schema.read("bank")
    return schema, default_spec(schema)


@cache
def names() -> Names:
    """What rules of the bank may name."""
    schema, spec = bank()
    return Names.of(schema, spec, lists=("watch", "empty"), calendar=Calendar("Asia/Seoul"))


def lists() -> Lists:
    """Two lists."""
    return Lists.of({"watch": ON_WATCH, "empty": ()})


def rule(condition: str, **more: Any) -> Rule:
    """A live rule with this condition."""
    given: dict[str, Any] = {
        "id": "r", "name": {"en": "A rule", "ko": "규칙"}, "reason": {"en": "because", "ko": "이유"},
        "effect": Effect(weight=0.5), "lane": "live", **more,
    }  # fmt: skip
    return Rule(condition=condition, **given)


def history(n: int, seed: int) -> list[Event]:
    """Events with ties, late ones, bursts, missing fields, several kinds and two currencies."""
    r = random.Random(seed)
    now, found = START_US, []
    for i in range(n):
        now += r.choice((0, 0, 1, 999_999, 30_000_000, 60_000_000, 600_000_000, 7_200_000_000))
        late = r.choice((0,) * 9 + (60_000_000, 3_600_000_000, 40_000_000_000))
        found.append(event(r, i, now - late))
    return found


def event(r: random.Random, number: int, time_us: int) -> Event:
    """One event."""
    entities = {"customer": f"c{r.choice((0, 0, 0, 1, 2))}", "account": f"a{r.randrange(3)}"}
    if r.random() < 0.7:
        entities["payee"] = f"p{r.randrange(6)}"
    if r.random() < 0.6:
        entities["device"] = r.choice(("phone-1", "phone-22", "emulator"))
    amount = r.choice((None, 0, 1, 7_000, 500_000, 10**13, 2**40 // 3, r.randrange(10**7)))
    currency = "" if amount is None else r.choice(("KRW", "KRW", "EUR", ""))
    return Event(
        id=f"e{number}", kind=r.choice(("transfer", "transfer", "login", "payment")), time_us=time_us,
        entities={} if r.random() < 0.03 else entities, amount=amount, currency=currency,
        numbers={"risk": r.choice((0.0, 0.5, 1e308, -3.0))} if r.random() < 0.6 else {},
        categories={"channel": r.choice(("app", "web", "atm"))} if r.random() < 0.7 else {},
        attributes={"birth_date": r.choice(("2008-03-02", "1950-01-01")), "segment": "vip"} if r.random() < 0.1 else {},
        lat=r.choice((None, 37.5)), lon=127.0,
    )  # fmt: skip


def frame(events: list[Event]) -> pl.DataFrame:
    """The same events as a canonical frame."""
    schema, _ = bank()
    rows = [canonical_row(schema, e, None, i) for i, e in enumerate(events)]
    return pl.DataFrame(rows, schema=canonical_columns(schema), orient="row")
