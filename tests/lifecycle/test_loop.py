"""The loop on a small world: it learns a late typology that the frozen model never sees, and looks at nothing ahead."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from haechi.features import Spec
from haechi.learning.dataset import DAY_US, Columns, Events
from haechi.lifecycle.loop.ground import Ground, Known
from haechi.lifecycle.loop.living import Loop, Plan
from haechi.lifecycle.loop.telling import summary

DAYS, START_US = 60, 1_700_006_400_000_000
NAMES = ("old", "new", "noise")
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
    known = time_us + (2 * DAY_US) * np.where(r.random(n) < 0.8, 1, 30)
    columns = Columns(NAMES, ("own", "own", "own"), ("contrast",) * 3, "s")
    customer = r.integers(0, 500, n)
    events = Events(time_us, truth.astype(np.int8), known, {"customer": customer, "payee": customer % 40}, "customer",
                    r.integers(100, 10_000, n), day)  # fmt: skip
    spec = cast(Spec, SimpleNamespace(names=NAMES, index=NAMES.index))
    surprise = ["transfer: party" if odd else "" for odd in late.tolist()]
    return Ground(pl.Series(range(n)), events, columns, spec, x, truth, typology, np.ones(n), surprise,
                  r.uniform(18, 80, n))  # fmt: skip


@pytest.fixture(scope="module")
def lived() -> tuple[Ground, Any, dict[str, Any]]:
    ground = world()
    found = Loop(ground, Plan(every=7, budget=6, warnings=2, asked=2)).live()
    return ground, found, summary(ground, found)


def test_the_loop_learns_what_the_frozen_model_never_sees(lived: Any) -> None:
    _, _, told = lived
    assert told["last_third"]["times"] > 1.3, "half of this world's frauds were there from the beginning"
    late = told["late_typology"]
    assert late["days_to_half_loop"] is not None
    assert late["days_to_half_loop"] <= 14
    assert late["days_to_half_found"] <= late["days_to_half_loop"], "people find some before the model does"
    assert late["days_to_half_frozen"] is None
    assert late["caught_loop"] > 2 * late["caught_frozen"]


def test_no_promotion_makes_a_slice_worse_than_tolerance(lived: Any) -> None:
    _, _, told = lived
    for one in told["slices"].values():
        assert one["recall_loop"] >= one["recall_frozen"] - 0.1
    assert told["promotions"] >= 2
    for week in told["weeks"]:
        if week["promoted"]:
            assert all(passed for name, (_, _, passed) in week["gates"].items() if name != "frauds")


def test_estimates_are_near_the_truth_most_weeks(lived: Any) -> None:
    _, _, told = lived
    assert len(told["estimates"]["weeks"]) >= 5
    assert told["estimates"]["mean_distance"] < 0.25, "a dozen frauds a week: the truth itself errs by .14"


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
    loop, moment = Loop(ground, Plan(taught=6_000)), START_US + 50 * DAY_US
    teaches, known = loop._teaching(moment), ground.events.known_at_us <= moment
    assert teaches[ground.truth & known].all()
    assert 0.4 < teaches[~ground.truth].mean() < 0.6
    assert teaches[ground.truth & ~known].mean() < 0.1, "it stands for itself, an honest event for twenty"


def test_what_people_find_out_is_known_later_and_never_twice() -> None:
    ground = world(2, 3_000)
    loop = Loop(ground, Plan(budget=2))
    before = loop._known.copy()
    at = np.flatnonzero(ground.truth)[:5]
    loop._find_out(at, 1)
    assert (loop._known[at] == np.minimum(before[at], ground.events.time_us[at] + DAY_US)).all()
    rest = np.setdiff1d(np.arange(len(before)), at)
    assert (loop._known[rest] == before[rest]).all()


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [101, 102, 103])
def test_the_loop_on_a_town(tmp_path: Any, seed: int) -> None:
    """A town of 2,500 people and half a year: at least 1.3 times the frozen model, a new typology within two weeks."""
    from haechi.lifecycle.loop.ground import ground
    from haechi.town import parameters, write_town

    size = parameters("small", customers=2_500, days=180)
    write_town(tmp_path / "town", size, seed, format="parquet", labelled=True, processes=2)
    found = ground(tmp_path / "town", rows=100_000)
    told = summary(found, Loop(found, Plan()).live())
    assert told["last_third"]["times"] >= 1.3, told["last_third"]
    if told["late_typology"]["frauds"]:
        assert told["late_typology"]["days_to_half_loop"] <= 14, told["late_typology"]
    assert told["estimates"]["within_0.05"] >= 0.8, told["estimates"]
