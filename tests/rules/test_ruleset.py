"""Compiled rules against a naive interpreter: online, on whole frames, on everything that can be written."""

from __future__ import annotations

import gc
import random
import weakref

import numpy as np
import pytest
from msgspec.structs import replace

from haechi.events import Event
from haechi.features import Exact, Known, Memory
from haechi.features.replay import Replayer
from haechi.rules import HIT, MISS, OUT, RESULTS, UNDECIDED, Rule, reader
from haechi.rules.ruleset import RuleSet

from .making import DAY_US, ON_WATCH, START_US, bank, frame, history, lists, names, rule
from .naive import Naive

SEEDS = range(4)
NUMBERS = ("hour", "minute", "weekday", "day", "month", "risk", "duration_s", "lat", "lon", "age", "customer.count_1h",
           "payee.events", "customer.device.seen", "customer.rank50", "3", "0", "0.25", "1_000", "100")  # fmt: skip
MONEYS = ("amount", "amount", "usual(amount)", "0 won", "7_000 won", "1_000_000 won", "12.50 EUR", "customer.mean_30d")
SPANS = ("customer.gap_s", "customer.payee.gap_days", "3 hours", "90 seconds", "2 days", "payee.age_s")
TRUTHS = ("is_weekend", "customer.payee.new", "seen_before(payee)", "seen_before(device)", 'in_list("watch", payee)',
          'in_list("watch", customer)', 'in_list("empty", payee)', '(surprise("amount") > 3)')  # fmt: skip
WIDTHS = ("1m", "10m", "1h", "1d", "7d")
ENTITIES = ("customer", "account", "payee", "device")
TEXTS = (
    ("kind", ("transfer", "login", "x")), ("channel", ("app", "web", "pos")), ("currency", ("KRW", "EUR")),
    ("payee", ("p1", "p2")), ("device", ("phone-1",)), ("country", ("KR",)), ("segment", ("vip", "plain")),
)  # fmt: skip


