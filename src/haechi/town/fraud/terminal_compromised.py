"""A compromised terminal: cards that paid there are copied and used at other counters in the following weeks."""

from __future__ import annotations

import numpy as np

from haechi.town.ending import CARD_BACK_SHARE, CUSTOMER, Back
from haechi.town.personas import PERSONAS
from haechi.town.script import Script

KOREAN = {"restaurant": "음식점", "fuel": "주유소", "convenience": "편의점", "bar": "술집", "lodging": "숙박업소"}
SKIMMED_AT = tuple(KOREAN)


def tell(script: Script) -> None:
    """Honest payments at one merchant; copies of those cards pay usual amounts elsewhere, days to weeks later."""
    category = script.one_of(SKIMMED_AT)
    merchant = script.merchant(category)
    district = int(script.town.merchants.district[merchant])
    people = script.town.people
    near = np.flatnonzero(people.first_home == district)
    goes_there = np.array([category in persona.likes for persona in PERSONAS])
    near = near[goes_there[people.persona[near]]]
    victims = [c for c in dict.fromkeys(script.pick(near) for _ in range(script.count(10, 22))) if c is not None]
    for victim in victims:
        script.hurt(victim)
        paid = script.count(0, 10)
        at_us = script.at(script.between(18 if category == "bar" else 11, 22), paid)
        script.payment(victim, at_us, category, merchant, script.price(category), "skimmed")
        card = script.acts[-1]["card"]
        for _ in range(script.count(1, 4)):
            at_us = script.at(script.between(9, 23), paid + script.count(2, 18))
            shop = script.ordinary(victim, at_us=at_us)
            elsewhere = script.merchant(shop, script.count(0, len(people.places) - 1))
            script.payment(victim, at_us, shop, elsewhere, script.price(shop, script.between(0.8, 1.6)), "card_use",
                           fraud=True, card=card)  # fmt: skip
    given = script.town.parameters
    script.ends(CUSTOMER, given.card_hours_median, Back(CARD_BACK_SHARE, given.loss.card_refund_days, whole=True))
    count, won = len(victims), script.campaign.loss_won
    script.tells(
        f"{KOREAN[category]} 한 곳에서 쓴 카드가 복제된다: 고객 {count}명, {won:,}원.",
        f"Cards that paid at one {category.replace('_', ' ')} are copied: {count} customers, {won:,} won.",
    )
