"""Goal: the door of the room shows what it promises, and errors are drawn as they are."""

from __future__ import annotations

from haechi import events
from haechi.events import Reason, Signal, errors
from haechi.events.errors import EventsError, nearest, shown


def test_the_door_is_sorted_and_whole() -> None:
    assert events.__all__ == sorted(events.__all__, key=lambda n: (n.islower(), n))
    assert all(hasattr(events, name) for name in events.__all__)


def test_every_error_is_in_the_tree() -> None:
    tree = [n for n, v in vars(errors).items() if isinstance(v, type) and issubclass(v, EventsError)]
    assert all(name in (errors.__doc__ or "") for name in tree)


def test_a_signal_carries_its_reasons() -> None:
    reason = Reason("amount.high", "7000", "2000", 0.4, {"en": "3.5 times the usual", "ko": "평소의 3.5배"})
    assert Signal("rules.x", 0.9, "1", (reason,)).reasons[0].text["ko"] == "평소의 3.5배"


def test_values_are_shown_short() -> None:
    assert len(shown("x" * 10**6)) < 100
    assert shown(10**1000) == "an integer of 3322 bits"
    assert shown([1, 2]) == "a list of 2"
    assert nearest("AMOUNT", ["amount", "count"]) == "amount"
    assert nearest("q", ["amount"]) is None
