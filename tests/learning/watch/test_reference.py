"""Histograms of a training set: equal mass, missing values on their own, the same bins for years."""

from __future__ import annotations

import numpy as np

from haechi.learning.watch.drift import psi_each
from haechi.learning.watch.reference import BINS, Reference, sampled, tally

NAMES = ("even", "constant", "code", "missing")


def rows(n: int = 20_000, seed: int = 0) -> np.ndarray:
    r = np.random.default_rng(seed)
    found = np.column_stack([r.normal(size=n), np.full(n, 7.0), r.integers(0, 3, n), r.normal(size=n)])
    found[r.random(n) < 0.25, 3] = np.nan
    return found.astype(np.float32)


def test_bins_have_equal_mass_and_missing_values_their_own() -> None:
    reference = Reference.of(rows(), NAMES)
    assert reference.counts.sum(1).tolist() == [20_000] * 4
    assert reference.counts[0].min(initial=10**9, where=np.arange(BINS + 1) < BINS) > 1_900
    assert reference.counts[1].tolist() == [20_000, *[0] * BINS]
    assert (reference.counts[2] > 0).sum() == 3
    assert 4_700 < reference.counts[3, BINS] < 5_300


def test_every_value_is_counted_once_in_the_right_bin() -> None:
    edges = np.array([[1.0, 2.0, np.inf]], np.float32)
    counts = np.zeros((1, 5), np.int64)
    tally(np.array([[0.5], [1.0], [1.5], [2.5], [np.inf], [np.nan], [-np.inf]], np.float32), edges, counts)
    assert counts.tolist() == [[3, 1, 2, 0, 1]]


def test_the_same_bins_for_another_training_set(tmp_path) -> None:
    first = Reference.of(rows(), NAMES)
    second = Reference.of(rows(seed=1) + np.float32(0.5), NAMES, edges=first.edges)
    assert second.bins_hash == first.bins_hash
    moved = psi_each(first.counts.astype(float), second.counts.astype(float))
    assert moved[0] > 0.2
    second.write(tmp_path)
    again = Reference.read(tmp_path)
    assert again is not None
    assert (again.counts == second.counts).all()
    assert again.bins_hash == second.bins_hash
    assert Reference.read(tmp_path / "none") is None
    (tmp_path / "reference.bin").write_bytes(b"\x81")
    assert Reference.read(tmp_path) is None


def test_a_draw_is_even_and_in_order() -> None:
    drawn = sampled(10_000, 100, 3)
    assert len(drawn) == 100
    assert (np.diff(drawn) > 0).all()
    assert sampled(5, 100, 3).tolist() == [0, 1, 2, 3, 4]
