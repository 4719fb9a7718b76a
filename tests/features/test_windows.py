"""The kernel against a naive oracle: windows, ranks, pairs and labels recomputed from the plain list of past events."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from haechi.features import Memory, replay

from .making import DAY_US, START_US, event, history, spec

WINDOWS = {"5m": 300, "1h": 3600, "1d": 86_400, "7d": 604_800, "30d": 2_592_000}


def rows_of(frame: Any) -> tuple[list[dict[str, Any]], np.ndarray, dict[str, int]]:
    result = replay(spec(), [frame])
    return list(frame.iter_rows(named=True)), result.features, result.spec.positions


def close(a: float, b: float, tolerance: float = 2e-5) -> bool:
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-3)


def past_amounts(rows: list[dict[str, Any]], i: int, entity: str) -> list[tuple[int, int]]:
    return [
        (r["time_us"], r["amount"])
        for r in rows[:i]
        if r[f"entity:{entity}"] == rows[i][f"entity:{entity}"] and r["amount"] is not None
    ]


@pytest.mark.parametrize("seed", [11, 12])
def test_ring_windows_are_exact_while_the_ring_holds_them(seed: int) -> None:
    rows, out, at = rows_of(history(1200, seed, customers=40, days=60))
    checked = 0
    for i, row in enumerate(rows):
        past = past_amounts(rows, i, "customer")
        for label, seconds in WINDOWS.items():
            inside = [a for t, a in past if row["time_us"] - t <= seconds * 1_000_000]
            if len(past) >= 64 and row["time_us"] - past[-64][0] <= seconds * 1_000_000:
                continue
            assert out[i, at[f"customer.count_{label}"]] == len(inside)
            assert close(out[i, at[f"customer.sum_{label}"]], sum(inside))
            if inside:
                checked += 1
                assert close(out[i, at[f"customer.mean_{label}"]], np.mean(inside))
                assert close(out[i, at[f"customer.std_{label}"]], np.std(inside), 1e-3)
                assert out[i, at[f"customer.max_{label}"]] == np.float32(max(inside))
                if row["amount"] is not None:
                    assert close(out[i, at[f"customer.ratio_{label}"]], row["amount"] / np.mean(inside))
    assert checked > 1000


def test_panes_forget_in_steps_of_a_twelfth() -> None:
    rows, out, at = rows_of(history(1500, 13, merchants=5))
    for i, row in enumerate(rows):
        if row["entity:merchant"] is None:
            continue
        past = past_amounts(rows, i, "merchant")
        for label, seconds in WINDOWS.items():
            pane = seconds * 1_000_000 // 12
            now = row["time_us"] // pane
            inside = [a for t, a in past if t // pane > now - 12]
            assert out[i, at[f"merchant.count_{label}"]] == len(inside)
            assert close(out[i, at[f"merchant.sum_{label}"]], sum(inside))
            if inside:
                assert close(out[i, at[f"merchant.max_{label}"]], max(inside))


def test_overflowed_windows_are_answered_by_panes_and_counted() -> None:
    frame = history(1500, 14, customers=1, days=20)
    memory = Memory(spec())
    out = replay(spec(), [frame], memory=memory).features
    at = memory.spec.positions
    assert memory.overflowed() > 0
    times = frame["time_us"].to_numpy()
    has = frame["amount"].is_not_null().to_numpy()
    for i in range(len(frame)):
        exact = int((has[:i] & (times[i] - times[:i] <= WINDOWS["30d"] * 1_000_000)).sum())
        pane = WINDOWS["30d"] * 1_000_000 // 12
        narrow = int((has[:i] & (times[:i] // pane > times[i] // pane - 12)).sum())
        assert out[i, at["customer.count_30d"]] in (exact, narrow)


def test_rank_and_quantiles_look_at_the_last_fifty() -> None:
    rows, out, at = rows_of(history(1200, 15, customers=5))
    for i, row in enumerate(rows):
        last = [a for _, a in past_amounts(rows, i, "customer")][-50:]
        if row["amount"] is None or not last:
            continue
        x, ordered = row["amount"], sorted(last)
        k = len(last)
        assert close(out[i, at["customer.rank50"]], (sum(a < x for a in last) + 0.5 * last.count(x)) / k)
        assert out[i, at["customer.same50"]] == last.count(x)
        assert out[i, at["customer.median50"]] == np.float32(ordered[k // 2])
        assert close(out[i, at["customer.ratio_q90_50"]], x / ordered[min(k - 1, k * 9 // 10)])
        every = past_amounts(rows, i, "customer")
        assert close(out[i, at["customer.gap5_s"]], (row["time_us"] - every[-min(5, len(every))][0]) * 1e-6)


def test_pairs_remember_who_met_whom() -> None:
    rows, out, at = rows_of(history(900, 16))
    for i, row in enumerate(rows):
        if row["entity:merchant"] is None:
            continue
        met = [
            r
            for r in rows[:i]
            if r["entity:customer"] == row["entity:customer"] and r["entity:merchant"] == row["entity:merchant"]
        ]
        assert out[i, at["customer.merchant.seen"]] == len(met)
        assert out[i, at["customer.merchant.new"]] == (0.0 if met else 1.0)


def test_labels_count_once_they_are_known() -> None:
    rows, out, at = rows_of(history(1500, 17))
    for i, row in enumerate(rows):
        if row["entity:merchant"] is None:
            continue
        known = [
            r
            for r in rows[:i]
            if r["entity:merchant"] == row["entity:merchant"] and r["label"] >= 0 and r["known_at_us"] <= row["time_us"]
        ]
        frauds = [r for r in known if r["label"] == 1]
        assert out[i, at["merchant.labels_known"]] == len(known)
        assert out[i, at["merchant.frauds_all"]] == len(frauds)
        recent = [r for r in frauds if row["time_us"] - r["known_at_us"] <= 7 * DAY_US]
        assert out[i, at["merchant.frauds_7d"]] == min(len(recent), 16)
        run = 0
        for r in reversed(known):
            if r["label"] != 1:
                break
            run += 1
        assert out[i, at["merchant.fraud_run"]] == run


def test_a_late_event_is_measured_against_what_happened_before_it() -> None:
    memory = Memory(spec())
    for k in range(12):
        row = history(1, 1).row(0, named=True) | {"time_us": START_US + k * 20_000_000, "amount": 1000 + k}
        memory.look_and_learn(event(row | {"entity:customer": "c", "id": f"x{k}"}))
    late = row | {"time_us": START_US + 100_000_000, "entity:customer": "c", "id": "late", "amount": 500}
    known = memory.look_and_learn(event(late))
    assert known.value("customer.count_5m") == 6
    assert memory.late() > 0
    after = row | {"time_us": START_US + 221_000_000, "entity:customer": "c", "id": "after", "amount": 500}
    assert memory.look_and_learn(event(after)).value("customer.count_5m") == 13


def test_a_day_old_straggler_wipes_nothing() -> None:
    memory = Memory(spec())
    base = history(1, 1).row(0, named=True) | {"entity:merchant": "m"}

    def see(name: str, customer: str, time_us: int) -> float:
        told = base | {"id": name, "entity:customer": customer, "time_us": time_us}
        return memory.look_and_learn(event(told)).value("merchant.subjects_2d")

    today = START_US + 3 * DAY_US
    for k in range(20):
        see(f"{k}", f"c{k}", today + k)
    before = see("n", "c1", today + 99)
    see("late", "c1", START_US)
    assert see("p", "c1", today + 200) == before > 15
