"""A small town for the tests of its room, built once."""

from __future__ import annotations

from functools import cache
from typing import Any

from haechi.town import Acts, Pen, Town, parameters

SEED = 11


@cache
def town(customers: int = 600, seed: int = SEED, level: float = 6.0, days: int = 60) -> Town:
    """A town with more fraud than usual, so that a few days have some of each kind."""
    return Town(parameters("small", customers=customers, days=days, fraud={"level": level}), seed)


@cache
def day(number: int) -> Acts:
    """One of its days."""
    return town().day(number)


@cache
def rows(number: int) -> list[dict[str, Any]]:
    """Its events."""
    return Pen(town()).rows(day(number))
