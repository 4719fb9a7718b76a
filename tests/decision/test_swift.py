"""The swift way decides as decide.py does: every event of a small town, and every reason to go the general way."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.app import OpenHouse, open_house, open_shut
from haechi.commands.checking import check_home
from haechi.commands.serving import learn_beside
from haechi.decision import Policy
from haechi.decision.allowed import written
from haechi.decision.decision import Decision, decode, encode
from haechi.decision.heard import Signals
from haechi.decision.sentence import sentence
from haechi.decision.sight import Sights
from haechi.detectors import Isolation, behaviours, fresh
from haechi.events import Event, Reason, Signal
from haechi.features import Exact, Known, Spec
from haechi.features.beside import take_steps
from haechi.features.jit import FEW
from haechi.features.plain import NOT_LOOKED_UP, unpacked
from haechi.front import HouseFront
from haechi.rulebook.standing import InForce
from haechi.rules import Effect
from haechi.rules.lists import Lists
from haechi.rules.names import Names
from haechi.rules.ruleset import RuleSet
from haechi.stores import Entry
from homes import new_home, payment
from rules.making import rule

EVENTS, PART = 700, 50
STILL: Callable[[], int] = lambda: 0  # noqa: E731 - a busy machine would make detectors late, and answers differ


@dataclass
class Row:
    """Looks at nothing but the row; told to fail, to be late or to be absurd."""

    score: Callable[[Any], float] = lambda known: 0.001 + 0.04 * (known.value("customer.ratio_30d") > 3)
    name: str = "row"
    version: str = "100%"
    one_in: float = 0.0
    asked: list[str] = field(default_factory=list)
    specs: list[Spec] = field(default_factory=list)

    def judge(self, event: Event, known: Any) -> Signal:
        self.asked.append("event")
        self.specs = self.specs or [known.spec]
        return Signal(self.name, self.score(known), self.version, one_in=self.one_in)

    def judge_row(self, known: Any) -> Signal:
        self.asked.append("row")
        return Signal(self.name, self.score(known), self.version, one_in=self.one_in)

    def judge_rows(self, rows: Any, scores: Any, one_in: Any) -> None:
        self.asked += ["rows"] * len(rows)
        known = [Known(row, self.specs[0], 0.0) for row in rows]
        scores[:], one_in[:] = [self.score(one) for one in known], self.one_in

    def explain(self, event: Event, known: Any, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        ratio = known.value("customer.ratio_30d")
        text = {"en": f"{ratio:.1f} times the usual amount", "ko": f"평소 금액의 {ratio:.1f}배"}
        return (Reason("customer.ratio_30d", f"{ratio:.1f}", "1.0", 0.5, text),)


class Watcher(list[tuple[Sights, int]]):
    """Sees every decision, and keeps each with its place among those that it came with."""

    def saw(self, sights: Sights) -> None:
        self.extend((sights, place) for place in range(len(sights.entries)))


def told(
    opened: OpenHouse, bodies: list[bytes], *, swift: bool = True, abreast: int = 0, watcher: Any = None,
    beside: bool = False,
) -> list[bytes]:  # fmt: skip
    """The answers of a house, by the swift way or without it, one by one or so many abreast, or learned beside."""
    for detector in opened.house.detectors:
        if isinstance(detector, Row):
            detector.specs = [opened.spec]

    async def asking() -> list[bytes]:
        loop = asyncio.get_running_loop()
        opened.store.journal.deliver_through(loop.call_soon_threadsafe, loop.call_soon)
        front = HouseFront(opened, lambda: 1_800_000_000_000_000)
        opened.house.watcher = watcher
        if not swift:
            front._swift = front.turns._swift = None
        if beside:
            learn_here = learn_beside(opened, front, loop)
            parts = [bodies[n : n + abreast] for n in range(0, len(bodies), abreast)]
            told = await asyncio.gather(*map(front.decide_batch, parts))
            learn_here()
            return list(chain.from_iterable(told))
        found: list[Any] = []
        at_once = abreast or PART
        for n in range(0, len(bodies), at_once):
            part = bodies[n : n + at_once]
            found += await (front.decide_batch(part) if abreast else asyncio.gather(*map(front.decide, part)))
        return found

    return asyncio.run(asking())


def timeless(answer: bytes) -> dict[str, Any]:
    return {**json.loads(answer), "timings_us": None, "kept_back_after": None}


def plainly(seen: tuple[Sights, int], opened: OpenHouse) -> tuple[Any, ...]:
    """What is seen of a decision, but for the time it took."""
    sights, place = seen
    kept, said = sights.entries[place], sights.said
    event = sights.event or opened.schema.event(json.loads(kept.body))
    subject = said.subjects[place]
    if subject == NOT_LOOKED_UP:
        subject = opened.course.memory.encoder.subject_key(event)
    assert sights.took_us >= 0
    assert said.names[place].decode() == kept.event_id
    told = kept.seq, kept.event_id, kept.time_us, said.time_us[place], said.kinds[place], said.units[place]
    told = *told, unpacked(said.money[place]), subject
    signals = list(Signals(sights.heard, place))
    return (*told, bytes(sights.rows[place]), sights.action, sights.risks[place], signals, event)


def entries(opened: OpenHouse) -> list[Entry]:
    found = list(opened.store.journal.entries())
    for entry in found:
        decision = decode(entry.decision or b"")
        assert set(decision.timings_us) - {"explain"} == {"weigh", "look", "judge"}
        decision.timings_us, decision.kept_back_after = {}, msgspec.UNSET
        entry.decision = encode(decision)
    return found


STRICT = "[policy]\nalert_budget_per_day = 3\ncurrency = 'EUR'\nunrecovered_share = 0.3\n"


@pytest.mark.parametrize(
    ("settings", "behaves", "ruled"),
    [("", False, False), (STRICT, False, False), ("", True, False), ("", False, True)],
)
def test_every_event_of_a_town_is_decided_the_same(
    tmp_path: Path, town_events: Path, settings: str, behaves: bool, ruled: bool
) -> None:
    lines = [line for line in town_events.read_bytes().splitlines() if b'"profile"' not in line]
    bodies = [json.dumps({k: v for k, v in json.loads(li).items() if k not in ("fraud", "known_at")}).encode()
              for li in lines[:EVENTS]]  # fmt: skip
    kept, answers, ways, sights = [], [], [], []
    new_home(tmp_path / "home", settings=settings + "[memory]\ncold = false\n", behaviour=behaves)
    with open_shut(tmp_path / "home") as shut:
        views = [*behaviours(shut.spec), Isolation(fresh(shut.spec))] if behaves else []
    for swift, abreast, beside in (
        (False, 0, False), (True, 0, False), (True, FEW - 1, False), (True, PART, False), (True, PART, True)
    ):  # fmt: skip
        # With the same salt of key hashes.
        path = shutil.copytree(tmp_path / "home", tmp_path / f"{swift}{abreast}{beside}")
        row = Row()
        with open_house(path, detectors=[row, *views]) as opened:
            opened.house.clock = STILL
            watcher = Watcher()
            if ruled:
                in_force(opened)
            found = told(opened, bodies, swift=swift, abreast=abreast, watcher=watcher, beside=beside)
            answers.append([timeless(a) for a in found])
            sights.append([plainly(sight, opened) for sight in watcher])
            kept.append((entries(opened), opened.store.alerts.in_state("new")))
        ways.append(row.asked.count("event"))
        if behaves and abreast:  # those that came together see what is held as learned
            found = check_home(path, detectors=[row, *views])
            assert (found.difference, found.decided) == (None, len(bodies))
            for one in (answers, sights, kept):
                one.pop()
    assert all(other == answers[0] for other in answers)
    assert all(other[1] == kept[0][1] for other in kept)
    assert len(sights[0]) == len(bodies)
    assert all(other == sights[0] for other in sights), "who watches sees the same"
    for entry, *others in zip(*(k[0] for k in kept), strict=True):
        assert others == [entry] * (len(kept) - 1)
    actions = [a["action"] for a in answers[0]]
    assert len(set(actions)) > 1
    assert ways[0] >= len(bodies)
    assert max(ways[2:] if ruled else ways[1:]) < len(bodies) / 2, "rules need the event of a single one"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    path = tmp_path_factory.mktemp("swift") / "home"
    new_home(path)
    with open_house(path, detectors=[Row()]) as opened:
        opened.house.clock = STILL
        yield opened


class Ids:
    """Numbers that were not used before."""

    last = 0

    def __call__(self, **changes: Any) -> bytes:
        Ids.last += 1
        return json.dumps(payment(Ids.last, **changes)).encode()


body = Ids()


def asked(opened: OpenHouse, row: Any, *bodies: bytes, policy: Policy | None = None) -> list[dict[str, Any]]:
    before = opened.house.detectors, opened.house.policy
    opened.house.detectors = [row]
    opened.house.policy = policy or opened.house.policy
    try:
        return [json.loads(answer) for answer in told(opened, list(bodies))]
    finally:
        opened.house.detectors, opened.house.policy = before


def test_an_ordinary_event_is_allowed_from_its_row(opened: OpenHouse) -> None:
    row = Row(lambda known: 0.001)
    (answer,) = asked(opened, row, body())
    assert (answer["action"], answer["score"], row.asked) == ("allow", 0.001, ["row"])


def test_a_risk_too_small_for_what_is_at_stake_is_allowed_from_its_row(opened: OpenHouse) -> None:
    row = Row(lambda known: 0.02)
    (answer,) = asked(opened, row, body(amount=700))
    assert (answer["action"], row.asked) == ("allow", ["row"])


def test_the_same_event_again_goes_the_general_way(opened: OpenHouse) -> None:
    row, once = Row(lambda known: 0.001), body()
    first, again = asked(opened, row, once, once)
    assert first == again
    assert row.asked == ["row"]


@pytest.mark.parametrize(
    "changes", [{"birth_date": "2007-01-01"}, {"currency": "CHF"}, {"note": {"a": 1}}, {"note": "\n"}]
)
def test_what_is_not_plain_goes_the_general_way(opened: OpenHouse, changes: dict[str, Any]) -> None:
    row = Row(lambda known: 0.001)
    asked(opened, row, body(**changes))
    assert row.asked == ["event"]


def test_a_detector_that_needs_the_event_gets_it(opened: OpenHouse) -> None:
    class Other:
        name, version = "other", "1"

        def judge(self, event: Event, known: Any) -> Signal:
            return Signal(self.name, 0.001, self.version)

    (answer,) = asked(opened, Other(), body())
    abreast = abreast_at(opened, Other(), *[body() for _ in range(5)])
    assert [each["signals"][0]["detector"] for each in (answer, *abreast)] == ["other"] * 6


class NoRules:
    """A rule room in which no rule says anything, or that fails on an event."""

    def __init__(self, fails_on: str = "") -> None:
        self.fails_on = fails_on

    def decide(self, event: Event, known: Any) -> Any:
        if event.id == self.fails_on:
            raise ZeroDivisionError("a bug")
        return SimpleNamespace(version="none", lines=[], score=None, floor={})


def test_rules_need_the_event(opened: OpenHouse) -> None:
    row = Row(lambda known: 0.001)
    opened.house.rules = NoRules()
    try:
        asked(opened, row, body())
    finally:
        opened.house.rules = None
    assert row.asked == ["event"]


def test_a_risk_that_might_cost_something_is_weighed_in_full(opened: OpenHouse) -> None:
    row = Row(lambda known: 0.9)
    (answer,) = asked(opened, row, body(amount=9_000_000))
    assert answer["action"] != "allow"
    assert answer["reasons"]
    assert row.asked == ["row", "event"]


def test_a_view_that_asks_by_itself_is_weighed_in_full(opened: OpenHouse) -> None:
    row = Row(lambda known: 0.999, name="behaviour.habit", one_in=3_000.0)
    (answer,) = asked(opened, row, body(), policy=Policy.parse({"actions": {"challenge": {"from_risk": 0.04}}}))
    assert answer["action"] == "challenge"
    assert row.asked == ["row", "event"]


@pytest.mark.parametrize("score", [1.5, -0.1, float("nan")])
def test_an_unsound_score_is_left_out_by_name(opened: OpenHouse, score: float) -> None:
    (answer,) = asked(opened, Row(lambda known: score), body())
    assert answer["degraded"] == ["row"]


def test_a_failure_is_left_out_by_name(opened: OpenHouse, caplog: pytest.LogCaptureFixture) -> None:
    def fails(known: Any) -> float:
        raise RuntimeError("no")

    with caplog.at_level(logging.CRITICAL, "haechi.decision"):
        (answer,) = asked(opened, Row(fails), body())
    assert answer["degraded"] == ["row"]


def test_who_fails_on_a_batch_is_asked_one_by_one(opened: OpenHouse) -> None:
    class Clumsy(Row):
        def judge_rows(self, rows: Any, scores: Any, one_in: Any) -> None:
            raise ArithmeticError("too many at once")

    clumsy, before = Clumsy(lambda known: 0.001), opened.house.detectors
    opened.house.detectors = [clumsy]
    try:
        answers = [json.loads(a) for a in told(opened, [body() for _ in range(5)], abreast=5)]
    finally:
        opened.house.detectors = before
    assert [(a["action"], a["degraded"]) for a in answers] == [("allow", [])] * 5
    assert clumsy.asked == ["event"] * 5


def abreast_at(opened: OpenHouse, row: Any, *bodies: bytes) -> list[dict[str, Any]]:
    before = opened.house.detectors
    opened.house.detectors = [row]
    try:
        return [json.loads(answer) for answer in told(opened, list(bodies), abreast=len(bodies))]
    finally:
        opened.house.detectors = before


def test_a_batch_that_nobody_watches_is_decided_from_its_rows(opened: OpenHouse) -> None:
    row = Row(lambda known: 0.001)
    answers = abreast_at(opened, row, *(body() for _ in range(5)))
    assert [a["action"] for a in answers] == ["allow"] * 5
    assert set(row.asked) == {"rows"}


def first_of(opened: OpenHouse, row: Row, *bodies: bytes) -> int:
    """How many of these the swift way answers before it leaves the rest to the general one."""
    before, row.specs = opened.house.detectors, [opened.spec]

    async def asking() -> int:
        loop = asyncio.get_running_loop()
        opened.store.journal.deliver_through(loop.call_soon_threadsafe, loop.call_soon)
        swift = HouseFront(opened, lambda: 1_800_000_000_000_000)._swift
        assert swift is not None
        begun = swift.begin(bodies)
        assert begun is not None
        return len(swift.finish(begun, swift.learned(begun, take_steps(swift.steps.address))))

    opened.house.detectors = [row]
    try:
        return asyncio.run(asking())
    finally:
        opened.house.detectors = before


def test_a_batch_stops_where_an_event_comes_twice(opened: OpenHouse) -> None:
    twice = body()
    assert first_of(opened, Row(lambda known: 0.001), body(), twice, twice, body()) == 2


def test_rules_that_say_nothing_leave_a_batch_to_its_rows(opened: OpenHouse) -> None:
    opened.house.rules = NoRules()
    row = Row(lambda known: 0.001)
    try:
        answers = abreast_at(opened, row, *(body() for _ in range(5)))
    finally:
        opened.house.rules = None
    assert {a["versions"]["rules"] for a in answers} == {"none"}
    assert set(row.asked) == {"rows"}


def test_rules_that_fail_on_an_event_are_left_out_of_that_one(
    opened: OpenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    bodies = [body() for _ in range(5)]
    opened.house.rules = NoRules(json.loads(bodies[2])["id"])
    row = Row(lambda known: 0.001)
    try:
        with caplog.at_level(logging.CRITICAL, "haechi.decision"):
            answers = abreast_at(opened, row, *bodies)
    finally:
        opened.house.rules = None
    assert [a["degraded"] for a in answers] == [[], [], ["rules"], [], []]
    assert row.asked == [*["rows"] * 5, "event"]


def in_force(opened: OpenHouse) -> None:
    """Three rules of every kind: a weight, a floor, one in shadow; one of them asks an exact window."""
    house, memory = opened.house, opened.course.memory
    rules = RuleSet.compile(
        [rule("amount > 200_000 won", id="large", effect=Effect(weight=0.3)),
         rule("count(customer, '1h') >= 3", id="often", effect=Effect(minimum="challenge")),
         rule("amount > 100_000 won", id="larger", lane="shadow")],
        Names.of(opened.schema, opened.spec), Lists.of({}, memory.seed),
    )  # fmt: skip
    assert not rules.broken
    memory.keep_windows(Exact(rules.windows, opened.spec, seed=memory.seed, currency="KRW"))
    house.rules = InForce("three", rules, {(r.id, r.version): r for r in rules.rules}, {})


def test_another_policy_is_taken_up_at_once(opened: OpenHouse) -> None:
    house, before = opened.house, (opened.house.detectors, opened.house.policy)
    lenient = Policy.parse({"actions": {action: {"from_risk": 1.0} for action in ("challenge", "hold", "block")}})

    async def asking() -> list[str]:
        loop = asyncio.get_running_loop()
        opened.store.journal.deliver_through(loop.call_soon_threadsafe, loop.call_soon)
        front = HouseFront(opened, lambda: 1_800_000_000_000_000)
        actions = []
        for policy in (lenient, Policy.parse({})):
            house.policy = policy
            actions.append(json.loads(await front.decide(body(amount=9_000_000)))["action"])
        return actions

    house.detectors = [Row(lambda known: 0.9)]
    try:
        lenient_action, strict_action = asyncio.run(asking())
        assert lenient_action == "allow" != strict_action
    finally:
        house.detectors, house.policy = before


def test_who_is_late_is_asked_again_with_the_event(opened: OpenHouse) -> None:
    row = Row(lambda known: 0.001)
    clock, times = opened.house.clock, iter(range(0, 10**12, 10**9))
    opened.house.clock = lambda: next(times)
    try:
        (answer,) = asked(opened, row, body())
    finally:
        opened.house.clock = clock
    assert row.asked == ["row", "event"]
    assert answer["degraded"] == ["row"]


def test_who_is_late_on_a_batch_is_asked_one_by_one(opened: OpenHouse) -> None:
    row = Row(lambda known: 0.001)
    clock, times = opened.house.clock, iter(range(0, 10**15, 10**11))
    opened.house.clock = lambda: next(times)
    try:
        answers = abreast_at(opened, row, *[body() for _ in range(5)])
    finally:
        opened.house.clock = clock
    assert [answer["degraded"] for answer in answers] == [["row"]] * 5
    assert row.asked.count("event") == 5


@given(
    st.text(min_size=1), st.floats(0, 1), st.integers(0, 10**15), st.lists(st.tuples(st.floats(0, 1), st.floats(0,
    1e9)), max_size=4),
    st.tuples(*[st.integers(0, 10**9)] * 3),
)  # fmt: skip
def test_the_template_writes_what_the_encoder_writes(event_id, risk, loss, scores, took) -> None:
    signals = [Signal(f"d%{i}", score, f'v"{i}%s', one_in=one_in) for i, (score, one_in) in enumerate(scores)]
    versions = {"features": "f%d", "model": "m", "policy": "p", "rules": "r"}
    write = written([(s.detector, s.version) for s in signals], versions)
    decision = Decision(
        event_id=event_id, action="allow", score=risk, expected_loss=loss, reasons=[], signals=signals, rules=[],
        sentence=sentence("allow", risk, [], blind=not signals), degraded=[], versions=versions,
        timings_us=dict(zip(("weigh", "look", "judge"), took, strict=True)),
    )  # fmt: skip
    numbers = [risk, *(one for s in signals for one in (s.score, s.one_in))]
    other = msgspec.structs.replace(decision, event_id="b", score=0.5)
    names = [encode(event_id)[1:-1], b"b"]  # type: ignore[arg-type]
    assert write(names, [numbers, [0.5, *numbers[1:]]], [loss, loss], took) == [encode(decision), encode(other)]
