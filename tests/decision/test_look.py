"""Detectors that fail, are late or talk nonsense are left out, named and counted."""

from __future__ import annotations

import pytest

from haechi.decision import Policy
from haechi.decision.look import look

from .house_for_tests import Detector, Said, Told, asked, event, house


def seen(detector: Detector, **policy):
    home = house([detector, Detector(0.5, name="other")], Policy.parse(policy))
    signals, degraded, _ = look(event(), Told(), home)
    return [s.detector for s in signals], degraded, dict(home.left_out)


def test_a_sound_detector_is_heard() -> None:
    assert seen(Detector(1.0)) == (["supervised", "other"], [], {})


def test_a_late_detector_is_left_out(caplog) -> None:
    late = (["other"], ["supervised"], {("supervised", "late"): 1})
    assert seen(Detector(0.9, takes_ns=20_000_000)) == late
    assert "took 20.0 ms on event p-1 and is left out" in caplog.text
    assert seen(Detector(0.9, takes_ns=2_000_000), deadline_ms=1.0) == late


def test_each_detector_may_have_its_own_deadline() -> None:
    slow = Detector(0.9, takes_ns=30_000_000)
    assert seen(slow, deadlines_ms={"supervised": 40})[1] == []
    assert seen(Detector(0.9, takes_ns=2_000_000), deadlines_ms={"supervised": 1})[1] == ["supervised"]


def test_a_failure_does_not_make_the_next_detector_late() -> None:
    assert seen(Detector(ValueError("broken"), takes_ns=90_000_000))[0] == ["other"]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.1, 1.1])
def test_a_score_that_is_no_probability_is_left_out(score) -> None:
    assert seen(Detector(score)) == (["other"], ["supervised"], {("supervised", "unsound"): 1})


def test_rules_that_hit_are_heard_and_rules_that_missed_say_nothing() -> None:
    home = house([Detector(0.2)])
    home.rules = asked(score=0.4)
    signals, degraded, agreed = look(event(), Told(), home)
    assert ([(s.detector, s.score, s.version) for s in signals][1:], degraded) == ([("rules", 0.4, "r1")], [])
    assert agreed == Said(score=0.4)
    for nothing in (0.0, None):
        home.rules = asked(score=nothing)
        assert [s.detector for s in look(event(), Told(), home)[0]] == ["supervised"]


def test_rules_that_fail_never_harm_a_decision(caplog) -> None:
    home = house([Detector(0.2)])
    home.rules = asked(error=ZeroDivisionError("a bug"))
    signals, degraded, agreed = look(event(), Told(), home)
    assert ([s.detector for s in signals], degraded, agreed) == (["supervised"], ["rules"], None)
    assert home.left_out["rules", "failed"] == 1
    assert "the rules failed on event p-1" in caplog.text
