"""Forgetting, against the C library."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from haechi.features.blocks.fade import fade


@given(st.floats(0, 690))
def test_fade_is_the_exponential_function(x: float) -> None:
    assert math.isclose(fade(x), math.exp(-x), rel_tol=1e-9)


def test_fade_at_its_ends() -> None:
    assert fade(0.0) == 1.0
    assert fade(-5.0) == 1.0
    assert fade(1e9) == 0.0
