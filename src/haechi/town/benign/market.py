"""Second-hand goods between strangers: money to an account never seen before, and the goods come."""

from __future__ import annotations

from haechi.town.fraud.purchase_scam import OFFERS
from haechi.town.script import Script, steps


def second_hand(script: Script) -> None:
    """A message about the offer, then its price to the seller's account at this bank or another."""
    buyer, seller = script.pick(script.town.of_age(16, 66)), script.pick(script.town.of_age(16, 66))
    if buyer is None or seller in (None, buyer):
        return
    ko, en, price, spread = script.one_of(OFFERS)
    won = steps(script.around(price, spread), 5_000) + script.one_of((0, 0, 3_000, 4_000))
    at_us = script.at(script.own_hour(buyer))
    if script.chance(0.4):
        script.message(buyer, at_us - script.gap(1_500, 0.8), "sms_seller", risk=0.12, role="reason")
    script.session(buyer, at_us, seller if script.chance(0.4) else script.outside(), won, "sent")
    script.tells(
        f"중고거래로 {ko} 값 {won:,}원을 보내고 물건을 받는다.", f"Second-hand, {en}: {won:,} won, and the goods come."
    )