class Writer:
    """Writes random conditions that are well typed."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)

    def truth(self, depth: int) -> str:
        r, pick = self.r, self.r.randrange(13)
        if depth <= 0 or pick == 0:
            return r.choice(TRUTHS)
        if pick < 4:
            sign = r.choice((" and ", " or "))
            return "(" + sign.join(self.truth(depth - 1) for _ in range(r.randrange(2, 4))) + ")"
        if pick == 4:
            return f"(not {self.truth(depth - 1)})"
        if pick == 5:
            name, values = r.choice(TEXTS[:6])
            texts = ", ".join(f'"{v}"' for v in r.sample(values, r.randrange(1, len(values) + 1)))
            return f"({name} {r.choice(('in', 'not in'))} ({texts},))"
        if pick == 6:
            name, values = r.choice(TEXTS[:6])
            return f'({name} {r.choice(("==", "!="))} "{r.choice(values)}")'
        if pick == 7:
            name = r.choice(("device", "payee", "channel", "kind"))
            return f'{r.choice(("starts", "ends", "contains", "matches"))}({name}, "{r.choice("p1ae")}")'
        if pick == 12:
            first, second = r.sample(("device", "payee", "channel", "kind", "currency", "account"), 2)
            return f"({first} {r.choice(('==', '!='))} {second})"
        if pick == 8:
            return f"known({self.value(depth - 1)})"
        return self.comparison(depth)

    def comparison(self, depth: int) -> str:
        kind = self.r.choice((self.number, self.number, self.money, self.money, self.span))
        signs = [self.r.choice(("<", "<=", ">", ">=", "==", "!=")) for _ in range(self.r.choice((1, 1, 1, 2)))]
        return "(" + "".join(f"{kind(depth - 1)} {sign} " for sign in signs) + kind(depth - 1) + ")"

    def value(self, depth: int) -> str:
        return self.r.choice((self.number, self.money, self.span))(depth)

    def where(self) -> str:
        return self.r.choice(("", "", "", ', kind="transfer"', ', kind=("login", "payment")', ', channel="app"'))

    def number(self, depth: int) -> str:
        r, pick = self.r, self.r.randrange(9)
        entity, width = r.choice(ENTITIES), r.choice(WIDTHS)
        if depth <= 0 or pick < 3:
            return r.choice(NUMBERS)
        if pick == 3:
            return f'count({entity}, "{width}"{self.where()})'
        if pick == 4:
            target = r.choice([e for e in (*ENTITIES, "channel") if e != entity])
            return f'distinct({entity}, {target}, "{width}"{self.where()})'
        if pick == 5:
            return f"({self.money(depth - 1)} / {self.money(depth - 1)})"
        if pick == 6:
            return f"{r.choice(('max', 'min'))}({self.number(depth - 1)}, {self.number(depth - 1)})"
        if pick == 7:
            return f"abs({self.number(depth - 1)})"
        return f"({self.number(depth - 1)} {r.choice('+-*/%')} {self.number(depth - 1)})"

    def money(self, depth: int) -> str:
        r, pick = self.r, self.r.randrange(7)
        if depth <= 0 or pick < 2:
            return r.choice(MONEYS)
        if pick < 4:
            function = r.choice(("sum", "mean", "max", "min"))
            return f'{function}({r.choice(ENTITIES)}, amount, "{r.choice(WIDTHS)}"{self.where()})'
        if pick == 4:
            return f"({self.number(depth - 1)} * {self.money(depth - 1)})"
        if pick == 5:
            return f"max({self.money(depth - 1)}, {self.money(depth - 1)})"
        return f"({self.money(depth - 1)} {r.choice('+-%')} {self.money(depth - 1)})"

    def span(self, depth: int) -> str:
        return self.r.choice(SPANS) if depth <= 0 else f"({self.span(0)} {self.r.choice('+-')} {self.span(depth - 1)})"


def written(seed: int, count: int) -> list[Rule]:
    """Random rules that are accepted; windows are few, so that one memory keeps them all."""
    writer, found = Writer(seed), []
    for i in range(count * 20):
        more = {} if i % 3 else {"kinds": ("transfer",)}
        more |= {} if i % 7 else {"valid_from_us": START_US + DAY_US // 2, "valid_until_us": START_US + 2 * DAY_US}
        made = rule(writer.truth(3), id=f"r{i}", **more)
        if not RuleSet.compile([made], names(), lists()).broken:
            found.append(made)
        if len(found) == count:
            return found
    raise AssertionError("too few of them are accepted")


@pytest.mark.parametrize("seed", SEEDS)
def test_compiled_rules_say_what_a_naive_interpreter_says(seed: int) -> None:
    rules = RuleSet.compile(written(seed, 40), names(), lists())
    events = history(160, seed)
    _, spec = bank()
    memory = Memory(spec)
    memory.keep_windows(Exact(rules.windows, spec, currency="KRW"))
    online = np.full((len(rules.rules), len(events)), -1, np.int8)
    watched = {"watch": set(ON_WATCH), "empty": set()}
    for i, event in enumerate(events):
        known = memory.look_and_learn(event)
        said = {line["rule"]: line["result"] for line in rules.decide(event, known).lines}
        naive = Naive(event, events[:i], known, watched)
        for number, one in enumerate(rules.rules):
            expected = naive.result(one)
            online[number, i] = expected
            assert said.get(one.id, "miss") == RESULTS[expected if expected != OUT else MISS], (one.condition, event)
    replayer = Replayer(Memory(spec))
    replayer.memory.keep_windows(Exact(rules.windows, spec, currency="KRW"))
    table = frame(events)
    features, _ = replayer.feed(table, np.ones(len(events), bool))
    windows = replayer.windows
    judged = rules.backtest(table, features, spec, windows, replayer.memory.windows)
    assert np.array_equal(judged, online)
    assert len({*judged.ravel().tolist()}) == 4


def known_for(rules: RuleSet, event: Event, past: list[Event] = []) -> Known:  # noqa: B006
    _, spec = bank()
    memory = Memory(spec)
    memory.keep_windows(Exact(rules.windows, spec, currency="KRW"))
    for one in past:
        memory.look_and_learn(one)
    return memory.look_and_learn(event)


def test_a_window_too_full_to_count_proves_at_least_and_says_so() -> None:
    conditions = {
        'count(customer, "1d") >= 500': "hit", 'count(customer, "1d") > 5_000': "undecided",
        'count(customer, "1d") < 5_000': "undecided", 'count(customer, "1d") < 500': "undecided",
        'sum(customer, amount, "1d") >= 500 won': "hit", 'mean(customer, amount, "1d") > 0 won': "undecided",
        'count(customer, "1m") < 500': "hit", 'sum(customer, amount, "1d") * 2 > 5 won': "undecided",
    }  # fmt: skip
    rules = RuleSet.compile([rule(text, id=f"r{i}") for i, text in enumerate(conditions)], names(), lists())
    past = [
        Event(id=str(i), kind="x", time_us=START_US + i * 1_000_000, entities={"customer": "c"}, amount=1)
        for i in range(1_500)
    ]
    now = Event(id="n", kind="x", time_us=START_US + 1_500_000_000, entities={"customer": "c"}, amount=1)
    said = rules.decide(now, known_for(rules, now, past))
    assert {line["rule"]: line["result"] for line in said.lines} == {
        f"r{i}": result for i, result in enumerate(conditions.values())
    }
    assert "count(customer, 86400s)" in said.approximate
    assert "count(customer, 60s)" not in said.approximate
    assert known_for(rules, now).exact is not None


def test_a_window_that_nobody_keeps_is_undecided() -> None:
    rules = RuleSet.compile([rule('count(customer, "1h", kind=("a", "b")) >= 0.5')], names(), lists())
    _, spec = bank()
    event = history(1, 1)[0]
    said = rules.decide(event, Memory(spec).look_and_learn(event))
    assert said.lines[0]["result"] == "undecided"
    assert said.approximate == ()
    table = frame([event])
    features, _ = Replayer(Memory(spec)).feed(table, np.ones(1, bool))
    assert rules.backtest(table, features, spec).tolist() == [[UNDECIDED]]


def test_an_attribute_is_compared_as_the_memory_has_it() -> None:
    rules = RuleSet.compile([rule('segment == "vip"', id="a"), rule('segment != "vip"', id="b")], names(), lists())
    told = Event(id="1", kind="profile", time_us=START_US, entities={"customer": "c"}, attributes={"segment": "vip"})
    later = Event(id="2", kind="login", time_us=START_US + 1, entities={"customer": "c"})
    for past, results in (([told], ["hit"]), ([], ["undecided", "undecided"])):
        said = rules.decide(later, known_for(rules, later, past))
        assert [line["result"] for line in said.lines] == results


def test_answers_to_patterns_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MEMO_MAX", 3)
    rules = RuleSet.compile([rule('ends(payee, "7")')], names(), lists())
    _, spec = bank()
    known = Memory(spec).look_and_learn(history(1, 1)[0])
    for i in range(20):
        event = Event(id=str(i), kind="x", time_us=START_US, entities={"payee": f"p{i % 10}"})
        assert bool(rules.decide(event, known).lines) == (i % 10 == 7)


def test_a_frame_without_most_columns_is_undecided_and_fails_nothing() -> None:
    texts = (
        'channel == "app"',
        "amount > 3 won",
        "risk > 3",
        "lat > 3",
        'in_list("watch", payee)',
        'starts(payee, "p")',
        "amount > 3 EUR",
        'currency == "KRW"',
        "hour > 3",
    )
    rules = RuleSet.compile([rule(text, id=f"r{i}") for i, text in enumerate(texts)], names(), lists())
    table = frame(history(5, 1)).select("id", "time_us")
    _, spec = bank()
    features, _ = Replayer(Memory(spec)).feed(table, np.ones(5, bool))
    judged = rules.backtest(table, features, spec)
    assert {tuple(row) for row in judged[:7].tolist()} == {(UNDECIDED,) * 5}
    assert {tuple(row) for row in judged[7:8].tolist()} == {(HIT,) * 5}


def test_what_several_rules_ask_is_worked_out_once() -> None:
    texts = ("hour > 3 and risk > 1 and lat > 2", "hour > 3 and risk > 1", "lat > 2 or not risk > 1", "risk > 1")
    rules = RuleSet.compile([rule(text, id=f"r{i}") for i, text in enumerate(texts)], names(), lists())
    assert len(rules.program.code) == 7  # three comparisons, two ands, a not, an or


def test_a_set_that_is_replaced_goes_without_the_collector() -> None:
    """Publishing keeps the collector of garbage out, so nothing in a set may hold the set itself."""
    condition = 'kind == "payment" and starts(payee, "a") and matches(currency, "K") and hour < 5'
    made = RuleSet.compile([rule(condition)], names(), lists())
    gone = weakref.ref(made.reader)
    gc.disable()
    try:
        del made
        assert gone() is None
    finally:
        gc.enable()


def test_what_a_rule_saw_is_told_as_rules_write_it() -> None:
    condition = (
        'distinct(customer, payee, "1d", kind=["a", "transfer"]) >= 0 and starts(payee, "p") and amount > 3 EUR'
        ' and in_list("watch", payee) and surprise("amount") > 3 and kind == "transfer" and customer.count_1h < 9'
        " and payee != customer"
    )
    rules = RuleSet.compile([rule(condition)], names(), lists())
    event = Event(id="1", kind="transfer", time_us=START_US, entities={"customer": "c1", "payee": "p1"}, amount=500)
    past = [replace(event, id="0", time_us=START_US - 5)]
    assert rules.seen(rules.rules[0], event, known_for(rules, event, past)) == {
        "distinct(customer, payee, 86400s, kind=['a', 'transfer'])": 1.0, "starts(payee, 'p')": 1.0, "amount": 500.0,
        "in_list('watch', payee)": 1.0, "surprise('amount')": None, "kind": "transfer", "customer.count_1h": 1.0,
        "customer == payee": 0.0,
    }  # fmt: skip
