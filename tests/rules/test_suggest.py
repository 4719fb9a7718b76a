"""Suggestions: a planted pattern is found and holds on the later part; noise gives nothing."""

from __future__ import annotations

import numpy as np

from haechi.features import Spec
from haechi.rules import check_rule
from haechi.rules.check import check
from haechi.rules.suggest import Suggestion, suggest

from .making import bank, names


def rows(n: int, seed: int, *, planted: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, Spec]:
    _, spec = bank()
    r = np.random.default_rng(seed)
    made = np.full((n, len(spec.features)), np.nan, np.float32)
    for name, values in (
        ("amount", np.exp(r.normal(10, 1.5, n))),
        ("customer.device.new", (r.random(n) < 0.1).astype(float)),
        ("customer.count_1h", r.poisson(1.0, n)),
        ("payee.age_s", r.exponential(1e6, n)),
        ("customer.age_years", r.uniform(18, 80, n)),
        ("customer.payee.gap_days", r.exponential(20, n)),
    ):
        made[:, spec.index(name)] = values
    odds = np.full(n, 0.01)
    if planted:
        odds[(made[:, spec.index("customer.device.new")] == 1) & (made[:, spec.index("amount")] > 60_000)] = 0.9
    return made, r.random(n) < odds, np.arange(n), spec


def found(seed: int, *, planted: bool = True, n: int = 12_000, **more: int) -> list[Suggestion]:
    made, fraud, times, spec = rows(n, seed, planted=planted)
    return suggest(made, fraud, times, spec, currency="KRW", **more)


def test_a_planted_pattern_is_found_and_holds_on_the_later_part() -> None:
    best = found(1)[0]
    assert "customer.device.new" in best.rule.condition
    assert "amount >=" in best.rule.condition
    assert best.precision > 0.7
    assert best.recall > 0.5
    assert best.frauds == round(best.precision * best.support)
    assert best.lift > 5
    assert abs(best.precision_earlier - best.precision) < 0.2


def test_suggestions_are_drafts_that_can_be_checked_and_written_down() -> None:
    several = found(1, count=5)
    assert len(several) > 1
    for one in several:
        check_rule(one.rule)
        assert check(one.rule.condition, names()).warnings == ()
        assert one.rule.lane == "draft"
        assert one.rule.effect.weight is not None
        assert set(one.rule.reason) == {"en", "ko"}
    assert len({one.rule.condition for one in several}) == len(several)


def test_noise_gives_nothing_worth_much() -> None:
    assert all(one.precision < 0.3 for one in found(3, planted=False, n=4_000))


def test_without_frauds_in_both_parts_there_is_nothing_to_suggest() -> None:
    made, fraud, times, spec = rows(500, 4, planted=True)
    assert suggest(made, np.zeros(500, bool), times, spec) == []
    late = fraud.copy()
    late[:400] = False
    assert suggest(made, late, times, spec) == []
    assert suggest(made[:, :], fraud, times, spec, support_min=400) == []
