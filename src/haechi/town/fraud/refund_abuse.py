"""First-party refund abuse: somebody buys, keeps the goods, and says that nothing came, or that he never paid.

A card company passes a dispute to the shop and asks for proof. A shop here that shows the delivery, or a payment from
the customer's own phone and address, wins; one that stays silent loses, and shops abroad often stay silent. From the
second claim on, a person looks at it.
"""

from __future__ import annotations

from typing import Any

from haechi.town.acts import LEGITIMATE, Kind
from haechi.town.almanac import DAY_US, office_us, waking_us
from haechi.town.ending import BANK
from haechi.town.script import Script

GOODS = ("online_shop", "grocery", "clothing", "beauty")
GOODS_SHARES = (0.64, 0.16, 0.12, 0.08)
CONTENT = ("game", "subscription", "culture")
CONTENT_SHARES = (0.45, 0.2, 0.35)
# Some deny having bought digital goods, some buy goods abroad, most say that nothing came.
KINDS, KIND_SHARES = ("content", "abroad", "goods"), (0.13, 0.12, 0.75)
# How the claims of a kind are answered: by the shop's proof, by its silence, by its giving in; then who pays.
PAID_SHARES = {"goods": 0.45, "abroad": 0.75, "content": 0.3}
CLAIMS_MIN = 3  # before the bank looks at the customer, not at the claim
REFUSED_MIN = 2
SILENT_DAYS = 30
LATER = 0.55  # times as likely, once a person looks at it


def tell(script: Script) -> None:
    """Purchases over weeks, each disputed with the same words; some are paid, most of the later ones are refused."""
    abuser = script.pick(script.town.of_age(19, 55))
    if abuser is None:
        return
    kind = str(script.one_of(KINDS, KIND_SHARES))
    country = script.count(1, 7) if kind == "abroad" else 0
    begun, paid, refused, decided_us, count = script.count(0, 6), 0, 0, 0, script.count(2, 4)
    for number in range(count):
        bought = _buys(script, abuser, kind, country, script.at(script.own_hour(abuser, begun), begun))
        waited = script.between(3, 12) if kind == "content" else script.between(14, 24)
        claim_us = waking_us(bought["time_us"] + int(waited * DAY_US), script.between(0, 1))
        about = "content" if kind == "content" else "goods"
        script.act(Kind.REPORT, claim_us, abuser, "false_claim", ref=bought, amount=bought["amount"],
                   text=script.says(abuser, f"claim_{about}"))  # fmt: skip
        answered = script.between(6, 20)
        asked_us = 0
        if number:
            asked_us = office_us(claim_us + int(script.between(1, 4) * DAY_US), script.between(0, 1))
            minutes = script.around(4, 0.4)
            script.call(abuser, asked_us, f"bank_claim_{about}", minutes=minutes, risk=0.05, role="bank_call")
        won = script.chance(PAID_SHARES[kind] * (LATER if number else 1.0))
        if kind == "abroad" and won:
            answered = SILENT_DAYS + answered / 3  # so long the card schemes give a bank abroad
        answered_us = max(claim_us + int(answered * DAY_US), asked_us + DAY_US)
        answered_us = office_us(answered_us, script.between(0, 1))
        refused += not won
        decided_us = _decided(script, abuser, kind, bought, answered_us, won)
        paid += bought["amount"] if won else 0
        begun += script.count(11, 24)
    script.campaign.loss_won = paid
    if count >= CLAIMS_MIN and refused >= REFUSED_MIN:  # who claims less often, or is proved wrong once, is no abuser
        script.ends(BANK, 24 * 6, missed=1.5, after_us=decided_us)
    ko, en = ("직접 산 디지털 상품", "digital goods that he bought") if kind == "content" else (
        "잘 받은 물건", "purchases that did arrive")  # fmt: skip
    script.tells(
        f"고객이 {ko} {count}건에 이의를 제기해 {paid:,}원을 돌려받는다.",
        f"A customer disputes {count} {en} and is paid {paid:,} won.",
    )


def _buys(script: Script, abuser: int, kind: str, country: int, at_us: int) -> dict[str, Any]:
    """Something ordinary, bought on the own phone."""
    shop = str(script.one_of(CONTENT, CONTENT_SHARES) if kind == "content" else script.one_of(GOODS, GOODS_SHARES))
    won = max(script.price(shop, script.between(0.7, 1.8)), 100 * script.count(40, 120))
    return script.payment(abuser, at_us, shop, script.merchant(shop), won, "disputed", fraud=True, online=True,
                          country=country)  # fmt: skip


def _decided(script: Script, abuser: int, kind: str, bought: dict[str, Any], at_us: int, won: bool) -> int:
    """What the shop answered, and what follows from it; when."""
    answer = f"sms_claim_{kind}_{'yes' if won else 'no'}"
    script.message(abuser, at_us, answer, risk=0.05, role="claim_answered", ref=bought, amount=bought["amount"],
                   party=bought["party"], card=bought["card"], country=bought["country"])  # fmt: skip
    done_us = office_us(at_us + script.gap(9_000, 0.6), script.between(0, 1))
    if won:
        script.act(Kind.REFUND, done_us, abuser, "claim_paid", ref=bought, amount=bought["amount"])
    else:
        script.act(Kind.VERDICT, done_us, abuser, "claim_refused", ref=bought, result=LEGITIMATE)
    return done_us
