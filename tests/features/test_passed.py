"""Money that came in and goes on: how much of it, how soon, and beside what is usual."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from haechi.events import Event
from haechi.features import Known, Memory, Spec, default_spec
from haechi.features.blocks import surprise_layout as lay

from .test_surprise import BORN, DAY_US, HOUR_US, MONDAY_US, bits, block, pay, schema


@pytest.fixture(scope="module")
def spec() -> Spec:
    return default_spec(schema(), overrides={"behaviour": True, "windows": ["1h", "1d", "7d"]})


def comes(day: float, hour: float, amount: int | None, payer: str = "firm", customer: str = "c-0") -> Event:
    at = MONDAY_US + round(day) * DAY_US + round(hour * HOUR_US)
    entities = {"customer": customer, "payee": payer}
    return Event(id="e", kind="deposit", time_us=at, amount=amount, entities=entities, currency="KRW", attributes=BORN)


def sends(day: float, hour: float, amount: int, customer: str = "c-0", payee: str = "friend", **more: Any) -> Event:
    at = MONDAY_US + round(day) * DAY_US + round(hour * HOUR_US)
    entities = {"customer": customer, "payee": payee}
    return Event(
        id="e", kind="transfer", time_us=at, amount=amount, entities=entities, currency="KRW", attributes=BORN, **more
    )


def everyday(spec: Spec, passer: str = "") -> Memory:
    """Three months of allowances that stay and small transfers; who `passer` names sends on what she gets at once."""
    memory, r = Memory(spec), np.random.default_rng(3)
    for day in range(90):
        for c in range(12):
            name = f"c-{c}"
            if day % 5 == c % 5:
                memory.learn(comes(day, 9, 60_000, f"firm-{c}", name))
                if name == passer:
                    memory.learn(sends(day, 9.2, 59_000, name, f"friend-{c}"))
            memory.learn(sends(day, 15 + r.normal(), round(20_000 * math.exp(0.4 * r.normal())), name, f"friend-{c}"))
    return memory


def came(known: Known) -> list[float]:
    names = ("came_in", "came_s", "passed_share", "passed_usual", "came_from_new")
    return [known.value(f"behaviour.{n}") for n in names]


def test_what_comes_in_and_leaves_within_minutes_is_odd_and_told(spec: Spec) -> None:
    memory = everyday(spec)
    for amount in (900_000, 1_200_000):
        memory.learn(comes(91, 13, amount, "stranger"))
    known = memory.look_and_learn(sends(91, 13.2, 2_058_000, payee="mule"))
    amount, seconds, share, usual, new = came(known)
    assert (amount, seconds, new) == (2_100_000.0, 720.0, 1.0), "what comes in within two hours is one sum"
    assert share == pytest.approx(0.98)
    assert usual < 0.1
    assert bits(known, "passed") > 7.0
    again = memory.look_and_learn(sends(91, 13.3, 42_000, payee="mule"))
    assert came(again)[2] == pytest.approx(1.0), "what left before counts"


def test_a_part_or_much_later_or_what_is_usual_is_not(spec: Spec) -> None:
    memory = everyday(spec)
    memory.learn(comes(91, 9, 60_000, "firm-0"))
    known = memory.look_and_learn(sends(91, 9.5, 15_000, payee="friend-0"))
    assert bits(known, "passed") < 4.0
    assert came(known)[4] == 0.0, "a sender who paid before"
    later = memory.look_and_learn(sends(91, 11.1, 45_000, payee="friend-0"))
    assert bits(later, "passed") < 1.0
    assert math.isnan(came(later)[0]), "after two hours it is her money"


def test_who_always_passes_on_is_used_to_it(spec: Spec) -> None:
    def odd(passer: str) -> tuple[float, float]:
        memory = everyday(spec, passer)
        memory.learn(comes(91, 9, 60_000, "firm-0"))
        known = memory.look_and_learn(sends(91, 9.2, 59_000, payee="friend-0"))
        return bits(known, "passed"), came(known)[3]

    treasurer, stranger = odd("c-0"), odd("")
    assert treasurer[1] > 0.6 > 0.1 > stranger[1]
    assert treasurer[0] < stranger[0]


def test_who_is_told_of_no_deposit_is_not_judged_by_any(spec: Spec) -> None:
    memory = Memory(spec)
    for day in range(40):
        memory.learn(sends(day, 15, 20_000 + 100 * day))
    assert math.isnan(bits(memory.look_and_learn(sends(41, 15, 900_000)), "passed"))
    memory.learn(comes(42, 9, None))
    memory.learn(comes(42, 9, 0))
    assert math.isnan(bits(memory.look_and_learn(sends(42, 9.1, 900_000)), "passed"))
    before = block(memory).copy()
    memory.learn(comes(43, 9, 5_000))
    changed = np.flatnonzero(before != block(memory))
    assert changed.min() >= lay.O_CAME, "what others send teaches no habit"
    assert changed.max() < lay.O_STAYS


def test_a_clock_that_goes_backwards_begins_anew(spec: Spec) -> None:
    memory = everyday(spec)
    memory.learn(comes(95, 9, 700_000))
    memory.learn(comes(94, 9, 300_000))
    known = memory.look_and_learn(sends(94, 9.1, 290_000))
    assert came(known)[0] == 300_000.0
    assert math.isnan(came(memory.look_and_learn(sends(93, 9, 290_000)))[0])


def test_a_limit_is_new_for_a_day_and_a_party_tells_its_days(spec: Spec) -> None:
    memory = everyday(spec)
    at = MONDAY_US + 91 * DAY_US + 13 * HOUR_US
    memory.learn(Event(id="l", kind="limit_change", time_us=at, amount=10_000_000, entities={"customer": "c-0"}))
    known = memory.look_and_learn(sends(91, 13.5, 30_000, payee="friend-0"))
    assert known.value("behaviour.limit_gap_s") == 1_800.0
    assert known.value("behaviour.party_days") == pytest.approx(91, abs=1)
    new = memory.look_and_learn(sends(92, 13.5, 30_000, payee="mule"))
    assert math.isnan(new.value("behaviour.limit_gap_s"))
    assert math.isnan(new.value("behaviour.party_days"))
    assert math.isnan(memory.look_and_learn(pay(93, 12, customer="c-1")).value("behaviour.limit_gap_s"))
