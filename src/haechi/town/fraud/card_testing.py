"""Card testing: many tiny payments on stolen numbers at one merchant, to learn which of them still work."""

from __future__ import annotations

from haechi.town.acts import DECLINED, OK
from haechi.town.script import BANK, MINUTE_US, Script

MERCHANTS = ("subscription", "game", "online_shop", "culture")
WON = (100, 200, 300, 500, 700, 900, 1_000, 1_100, 1_500, 2_200, 3_300)


def tell(script: Script) -> None:
    """A few dozen cards within an hour or two; some that work are used for more the next day."""
    category = script.one_of(MERCHANTS)
    merchant, at_us = script.merchant(category), script.at(script.between(0, 22))
    for number in range(script.count(6, 24)):
        victim = script.victim(16, 80)
        if victim is None:
            return
        row = script.payment(victim, at_us, category, merchant, script.one_of(WON), "test", fraud=True, online=True,
                             device=script.stranger(number % 3))  # fmt: skip
        row["result"] = DECLINED if script.chance(0.12) else OK
        at_us += int(script.around(2.2, 0.8) * MINUTE_US)
        if script.chance(0.12):
            shop = script.one_of(("online_shop", "gift_card", "game"))
            script.payment(victim, script.at(script.between(1, 23), 1), shop, script.merchant(shop), script.price(shop, 1.5),
                           "card_use", fraud=True, online=True, device=script.stranger(number % 3))  # fmt: skip
    script.campaign.summary = (
        f"{len(script.campaign.victims)} card numbers are tried with tiny payments at one merchant."
    )
    script.ends(BANK, script.town.parameters.card_hours_median * 1.5, returned_share=0.5, back_after_days=10)
