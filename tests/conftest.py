"""What several test folders share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Time is measured by benchmarks, never by a unit test: the first call of a compiled function takes seconds.
settings.register_profile("haechi", deadline=None)
settings.load_profile("haechi")

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def town_events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events of a small town, written once."""
    from homes import town_files

    return town_files(tmp_path_factory.mktemp("town"))
