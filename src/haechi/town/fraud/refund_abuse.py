"""First-party refund abuse: somebody buys, keeps the goods, and says that nothing came."""

from __future__ import annotations

from haechi.town.acts import Kind
from haechi.town.almanac import DAY_US
from haechi.town.script import BANK, Script


def tell(script: Script) -> None:
    """Several purchases over three weeks, each disputed a few days later and paid back at first."""
    abuser = script.pick(script.town.of_age(19, 55))
    if abuser is None:
        return
    for _ in range(script.count(3, 7)):
        shop = script.ordinary(abuser, online=True)
        at_us = script.at(script.between(9, 23.5), script.count(0, 20))
        amount = script.price(shop, script.between(0.8, 1.5))
        bought = script.payment(abuser, at_us, shop, script.merchant(shop), amount, "disputed", fraud=True, online=True)
        claim_us = at_us + int(script.between(2, 6) * DAY_US)
        script.act(Kind.REPORT, claim_us, abuser, "false_claim", ref=bought, amount=amount)
        if script.chance(0.8):
            script.act(
                Kind.REFUND, claim_us + int(script.between(1, 5) * DAY_US), abuser, "refund", ref=bought, amount=amount
            )
    script.campaign.loss_won = sum(a["amount"] for a in script.acts if a["fraud"])
    script.ends(BANK, 24 * 12)
    script.campaign.summary = f"A customer disputes purchases that did arrive: {script.campaign.loss_won:,} won."
