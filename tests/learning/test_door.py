"""The room's door: what it names is there, sorted."""

from __future__ import annotations

import pytest

import haechi.detectors
import haechi.learning


@pytest.mark.parametrize("room", [haechi.detectors, haechi.learning])
def test_the_door_names_what_is_there(room) -> None:
    assert room.__all__ == sorted(room.__all__)
    assert all(hasattr(room, name) for name in room.__all__)
