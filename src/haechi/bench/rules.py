"""How fast rules are: one decision with 200 and with 1,000 of them, publishing one more, lists, backtests."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from haechi.bench.publishing import PublishFigures, measure_publishing
from haechi.bench.traffic import DAY_US, ENTITIES, traffic
from haechi.events import Event, Schema
from haechi.features import Exact, Known, Memory, Spec, Window, default_spec
from haechi.restore import Piece
from haechi.rulebook.publishing import fill
from haechi.rules.backtest import Tally
from haechi.rules.lists import EntityList, Entry, Lists, key_of
from haechi.rules.machine import on_list_rows
from haechi.rules.names import Names
from haechi.rules.rule import Effect, Rule
from haechi.rules.ruleset import RuleSet

__all__ = ["RulesFigures", "measure_rules"]

FEW, MANY = 200, 1_000
WARM, PROBES, CUSTOMERS = 20_000, 5_000, 5_000
LISTED = 1_000_000
BACKTEST_RULES, BACKTEST_EVENTS, CHUNK = 50, 5_000_000, 200_000
FILL_EVENTS = 1_000_000
THREADS = 2


@dataclass(frozen=True)
class RulesFigures:
    """Microseconds of single calls from Python, and seconds of the rest."""

    few: int
    few_us: dict[str, float]
    few_windows: int
    few_windows_us: float  # what their windows add to look and learn
    many: int
    many_us: dict[str, float]
    floor_us: float  # the same call with a single rule
    publish: PublishFigures  # one more rule beside 1,000, in a thread of its own
    fill_events: int
    fill_s: float  # a new window reads so many past events while the house decides on
    listed: int
    list_ns: float
    list_floor_ns: float  # reading one random place of as much memory
    backtest_rules: int
    backtest_events: int
    backtest_s: float
    backtest_floor_s: float  # reading the same columns once


def measure_rules() -> RulesFigures:
    """Decide real events with synthetic rules over features, windows, lists and fields, as a bank's would be."""
    schema = Schema.read("bank")
    spec = default_spec(schema)
    lists = Lists.of({"watch": [f"w{i}" for i in range(1_000)]})
    names = Names.of(schema, spec, lists=lists.by_name)
    made = _rules(MANY)
    few, many, one = (RuleSet.compile(made[:n], names, lists) for n in (FEW, MANY, 1))
    events = _events(WARM + PROBES)
    memory, known = _remembered(spec, schema, many, events)
    few_us, many_us, floor = (_decided(rules, known) for rules in (few, many, one))
    publish = measure_publishing(made, events, [f"w{i}" for i in range(1_000)])
    list_ns, list_floor = _listed()
    backtest_s, backtest_floor = _backtested(names, lists, spec, schema)
    return RulesFigures(
        FEW, few_us, len(few.windows), _windows_us(memory, few, spec, schema), MANY, many_us, floor["p50"],
        publish, FILL_EVENTS, _filled(spec, schema, memory), LISTED, list_ns, list_floor,
        BACKTEST_RULES, BACKTEST_EVENTS, backtest_s, backtest_floor,
    )  # fmt: skip


def _rules(count: int) -> list[Rule]:
    """Rules of two to four parts; their thresholds are rarely met, as those of live rules are."""
    r = np.random.default_rng(11)
    text = {"en": "a rule", "ko": "규칙"}
    return [
        Rule(
            id=f"r{i}", name=text, reason=text, lane="live", effect=Effect(weight=0.3), kinds=("transfer",),
            condition=" and ".join([_rare(r), *(_part(r) for _ in range(int(r.integers(1, 4))))]),
        )
        for i in range(count)
    ]  # fmt: skip


def _rare(r: np.random.Generator) -> str:
    n, who = int(r.integers(20, 99)), str(r.choice(["customer", "card", "payee", "device"]))
    width = str(r.choice(["10m", "1h", "1d"]))
    choices = [
        f"amount >= {n}00_000 won",
        f'count({who}, "{width}") >= {n}',
        f'sum({who}, amount, "{width}") > {n}000_000 won',
        f'in_list("watch", payee) and hour < {n % 23 + 1}',
    ]
    return str(r.choice(choices))


def _part(r: np.random.Generator) -> str:
    n = int(r.integers(2, 99))
    who, width = str(r.choice(["customer", "card", "payee", "device"])), str(r.choice(["10m", "1h", "1d", "7d"]))
    return str(
        r.choice(
            [
                f"amount >= {n}0_000 won",
                f"amount > {n} * usual(amount)",
                f'count({who}, "{width}") >= {n}',
                f'sum(customer, amount, "{width}") > {n}00_000 won',
                f'distinct({who}, merchant, "1d") >= {n}',
                f"hour < {n % 23 + 1}",
                'channel in ("web", "app")',
                'in_list("watch", payee)',
                "not seen_before(payee)",
                "customer.device.new",
                f"customer.gap_s < {n} seconds",
                f"card.count_1h >= {n}",
                f"payee.age_s < {n} hours",
                f"customer.rank50 > 0.{n}",
            ]
        )
    )


def _events(count: int) -> list[Event]:
    rows = traffic(count, CUSTOMERS, days=10.0).ints.tolist()
    return [
        Event(
            id=f"e{i}", kind="transfer", time_us=row[0], amount=row[1], currency="KRW",
            entities={name: f"{name[0]}{key}" for name, key in zip(ENTITIES, row[3:], strict=True)},
            categories={"channel": "app" if i % 3 else "atm"},
        )
        for i, row in enumerate(rows)
    ]  # fmt: skip


