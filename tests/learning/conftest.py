"""Plans that learn enough for a test in a moment; the real ones are tried in the detectors room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from haechi.detectors.boosting import Plan
from haechi.learning import lessons

SMALL = (
    Plan("small", 15, 4, 0.2, 5, column_share=0.5, bins=63),
    Plan("middle", 15, 6, 0.2, 5, column_share=0.5, bins=63),
    Plan("large", 15, 12, 0.2, 5, column_share=0.5, bins=63),
)


@pytest.fixture(autouse=True, scope="package")
def small_plans() -> Iterator[None]:
    """Let every lesson of this room use them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lessons, "plans", lambda positives, rows, features: SMALL)
        yield
