"""The loop on a small world: it learns a late typology that the frozen model never sees, and looks at nothing ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from haechi.features import Spec
from haechi.learning.dataset import DAY_US, Columns, Events
from haechi.learning.errors import BadProtocol
from haechi.learning.life.policy import GatePart
from haechi.lifecycle.loop.ground import Ground, Known
from haechi.lifecycle.loop.living import Loop, Plan
from haechi.lifecycle.loop.telling import summary

DAYS, START_US = 60, 1_700_006_400_000_000
NAMES = ("old", "new", "noise", "customer.age_years")
LATE = "investment_room"


def world(seed: int = 0, n: int = 12_000) -> Ground:
    """Payments with one kind of fraud that `old` betrays, and from day 40 on another that only `new` does."""
    r = np.random.default_rng(seed)
    time_us = START_US + np.sort(r.integers(0, DAYS * DAY_US, n))
    day = (time_us - START_US) // DAY_US
    usual, late = r.random(n) < 0.01, (r.random(n) < 0.015) & (day >= 40)
    typology = np.where(late, LATE, np.where(usual, "account_takeover", "")).astype(object)
    x = r.normal(size=(n, 3)).astype(np.float32)
    x[usual, 0] += 4
    x[late, 1] += 4
    truth = typology != ""
    known = time_us + DAY_US * np.where(truth, np.where(r.random(n) < 0.8, 2, 60), 7)  # nobody complained for a week
    columns = Columns(NAMES, ("own",) * 4, ("contrast",) * 4, "s")
    customer = r.integers(0, 500, n)
    amount, age = r.integers(100, 10_000, n), r.uniform(18, 80, n)
    x = np.column_stack([x, age]).astype(np.float32)
    events = Events(time_us, truth.astype(np.int8), known, {"customer": customer, "payee": customer % 40}, "customer",
                    amount, day)  # fmt: skip
    spec = cast(Spec, SimpleNamespace(names=NAMES, index=NAMES.index))
    surprise = ["transfer: party" if odd else "" for odd in late.tolist()]
    return Ground(pl.Series(range(n)), events, columns, spec, x, truth, typology, np.ones(n), surprise, age)


class Still:
    """A world in which nobody answers anything."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.span_us = ground, (START_US, START_US + DAYS * DAY_US)
        self._at = self.span_us[0]
        self.heard: list[tuple[int, int]] = []  # the first event of each day, and how many alerts there were

    def days(self, until_us: int) -> Iterator[Ground]:
        while self._at < min(until_us, self.span_us[1]):
            time_us, start = self.ground.events.time_us, self._at
            self._at = min(start + DAY_US, until_us)
            yield part(self.ground, np.flatnonzero((time_us >= start) & (time_us < self._at)))

    def stopped(self, day: Ground, alerts: np.ndarray) -> None:
        self.heard.append((int(day.events.time_us[0]), int(alerts.sum())))


def part(ground: Ground, at: np.ndarray) -> Ground:
    """Some of the events of a world."""
    e = ground.events
    assert e.amount is not None
    assert e.day is not None
    entities = {name: codes[at] for name, codes in e.entities.items()}
    events = Events(e.time_us[at], e.y[at], e.known_at_us[at], entities, e.subject, e.amount[at], e.day[at])
    return replace(
        ground, ids=ground.ids.gather(at), events=events, matrix=ground.matrix[at], truth=ground.truth[at],
        typology=ground.typology[at], weight=ground.weight[at], surprise=[ground.surprise[i] for i in at],
        age=ground.age[at],
    )  # fmt: skip


def seen(ground: Ground, plan: Plan) -> Loop:
    """A loop that has seen all of a world, and decided nothing in it."""
    loop = Loop(Still(ground), plan)
    loop.see([ground])
    return loop


@pytest.fixture(scope="module")
def lived() -> tuple[Ground, Any, dict[str, Any]]:
    ground = world()
    gates = GatePart(frauds_min=15, slice_frauds_min=10, calibration_error_max=0.02)
    loop = Loop(Still(ground), Plan(first=20, every=7, budget=6, warnings=2, asked=2, gates=gates))
    found = loop.live()
    return ground, found, summary(loop.ground, found, never_reported=0.35)  # a fifth of this world's wait 60 days


def test_the_loop_learns_what_the_frozen_model_never_sees(lived: Any) -> None:
    _, _, told = lived
    assert told["last_third"]["times"] > 1.3, "half of this world's frauds were there from the beginning"
    late = told["late_typology"]
    assert late["days_to_half_found"] <= 14, "people find some before the model does"
    assert late["days_to_half_found"] <= late["days_to_half_loop"] <= 21
    assert late["days_to_half_frozen"] is None
    assert late["caught_loop"] > 2 * late["caught_frozen"]


def test_one_challenger_loses_and_others_win(lived: Any) -> None:
    """A new model loses while too few frauds speak for it; it wins when it knows the new kind."""
    _, _, told = lived
    lost = [week for week in told["weeks"] if not week["promoted"]]
    assert any("frauds" in week["why"].split(", ") for week in lost)
    for week in told["weeks"]:
        assert week["promoted"] == all(passed for _, _, passed in week["gates"].values())
    assert max(week["gates"]["recall_at_budget"][0] for week in told["weeks"] if week["promoted"]) > 0.2


