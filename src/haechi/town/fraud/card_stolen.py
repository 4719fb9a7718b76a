"""Card details stolen: purchases on the net or abroad until the owner sees them."""

from __future__ import annotations

from haechi.town.script import CUSTOMER, HOUR_US, MINUTE_US, Script

SHOPS = ("online_shop", "clothing", "electronics", "gift_card", "game", "restaurant", "culture", "lodging", "taxi")
SHARES = (0.34, 0.12, 0.08, 0.08, 0.10, 0.11, 0.05, 0.03, 0.09)


def tell(script: Script) -> None:
    """One small purchase, then several within a day or two, from the thief's device, at any shop that sells online."""
    victim = script.victim(17, 80)
    if victim is None:
        return
    at_us = script.at(script.between(0, 23.5) if script.chance(0.4) else script.between(9, 23))
    country = script.count(1, 3) if script.chance(0.15) else 0
    card = int(script.chance(0.3))
    for number in range(script.count(2, 8)):
        category = script.one_of(SHOPS, SHARES)
        level = 0.6 if number == 0 else script.between(0.6, 2.0)
        script.payment(victim, at_us, category, script.merchant(category), script.price(category, level), "card_use",
                       fraud=True, online=True, device=script.stranger(), country=country, card=card)  # fmt: skip
        at_us += int(script.around(40, 1.0) * MINUTE_US) + (script.chance(0.2)) * 9 * HOUR_US
    given = script.town.parameters
    script.campaign.loss_won = sum(a["amount"] for a in script.acts)
    count = len(script.acts)
    script.ends(CUSTOMER, given.card_hours_median, returned_share=0.45, back_after_days=given.loss.card_refund_days)
    script.campaign.summary = f"Stolen card details buy {count} times on the net for {script.campaign.loss_won:,} won."
