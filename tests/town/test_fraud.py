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
