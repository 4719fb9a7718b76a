"""The tables behind payments make sense."""

from __future__ import annotations

import numpy as np

from haechi.town.habits import CATEGORIES, CATEGORY_NAMES, HOUR_DICE, PERSONAS, Dice, usual_won


def test_shares_make_a_whole() -> None:
    assert abs(sum(p.share for p in PERSONAS) - 1) < 1e-9
    assert abs(sum(c.share_of_shops for c in CATEGORIES) - 1) < 1e-9


def test_every_taste_is_a_kind_of_shop() -> None:
    assert {name for p in PERSONAS for name in p.shops} <= set(CATEGORY_NAMES)


def test_dice_fall_as_they_are_loaded() -> None:
    dice = Dice(np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 0.0]]))
    faces = dice.throw(np.repeat([0, 1], 4_000), np.random.default_rng(1))
    assert set(faces[4_000:]) == {1}
    assert set(faces[:4_000]) == {0, 2}
    assert abs((faces[:4_000] == 0).mean() - 0.25) < 0.03


def test_a_throw_never_leaves_its_row() -> None:
    class Highest:
        def random(self, n: int) -> np.ndarray:
            return np.full(n, np.nextafter(1.0, 0.0))

    faces = HOUR_DICE.throw(np.arange(2 * len(PERSONAS)), Highest())  # type: ignore[arg-type]
    assert set(faces) == {23}


def test_a_pupil_pays_after_school_and_hardly_ever_at_seven() -> None:
    school_day = HOUR_DICE.throw(np.zeros(50_000, np.int64), np.random.default_rng(1))
    assert (school_day < 9).mean() < 0.01
    assert (school_day >= 15).mean() > 0.9


def test_a_pupil_usually_pays_two_to_four_thousand_won() -> None:
    teenager = PERSONAS[0]
    assert teenager.goes_to_school
    assert 2_000 <= teenager.level * usual_won(teenager) <= 4_000
