"""The three published fraud kinds, each on its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from haechi.town import Parameters, Town
from haechi.town.fraud import COMPROMISED_SHOP, LARGE_AMOUNT, STOLEN_CARD, Outbreak, commit_fraud, draw_outbreak

NONE = np.empty(0, np.int64)
QUIET = Parameters(shops_compromised_per_day=0, cards_stolen_per_day=0, large_amount_fraud_share=0)


def commit(parameters, outbreaks, customer, shop, amount):
    arrays = (np.array(values, np.int64) for values in (customer, shop, amount))
    return commit_fraud(parameters, outbreaks, *arrays, np.random.default_rng(5))


def test_only_amounts_above_the_threshold_can_be_large_fraud() -> None:
    amounts, kinds = commit(replace(QUIET, large_amount_fraud_share=1), [], [1, 2], [1, 2], [800_000, 800_100])
    assert kinds.tolist() == [0, LARGE_AMOUNT]
    assert amounts.tolist() == [800_000, 800_100]


def test_a_compromised_shop_keeps_its_amounts_for_28_days() -> None:
    hit, nothing = Outbreak(np.array([7]), NONE), Outbreak(NONE, NONE)
    amounts, kinds = commit(QUIET, [nothing] * 27 + [hit], [1, 1], [7, 8], [3_000, 3_000])
    assert (amounts.tolist(), kinds.tolist()) == ([3_000, 3_000], [COMPROMISED_SHOP, 0])
    _, kinds = commit(QUIET, [nothing] * 28 + [hit], [1], [7], [3_000])
    assert kinds.tolist() == [0]


def test_a_third_of_a_stolen_cards_payments_is_five_times_as_high_for_14_days() -> None:
    hit, nothing = Outbreak(NONE, np.array([4])), Outbreak(NONE, NONE)
    amounts, kinds = commit(QUIET, [nothing] * 13 + [hit], [4] * 3_000 + [5], [1] * 3_001, [2_000] * 3_001)
    assert 0.3 < (kinds == STOLEN_CARD).mean() < 0.37
    assert set(amounts[kinds == STOLEN_CARD]) == {10_000}
    assert set(amounts[kinds == 0]) == {2_000}
    assert kinds[-1] == 0
    assert not commit(QUIET, [nothing] * 14 + [hit], [4] * 100, [1] * 100, [2_000] * 100)[1].any()


def test_an_outbreak_never_hits_more_than_there_are() -> None:
    parameters = Parameters(customers=3, shops=20, shops_compromised_per_day=1, cards_stolen_per_day=1)
    for seed in range(50):
        outbreak = draw_outbreak(parameters, np.random.default_rng(seed))
        assert len(set(outbreak.shops)) == len(outbreak.shops) <= 20
        assert len(set(outbreak.customers)) == len(outbreak.customers) <= 3


def test_a_quiet_town_has_no_fraud() -> None:
    parameters = replace(QUIET, customers=300, shops=50)
    assert not Town(parameters, 1).day(40).fraud.any()


def test_a_strange_hand_pays_more_at_hours_of_its_own() -> None:
    from haechi.town import Town
    from haechi.town.fraud import STRANGE_HAND

    quiet = Town(Parameters(customers=400, days=30, cards_stolen_per_day=0, shops_compromised_per_day=0,
                            large_amount_fraud_share=0, strange_hands_per_day=0.02), 1)  # fmt: skip
    days = [quiet.day(n) for n in range(10, 20)]
    kind = np.concatenate([d.fraud_kind for d in days])
    hour = np.concatenate([(d.time_us // 3_600_000_000 + 9) % 24 for d in days])
    amount = np.concatenate([d.amount for d in days])
    assert set(kind.tolist()) == {0, STRANGE_HAND}
    strange = kind == STRANGE_HAND
    assert 0.01 < strange.mean() < 0.2
    assert (hour[strange] < 6).mean() > 3 * (hour[~strange] < 6).mean()
    assert np.median(amount[strange]) > 2 * np.median(amount[~strange])


def test_no_strange_hand_unless_asked_for() -> None:
    from haechi.town import Town

    day = Town(Parameters(customers=200), 5).day(3)
    same = Town(Parameters(customers=200, strange_hand_days=30), 5).day(3)
    assert (day.time_us == same.time_us).all()
    assert (day.amount == same.amount).all()
