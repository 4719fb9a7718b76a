"""Large sums once in a while: a deposit for a flat, a used car."""

from __future__ import annotations

from typing import TYPE_CHECKING

from haechi.town.dice import Ints
from haechi.town.personas import TEEN
from haechi.town.script import Script, steps

if TYPE_CHECKING:
    from haechi.town.town import Town


LIMIT_FROM_WON = 5_000_000  # some have a low limit of a day


def movers_of(town: Town, day: int) -> Ints:
    """Who moves house on this day."""
    return town.people.movers(day)


def moving_house(script: Script) -> None:
    """A limit raised, the deposit for the flat to a new payee in one or two transfers, then movers and furniture."""
    customer = script.campaign.victims.pop()
    if script.town.people.joined[customer] > script.day or script.town.people.persona[customer] == TEEN:
        return  # a pupil's parents pay
    begin = script.at(script.between(9.5, 16))
    whole = steps(script.around(9_000_000, 0.9), 100_000)
    if whole > LIMIT_FROM_WON and script.chance(0.75):
        script.limit(customer, begin - script.gap(2_400, 0.5), script.limit_for(whole))
    if script.chance(0.5):
        script.call(customer, begin - script.gap(3_300, 0.6), "work_flat", minutes=script.around(4, 0.4), risk=0.1,
                    role="reason")  # fmt: skip
    parts = [whole] if script.chance(0.5) else [steps(whole * 0.1, 10_000), steps(whole * 0.9, 10_000)]
    at_us = begin
    for number, part in enumerate(parts):
        script.session(customer, at_us, script.outside(1), part, "sent", new=number == 0)
        at_us += script.gap(840, 0.8)
    if script.chance(0.25):
        cash_us = script.at(script.between(9.2, 15.8), script.working_day())
        script.over_the_counter(customer, cash_us, 1_000_000 * script.count(1, 20), "paid_out")
    script.session(
        customer, at_us + script.gap(6_000, 0.6), script.outside(2), steps(script.around(600_000, 0.4), 10_000), "sent"
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
    begin, price = script.at(script.between(10, 18)), max(steps(script.around(8_500_000, 0.6), 100_000), 2_500_000)
    script.call(customer, begin - script.gap(5_400, 0.6), "work_car", minutes=script.around(5, 0.5), risk=0.15,
                role="reason")  # fmt: skip
    if price > LIMIT_FROM_WON and script.chance(0.7):
        script.limit(customer, begin - script.gap(900, 0.5), script.limit_for(price))
    if script.chance(0.5):
        script.session(customer, begin, script.outside(1), 300_000 if price < 6_000_000 else 500_000, "sent")
        script.session(customer, begin + script.gap(4_800, 0.6), script.outside(1), price, "sent", new=False)
    else:
        script.session(customer, begin, script.outside(1), price, "sent")
    script.tells(f"{price:,}원에 중고차를 산다.", f"A used car for {price:,} won.")
