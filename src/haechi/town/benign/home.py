"""Large sums once in a while: a deposit for a flat, a used car."""

from __future__ import annotations

from typing import TYPE_CHECKING

from haechi.town.dice import Ints
from haechi.town.script import MINUTE_US, Script, steps

if TYPE_CHECKING:
    from haechi.town.town import Town


def movers_of(town: Town, day: int) -> Ints:
    """Who moves house on this day."""
    return town.people.movers(day)


def moving_house(script: Script) -> None:
    """A limit raised, the deposit for the flat to a new payee in one or two transfers, then movers and furniture."""
    customer = script.campaign.victims.pop()
    if script.town.people.joined[customer] > script.day:
        return
    begin = script.at(script.between(9.5, 16))
    whole = steps(script.around(9_000_000, 0.9), 100_000)
    if script.chance(0.6):
        script.limit(customer, begin - 40 * MINUTE_US, 100_000_000)
    if script.chance(0.5):
        script.call(customer, begin - 55 * MINUTE_US, "work", minutes=4, risk=0.1, role="reason")
    parts = [whole] if script.chance(0.5) else [steps(whole * 0.1, 10_000), steps(whole * 0.9, 10_000)]
    for number, part in enumerate(parts):
        script.session(customer, begin + number * 14 * MINUTE_US, script.outside(1), part, "sent", new=number == 0)
    script.session(
        customer, begin + 100 * MINUTE_US, script.outside(2), steps(script.around(600_000, 0.4), 10_000), "sent"
    )
    for shop in ("electronics", "online_shop", "online_shop"):
        script.payment(customer, script.at(script.between(10, 22), script.count(0, 5)), shop, script.merchant(shop),
                       script.price(shop, 1.5), "purchase", online=shop == "online_shop")  # fmt: skip
    script.tells(f"고객이 이사한다: 보증금 {whole:,}원.", f"A customer moves house: a deposit of {whole:,} won.")


def used_car(script: Script) -> None:
    """A call with the seller, a limit raised, and millions to somebody never paid before."""
    customer = script.pick(script.town.of_age(22, 68))
    if customer is None:
        return
    begin, price = script.at(script.between(10, 18)), steps(script.around(7_500_000, 0.7), 10_000)
    script.call(customer, begin - 50 * MINUTE_US, "work", minutes=6, risk=0.15, role="reason")
    if price > 5_000_000 and script.chance(0.7):
        script.limit(customer, begin - 10 * MINUTE_US, 50_000_000)
    if script.chance(0.5):
        script.session(customer, begin, script.outside(1), steps(price * 0.1, 10_000), "sent")
        script.session(customer, begin + 80 * MINUTE_US, script.outside(1), price, "sent", new=False)
    else:
        script.session(customer, begin, script.outside(1), price, "sent")
    script.tells(f"{price:,}원에 중고차를 산다.", f"A used car for {price:,} won.")
