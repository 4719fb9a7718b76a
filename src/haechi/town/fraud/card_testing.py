"""Card testing: many small payments on stolen numbers at one merchant, to learn which of them still work."""

from __future__ import annotations

from haechi.town.ending import BANK, Back
from haechi.town.script import MINUTE_US, Script

MERCHANTS, SHARES = ("online_shop", "restaurant", "culture", "game", "taxi"), (0.4, 0.2, 0.15, 0.15, 0.1)
WON = (900, 1_000, 1_200, 1_900, 2_400, 3_300, 4_500, 4_900, 5_500, 6_900, 9_900)


def tell(script: Script) -> None:
    """Many cards within an hour or two; some that work are used for more the next day."""
    category = script.one_of(MERCHANTS, SHARES)
    merchant, at_us = (
        script.merchant(category),
        script.at(script.between(0, 22) if script.chance(0.4) else script.between(9, 21)),
    )
    for number in range(script.count(6, 18)):
        victim = script.victim(16, 80)
        if victim is None:
            return
        device = script.stranger(number % 3)
        script.payment(
            victim, at_us, category, merchant, script.one_of(WON), "test", fraud=True, online=True, device=device
        )
        at_us += int(script.around(2.2, 0.8) * MINUTE_US)
        if script.chance(0.12):
            shop = script.ordinary(victim)
            script.payment(victim, script.at(script.between(1, 23), 1), shop, script.merchant(shop),
                           script.price(shop, 1.5), "card_use", fraud=True, online=True, device=device)  # fmt: skip
    count = len(script.campaign.victims)
    script.tells(
        f"카드번호 {count}개를 한 가맹점에서 소액 결제로 시험한다.",
        f"{count} card numbers are tried with small payments at one merchant.",
    )
    script.ends(BANK, script.town.parameters.card_hours_median * 1.5, Back(1.0, 10, whole=True))
