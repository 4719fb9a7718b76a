"""A compromised terminal: cards that paid there are copied and used at other counters in the following weeks."""

from __future__ import annotations

import numpy as np

from haechi.town.script import CUSTOMER, Script

SKIMMED_AT = ("restaurant", "fuel", "convenience", "bar", "lodging")


def tell(script: Script) -> None:
    """Honest payments at one merchant; copies of those cards pay usual amounts elsewhere, days to weeks later."""
    category = script.one_of(SKIMMED_AT)
    merchant = script.merchant(category)
    district = int(script.town.merchants.district[merchant])
    near = np.flatnonzero(script.town.people.first_home == district)
    victims = [c for c in dict.fromkeys(script.pick(near) for _ in range(script.count(10, 22))) if c is not None]
    for victim in victims:
        script.hurt(victim)
        paid = script.count(0, 10)
        script.payment(
            victim, script.at(script.between(11, 22), paid), category, merchant, script.price(category), "skimmed"
        )
        card = script.acts[-1]["card"]
        for _ in range(script.count(1, 4)):
            shop = script.ordinary(victim, online=False)
            at_us = script.at(script.between(9, 23), paid + script.count(2, 18))
            elsewhere = script.merchant(shop, script.count(0, len(script.town.people.places) - 1))
            script.payment(victim, at_us, shop, elsewhere, script.price(shop, script.between(0.8, 1.6)), "card_use",
                           fraud=True, card=card)  # fmt: skip
    given = script.town.parameters
    script.ends(CUSTOMER, given.card_hours_median, returned_share=0.45, back_after_days=given.loss.card_refund_days)
    script.campaign.summary = (
        f"Cards that paid at one {category} are copied: {len(victims)} customers, {script.campaign.loss_won:,} won."
    )
