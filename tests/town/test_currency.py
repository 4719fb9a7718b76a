"""What is paid abroad is round in the country's money, and can be read back from the won."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.town.acts import Kind
from haechi.town.currency import MONEY, WHOLES, abroad, charged, rates
from haechi.town.places import ABROAD, COUNTRIES

from .small import town

DAY = 739_000


def test_at_home_a_price_is_what_it_is() -> None:
    assert charged(np.array([7_000, 12_345]), np.array([0, 0]), DAY).tolist() == [7_000, 12_345]


@pytest.mark.parametrize("place", range(1, 1 + len(ABROAD)))
def test_a_charge_is_some_coins_of_the_country_at_the_rate_of_the_day(place) -> None:
    asked = np.array([100, 990, 18_000, 612_000])
    won = charged(asked, np.full(4, place), DAY)
    name, _, step, note = MONEY[COUNTRIES[place]]
    whole = WHOLES[COUNTRIES[place]] * float(rates(DAY)[place])
    assert (won > 0).all()
    assert (np.abs(won - asked) <= np.maximum(0.02 * asked, 1.1 * whole)).all()
    for one in won.tolist():
        told, price = abroad(one, COUNTRIES[place], DAY).split()
        local = float(price.replace(",", ""))
        assert told == name
        assert abs(local / step - round(local / step)) < 1e-6
        assert round(local * float(rates(DAY)[place])) == one
    cash = charged(np.array([300_000]), np.array([place]), DAY, cash=True)
    assert float(abroad(int(cash[0]), COUNTRIES[place], DAY).split()[1].replace(",", "")) % note == 0


def test_honest_customers_and_thieves_pay_in_the_same_money() -> None:
    found, begun = town(3_000, 4, 12.0), []
    for number in range(12):
        acts = found.day(number)
        paid = acts.take((acts["kind"] == Kind.PAYMENT) & (acts["country"] > 0))
        rate = rates(found.parameters.date_of(number).toordinal())
        for won, country in zip(paid["amount"].tolist(), paid["country"].tolist(), strict=True):
            price = abroad(won, COUNTRIES[country], found.parameters.date_of(number).toordinal()).split()[1]
            assert round(float(price.replace(",", "")) * float(rate[country])) == won
        begun += paid["fraud"].tolist()
    assert True in begun
    assert False in begun
