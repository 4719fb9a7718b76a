"""First-party refund abuse: somebody buys, keeps the goods, and says that nothing came."""

from __future__ import annotations

from haechi.town.acts import Kind
from haechi.town.almanac import DAY_US, office_us, waking_us
from haechi.town.ending import BANK
from haechi.town.script import Script

GOODS, SHARES = ("online_shop", "clothing", "beauty", "electronics", "grocery"), (0.5, 0.22, 0.1, 0.08, 0.1)


def tell(script: Script) -> None:
    """Several purchases over three weeks, each disputed a few days later and paid back at first."""
    abuser = script.pick(script.town.of_age(19, 55))
    if abuser is None:
        return
    for _ in range(script.count(3, 7)):
        shop = script.one_of(GOODS, SHARES)
        at_us = script.at(script.between(9, 23.5), script.count(0, 20))
        amount = script.price(shop, script.between(0.8, 1.5))
        bought = script.payment(abuser, at_us, shop, script.merchant(shop), amount, "disputed", fraud=True, online=True)
        claim_us = waking_us(at_us + int(script.between(2, 6) * DAY_US), script.between(0, 1))
        script.act(Kind.REPORT, claim_us, abuser, "false_claim", ref=bought, amount=amount)
        if script.chance(0.8):
            paid_us = office_us(claim_us + int(script.between(1, 5) * DAY_US), script.between(0, 1))
            script.act(Kind.REFUND, paid_us, abuser, "refund", ref=bought, amount=amount)
    script.campaign.loss_won = sum(a["amount"] for a in script.acts if a["fraud"])
    script.ends(BANK, 24 * 12)
    won = script.campaign.loss_won
    script.tells(
        f"고객이 잘 받은 물건 값 {won:,}원에 이의를 제기한다.",
        f"A customer disputes purchases that did arrive: {won:,} won.",
    )