def _remembered(
    spec: Spec, schema: Schema, rules: RuleSet, events: list[Event]
) -> tuple[Memory, list[tuple[Event, Known]]]:
    memory = Memory(spec)
    memory.keep_windows(Exact(rules.windows, spec, currency=schema.currency))
    known = [(event, memory.look_and_learn(event)) for event in events]
    return memory, known[WARM:]


def _decided(rules: RuleSet, known: list[tuple[Event, Known]]) -> dict[str, float]:
    """Each event decided once; what the collector of garbage takes is not the rules'."""
    gc.collect()
    gc.freeze()
    took = np.zeros(len(known))
    for i, (event, before) in enumerate(known):
        begun = time.perf_counter_ns()
        rules.decide(event, before)
        took[i] = time.perf_counter_ns() - begun
    gc.unfreeze()
    return {f"p{q}": round(float(np.percentile(took[100:], q)) / 1e3, 1) for q in (50, 99)}


def _windows_us(memory: Memory, rules: RuleSet, spec: Spec, schema: Schema) -> float:
    """What the windows of a rule set cost an event."""
    exact = Exact(rules.windows, spec, currency=schema.currency)
    ints = np.zeros(memory.encoder.ints_width, np.int64)
    floats = np.zeros(memory.encoder.floats_width)
    took = []
    for event in _events(WARM):
        memory.encoder.one(event, ints, floats)
        begun = time.perf_counter_ns()
        exact.look_and_learn(ints, event.currency)
        took.append(time.perf_counter_ns() - begun)
    return float(np.median(took[WARM // 2 :])) / 1e3


def _filled(spec: Spec, schema: Schema, memory: Memory) -> float:
    """Seconds that a window which nobody kept so far takes to read the past."""
    exact = Exact([Window("sum", "customer", "amount", 7 * DAY_US)], spec, currency=schema.currency)
    piece = Piece(_frame(CHUNK), [])
    fill(exact, [Piece(_frame(WARM), [])], schema, memory)
    begun = time.perf_counter()
    fill(exact, [piece] * (FILL_EVENTS // CHUNK), schema, memory)
    return time.perf_counter() - begun


def _listed() -> tuple[float, float]:
    """Nanoseconds to find one of a million, half of the time in vain; and to read one random place."""
    found = Lists({"many": EntityList.of(Entry(f"account-{i}") for i in range(LISTED))})
    asked = np.random.default_rng(5).integers(0, 2 * LISTED, LISTED)
    keys = np.array([key_of(f"account-{i}") for i in asked.tolist()], np.int64)
    out, times = np.empty(LISTED), np.zeros(LISTED)
    look = _best(lambda: on_list_rows(*found.table("many"), keys, times, out))
    slots = found.by_name["many"].slots[:, 0]
    places = asked % len(slots)
    read = _best(lambda: slots[places])
    return look / LISTED * 1e9, read / LISTED * 1e9


def _best(call: Callable[[], Any]) -> float:
    took = []
    for _ in range(4):
        begun = time.perf_counter()
        call()
        took.append(time.perf_counter() - begun)
    return min(took)


def _backtested(names: Names, lists: Lists, spec: Spec, schema: Schema) -> tuple[float, float]:
    """Seconds to judge and count five million events on two threads, once their features and windows are there."""
    rules = RuleSet.compile(_rules(BACKTEST_RULES), names, lists)
    frame = _frame(CHUNK)
    r = np.random.default_rng(2)
    features = np.empty((CHUNK, len(spec.features)), np.float32)
    features[:] = r.exponential(20.0, (CHUNK, 1))
    windows = r.integers(0, 40, (CHUNK, max(len(rules.windows), 1), 2)).astype(np.float64)
    kept = {window: i for i, window in enumerate(rules.windows)}
    tally, lock = Tally(rules, int(frame["known_at_us"].max())), threading.Lock()  # type: ignore[arg-type]

    def judge(_: int) -> None:
        results = rules.backtest(frame, features, spec, windows, kept)
        with lock:
            tally.add(frame, results)

    judge(0)
    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(judge, range(BACKTEST_EVENTS // CHUNK)))
    took = time.perf_counter() - begun
    columns = len(rules.reader.inputs) * BACKTEST_EVENTS // CHUNK
    floor = _best(lambda: windows[:, 0, 0].sum()) * columns
    return took, floor


def _frame(n: int) -> pl.DataFrame:
    rows = traffic(n, CUSTOMERS)
    keys = {
        f"entity:{name}": [f"{name[0]}{k}" for k in rows.ints[:, 3 + i].tolist()] for i, name in enumerate(ENTITIES)
    }
    r = np.random.default_rng(3)
    return pl.DataFrame(
        {
            "id": [f"e{i}" for i in range(n)], "kind": ["transfer"] * n,
            "time_us": rows.ints[:, 0], "amount": rows.ints[:, 1],
            "currency": ["KRW"] * n, **keys, "category:channel": r.choice(["app", "web", "atm"], n),
            "label": (r.random(n) < 0.01).astype(np.int8), "known_at_us": rows.ints[:, 0] + 7 * DAY_US,
        }
    )  # fmt: skip