def test_no_promotion_makes_a_slice_worse_than_tolerance(lived: Any) -> None:
    ground, found, told = lived
    after = told["after_promotions"]
    assert after["frauds"] == ground.truth[~np.isnan(found.replaced)].sum() > 50
    assert after["difference"] > 0.1
    assert len(after["slices"]) >= 2
    for one in after["slices"].values():
        assert one["difference"] > -0.1, after


def test_estimates_are_near_the_truth(lived: Any) -> None:
    _, _, told = lived
    found = told["estimates"]
    assert len(found["weeks"]) >= 5
    for days in ("1", "7"):
        assert found["estimated"][days]["within_0.05"] >= 0.8


def test_the_weeks_are_drawn(lived: Any) -> None:
    from xml.etree import ElementTree

    from haechi.lifecycle.loop.picture import picture

    _, _, told = lived
    drawn = ElementTree.fromstring(picture(told))
    lines = [one.attrib["points"].split() for one in drawn.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(points) for points in lines[:2]] == [len(told["estimates"]["weeks"])] * 2
    assert len(lines) == 3


def test_a_moment_knows_nothing_of_what_follows() -> None:
    ground = world(1, 2_000)
    moment = START_US + 20 * DAY_US
    then = Known(ground, moment, ground.events.y, ground.events.known_at_us)
    assert (then.events.time_us <= moment).all()
    told = then.events.y >= 0
    assert (then.events.known_at_us[told] <= moment).all()
    assert told.sum() < len(told)
    with pytest.raises(Exception, match="as they flowed in"):
        then.rows(np.arange(3), np.ones(len(then.events), bool))


def test_a_fraud_that_nobody_reported_teaches_no_more_often_than_any_other_event() -> None:
    ground = world(3, 12_000)
    ground = replace(ground, weight=np.where(ground.truth, 1.0, 20.0))
    loop, moment = seen(ground, Plan()), START_US + 50 * DAY_US
    teaches, known = loop._teaching(moment), ground.events.known_at_us <= moment
    assert teaches[ground.truth & known].all()
    assert teaches[~ground.truth].all()
    assert teaches[ground.truth & ~known].mean() < 0.1, "it stands for itself, an honest event for twenty"


def test_what_people_find_out_is_known_later_and_never_twice() -> None:
    ground = world(2, 3_000)
    loop = seen(ground, Plan(budget=2))
    before = loop._known.copy()
    at = np.flatnonzero(ground.truth)[:5]
    loop._find_out(at, 1)
    assert (loop._known[at] == np.minimum(before[at], ground.events.time_us[at] + DAY_US)).all()
    rest = np.setdiff1d(np.arange(len(before)), at)
    assert (loop._known[rest] == before[rest]).all()


def test_a_budget_holds_as_many_events_as_rows_stand_for() -> None:
    ground = world(4, 3_000)
    loop = seen(replace(ground, weight=np.where(ground.truth, 1.0, 20.0)), Plan())
    at = np.arange(200)
    for budget in (5, 50):
        held = [loop.ground.weight[loop._within(at, budget)].sum() for _ in range(2_000)]
        assert np.mean(held) == pytest.approx(budget, rel=0.1)
        assert loop._within(at[:0], budget).size == 0


def test_a_town_without_a_day_behind_the_first_model_is_refused() -> None:
    with pytest.raises(BadProtocol, match=r"60 days teach the first model and the town has 60: name fewer"):
        Loop(Still(world(1, 500)), Plan(first=60)).live()


def test_days_are_told_in_order_and_the_world_hears_of_each_one(lived: Any) -> None:
    ground = world(6, 3_000)
    still, shares = Still(ground), list[float]()
    loop = Loop(still, Plan(first=20, every=7, budget=3), lambda stage, share: shares.append(share))
    found = loop.live()
    assert loop.ground.ids.to_list() == ground.ids.to_list()
    assert shares == sorted(shares)
    assert len(shares) == DAYS
    starts, alerts = zip(*still.heard, strict=True)
    assert list(starts) == sorted(starts)
    assert len(starts) == DAYS - 20, "the first month is decided by nobody"
    assert sum(alerts) == found.caught.sum() <= 3 * (DAYS - 20)


def test_older_models_are_judged_on_the_last_third(lived: Any) -> None:
    _, _, told = lived
    days = [one["day"] for one in told["aged"]]
    assert days[0] == pytest.approx(20, abs=0.1)
    assert days == sorted(days)
    assert days[-1] <= DAYS * 2 / 3
    assert told["aged"][0]["ap"] == pytest.approx(told["last_third"]["ap_frozen"])


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [101, 202, 303])
def test_the_loop_on_a_standard_town(tmp_path: Any, seed: int) -> None:
    """What docs/watching.md promises, on the towns that it tells of; each takes about twenty minutes and 7 GiB."""
    from haechi.lifecycle.loop.world import TownWorld
    from haechi.town import parameters, write_town

    write_town(tmp_path / "town", parameters("standard"), seed, format="parquet", labelled=True, processes=2)
    loop = Loop(TownWorld(tmp_path / "town"), Plan(budget=300, warnings=75, asked=50))
    told = summary(loop.ground, loop.live())
    assert told["last_third"]["times"] >= 1.3, told["last_third"]
    assert told["late_typology"]["days_to_half_loop"] <= 14, told["late_typology"]
    after = told["after_promotions"]
    assert told["promotions"] >= 1
    assert len(after["slices"]) == 4
    assert all(one["difference"] >= -0.01 for one in after["slices"].values()), after
    assert all(near["within_0.05"] >= 0.8 for near in told["estimates"]["estimated"].values()), told["estimates"]
