"""Surprise in bits: honest, finite, hard to teach wrongly, and able to take back what fraud taught."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from haechi.events import Event, Schema
from haechi.features import Known, Memory, Replayer, Spec, default_spec
from haechi.features.blocks import surprise_layout as lay

DAY_US, HOUR_US = 86_400_000_000, 3_600_000_000
MONDAY_US = 1_725_840_000_000_000 - 9 * HOUR_US  # 9 September 2024, midnight in Seoul: a school day
BORN = {"birth_date": "2007-03-02"}


def schema() -> Schema:
    names = ("customer", "merchant", "payee", "device")
    columns = ["time", "id", *names, "amount", "merchant_category", "lat", "lon", "birth_date", "risk"]
    tables: dict[str, Any] = {
        "name": "small", "kind": "payment", "time": {"column": "time", "timezone": "Asia/Seoul"},
        "id": {"column": "id"}, "entities": {n: {"column": n} for n in names},
        "amount": {"column": "amount", "currency": "KRW"},
        "categories": {"columns": ["merchant_category"]}, "place": {"lat": "lat", "lon": "lon"},
        "numbers": {"columns": ["risk"]},
        "attributes": {"birth_date": {"column": "birth_date"}},
    }  # fmt: skip
    return Schema.parse(tables).bind(columns)


@pytest.fixture(scope="module")
def spec() -> Spec:
    return default_spec(schema(), overrides={"behaviour": True, "windows": ["1h", "1d", "7d"]})


def pay(day: float, hour: float, amount: int | None = 2_500, customer: str = "c-1", **more: Any) -> Event:
    entities = {"customer": customer, "merchant": "shop", **more.pop("entities", {})}
    return Event(
        id="e", kind="payment", time_us=MONDAY_US + round(day) * DAY_US + round(hour * HOUR_US), amount=amount,
        entities=entities, currency="KRW", categories={"merchant_category": "snack"}, attributes=BORN, **more,
    )  # fmt: skip


def habit(memory: Memory, days: int, seed: int = 1, customers: int = 8) -> None:
    """Pupils who buy a snack in the afternoon."""
    r = np.random.default_rng(seed)
    for day in range(days):
        for c in range(customers):
            amount = round(2_500 * math.exp(0.25 * r.normal()) / 100) * 100
            shop = {"merchant": f"shop-{(c + r.integers(3)) % 9}"}
            memory.learn(pay(day, 16.5 + 0.7 * r.normal(), amount, f"c-{c}", entities=shop))


def bits(known: Known, kind: str) -> float:
    return known.value(f"behaviour.surprise_{kind}")


def block(memory: Memory, customer: int = 0) -> np.ndarray:
    """A customer's block, as bytes."""
    shelf = memory.arena.layout.shelf("customer")
    records = memory.arena.hot_used(memory.arena.layout.number("customer")).reshape(-1, shelf.record_bytes)
    at = shelf.blocks["behaviour"]
    return records[customer][at : at + lay.BYTES]


def test_the_founding_payment_is_strange_in_hour_and_amount(spec: Spec) -> None:
    memory = Memory(spec)
    habit(memory, 180)
    known = memory.look_and_learn(pay(182, 7 + 2 / 60, 7_000, "c-0", entities={"merchant": "shop-1"}))
    assert bits(known, "hour") > 5.0
    assert bits(known, "amount") > 5.0
    assert bits(known, "habit") > math.log2(50)
    assert 14.0 <= known.value("behaviour.hours_from") < known.value("behaviour.hours_to") <= 19.5
    assert known.value("behaviour.amount_low") < 2_500 < known.value("behaviour.amount_high") < 7_000
    usual = memory.look_and_learn(pay(183, 16.6, 2_500, "c-1", entities={"merchant": "shop-1"}))
    assert bits(usual, "habit") < 3.0


