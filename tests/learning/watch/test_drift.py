"""PSI and Jensen-Shannon against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.learning.watch.drift import js, js_each, psi, psi_each

A, B = np.array([600.0, 300.0, 100.0]), np.array([300.0, 300.0, 400.0])


def test_known_values() -> None:
    # sum((q - p) ln(q / p)) = -.3 ln(.5) + 0 + .3 ln(4); half a count in each bin moves it by a little
    assert psi(A, B) == pytest.approx(0.6238, abs=0.003)
    p, q = A / 1000, B / 1000
    m = (p + q) / 2
    assert js(A, B) == pytest.approx(((p * np.log2(p / m)).sum() + (q * np.log2(q / m)).sum()) / 2, abs=0.002)


def test_alike_is_nothing_and_apart_is_much() -> None:
    assert psi(A, 7 * A) < 1e-4
    assert js(A, A) == 0.0
    assert js(np.array([1e6, 0.0]), np.array([0.0, 1e6])) == pytest.approx(1.0, abs=1e-4)
    assert psi(A, np.array([0.0, 0.0, 1000.0])) > 2


def test_nothing_seen_is_not_a_number() -> None:
    both = np.stack([A, A]), np.stack([B, 0 * B])
    assert np.isnan(psi_each(*both)).tolist() == [False, True]
    assert np.isnan(js_each(*both)).tolist() == [False, True]
