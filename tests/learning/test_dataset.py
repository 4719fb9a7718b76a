"""The light columns: in time order, with columns that can be chosen by family."""

from __future__ import annotations

from dataclasses import replace

import pytest

from haechi.learning.dataset import Columns

from .making import events


def test_events_out_of_order_are_refused() -> None:
    e = events(100)
    with pytest.raises(AssertionError, match="time order"):
        replace(e, time_us=e.time_us[::-1].copy())


def test_labelled_are_the_known_ones() -> None:
    e = events(100)
    assert (e.y[e.labelled] >= 0).all()
    assert len(e.labelled) == (e.y >= 0).sum() < len(e)


def test_a_family_can_be_left_out() -> None:
    columns = Columns(("a", "b", "c"), ("raw", "label", "own"), ("contrast", "level", "contrast"), "h")
    assert columns.without("label").tolist() == [0, 2]
    assert columns.take(columns.without("label")) == Columns(("a", "c"), ("raw", "own"), ("contrast", "contrast"), "h")