def test_a_young_group_says_nothing_of_amounts_until_it_can(spec: Spec) -> None:
    memory, r = Memory(spec), np.random.default_rng(4)
    memory.learn(pay(0, 9, 4_800_000, "rich"))
    told = 0
    for i in range(240):
        amount = round(2_500 * math.exp(0.25 * r.normal()) / 100) * 100
        known = memory.look_and_learn(pay(1 + i // 40, 9 + (i % 40) / 5, amount, f"c-{i % 60}"))
        low, high = known.value("behaviour.amount_low"), known.value("behaviour.amount_high")
        if math.isnan(low):
            assert math.isnan(bits(known, "amount"))
            assert math.isnan(bits(known, "small"))
        else:
            told += 1
            assert low < 2_500 < high < 25_000, (i, low, high)
    assert 100 < told < 210


def test_a_customers_block_is_small(spec: Spec) -> None:
    assert lay.BYTES <= 1_000
    without = default_spec(schema(), overrides={"behaviour": False, "windows": ["1h", "1d", "7d"]})
    assert not [n for n in without.names if n.startswith("behaviour.")]
    assert without.behaviour is None


@pytest.mark.parametrize(
    "event",
    [
        pay(0, 9, None, entities={"device": "d"}),
        pay(0, 9, 0),
        pay(0, 9, -500),
        pay(0, 9, 10**17),
        pay(0, 9, 1),
        Event(id="e", kind="payment", time_us=MONDAY_US, amount=5, entities={"customer": "new"}, currency="USD"),
        Event(id="e", kind="payment", time_us=-(10**15), amount=5, entities={"customer": "c-0"}, currency="KRW"),
        Event(id="e", kind="payment", time_us=4 * 10**15, amount=5, entities={"customer": "c-0"}, currency="KRW"),
        pay(0, 9, lat=89.9, lon=179.9),
    ],
)  # fmt: skip
def test_bad_input_stays_finite_and_says_what_it_lacks(spec: Spec, event: Event) -> None:
    memory = Memory(spec)
    habit(memory, 20)
    known = memory.look_and_learn(event)
    row = known.row[[spec.index(n) for n in spec.names if n.startswith("behaviour.surprise")]]
    assert not np.isinf(known.row).any()
    assert (row[~np.isnan(row)] >= 0.0).all()
    assert math.isnan(bits(known, "place")) == (event.lat is None)
    is_of_nobodys_age = event.time_us > 3 * 10**15  # she would be 89, and nobody else is
    assert math.isnan(bits(known, "amount")) == (not event.amount or event.amount < 0 or is_of_nobodys_age)
    after = memory.look_and_learn(pay(21, 16.5, 2_500, "c-0"))
    assert math.isfinite(bits(after, "run"))


def test_an_event_that_is_no_behaviour_teaches_nothing(spec: Spec) -> None:
    memory = Memory(spec)
    habit(memory, 5)
    before = block(memory).tobytes()
    told = Event(id="p", kind="profile", time_us=MONDAY_US + 9 * DAY_US, entities={"customer": "c-0"}, attributes=BORN)
    known = memory.look_and_learn(told)
    assert math.isnan(bits(known, "run"))
    assert block(memory).tobytes() == before


def test_a_good_verdict_completes_and_a_fraud_is_taken_back(spec: Spec) -> None:
    def learned(verdict: bool | None) -> float:
        memory = Memory(spec)
        habit(memory, 400)
        odd = pay(401, 3.25, 90_000, "c-0", entities={"merchant": "far", "device": "d-x"})
        known = memory.look_and_learn(odd)
        assert known.value("behaviour.learned_weight") < 0.5, "damped until somebody knows better"
        if verdict is not None:
            memory.learn_label(odd, verdict, odd.time_us + DAY_US, known.unexplained)
        return bits(memory.look_and_learn(pay(403, 3.25, 2_500, "c-0", entities={"merchant": "shop-1"})), "hour")

    fraud, open_, good = learned(True), learned(None), learned(False)
    assert fraud >= open_ > good


def test_un_learning_gives_back_the_sums_and_the_cells(spec: Spec) -> None:
    memory = Memory(spec)
    habit(memory, 30)
    fraud = pay(31, 3.25, 90_000, "c-0", entities={"merchant": "far"})
    quiet = pay(31, 3.25, 90_000, "c-0", entities={"merchant": "far"})
    known = memory.look_and_learn(fraud)
    seen = block(memory).copy()
    memory.learn_label(quiet, True, fraud.time_us + 1, known.unexplained)
    now = block(memory)
    level = slice(lay.O_LEVEL, lay.O_LEVEL + 20)
    was, is_ = seen[level].view(np.float32), now[level].view(np.float32)
    weight = known.value("behaviour.learned_weight")
    assert was[0] - is_[0] == pytest.approx(weight, abs=1e-4)
    slots = now[lay.O_SLOTS : lay.O_SLOTS + 8 * lay.SLOTS[0]].view(np.uint32)[::2]
    before = seen[lay.O_SLOTS : lay.O_SLOTS + 8 * lay.SLOTS[0]].view(np.uint32)[::2]
    assert len(set(before.tolist()) - set(slots.tolist())) == 1, "the shop of the fraud is a stranger again"
    hours = slice(lay.O_HOURS, lay.O_HOURS + lay.HOURS * lay.CLASSES)
    assert int(seen[hours].sum()) - int(now[hours].sum()) == pytest.approx(16 * weight, abs=3)


def level(memory: Memory, customer: int = 0) -> np.ndarray:
    """What a customer's payments weigh, and the sums of their residuals."""
    return block(memory, customer)[lay.O_LEVEL : lay.O_LEVEL + 20].view(np.float32).copy()


def test_of_what_is_held_next_to_nothing_is_learned_until_its_verdict(spec: Spec) -> None:
    """An ordinary payment, which nothing damps: a rule held it."""

    def learned(held: bool, verdict: bool | None) -> np.ndarray:
        memory = Memory(spec)
        habit(memory, 30)
        plain = pay(31, 16.5, 2_600, "c-0", entities={"merchant": "shop-1"})
        known = memory.look_and_learn(plain)
        assert known.value("behaviour.learned_weight") == 1.0
        if held:
            known = memory.hold(plain, known)
            assert memory.hold(plain, known) == known, "held is held"
        if verdict is not None:
            memory.learn_label(plain, verdict, plain.time_us + DAY_US, known.unexplained)
        return level(memory)

    never = learned(False, True)
    open_ = learned(False, None)
    least = 2.0 ** (-lay.CODE_MAX / lay.CODES_PER_HALVING)
    assert learned(True, None)[0] - never[0] == pytest.approx(least, abs=1e-4)
    assert open_[0] - never[0] == pytest.approx(1.0, abs=1e-4)
    assert learned(True, False) == pytest.approx(open_, abs=1e-3), "a good verdict completes it"
    assert learned(True, True) == pytest.approx(never, abs=1e-3), "a fraud is taken back"


def test_where_no_behaviour_is_learned_nothing_is_kept_back() -> None:
    memory = Memory(default_spec(schema()))
    known = memory.look_and_learn(pay(1, 16.5))
    before = memory.arena.hot_used(memory.arena.layout.number("customer")).tobytes()
    assert memory.hold(pay(1, 16.5), known) is known
    assert memory.arena.hot_used(memory.arena.layout.number("customer")).tobytes() == before


@pytest.mark.parametrize("later", [0, 5])
def test_a_frame_that_says_what_was_held_teaches_as_the_events_did(spec: Spec, later: int) -> None:
    """Each was kept back at once, or when so many later events were learned, wherever the frame is cut."""
    shops = [{"merchant": f"shop-{n % 5}"} for n in range(60)]
    events = [pay(n // 3, 8 + n % 3, 2_500 + n, f"c-{n % 2}", entities=shop) for n, shop in enumerate(shops)]
    held = range(3, 60 - later, 4)
    labelled = (20, 31, held[-1])
    alone, together, told = Memory(spec), Replayer(Memory(spec)), list[Known]()
    for n, one in enumerate(events):
        told.append(alone.look_and_learn(one))
        if n - later in held:
            told[n - later] = alone.hold(events[n - later], told[n - later])
            if n - later == 23:  # judged at once
                alone.learn_label(events[23], True, events[23].time_us, told[23].unexplained)
    for n in labelled:
        alone.learn_label(events[n], True, events[n].time_us + DAY_US * 40, told[n].unexplained)
    frame = pl.DataFrame(
        {"time_us": [e.time_us for e in events], "amount": [e.amount for e in events],
         **{f"entity:{n}": [e.entities.get(n) for e in events] for n in ("customer", "merchant", "payee", "device")},
         "category:merchant_category": ["snack"] * 60, "attribute:birth_date": [BORN["birth_date"]] * 60,
         "kind": ["payment"] * 60, "currency": ["KRW"] * 60, "held": [later if n in held else None for n in range(60)],
         "label": [1 if n in (23, *labelled) else -1 for n in range(60)],
         "known_at_us": [e.time_us + DAY_US * 40 * (n != 23) for n, e in enumerate(events)]}
    )  # fmt: skip
    parts = [together.feed(part) for part in (frame[:32], frame[32:34], frame[34:])]
    waited = {n for n in held if n < 32 <= n + later or n < 34 <= n + later}
    unexplained = np.concatenate([p[1] for p in parts]).tolist()
    assert [n for n, known in enumerate(told) if known.unexplained != unexplained[n]] == sorted(waited)
    end = events[-1].time_us + 41 * DAY_US
    together.feed(frame[:1].with_columns(time_us=pl.lit(end), held=None, label=pl.lit(-1)))
    alone.look_and_learn(msgspec.structs.replace(events[0], time_us=end))
    for i in range(len(alone.arena.layout.shelves)):
        assert alone.arena.hot_used(i).tobytes() == together.memory.arena.hot_used(i).tobytes()


def test_slow_poisoning_by_small_steps_meets_the_anchor(spec: Spec) -> None:
    """Three per cent more each time, for eighty days: the last step is small, but the way from the beginning is not."""
    memory = Memory(spec)
    habit(memory, 200, customers=40)
    amount, at_step = 2_500.0, []
    for day in range(201, 281):
        amount *= 1.03
        known = memory.look_and_learn(pay(day, 16.5, round(amount), "c-0", entities={"merchant": "shop-1"}))
        at_step.append(bits(known, "amount"))
    assert amount > 25_000
    assert min(at_step[40:]) > math.log2(20)
    assert known.value("behaviour.amount_high") < 0.5 * amount


def test_calibrated_bits_are_honest_on_an_honest_stream(spec: Spec) -> None:
    memory, r = Memory(spec), np.random.default_rng(5)
    found = []
    for i in range(24_000):
        c = int(r.integers(60))
        amount = round(3_000 * math.exp(0.5 * r.normal() + 0.02 * c))
        event = pay(i // 100, 9 + 12 * r.random(), amount, f"c-{c}", entities={"merchant": f"m-{r.integers(40)}"})
        known = memory.look_and_learn(event)
        if i >= 8_000:
            found.append([bits(known, k) for k in ("all", "run", "habit", "amount", "hour")])
    share = (np.array(found) >= math.log2(100)).mean(axis=0) / 0.01
    # Below 1 where values come in few steps (half-hours), and while a home is young: never the other way.
    assert (share > 0.25).all(), share
    # The run follows its group's last 12,000 events, and lags behind the histories of a home that is growing.
    assert (share < np.array([1.5, 1.75, 1.5, 1.5, 1.5])).all(), share


def test_a_school_break_is_one_for_pupils_only(spec: Spec) -> None:
    august = (MONDAY_US - 35 * DAY_US - MONDAY_US) // DAY_US  # Monday, 5 August
    pupil = Memory(spec).look_and_learn(pay(august, 12))
    grown = Event(
        **{
            **{f: getattr(pay(august, 12), f) for f in Event.__struct_fields__},
            "attributes": {"birth_date": "1980-01-01"},
        }
    )
    nobody = Event(**{**{f: getattr(pay(august, 12), f) for f in Event.__struct_fields__}, "attributes": {}})
    assert pupil.value("behaviour.day_class") == lay.SCHOOL_BREAK
    assert Memory(spec).look_and_learn(grown).value("behaviour.day_class") == lay.WORKDAY
    assert Memory(spec).look_and_learn(nobody).value("behaviour.day_class") == lay.WORKDAY


def test_pupils_on_school_days_are_told_apart(spec: Spec) -> None:
    """What is odd then is odd for nobody else: models get it as columns of their own."""
    memory = Memory(spec)
    habit(memory, 40)
    on_monday, on_saturday = (memory.look_and_learn(pay(day, 7, 7_000, "c-0")) for day in (42, 47))
    for kind in ("habit", "hour", "amount"):
        assert on_monday.value(f"behaviour.school_{kind}") == bits(on_monday, kind) > 0.0
        assert math.isnan(on_saturday.value(f"behaviour.school_{kind}"))
    grown = msgspec.structs.replace(pay(49, 7, 7_000, "c-0"), attributes={"birth_date": "1980-01-01"})
    assert math.isnan(memory.look_and_learn(grown).value("behaviour.school_habit"))


def send(day: float, hour: float, amount: int | None, payee: str, customer: str = "c-0", **more: Any) -> Event:
    return Event(
        id="t", kind="transfer" if amount else "payee", time_us=MONDAY_US + round(day) * DAY_US + round(hour * HOUR_US),
        amount=amount, entities={"customer": customer, "payee": payee, **more}, currency="KRW", attributes=BORN,
    )  # fmt: skip


def senders(memory: Memory, days: int, customers: int = 12) -> None:
    """People who send small sums to a few friends, now and then to somebody new."""
    r = np.random.default_rng(3)
    for day in range(days):
        for c in range(customers):
            who = f"p-{c}-{r.integers(4)}" if r.random() > 0.1 else f"new-{c}-{day}"
            memory.learn(send(day, 12 + 6 * r.random(), round(50_000 * math.exp(0.5 * r.normal())), who, f"c-{c}"))


def test_what_goes_to_a_new_payee_adds_up_over_days(spec: Spec) -> None:
    memory = Memory(spec)
    senders(memory, 120)
    found = [memory.look_and_learn(send(121 + 2 * i, 14, 180_000, "room")) for i in range(4)]
    rising = [bits(known, "outflow") for known in found]
    assert rising[1] < rising[2] < rising[3], "each payment alone is the same, all together are not"
    assert bits(found[3], "amount") < bits(found[0], "amount") + 0.5
    sent = found[3].value("behaviour.sent_fresh")
    assert sent == pytest.approx(180_000 * sum(0.5 ** (2 * i / 3) for i in range(4)), rel=0.01)
    friend = memory.look_and_learn(send(130, 14, 180_000, "p-0-1"))
    assert bits(friend, "outflow") < 0.01, "an old friend is no new payee, whatever the amount"
    assert math.isnan(bits(memory.look_and_learn(pay(130, 15)), "outflow"))


def heard(kind: str, day: float, hour: float, risk: float | None, customer: str = "c-0") -> Event:
    numbers = {} if risk is None else {"risk": risk}
    at = MONDAY_US + round(day) * DAY_US + round(hour * HOUR_US)
    return Event(id="e", kind=kind, time_us=at, entities={"customer": customer}, numbers=numbers)


def told_of(memory: Memory, *past: Event, hour: float = 12.0) -> tuple[float, float, float, float]:
    """Bits, risk, seconds and kind of what c-0 heard, of a transfer after some calls and messages."""
    for event in past:
        memory.learn(event)
    known = memory.look_and_learn(send(61, hour, 200_000, "new"))
    told = (known.value(f"behaviour.{n}") for n in ("heard_risk", "heard_gap_s", "heard_kind"))
    return bits(known, "heard"), *told


def everyday(spec: Spec) -> Memory:
    """Sixty days in which everybody gets harmless calls and messages."""
    memory, r = Memory(spec), np.random.default_rng(6)
    senders(memory, 40)
    for day in range(40, 60):
        for c in range(12):
            memory.learn(heard("call", day, 10, 0.1 * r.random(), f"c-{c}"))
            memory.learn(heard("message", day, 10.1, 0.1 * r.random(), f"c-{c}"))
            memory.learn(send(day, 11, 50_000, f"friend-{c}", f"c-{c}"))
    return memory


def test_a_transfer_after_a_risky_call_is_odd(spec: Spec) -> None:
    rare, risk, seconds, kind = told_of(everyday(spec), heard("call", 61, 11.7, 0.6))
    assert (round(risk, 3), seconds, kind) == (0.6, 1_080.0, 0.0)
    assert rare > 5.0
    rare, risk, _, _ = told_of(everyday(spec), heard("call", 61, 9.5, 0.6))
    assert risk < 0.1, "two hours later it is over, and the last harmless message stands"
    assert rare < 4.0


def test_of_call_and_message_the_riskier_counts_and_a_milder_one_does_not_hide_it(spec: Spec) -> None:
    past = [heard("message", 58, 9, 0.7), heard("message", 60, 9, 0.2), heard("call", 61, 11.5, 0.3)]
    _, risk, seconds, kind = told_of(everyday(spec), *past)
    assert (round(risk, 3), kind) == (0.7, 1.0)
    assert seconds == pytest.approx(3 * 86_400 + 3 * 3_600)


def test_who_tells_of_no_calls_is_not_judged_by_them(spec: Spec) -> None:
    memory = Memory(spec)
    senders(memory, 40)
    assert math.isnan(told_of(memory)[0])
    rare = told_of(everyday(spec), heard("call", 61, 11.7, None), heard("call", 61, 11.8, math.nan))[0]
    assert rare < 4.0, "a call that nobody rated says nothing"
    assert math.isnan(bits(memory.look_and_learn(pay(62, 12)), "heard")), "payments are not asked"
    assert told_of(everyday(spec), heard("call", 61, 11.7, 900.0))[1] == 1.0


def test_a_fraud_no_longer_counts_as_sent(spec: Spec) -> None:
    def after(verdict: bool | None) -> float:
        memory = Memory(spec)
        senders(memory, 60)
        stolen = send(61, 14, 900_000, "mule")
        known = memory.look_and_learn(stolen)
        if verdict is not None:
            memory.learn_label(stolen, verdict, stolen.time_us + HOUR_US, known.unexplained)
        return memory.look_and_learn(send(62, 14, 40_000, "somebody")).value("behaviour.sent_fresh")

    assert after(None) == pytest.approx(after(False), rel=1e-6)
    assert after(True) == pytest.approx(after(None) - 900_000 * 0.5 ** (1 / 3), rel=1e-3)


def test_to_enter_a_payee_makes_nobody_known(spec: Spec) -> None:
    memory = Memory(spec)
    senders(memory, 60)
    assert memory.look_and_learn(send(61, 14, None, "mule")).value("behaviour.party_known") == 0.0
    known = memory.look_and_learn(send(61, 14.01, 50_000, "mule"))
    assert known.value("behaviour.party_known") == 0.0
    assert memory.look_and_learn(send(61, 14.02, 50_000, "mule")).value("behaviour.party_known") == 1.0


def test_a_device_becomes_less_surprising_with_age(spec: Spec) -> None:
    memory = Memory(spec)
    for day in range(90):
        for c in range(10):
            memory.learn(pay(day, 12 + c / 10, customer=f"c-{c}", entities={"device": f"d-{c}"}))
    new = memory.look_and_learn(pay(91, 12, customer="c-0", entities={"device": "new"}))
    soon = memory.look_and_learn(pay(91, 12.2, customer="c-0", entities={"device": "new"}))
    later = memory.look_and_learn(pay(121, 12.2, customer="c-0", entities={"device": "new"}))
    assert soon.value("behaviour.device_age_s") == pytest.approx(720.0, abs=60.0)
    assert bits(new, "device") >= bits(soon, "device") > bits(later, "device") + 2.0
    assert bits(memory.look_and_learn(pay(122, 12, customer="c-1", entities={"device": "d-1"})), "device") < 1.0


def test_the_habit_view_wants_both_the_hour_and_the_amount(spec: Spec) -> None:
    memory = Memory(spec)
    habit(memory, 180)
    odd_hour = memory.look_and_learn(pay(182, 7, 2_500, "c-0", entities={"merchant": "shop-1"}))
    large = memory.look_and_learn(pay(182, 16.5, 7_000, "c-1", entities={"merchant": "shop-1"}))
    assert bits(odd_hour, "hour") > 5.0
    assert bits(large, "amount") > 5.0
    assert max(bits(odd_hour, "habit"), bits(large, "habit")) < math.log2(50)


def test_every_process_makes_the_same_features() -> None:
    text = (
        "from haechi.events import Schema; from haechi.features import default_spec; "
        "print(default_spec(Schema.read('bank'), overrides={'behaviour': True}).hash)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", text], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True,
            check=True, timeout=120,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(found) == 1, "what one process learned, another must be able to use"
