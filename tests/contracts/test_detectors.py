"""What every detector promises: a pure look, a sound score, a stable version, reasons in both languages."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.detectors import Isolation, behaviours, fresh
from haechi.detectors.behaviour import VIEWS
from haechi.detectors.behaviour import Behaviour as Views
from haechi.events import Event, Signal
from haechi.features import Behaviour, Entity, Feature, Known, Spec
from haechi.features.blocks import surprise_layout as lay

NAMES = (
    "amount",
    "hour",
    "customer.gap_s",
    "customer.age_years",
    *(f"behaviour.{n}" for n in (*lay.NAMES, *lay.NAMES_USUAL)),
)
SPEC = Spec(
    entities=(Entity("customer", "subject", True, True, False, False, False),), categories=(), numbers=(),
    attributes=(), windows=(), has_amount=True, has_place=False, clock=True, timezone="Asia/Seoul", scale=1.0,
    day_us=86_400_000_000, behaviour=Behaviour("merchant", "payee", "device", "", "KR"), hash="f1",
    features=tuple(Feature(n, "behaviour", "number", "customer", None, "contrast", {}) for n in NAMES),
)  # fmt: skip
EVENT = Event(id="e", kind="payment", time_us=1_729_807_320_000_000, entities={"customer": "c"}, currency="KRW")
DETECTORS = [*behaviours(SPEC), Isolation(fresh(SPEC))]


def rows() -> list[np.ndarray]:
    r = np.random.default_rng(1)
    found = [np.full(len(NAMES), np.nan, np.float32), np.zeros(len(NAMES), np.float32)]
    for _ in range(200):
        row = r.exponential(3.0, len(NAMES)).astype(np.float32)
        row[NAMES.index("behaviour.day_class")] = r.integers(0, 5)
        row[NAMES.index("behaviour.odd_kind")] = r.integers(0, lay.D)
        row[r.random(len(NAMES)) < 0.1] = np.nan
        for always in ("day_class", "history", "class_history", "hours_from", "hours_to", "direction", "odd_kind"):
            at = NAMES.index(f"behaviour.{always}")
            row[at] = 1.0 if np.isnan(row[at]) else row[at]
        came = [NAMES.index(f"behaviour.{n}") for n in ("came_in", "came_s", "passed_share")]
        row[came] = np.nan if np.isnan(row[came]).any() else row[came]  # they come together
        row[NAMES.index("behaviour.school_habit")] = row[NAMES.index("behaviour.surprise_habit")]
        found.append(row)
    return found


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.name)
def test_a_look_is_pure_and_sound(detector) -> None:
    for row in rows():
        kept = row.copy()
        known = Known(row, SPEC, 0.0)
        signal = detector.judge(EVENT, known)
        assert signal == detector.judge(EVENT, known)
        assert 0.0 <= signal.score <= 1.0
        assert signal.one_in >= 1.0
        assert signal.detector == detector.name
        assert signal.version == detector.version
        assert row.tobytes() == kept.tobytes()
        for reason in detector.explain(EVENT, known, signal):
            assert reason.text.keys() == {"en", "ko"}
            assert all(reason.text.values())
            assert reason.weight > 0.0
        if signal.one_in > 20.0 and detector.name != "isolation":
            assert any(r.value and r.usual for r in detector.explain(EVENT, known, signal))
        assert len(detector.explain(EVENT, known, signal, 1)) <= 1


def test_there_are_six_views_and_one_forest() -> None:
    assert [d.name for d in DETECTORS] == [
        "behaviour", "behaviour.habit", "behaviour.school", "behaviour.counterpart", "behaviour.burst",
        "behaviour.drain", "isolation",
    ]  # fmt: skip


def test_the_forest_speaks_only_where_the_sum_has_nothing_to_say() -> None:
    forest, row = DETECTORS[-1], np.full(len(NAMES), 1.0, np.float32)
    rare = Signal("isolation", 0.9, forest.version, one_in=800.0)
    (reason,) = forest.explain(EVENT, Known(row, SPEC, 0.0), rare)
    assert reason.value == "about 1 in 800"
    row[NAMES.index("behaviour.surprise_run")] = 5.0
    assert forest.explain(EVENT, Known(row, SPEC, 0.0), rare) == ()
    row[NAMES.index("behaviour.surprise_run")] = 1.0
    common = Signal("isolation", 0.5, forest.version, one_in=10.0)
    assert forest.explain(EVENT, Known(row, SPEC, 0.0), common) == ()


def test_the_school_view_is_about_pupils_on_school_days() -> None:
    school, row = DETECTORS[2], np.full(len(NAMES), 1.0, np.float32)
    row[NAMES.index("behaviour.surprise_habit")] = 9.0

    def one_in(bits: float) -> float:
        row[NAMES.index("behaviour.school_habit")] = bits
        known = Known(row, SPEC, 0.0)
        scores, rare = np.empty((2, 1))
        school.judge_rows(row[None, :], scores, rare)
        one = school.judge_row(known)
        assert (scores.tolist(), rare.tolist()) == ([one.score], [one.one_in])
        return school.judge(EVENT, known).one_in

    assert one_in(9.0) == pytest.approx(512.0)
    assert one_in(float("nan")) == 1.0, "nobody else, and no other day"


def test_many_rows_are_judged_as_one_by_one() -> None:
    r = np.random.default_rng(7)
    rows = r.exponential(2.0, (400, len(NAMES))).astype(np.float32)
    rows[r.random(rows.shape) < 0.3] = np.nan
    rows[:50] = np.nan
    for detector in DETECTORS:
        scores, one_in = np.empty((2, 400))
        detector.judge_rows(rows, scores, one_in)
        alone = [detector.judge_row(Known(row, SPEC, 0.0)) for row in rows]
        assert scores.tolist() == [signal.score for signal in alone]
        assert one_in.tolist() == [signal.one_in for signal in alone]


def test_an_empty_row_gets_no_opinion() -> None:
    known = Known(np.full(len(NAMES), np.nan, np.float32), SPEC, 0.0)
    assert all(d.judge(EVENT, known).one_in == 1.0 for d in DETECTORS)


def test_the_rarer_view_says_so() -> None:
    habit = DETECTORS[1]
    low, high = np.full((2, len(NAMES)), 1.0, np.float32)
    low[NAMES.index("behaviour.surprise_habit")], high[NAMES.index("behaviour.surprise_habit")] = 2.0, 9.0
    one, other = (habit.judge(EVENT, Known(row, SPEC, 0.0)) for row in (low, high))
    assert one.one_in == pytest.approx(4.0)
    assert other.one_in == pytest.approx(512.0)
    assert other.score > one.score


def test_a_spec_without_behaviour_has_no_such_detectors() -> None:
    from dataclasses import replace

    assert behaviours(replace(SPEC, behaviour=None)) == ()


def test_views_that_share_what_they_tell_say_what_each_would_say_alone() -> None:
    for row in rows():
        known = Known(row, SPEC, 0.0)
        for view in behaviours(SPEC):
            alone = Views(SPEC, view.name)
            signal = view.judge(EVENT, known)
            assert DETECTORS[list(VIEWS).index(view.name)].explain(EVENT, known, signal) == alone.explain(
                EVENT, Known(row.copy(), SPEC, 0.0), signal
            )
