"""First-party refund abuse: somebody buys, keeps the goods, and says that nothing came or that it was spoilt."""

from __future__ import annotations

from haechi.town.acts import LEGITIMATE, Kind
from haechi.town.almanac import DAY_US, HOUR_US, office_us, waking_us
from haechi.town.ending import BANK
from haechi.town.script import Script

GOODS = ("online_shop", "grocery", "clothing", "game", "taxi", "culture", "beauty")
SHARES = (0.52, 0.14, 0.1, 0.07, 0.08, 0.05, 0.04)
MEALS_SHARE = 0.2  # complain of delivered meals: small sums, more often


def tell(script: Script) -> None:
    """Purchases over weeks, each disputed; paid at first, then no longer."""
    abuser = script.pick(script.town.of_age(19, 55))
    if abuser is None:
        return
    meals = script.chance(MEALS_SHARE)
    begun, paid, decided_us = script.count(0, 6), 0, 0
    count = script.count(3, 6) if meals else script.count(2, 4)
    for number in range(count):
        at_us = script.at(script.own_hour(abuser, begun), begun)
        amount, shop = _price(script, meals)
        bought = script.payment(abuser, at_us, shop, script.merchant(shop), amount, "disputed", fraud=True, online=True)
        claim_us = waking_us(at_us + _waits(script, meals), script.between(0, 1))
        script.act(Kind.REPORT, claim_us, abuser, "false_claim", ref=bought, amount=amount)
        days = script.between(4, 11) if meals else script.between(9, 24)
        decided_us = office_us(claim_us + int(days * DAY_US), script.between(0, 1))
        if number and (number == count - 1 or script.chance(0.15)):
            script.act(Kind.VERDICT, decided_us, abuser, "claim_refused", ref=bought, result=LEGITIMATE)
        else:
            script.act(Kind.REFUND, decided_us, abuser, "claim_paid", ref=bought, amount=amount)
            paid += amount
        begun += script.count(6, 14) if meals else script.count(11, 24)
    script.campaign.loss_won = paid
    script.ends(BANK, 24 * 6, missed=2.7, after_us=decided_us)
    ko, en = ("먹은 배달 음식", "meals that were eaten") if meals else ("잘 받은 물건", "purchases that did arrive")
    script.tells(
        f"고객이 {ko} {count}건에 이의를 제기해 {paid:,}원을 돌려받는다.",
        f"A customer disputes {count} {en} and is paid {paid:,} won.",
    )


def _price(script: Script, meals: bool) -> tuple[int, str]:
    """What is bought, and for how much."""
    shop = "restaurant" if meals else str(script.one_of(GOODS, SHARES))
    return max(script.price(shop, script.between(0.8, 1.9)), 100 * script.count(70, 220)), shop


def _waits(script: Script, meals: bool) -> int:
    """How long until the claim: until the delivery service has refused, or the merchant."""
    return int(script.between(20, 120) * HOUR_US) if meals else int(script.between(8, 19) * DAY_US)
