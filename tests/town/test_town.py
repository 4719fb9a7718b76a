"""The same seed is the same town, and a day makes sense."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from haechi.events import Schema
from haechi.town import ImpossibleTown, Pen, Town, parameters, simulate
from haechi.town.acts import COLUMNS, JUDGED, Kind
from haechi.town.almanac import DAY_US
from haechi.town.catalogue import CATEGORIES, CATEGORY_NAMES

from .small import day, rows, town

ROOT = Path(__file__).parents[2]
DIGEST = """
import hashlib
from haechi.town import Pen, Town, parameters
from haechi.town.render import lines
town = Town(parameters("small", customers=200, days=4), 9)
h, pen = hashlib.sha256(), Pen(town)
for number in ORDER:
    h.update(lines(pen.frame(town.day(number), labelled=True)))
print(h.hexdigest())
"""


def digest(order: str, **env: str) -> bytes:
    words = [sys.executable, "-c", DIGEST.replace("ORDER", order)]
    return subprocess.run(words, env={**os.environ, **env}, capture_output=True, check=True).stdout.strip()


def test_the_same_seed_gives_the_same_bytes_in_any_process_and_on_plainer_processors() -> None:
    plain = digest("range(3)", PYTHONHASHSEED="1")
    assert len(plain) == len(hashlib.sha256().hexdigest())
    assert digest("range(3)", PYTHONHASHSEED="2", NPY_DISABLE_CPU_FEATURES="AVX512F AVX512CD AVX512_SKX") == plain


def test_a_day_does_not_depend_on_where_the_simulation_starts() -> None:
    small = parameters("small", customers=200, days=8)
    late = next(simulate(small, 9, first_day=6))
    early = list(simulate(small, 9))[6]
    assert all(np.array_equal(late[name], early[name], equal_nan=COLUMNS[name][0] == np.float32) for name in COLUMNS)


def test_another_seed_gives_another_town() -> None:
    assert digest("[1]") != digest("[2]")


def test_ids_are_unique_and_times_in_order() -> None:
    acts = day(20)
    assert len(set(acts["key"].tolist()) | set(day(21)["key"].tolist())) == len(acts) + len(day(21))
    assert (np.diff(acts["time_us"]) >= 0).all()
    start = town().start_us + 20 * DAY_US
    assert start <= acts["time_us"][0]
    assert acts["time_us"][-1] < start + DAY_US


def test_the_banks_schema_reads_every_event() -> None:
    schema = Schema.read("bank")
    for row in rows(20):
        event = schema.event(row)
        assert event.kind == row["kind"]
        assert "customer" in event.entities


def test_every_kind_of_the_banks_schema_happens() -> None:
    acts = [day(0), day(20), *(town(2_000, 3, 20.0).wave(number).acts for number in range(10, 22))]
    happened = {Kind(kind).name.lower() for some in acts for kind in some["kind"].tolist()}
    assert happened == {kind.name.lower() for kind in Kind}
    assert all(name in (ROOT / "src/haechi/events/bank.toml").read_text("utf-8") for name in happened)


def test_money_moves_are_positive_and_carry_what_they_need() -> None:
    for row in rows(20):
        if row["kind"] in ("payment", "transfer", "withdrawal", "deposit", "limit_change", "refund"):
            assert row["amount"] > 0
            assert row["currency"] == "KRW"
        if row["kind"] == "payment":
            assert {"card", "merchant", "merchant_category", "channel"} <= row.keys()
        if row["kind"] == "transfer":
            assert {"account", "payee", "channel"} <= row.keys()


def test_people_do_a_few_things_a_day() -> None:
    for number in (20, 24, 26):
        assert 3 <= len(day(number)) / len(town().people) <= 8


def test_a_transfer_in_the_app_follows_a_login_on_the_same_device() -> None:
    logins: dict[tuple[str, str], int] = defaultdict(int)
    transfers = 0
    for row in rows(20):
        if row["kind"] == "login":
            logins[row["customer"], row["device"]] += 1
        if row["kind"] == "transfer" and row["channel"] == "app" and row["time"][11:13] != "00":
            transfers += 1
            assert logins[row["customer"], row["device"]] > 0, row
    assert transfers > 20


def test_shops_sell_when_they_are_open() -> None:
    acts = day(20)
    counter = acts.take((acts["kind"] == Kind.PAYMENT) & (acts["channel"] == 0) & (acts["campaign"] < 0))
    hour = (counter["time_us"] // 3_600_000_000 + 9) % 24
    for code, category in enumerate(CATEGORIES):
        mine = counter["category"] == code
        if category.off_hours == 0 and category.closes <= 24 and mine.any():
            at = hour[mine]
            closed = ~((category.opens <= at) & (at < category.closes))
            assert closed.mean() < 0.05, CATEGORY_NAMES[code]


def test_nobody_acts_before_the_account_is_open() -> None:
    for number in (0, 20):
        acts = day(number)
        assert (town().people.joined[acts["customer"]] <= number).all()
    opened = day(0).take(day(0)["kind"] == Kind.PROFILE)
    assert set(opened["customer"]) == set(np.flatnonzero(town().people.joined == 0))


def test_labels_come_after_events_and_only_for_what_is_judged() -> None:
    for number in range(18, 24):
        acts = day(number)
        told = acts["told"] >= 0
        assert (acts["told_us"][told] > acts["time_us"][told]).all()
        assert np.isin(acts["kind"][told], JUDGED).all()
        assert not (acts["fraud"] & ~np.isin(acts["kind"], JUDGED)).any()


def test_some_frauds_are_never_told_and_some_labels_are_wrong() -> None:
    acts = [town(2_000, 3, 20.0).day(n) for n in range(10, 22)]
    fraud = np.concatenate([a["fraud"] for a in acts])
    told = np.concatenate([a["told"] for a in acts])
    judged = np.concatenate([np.isin(a["kind"], JUDGED) for a in acts])
    assert fraud.sum() > 400
    assert 0.08 < (told[fraud] < 0).mean() < 0.25
    assert 0 < (told[fraud] == 0).mean() < 0.08
    honest = judged & ~fraud
    assert 0.1 < (told[honest] < 0).mean() < 0.2


def test_chuseok_is_a_season_of_gifts_and_pay_day_of_income() -> None:
    here = town()
    sent = {n: int((here.day(n)["kind"] == Kind.TRANSFER).sum()) for n in (15, 18, 24, 28)}
    assert here.parameters.date_of(18) == date(2024, 9, 13)  # the last working day before Chuseok
    assert sent[18] > 1.4 * sent[28]
    paid = here.parameters.day_of(date(2024, 10, 25))
    deposits = [int((here.day(n)["kind"] == Kind.DEPOSIT).sum()) for n in (paid, paid - 2)]
    assert deposits[0] > 1.5 * deposits[1]


def test_the_late_typology_comes_only_in_the_last_third() -> None:
    here = town(600, SEED_OF_LATE, 30.0)
    first = [n for n in range(60) if any(c.typology == "investment_room" for c in here.wave(n).campaigns)]
    assert first
    assert min(first) >= 40


SEED_OF_LATE = 5


@pytest.mark.parametrize("seed", [-1, 1.5, "one", True])
def test_a_seed_is_a_whole_number(seed) -> None:
    with pytest.raises(ImpossibleTown, match="seed must be a whole number from 0 on"):
        Town(parameters("small", customers=10), seed)


@pytest.mark.parametrize("first_day", [-1, 60])
def test_the_first_day_lies_within_the_days(first_day) -> None:
    with pytest.raises(ImpossibleTown, match="first_day must be between 0 and 59"):
        simulate(parameters("small", customers=10), 1, first_day=first_day)


def test_a_town_of_one_lives() -> None:
    here = Town(parameters("small", customers=1, days=5), 1)
    assert next(row["kind"] for row in Pen(here).rows(here.day(0))) == "profile"
    assert sum(len(here.day(n)) for n in range(1, 5)) > 0
