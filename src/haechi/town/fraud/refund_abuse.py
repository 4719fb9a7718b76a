"""First-party refund abuse: somebody buys, keeps the goods, and says that nothing came."""

from __future__ import annotations

from haechi.town.acts import LEGITIMATE, Kind
from haechi.town.almanac import DAY_US, office_us, waking_us
from haechi.town.ending import BANK
from haechi.town.script import Script

GOODS, SHARES = ("online_shop", "clothing", "beauty", "electronics"), (0.45, 0.25, 0.12, 0.18)


def tell(script: Script) -> None:
    """Purchases over two months, each disputed after the merchant refused; paid at first, then no longer."""
    abuser = script.pick(script.town.of_age(19, 55))
    if abuser is None:
        return
    begun = script.count(0, 6)
    paid = claims = 0
    count = script.count(2, 4)
    for number in range(count):
        shop = script.one_of(GOODS, SHARES)
        at_us = script.at(script.between(9, 23.5), begun)
        amount = max(script.price(shop, script.between(1.2, 2.6)), 1_000 * script.count(45, 95))
        bought = script.payment(abuser, at_us, shop, script.merchant(shop), amount, "disputed", fraud=True, online=True)
        claim_us = waking_us(at_us + int(script.between(8, 19) * DAY_US), script.between(0, 1))
        script.act(Kind.REPORT, claim_us, abuser, "false_claim", ref=bought, amount=amount)
        claims += 1
        decided_us = office_us(claim_us + int(script.between(9, 24) * DAY_US), script.between(0, 1))
        if number and (number == count - 1 or script.chance(0.2)):
            script.act(Kind.VERDICT, decided_us, abuser, "claim_refused", ref=bought, result=LEGITIMATE)
        else:
            script.act(Kind.REFUND, decided_us, abuser, "claim_paid", ref=bought, amount=amount)
            paid += amount
        begun += script.count(11, 24)
    script.campaign.loss_won = paid
    script.ends(BANK, 24 * 6, missed=2.2, after_us=decided_us)
    script.tells(
        f"고객이 잘 받은 물건 {claims}건을 받지 못했다고 이의를 제기해 {paid:,}원을 돌려받는다.",
        f"A customer disputes {claims} purchases that did arrive and is paid {paid:,} won.",
    )
