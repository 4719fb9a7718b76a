"""Shops new to a customer where she usually has her own: how much each says, and how many in a row say it together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from haechi.events import Event
from haechi.features import Known, Memory, Spec, default_spec
from haechi.features.generate import plan

from .test_surprise import habit, pay, schema


@pytest.fixture(scope="module")
def spec() -> Spec:
    return default_spec(schema(), overrides={"behaviour": True, "windows": ["1h", "1d", "7d"]})


@pytest.fixture
def memory(spec: Spec) -> Memory:
    """Pupils with three shops each, who are nearly always in one of them."""
    memory = Memory(spec)
    habit(memory, 60)
    return memory


def at_shop(shop: str, hour: float, day: int = 61, **more: Any) -> Event:
    entities = {"merchant": shop, **more.pop("entities", {})}
    return pay(day, hour, 2_500, "c-0", entities=entities, **more)


def told(known: Known) -> tuple[float, float]:
    return known.value("behaviour.new_for_category"), known.value("behaviour.strangers")


def test_a_shop_of_hers_speaks_for_her_and_a_new_one_against(memory: Memory) -> None:
    here, together = told(memory.look_and_learn(at_shop("shop-1", 16)))
    assert here < -1.0
    assert together == 0.0
    new, since = told(memory.look_and_learn(at_shop("far-1", 17)))
    assert new > 3.0
    assert since == pytest.approx(new)


def test_new_shops_in_a_row_add_up_and_fade_and_her_own_takes_back(memory: Memory) -> None:
    sums = [told(memory.look_and_learn(at_shop(f"far-{n}", 10 + n)))[1] for n in range(3)]
    assert sums[0] < sums[1] < sums[2]
    after = told(memory.look_and_learn(at_shop("shop-1", 12.5)))[1]
    assert 0.0 < after < sums[2]
    assert told(memory.look_and_learn(at_shop("shop-1", 12.5, day=63)))[1] == 0.0


def test_on_the_net_and_without_a_category_nothing_adds_up(memory: Memory) -> None:
    new, together = told(memory.look_and_learn(at_shop("net-1", 10, entities={"device": "d-1"})))
    assert new > 3.0
    assert math.isnan(together)
    plain = at_shop("net-2", 11)
    bare = Event(**{**{f: getattr(plain, f) for f in Event.__struct_fields__}, "categories": {}})
    assert np.isnan(told(memory.look_and_learn(bare))).all()
    sent = at_shop("net-3", 12, entities={"payee": "p-1"})
    assert np.isnan(told(memory.look_and_learn(sent))).all(), "a transfer is in no shop"


def test_where_no_pair_is_kept_nobody_knows_what_is_new() -> None:
    windows = ["1h", "1d", "7d"]
    alone = {"behaviour": True, "windows": windows, "entities": {"customer": {"pairs": ["payee"]}}}
    whole = default_spec(schema(), overrides={"behaviour": True, "windows": windows})
    assert "k_merchant, k_payee, -1," in plan(default_spec(schema(), overrides=alone)).source
    assert "k_merchant, k_payee, -1," not in plan(whole).source
