"""Purchase scam: second-hand goods that are never sent; several buyers pay the same account, then the seller is gone.

The law on telecommunications fraud does not cover the sale of goods, so the bank cannot suspend the account on a
buyer's word: it sends the buyer to the police.
"""

from __future__ import annotations

from haechi.town.ending import CUSTOMER
from haechi.town.script import Script, steps

# What is offered: in Korean, in English, its price, and the spread of it.
OFFERS = (("휴대전화", "a telephone", 330_000, 0.5), ("공연 표", "concert tickets", 140_000, 0.6),
          ("게임기", "a games console", 190_000, 0.5), ("운동화", "trainers", 80_000, 0.6),
          ("캠핑 용품", "camping gear", 90_000, 0.8), ("아기 용품", "things for a baby", 50_000, 0.6),
          ("상품권", "vouchers below their price", 60_000, 0.7), ("화장품", "cosmetics", 45_000, 0.4))  # fmt: skip
HAGGLED_WON = 80_000  # of what costs less, nobody asks for a little off
HERE_SHARE = 0.35  # sellers with an account at this bank
HOURS_MEDIAN = 60.0  # from paying until the parcel is missed
AGAIN_SHARE = 0.12  # told that the fee was left out: pay once more, the first sum comes back


def tell(script: Script) -> None:
    """Two to five buyers at this bank within a week; each waits for a parcel and notices on his own."""
    ko, en, price, spread = script.one_of(OFFERS)
    seller = script.pick(script.town.of_age(19, 40)) if script.chance(HERE_SHARE) else None
    account, asked = (
        script.outside() if seller is None else seller,
        max(steps(script.around(price, spread), 5_000), 20_000),
    )
    last = script.count(1, 6)
    for _ in range(script.count(2, 5)):
        buyer = script.victim(16, 62)
        if buyer is None or buyer == seller:
            return
        days = script.count(0, last)
        at_us = script.at(script.own_hour(buyer, days), days)
        if script.chance(0.4):
            script.message(buyer, at_us - script.gap(1_500, 0.8), "sms_seller", risk=0.15, role="bait")
        less = 5_000 * script.count(0, 2) if asked >= HAGGLED_WON else 0
        won = asked - less + script.one_of((0, 0, 3_000, 4_000))
        script.session(buyer, at_us, account, won, "goods_paid", fraud=True)
        if script.chance(AGAIN_SHARE):
            at_us += script.gap(1_800, 0.5)
            script.message(buyer, at_us - script.gap(330, 0.3), "sms_seller_fee", risk=0.25, role="bait")
            script.session(buyer, at_us, account, won + 1_000, "goods_paid", new=False, fraud=True)
    script.ends(CUSTOMER, HOURS_MEDIAN, missed=2.0)
    won, count = script.campaign.loss_won, len(script.campaign.victims)
    script.tells(
        f"중고거래: {ko} 값으로 {count}명에게서 {won:,}원을 받고 물건을 보내지 않는다.",
        f"Somebody sells {en} second-hand to {count} buyers for {won:,} won and sends nothing.",
    )
