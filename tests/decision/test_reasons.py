"""The list of reasons: strongest first, each story once."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec

from haechi.decision.reasons import REASONS_MAX, explain, rank, story, strongest
from haechi.events import Signal
from haechi.features import Feature

from .house_for_tests import Detector, Told, event, house, reason


def feature(family: str, unit: str, entity: str) -> Feature:
    return Feature(f"{entity}.{family}", family, unit, entity, None, "contrast", {"en": "-", "ko": "-"})


SPEC = SimpleNamespace(
    positions={"amount": 0, "customer.ratio_30d": 1, "card.z_7d": 2, "merchant.frauds_7d": 3, "hour": 4},
    features=[
        feature("raw", "money", ""), feature("own", "ratio", "customer"), feature("own", "sd", "card"),
        feature("label", "count", "merchant"), feature("raw", "hour", ""),
    ],
)  # fmt: skip


def codes(found) -> list[str]:
    return [r.code for r in found]


def test_the_heaviest_come_first_and_those_for_innocence_are_left_out() -> None:
    found = rank([reason("a", 0.5), reason("b", 2.0), reason("c", -3.0), reason("d", 0.0)], 0.9)
    assert codes(strongest(found)) == ["b", "a"]
    assert rank([reason("c", -1.0)], 0.9) == rank([], 0.9) == []


def test_each_story_is_told_once() -> None:
    found = rank([reason(c, w) for c, w in zip(SPEC.positions, (1, 3, 2, 2.5, 0.5), strict=True)], 1.0)
    assert codes(strongest(found, SPEC)) == ["customer.ratio_30d", "merchant.frauds_7d", "hour"]


def test_a_reason_with_a_detectors_name_in_front_is_the_same_story() -> None:
    assert story("supervised.card.z_7d", SPEC) == story("amount", SPEC) == "amount"
    assert story("behaviour.hour", SPEC) == story("hour", SPEC) == "hour"
    assert story("merchant.frauds_7d", SPEC) == "label.merchant"
    assert story("rules.school_hours", SPEC) == story("school_hours") == "school_hours"


def test_the_list_has_a_limit() -> None:
    assert len(strongest(rank([reason(f"r{i}", 1.0) for i in range(20)], 1.0))) == REASONS_MAX


def test_that_all_in_all_is_rare_is_told_only_where_nothing_else_names_what_is_usual() -> None:
    whole, tempo = reason("behaviour.whole", 9.0), reason("behaviour.tempo", 5.0)
    rule = msgspec.structs.replace(reason("rules.school", 5.0), usual="")
    assert codes(strongest(rank([whole, tempo], 1.0))) == ["behaviour.tempo"]
    assert codes(strongest(rank([whole, rule], 1.0))) == ["behaviour.whole", "rules.school"]
    assert codes(strongest(rank([whole], 1.0))) == ["behaviour.whole"]


def test_detectors_stand_in_one_list_by_their_scores() -> None:
    loud, quiet = Detector(0.9, (reason("a", 0.01),)), Detector(0.2, (reason("b", 50.0),), name="behaviour")
    home = house([quiet, loud])
    signals = [Signal("behaviour", 0.2, "1"), Signal("supervised", 0.9, "1")]
    assert codes(explain(event(), Told(), signals, home, [])) == ["a", "b"]


def test_rarities_stand_in_one_list_by_how_rare_they_are() -> None:
    views = [
        Detector(0.99, (reason("tempo", 8.0), reason("party", 6.0)), name="burst"),
        Detector(0.97, (reason("habit", 7.0),), name="habit"),
    ]
    signals = [Signal(v.name, v.score, "1", one_in=100.0) for v in views]
    for order in (views, views[::-1]):
        assert codes(explain(event(), Told(), signals, house(order), [])) == ["tempo", "habit", "party"]


def test_reasons_that_came_with_the_signal_are_not_asked_for_again() -> None:
    detector = Detector(0.9)
    signal = Signal("supervised", 0.9, "1", (reason("a", 1.0),))
    assert codes(explain(event(), Told(), [signal], house([detector]), [])) == ["a"]
    assert detector.explained == 0


def test_a_detector_without_a_signal_is_not_asked() -> None:
    detector = Detector(0.9, (reason("a", 1.0),))
    assert explain(event(), Told(), [], house([detector]), []) == []
    assert detector.explained == 0


def test_a_detector_that_cannot_explain_itself_is_named(caplog) -> None:
    home, degraded = house([Detector(0.9, ValueError("no reference row"))]), []
    assert explain(event(), Told(), [Signal("supervised", 0.9, "1")], home, degraded) == []
    assert degraded == ["supervised"]
    assert home.left_out == {("supervised", "unexplained"): 1}
    assert "no reference row" in caplog.text


def test_what_goes_to_new_payees_tells_the_amount() -> None:
    found = rank([reason("behaviour.outflow", 9.0), reason("behaviour.habit", 5.0), reason("behaviour.hour", 4.0)], 1.0)
    assert codes(strongest(found)) == ["behaviour.outflow", "behaviour.hour"]


def test_what_is_no_reason_stands_last_and_is_not_crowded_out() -> None:
    aside = msgspec.structs.replace(reason("behaviour.before", 0.01), usual="")
    found = strongest(rank([aside, *(reason(f"r{i}", 1.0) for i in range(20))], 1.0))
    assert len(found) == REASONS_MAX
    assert found[-1] is aside
    whole = reason("behaviour.whole", 9.0)
    assert codes(strongest(rank([aside, whole], 1.0))) == ["behaviour.whole", "behaviour.before"]
