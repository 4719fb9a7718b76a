"""The gate lets a hard source through and stops easy, empty and historyless ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from haechi.learning.difficulty import Check, Sampled, measure
from haechi.learning.errors import BadProtocol


def source(*, raw: float, history: float, rows: int = 6_000, share: float = 0.05, seed: int = 3) -> Sampled:
    """Frauds that lie so many standard deviations off, in a raw field and in a feature."""
    rng = np.random.default_rng(seed)
    true = rng.random(rows) < share
    known = true & (rng.random(rows) > 0.15)
    shifted = (rng.standard_normal((rows, 2)) + raw * true[:, None]).astype(np.float32)
    noise = rng.standard_normal((rows, 1)).astype(np.float32)
    features = (rng.standard_normal((rows, 2)) + history * true[:, None]).astype(np.float32)
    order = np.arange(rows)
    return Sampled(
        {"amount": shifted[:, :1], "risk": shifted[:, 1:], "hour": noise}, frozenset(), features, known, true,
        np.ones(rows),
        order[: rows // 2], order[rows // 2 :],
    )  # fmt: skip


def verdicts(sampled: Sampled, share: float = 0.001) -> dict[str, bool]:
    return {check.name: check.holds for check in measure(sampled, share).checks}


def test_a_hard_source_that_history_solves_passes() -> None:
    found = measure(source(raw=0.75, history=2.5, rows=20_000), 0.001)
    assert found.holds, found.checks
    assert found.haechi.ap > 2 * found.raw.ap
    assert list(found.by_field)[-1] == "hour"
    assert found.by_field["hour"] < 0.6
    assert found.counts["judged_frauds"] > 100


def test_the_kind_of_fraud_that_is_missed_is_named_first() -> None:
    """Two kinds: one far off in the features, one nowhere."""
    easy = source(raw=0.75, history=3.0)
    kinds = np.where(easy.true & (np.arange(len(easy.true)) % 2 == 0), "hidden", "plain").astype(object)
    features = easy.features.copy()
    hidden = easy.true & (kinds == "hidden")
    features[hidden] = np.random.default_rng(5).standard_normal((hidden.sum(), 2))
    found = measure(replace(easy, features=features, kinds=kinds), 0.001)
    assert list(found.by_kind) == ["hidden", "plain"]
    assert found.by_kind["hidden"] < 0.65
    assert found.by_kind["plain"] > 0.9
    assert found.by_kind["hidden"] < found.haechi.auc < found.by_kind["plain"]


def test_an_easy_source_fails() -> None:
    found = verdicts(source(raw=4.0, history=5.0))
    assert not found["raw_auc"]
    assert not found["raw_ap"]
    assert not found["field_auc_max"]
    assert not found["gain"]


def test_noise_fails() -> None:
    assert not verdicts(source(raw=0.0, history=2.5))["raw_auc"]


def test_history_that_does_not_help_fails() -> None:
    assert not verdicts(source(raw=0.9, history=0.9))["gain"]


@pytest.mark.parametrize(("share", "holds"), [(0.0004, False), (0.0005, True), (0.003, True), (0.0031, False)])
def test_the_share_of_frauds_has_limits(share, holds) -> None:
    assert verdicts(source(raw=1.0, history=2.5, rows=3_000), share)["fraud_share"] is holds


def test_too_few_frauds_are_no_measurement() -> None:
    with pytest.raises(BadProtocol, match="judged frauds are too few"):
        measure(replace_judged(source(raw=1, history=2), 20), 0.001)


def replace_judged(sampled: Sampled, frauds: int) -> Sampled:
    """Only so many frauds are judged."""
    kept = [i for i in sampled.judge if not sampled.true[i]] + [i for i in sampled.judge if sampled.true[i]][:frauds]
    return replace(sampled, judge=np.array(sorted(kept)))


def test_a_sample_with_weights_gives_the_figures_of_the_whole() -> None:
    whole = source(raw=0.9, history=2.5, rows=40_000, share=0.02)
    rng = np.random.default_rng(1)
    kept = whole.true | whole.known | (rng.random(40_000) < 0.2)
    place = np.cumsum(kept) - 1
    part = Sampled(
        {name: rows[kept] for name, rows in whole.fields.items()}, whole.ids, whole.features[kept], whole.known[kept],
        whole.true[kept], np.where(whole.true | whole.known, 1.0, 5.0)[kept],
        place[[i for i in whole.teach if kept[i]]], place[[i for i in whole.judge if kept[i]]],
    )  # fmt: skip
    a, b = measure(whole, 0.001), measure(part, 0.001)
    assert b.raw.auc == pytest.approx(a.raw.auc, abs=0.02)
    assert b.raw.ap == pytest.approx(a.raw.ap, rel=0.25)
    assert b.haechi.ap == pytest.approx(a.haechi.ap, rel=0.1)
    assert b.counts["judged"] == pytest.approx(a.counts["judged"], rel=0.05)


def test_a_field_that_works_backwards_is_seen_too() -> None:
    sampled = source(raw=-3.0, history=1.0)
    assert measure(sampled, 0.001).by_field["amount"] > 0.9


def test_a_value_that_is_no_number_does_not_hold() -> None:
    assert not Check("gain", float("nan"), 2.0, float("inf")).holds
