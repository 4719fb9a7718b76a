"""Our logarithm against the library's."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from haechi.features.blocks.logarithm import half_to, log2


@given(st.floats(1e-290, 1e290))
def test_log2_is_the_librarys(x: float) -> None:
    assert abs(log2(x) - math.log2(x)) < 1e-8


@given(st.floats(0, 900))
def test_half_to_is_two_to_the_minus(x: float) -> None:
    assert math.isclose(half_to(x), 2.0**-x, rel_tol=1e-8)


def test_nothing_has_a_finite_logarithm() -> None:
    assert log2(0.0) == log2(-5.0) == log2(1e-300)
    assert log2(1.0) == 0.0
