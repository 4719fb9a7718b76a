"""Days of a stream: counted, kept, compared; quiet ones raise nothing, a shift raises its alarm and ends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from haechi.app import create_home, open_shut
from haechi.learning.life.policy import WatchPart
from haechi.learning.watch.keeper import EVENTS_MIN, EXAMPLES_MAX, Keeper, Seen, Told
from haechi.learning.watch.reference import Reference
from haechi.stores import Tables

NAMES = tuple(f"f{n}" for n in range(12))
DAY_US = 86_400_000_000
A_DAY = 600
PART = WatchPart(quiet_days=14, days_kept=60)


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    create_home(tmp_path / "home")
    with open_shut(tmp_path / "home") as shut:
        yield shut.store.tables


def day(number: int, seed: int = 0, moved: float = 0.0, missing: float = 0.05, alerts: float = 0.02,
        odd: int = 2) -> Seen:  # fmt: skip
    """A day of events; weekends are a little different, as in life."""
    r = np.random.default_rng([seed, number])
    rows = r.normal(0.1 * (number % 7 >= 5), 1, (A_DAY, len(NAMES))).astype(np.float32)
    rows[:, 3] += moved
    rows[r.random(rows.shape) < 0.05] = np.nan
    rows[r.random(A_DAY) < missing, 5] = np.nan
    time_us = number * DAY_US + np.sort(r.integers(0, DAY_US, A_DAY))
    action = np.where(r.random(A_DAY) < alerts, 2, 0).astype(np.uint8)
    surprise = [""] * A_DAY
    for i in r.integers(0, A_DAY, odd).tolist():
        surprise[i] = "transfer: device + party"
    return Seen([f"e-{number}-{i}" for i in range(A_DAY)], time_us, rows, action, r.integers(20, 60, A_DAY), surprise)


def some(seen: Seen, part: slice) -> Seen:
    return Seen(seen.ids[part], seen.time_us[part], seen.rows[part], seen.action[part], seen.took_us[part],
                seen.surprise[part])  # fmt: skip


def keeper(tables: Tables) -> Keeper:
    found = Keeper(tables, NAMES, PART)
    rows = np.concatenate([day(n, seed=9).rows for n in range(14)])
    found.use(Reference.of(rows, NAMES))
    return found


def live(found: Keeper, numbers: range, **changes: object) -> list[tuple[str, bool]]:
    return [(t.name, t.raised) for n in numbers for t in found.add(day(n, **changes))]  # type: ignore[arg-type]


def test_a_quiet_month_raises_at_most_one_false_alarm(tables: Tables) -> None:
    found = keeper(tables)
    assert sum(raised for _, raised in live(found, range(14 + 31))) <= 1
    assert found.windows("day", 100)[-2].figures["threshold:inputs"] > 0


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"moved": 1.5}, "inputs"), ({"missing": 0.6}, "missing"), ({"alerts": 0.2}, "alert_rate"),
     ({"odd": 60}, "new_typology")],
)  # fmt: skip
def test_what_moves_raises_its_alarm_once_and_ends_it(tables: Tables, changes: dict, name: str) -> None:
    found = keeper(tables)
    live(found, range(20))
    told = live(found, range(20, 24), **changes)
    assert (name, True) in told
    assert told.count((name, True)) == 1
    alarm = found.alarms.raised()[name]
    assert alarm.value > alarm.threshold
    if name == "inputs":
        assert alarm.content["moved"][0]["name"] == "f3"
    if name == "new_typology":
        assert alarm.content["kind"] == "transfer: device + party"
        assert 0 < len(alarm.content["examples"]) <= EXAMPLES_MAX
    assert (name, False) in live(found, range(24, 30))
    assert name not in found.alarms.raised()


def test_a_broken_feed_does_not_widen_what_is_quiet(tables: Tables) -> None:
    found = keeper(tables)
    live(found, range(20))
    before = found.windows("day", 2)[0].figures["threshold:alert_rate"]
    # The first day is loud; by the second the memory has learned the wrong amounts as usual, so that only inputs tell.
    told = [*live(found, range(20, 21), moved=3.0, alerts=0.5), *live(found, range(21, 22), moved=3.0, alerts=0.001)]
    told += live(found, range(22, 24))
    assert {("inputs", True), ("alert_rate", True)} <= {*told}
    live(found, range(24, 30))
    after = found.windows("day", 2)[0].figures["threshold:alert_rate"]
    assert after < 1.3 * before, "two broken days say nothing about quiet ones"
    assert ("alert_rate", True) in live(found, range(30, 32), alerts=0.2), "and the next break is seen as the first"


def test_history_outlives_the_process(tables: Tables) -> None:
    first = keeper(tables)
    live(first, range(16))
    first.save()
    second = keeper(tables)
    live(second, range(16, 18))
    windows = second.windows("day", 100)
    assert [w.start_us // DAY_US for w in windows] == list(range(18))
    assert all(w.events == A_DAY for w in windows[:-1]), "a day that two processes saw is one day"
    assert second.windows("hour", 1)[-1].events > 0


def test_an_open_day_goes_on_after_a_restart(tables: Tables) -> None:
    whole, first = day(3), keeper(tables)

    def part(here: slice) -> Seen:
        return Seen(whole.ids[here], whole.time_us[here], whole.rows[here], whole.action[here], whole.took_us[here],
                    whole.surprise[here])  # fmt: skip

    first.add(part(slice(0, 300)))
    first.save()
    second = keeper(tables)
    second.add(part(slice(300, A_DAY)))
    assert second.windows("day", 5)[-1].events == A_DAY


def test_old_windows_are_forgotten(tables: Tables) -> None:
    found = Keeper(tables, NAMES, WatchPart(days_kept=5, hours_kept=24))
    found.use(Reference.of(day(0).rows, NAMES))
    live(found, range(12))
    found.save()
    assert len(found.windows("day", 100)) <= 7
    assert len(found.windows("hour", 1_000)) <= 26


def test_without_a_reference_the_first_live_events_are_one(tables: Tables, monkeypatch) -> None:
    from haechi.learning.watch import keeper as file

    monkeypatch.setattr(file, "FIRST_EVENTS", 2 * A_DAY)
    found = Keeper(tables, NAMES, PART)
    live(found, range(3))
    assert found.reference is not None
    assert found.reference.since == "the first live events"
    assert found.windows("day", 9)[-1].latency_us(0.99) == 64.0


def test_other_bins_are_not_compared(tables: Tables) -> None:
    found = keeper(tables)
    live(found, range(3))
    found.use(Reference.of(day(50).rows + 3, NAMES))
    live(found, range(3, 5))
    old, new = found.windows("day", 9)[0], found.windows("day", 9)[-1]
    assert np.isnan(found.drift(old)[0]).all()
    assert not np.isnan(found.drift(new)[0]).any()


def test_a_window_of_few_events_tells_no_drift(tables: Tables) -> None:
    """Of one event every feature would seem to have moved, by more than any real drift."""
    found, whole = keeper(tables), day(1)
    found.add(some(whole, slice(EVENTS_MIN - 1)))
    few = found.windows("day", 1)[-1]
    assert all(np.isnan(figure).all() for figure in found.drift(few))
    found.add(some(whole, slice(EVENTS_MIN - 1, EVENTS_MIN)))
    assert not np.isnan(found.drift(found.windows("day", 1)[-1])[0]).any()


def test_a_day_that_began_in_other_bins_is_not_held_against_whole_ones(tables: Tables) -> None:
    found = keeper(tables)
    live(found, range(20))
    whole = day(20)
    late = Seen(whole.ids[400:], whole.time_us[400:], np.full_like(whole.rows[400:], np.nan), whole.action[400:],
                whole.took_us[400:], whole.surprise[400:])  # fmt: skip
    found.use(Reference.of(day(50).rows + 3, NAMES))
    found.add(late)
    assert not [t for t in found.add(day(21)) if t.raised], "the evening of a day is no day"
    assert found.windows("day", 2)[0].figures["partial"] == 1.0
    assert "missing" in [t.name for t in live_told(found, range(22, 24), missing=0.9) if t.raised]


def live_told(found: Keeper, numbers: range, **changes: object) -> list[Told]:
    return [t for n in numbers for t in found.add(day(n, **changes))]  # type: ignore[arg-type]


AGED = (*NAMES, "customer.age_years", "behaviour.surprise_habit", "behaviour.surprise_run")


def judged_day(number: int, times: float, age: float = 17.0) -> Seen:
    """A day of exactly calibrated rarities, those of people of `age` called rare `times` too often."""
    seen = day(number)
    n = 40 * len(seen.ids)
    share = np.random.default_rng([3, number]).random(n)
    ages = np.where(np.arange(n) % 2, age, 44.0)
    bits = -np.log2(share / np.where(ages == age, times, 1.0))
    rows = np.column_stack([np.tile(seen.rows, (40, 1)), ages, bits, np.full(n, np.nan)]).astype(np.float32)
    return Seen([f"e-{i}" for i in range(n)], np.repeat(seen.time_us, 40), rows, np.repeat(seen.action, 40),
                np.repeat(seen.took_us, 40), [""] * n)  # fmt: skip


def test_a_view_that_breaks_its_promise_to_one_age_raises_an_alarm_that_ends(tables: Tables) -> None:
    found = Keeper(tables, AGED, PART)
    found.use(Reference.of(judged_day(0, 1.0).rows, AGED))

    def live_rarity(numbers: range, times: float) -> list[tuple[str, bool]]:
        told = [t for n in numbers for t in found.add(judged_day(n, times))]
        return [(t.name, t.raised) for t in told if t.name == "rarity"]

    assert not live_rarity(range(18), 1.0)
    assert live_rarity(range(18, 25), 2.0) == [("rarity", True)]
    alarm = found.alarms.raised()["rarity"]
    assert alarm.value > alarm.threshold == 1.4
    assert [moved["name"] for moved in alarm.content["moved"]] == ["habit, 16-19"]
    assert live_rarity(range(25, 34), 1.0) == [("rarity", False)]
    assert live_rarity(range(34, 41), 0.5) == [("rarity", True)], "too few is a broken promise too"
    assert found.alarms.raised()["rarity"].threshold == 0.7


def said(number: int, factor: float = 1.0, model: str = "m-1") -> Seen:
    whole = day(number)
    p = np.random.default_rng([3, number]).beta(1, 100, A_DAY) * factor
    return Seen(
        whole.ids, whole.time_us, whole.rows, whole.action, whole.took_us, whole.surprise, np.minimum(p, 1), model
    )


def test_scores_that_move_raise_an_alarm_and_a_new_champion_begins_anew(tables: Tables) -> None:
    found = keeper(tables)
    assert not [t for n in range(20) for t in found.add(said(n)) if t.name == "scores" and t.raised]
    told = [t.name for n in range(20, 24) for t in found.add(said(n, 6.0)) if t.raised]
    assert "scores" in told
    quiet = [t for n in range(24, 34) for t in found.add(said(n, 6.0, "m-2")) if t.name == "scores" and t.raised]
    assert not quiet, "ten days of another champion are too few to say what is quiet for it"


def test_promises_that_are_broken_raise_an_alarm_once_labels_are_ripe(tables: Tables) -> None:
    broken_from = 25 * DAY_US
    asked: list[int] = []

    def kept(day_us: int) -> float:
        asked.append(day_us)
        r = np.random.default_rng([4, 100 + day_us // DAY_US])
        return float(r.normal(-1.0)) + (12.0 if day_us >= broken_from else 0.0)

    found = Keeper(tables, NAMES, PART, kept)
    found.use(Reference.of(np.concatenate([day(n, seed=9).rows for n in range(14)]), NAMES))
    told = [(n, t) for n in range(45) for t in found.add(day(n)) if t.name == "calibration"]
    ripe = (1 - PART.mature_days) * DAY_US
    assert asked[0] == ripe, "of the first whole day on, the day that is ripe, not the one that is over"
    assert told[0][0] == 25 + PART.mature_days + 1
    assert told[0][1].content["moved"][0]["name"] == "too_low"


def test_days_read_again_are_judged_as_those_still_at_hand(tables: Tables) -> None:
    first = keeper(tables)
    live(first, range(19))
    first.save()
    second = keeper(tables)
    for found in (first, second):
        live(found, range(19, 22))
    ends = [found.windows("day", 9)[-2].figures for found in (first, second)]
    assert ends[0]["threshold:inputs"] == ends[1]["threshold:inputs"]
    assert ends[0]["value:inputs"] == ends[1]["value:inputs"]
