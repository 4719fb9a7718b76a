"""Crews: they go on with what went through, change what was stopped, and look like everybody when they are careful."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.town.almanac import DAY_US
from haechi.town.crews import CREWS, NOBODY, USUAL_H, Crews
from haechi.town.loop import LATER_S, SMALLER, TRIES_MAX

DAY = 20_000 * DAY_US


def one_crew(campaigns: int = 40) -> tuple[Crews, list[int]]:
    """Crews of one typology, and the campaigns of the first campaign's crew in their order."""
    crews = Crews(["card_stolen"] * campaigns, seed=3)
    return crews, np.flatnonzero(crews._crew == crews._crew[0]).tolist()


def numbers(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_a_crew_goes_on_with_what_went_through() -> None:
    crews, ours = one_crew()
    for campaign in ours[:3]:
        assert crews.care(numbers(campaign)).tolist() == [0]
        crews.hear(numbers(campaign), numbers())
    assert crews.told()["careful"] == [3, 0, 0, 0]


def test_a_crew_is_more_careful_each_time_it_is_stopped_and_then_begins_anew() -> None:
    crews, ours = one_crew()
    found = []
    for campaign in ours[: TRIES_MAX + 2]:
        found += crews.care(numbers(campaign)).tolist()
        crews.hear(numbers(campaign), numbers(campaign))
    assert found == [0, 1, 2, 3, 0]


def test_what_went_through_carefully_is_done_again() -> None:
    crews, ours = one_crew()
    crews.care(numbers(ours[0]))
    crews.hear(numbers(ours[0]), numbers(ours[0]))
    for campaign in ours[1:4]:
        assert crews.care(numbers(campaign)).tolist() == [1]
        crews.hear(numbers(campaign), numbers())


def test_a_campaign_keeps_its_way_until_it_is_stopped_itself() -> None:
    crews, ours = one_crew()
    first, second = ours[:2]
    crews.care(numbers(first, second))
    crews.hear(numbers(second), numbers(second))
    assert crews.care(numbers(first, second, NOBODY)).tolist() == [0, 1, 0]


def test_a_campaign_gives_up_after_some_failures() -> None:
    crews, ours = one_crew()
    for tries in range(TRIES_MAX + 1):
        assert not crews.gave_up(numbers(ours[0])).any(), tries
        crews.care(numbers(ours[0]))
        crews.hear(numbers(ours[0]), numbers(ours[0]))
    assert crews.gave_up(numbers(ours[0], ours[1], NOBODY)).tolist() == [True, False, False]
    assert crews.told()["gave_up"] == 1


def test_crews_of_other_typologies_hear_nothing_of_it() -> None:
    crews = Crews(["card_stolen", "voice_loan"] * 30, seed=1)
    stolen = np.arange(0, 60, 2)
    crews.care(stolen[:20])
    crews.hear(stolen[:20], stolen[:20])
    assert (crews.care(stolen[20:]) > 0).any()
    assert (crews.care(stolen + 1) == 0).all()
    assert len(np.unique(crews._crew)) == 2 * CREWS


@pytest.mark.parametrize(
    ("amount", "care", "found"),
    [
        (7_000, 0, 7_000),
        (18_877, 1, 8_495),
        (4_650_000, 1, 2_090_000),
        (5_000_000, 1, 2_200_000),  # two and a quarter million, rounded
        (3_000_000, 2, 600_000),
        (1, 3, 1),
        (0, 2, 0),
    ],
)
def test_a_careful_amount_is_smaller_and_as_round_as_before(amount: int, care: int, found: int) -> None:
    crews, _ = one_crew()
    assert crews.smaller(numbers(amount), numbers(care)).tolist() == [found]


@given(amount=st.integers(10, 10**10), care=st.integers(1, TRIES_MAX))
def test_a_careful_amount_is_about_its_share(amount: int, care: int) -> None:
    crews, _ = one_crew(1)
    (found,) = crews.smaller(numbers(amount), numbers(care)).tolist()
    assert 1 <= found <= amount
    assert abs(found - amount * SMALLER**care) <= 0.17 * amount * SMALLER**care + 1


@given(hours=st.lists(st.floats(0, 23.99), min_size=1, max_size=6), care=st.integers(0, TRIES_MAX))
def test_a_careful_campaign_moves_towards_its_usual_hour_as_one(hours: list[float], care: int) -> None:
    crews, ours = one_crew()
    crews._care[ours[0]] = care
    time_us = DAY + (np.sort(hours) * 3_600_000_000).astype(np.int64)
    campaign, first = np.full(len(time_us), ours[0]), np.full(len(time_us), time_us[0])
    moved = crews.moved(time_us, campaign, first, DAY)
    assert ((moved >= DAY) & (moved < DAY + DAY_US)).all()
    assert (np.diff(moved) >= 0).all()
    usual_us = DAY + int(crews._usual_us[ours[0]])
    before, after = abs(int(time_us[0]) - usual_us), abs(int(moved[0]) - usual_us)
    if care == 0:
        assert (moved == time_us).all()
    else:
        assert max(0, before - care * LATER_S[1] * 10**6) <= after <= max(0, before - care * LATER_S[0] * 10**6)


def test_careful_campaigns_do_not_meet_at_one_moment() -> None:
    crews = Crews(["card_stolen"] * 2_000, seed=1)
    crews._care[:] = TRIES_MAX
    night, everyone = np.full(2_000, DAY + 3 * 3_600_000_000), np.arange(2_000)
    moved = (crews.moved(night, everyone, night, DAY) - DAY) / 3_600_000_000
    assert np.bincount(moved.astype(int), minlength=24).max() < 400
    assert len(np.unique(moved)) > 1_700, "of 2,000 that were all planned for three sharp"
    assert ((moved > 3) & (moved < USUAL_H[1])).all()


def test_where_no_money_is_taken_nothing_is_moved() -> None:
    crews, ours = one_crew()
    crews._care[ours[0]] = 2
    time_us = numbers(DAY + 3_600_000_000)
    assert (crews.moved(time_us, numbers(ours[0]), numbers(2**62), DAY) == time_us).all()
    assert (crews.moved(time_us, numbers(NOBODY), time_us, DAY) == time_us).all()


def test_the_same_seed_gives_the_same_crews() -> None:
    one, same, other = (Crews(["card_stolen", "sim_swap"] * 20, seed) for seed in (1, 1, 2))
    assert (one._crew == same._crew).all()
    assert (one._later_us == same._later_us).all()
    assert (one._crew != other._crew).any()
