"""Cards that look misused: a tiny payment to verify, a shopping spree, goods sent back."""

from __future__ import annotations

from haechi.town.acts import KEYED, Kind
from haechi.town.almanac import DAY_US, office_us, waking_us
from haechi.town.script import Script

VERIFIED_WON = (100, 100, 500, 900, 1_000, 1_000, 1_000)
SPREE = ("clothing", "online_shop", "beauty", "electronics", "game", "gift_card", "restaurant", "culture", "lodging")

COUNTERS = ("clothing", "beauty", "electronics", "restaurant", "culture", "grocery", "cafe")


def card_verified(script: Script) -> None:
    """A new subscription takes a few won to see whether the card works."""
    customer = script.pick(script.town.of_age(15, 70))
    if customer is None:
        return
    shop = script.one_of(("subscription", "game", "online_shop", "culture"))
    merchant, at_us = script.merchant(shop), script.at(script.between(0, 23.8))
    for _ in range(script.count(1, 2)):
        won = script.one_of(VERIFIED_WON)
        script.payment(customer, at_us, shop, merchant, won, "purchase", online=True, method=KEYED)
        at_us += script.gap(150, 0.7)
    script.tells("온라인 서비스가 소액 결제로 카드를 확인한다.", "An online service verifies a card by a tiny sum.")


def shopping_spree(script: Script) -> None:
    """Several purchases in a row at shops never visited, now and then at night."""
    customer = script.pick(script.town.of_age(17, 70))
    if customer is None:
        return
    online = script.chance(0.7)
    at_us = script.at(script.between(10, 20) if not online or script.chance(0.75) else script.between(22, 26))
    for _ in range(script.count(3, 7)):
        shop = script.one_of(SPREE) if online else script.one_open(COUNTERS, at_us)
        won = script.price(shop, script.between(0.6, 3.0))
        script.payment(customer, at_us, shop, script.merchant(shop), won, "purchase", online=online)
        at_us += script.gap(960, 0.8)
    script.tells("고객이 여러 가지를 연달아 산다.", "A customer buys several things in a row.")


def honest_refund(script: Script) -> None:
    """Goods that never came or did not fit: claimed and paid back."""
    customer = script.pick(script.town.of_age(17, 75))
    if customer is None:
        return
    shop = script.one_of(("online_shop", "clothing", "beauty"))
    at_us, amount = script.at(script.between(9, 23)), script.price(shop, 1.2)
    bought = script.payment(customer, at_us, shop, script.merchant(shop), amount, "purchase", online=True)
    claimed = script.chance(0.4)
    waited, answered = ((15, 24), (6, 20)) if claimed else ((3, 12), (2, 9))
    asked_us = waking_us(at_us + int(script.between(*waited) * DAY_US), script.between(0, 1))
    back_us = office_us(asked_us + int(script.between(*answered) * DAY_US), script.between(0, 1))
    if claimed:
        script.act(Kind.REPORT, asked_us, customer, "claim", ref=bought, amount=amount,
                   text=script.says(customer, "claim_goods"))  # fmt: skip
        script.message(customer, back_us - script.gap(3_000, 0.5), "sms_claim_goods_yes", risk=0.05,
                       role="claim_answered", ref=bought, amount=amount, party=bought["party"], card=bought["card"],
                       country=0)  # fmt: skip
    script.act(Kind.REFUND, back_us, customer, "refund", ref=bought, amount=amount)
    script.tells(f"{amount:,}원어치 물건 값을 돌려받는다.", f"{amount:,} won for goods come back.")
