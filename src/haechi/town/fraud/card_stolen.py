"""A card stolen, or its details: purchases like anybody's, but not the owner's, until the owner sees them."""

from __future__ import annotations

from haechi.town.almanac import HOUR_US
from haechi.town.ending import CARD_BACK_SHARE, CUSTOMER, Back
from haechi.town.script import MINUTE_US, Script


def tell(script: Script) -> None:
    """One small purchase, then several within a day or two: on the net from the thief's device, or at counters."""
    victim = script.victim(17, 80)
    if victim is None:
        return
    online = script.chance(0.45)
    at_us = script.at(script.between(0, 23.5) if script.chance(0.25) else script.between(9, 23))
    country = script.count(1, 3) if online and script.chance(0.06) else 0
    card, district = int(script.chance(0.3)), script.count(0, len(script.town.people.places) - 1)
    for number in range(script.count(2, 8)):
        category = script.ordinary(victim, at_us=None if online else at_us)
        level = 0.6 if number == 0 else script.between(0.8, 2.2)
        shop = script.merchant(category, None if online else district)
        device = script.stranger() if online else None
        script.payment(victim, at_us, category, shop, script.price(category, level), "card_use", fraud=True,
                       online=online, device=device, country=country, card=card)  # fmt: skip
        at_us += int(script.around(45, 1.0) * MINUTE_US) + int(script.chance(0.2)) * 9 * HOUR_US
    given = script.town.parameters
    script.campaign.loss_won = sum(a["amount"] for a in script.acts)
    count, won = len(script.acts), script.campaign.loss_won
    script.ends(CUSTOMER, given.card_hours_median, Back(CARD_BACK_SHARE, given.loss.card_refund_days, whole=True))
    script.tells(
        f"도난 카드로 {'온라인에서' if online else '매장에서'} {count}번, {won:,}원을 결제한다.",
        f"A stolen card buys {count} times {'on the net' if online else 'at counters'} for {won:,} won.",
    )
